# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A checkpoint as a host keeps it: what all planes were, until when that is to be confirmed, and what was reverted. Private to
this collection.

It is armed as long as its file is there. Its deadline is one of the clock that counts from the start of the machine: whoever
sets the time of day changes nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import Any, Dict, List, NamedTuple, Optional

from .. import _engine
from .._core import namespace
from .._core.errors import FabricError
from . import confirmed, files, waiting

CHECKPOINT_FILE = "%s/checkpoint.json" % _engine.DIRECTORY
#: One that cannot be read, out of the way of the next one.
DAMAGED_FILE = "%s/checkpoint.damaged" % _engine.DIRECTORY
REVERTED_FILE = "%s/reverted.json" % _engine.DIRECTORY
DEADLINE_FILE = "%s/deadline.json" % namespace.DIRECTORY
#: The id of the last checkpoint that was confirmed since the host has started.
CONFIRMED_FILE = "%s/confirmed" % namespace.DIRECTORY
BOOT_ID = "/proc/sys/kernel/random/boot_id"
#: Bytes that have to be free besides the checkpoint: for what was reverted, and for files that are replaced.
RESERVE = 65536

_BY_HAND = " ".join((*waiting.PYTHON, _engine.ENGINE))
HOW_TO_END = "To keep what it changed, run there: %s confirm. To go back at once: %s revert" % (_BY_HAND, _BY_HAND)
_DAMAGED = "The host stays as it is, and nothing reverts it. Run evpn.fabric.site to bring it to its inventory"


class DamagedError(FabricError):
    """A checkpoint that is not as it was written, or that another release has written: nothing can go back to it."""


class Checkpoint(NamedTuple):
    """``planes`` maps planes to what each has captured. ``operations`` are what it was taken before, in words without secrets,
    ``sessions`` the BGP sessions that were established. It waits to be confirmed for so many ``seconds`` once all is applied.
    """

    id: str
    boot: str
    seconds: int
    planes: Dict[str, Any]
    operations: List[str]
    sessions: List[str]

    def text(self) -> str:
        """The text of the file."""
        content = self._asdict()
        return confirmed.written(confirmed.Confirmed(content, files.now(), confirmed.digest(content)))


def boot_id() -> str:
    """What tells this start of the host from others: the machine's, and when its first process started, because a container has
    the machine's (proc(5), "starttime").
    """
    with open(BOOT_ID) as file:
        machine = file.read().strip()
    with open("/proc/1/stat") as file:
        after_name = file.read().rpartition(")")[2].split()
    return "%s %s" % (machine, after_name[22 - 3])


def is_armed() -> bool:
    """Whether there is a checkpoint."""
    return os.path.exists(CHECKPOINT_FILE)


def read() -> Optional[Checkpoint]:
    """The checkpoint that is armed, or None. Raises :class:`DamagedError`, and another :class:`FabricError` for a file that
    cannot be read.
    """
    with files.errors_in_words():
        found = files.content(CHECKPOINT_FILE)
    if found is None:
        return None
    try:
        return Checkpoint(**confirmed.read(os.fsdecode(found), CHECKPOINT_FILE, _DAMAGED).content)
    except FabricError as error:
        raise DamagedError(str(error)) from None
    except TypeError:
        raise DamagedError("%s is damaged: it is no checkpoint. %s" % (CHECKPOINT_FILE, _DAMAGED)) from None


def refuse_if_armed(resumes: bool = True) -> None:
    """Raises :class:`FabricError` if somebody else's checkpoint waits to be confirmed.

    With ``resumes`` it is waited for again if the process that did has gone, and one that is damaged is set aside.
    """
    found = armed()
    if found is None:
        return
    raise FabricError(
        "nothing was changed: another run has changed this host and has not confirmed that yet; %s. %s"
        % (_what_comes(found, resumes), HOW_TO_END)
    )


def _what_comes(found: Dict[str, Any], resumes: bool) -> str:
    """What becomes of a host whose checkpoint is armed, in words. Raises :class:`FabricError` for one that is damaged."""
    if not waiting.is_waited_for(found["id"]):
        if not _is_of_this_start(resumes):
            return "this host has been restarted since. Run there, to go back: %s restore" % _BY_HAND
        if not resumes:
            return "nothing on the host waits for that any more. A run that is not a check has it wait again"
        try:
            waiting.start(found["id"])
        except FabricError as error:
            return "the host does not go back by itself, because nothing waits for that any more: %s" % error
    tried = last_reverted()
    if tried and tried.id == found["id"]:
        return "the host tries again until it has gone back: %s" % tried.told()
    until = "in %d s" % found["seconds"] if found["seconds"] else "at any moment"
    return "the host goes back by itself %s. Run again after that" % until


def _is_of_this_start(sets_aside: bool) -> bool:
    """Whether the checkpoint that is armed was taken since the host has started."""
    try:
        taken = read()
    except DamagedError:
        if sets_aside:
            set_aside()
        raise
    return taken is None or taken.boot == boot_id()


def refuse_without_room(text: str) -> None:
    """Raises :class:`FabricError` if there is no room for a checkpoint and what goes with it."""
    free, needed = files.free(_engine.DIRECTORY), len(text) + RESERVE
    if free < needed:
        raise FabricError(
            "nothing was changed: %d KiB are free where the host keeps its checkpoint, and %d KiB are needed. Make room, or "
            "write confirm_timeout: 0" % (free // 1024, needed // 1024)
        )


def write(text: str) -> None:
    """Writes the file. Raises :class:`FabricError`."""
    with files.errors_in_words():
        files.put(CHECKPOINT_FILE, files.Entry(text.encode(), 0o600))


def disarm() -> None:
    """Removes the checkpoint, if there is one. What waits for its deadline ends then. Raises :class:`FabricError`."""
    with files.errors_in_words():
        files.put(CHECKPOINT_FILE, files.Entry())
        files.put(DEADLINE_FILE, files.Entry())


def set_aside() -> None:
    """Takes a checkpoint that cannot be read out of the way. Raises :class:`FabricError`."""
    with files.errors_in_words():
        os.replace(CHECKPOINT_FILE, DAMAGED_FILE)
        files.put(DEADLINE_FILE, files.Entry())


def set_deadline(checkpoint: str, seconds: float) -> None:
    """Has a checkpoint, named by its id, wait for so long from now. Raises :class:`FabricError`."""
    namespace.path("")  # it makes the directory
    told = json.dumps({"id": checkpoint, "at": time.monotonic() + seconds})
    with files.errors_in_words():
        files.put(DEADLINE_FILE, files.Entry(told.encode(), 0o600))


def seconds_left(checkpoint: str) -> Optional[float]:
    """How long a checkpoint, named by its id, still waits to be confirmed: negative if it is due, None if it does not wait any
    more. It waits from when its deadline is set, before it is armed. One whose deadline is lost is due.
    """
    told = _deadline()
    if told is None:
        return -1.0 if is_armed() else None
    return told["at"] - time.monotonic() if told["id"] == checkpoint else None


def armed() -> Optional[Dict[str, Any]]:
    """The ``id`` of the checkpoint that is armed and the ``seconds`` that are left to confirm it, or None.

    The checkpoint itself, which may be large, is read if its deadline is lost; the id of one that is damaged is empty then.
    """
    if not is_armed():
        return None
    told = _deadline() or {"id": _identity(), "at": 0}
    return {"id": told["id"], "seconds": max(0, int(told["at"] - time.monotonic()))}


def _identity() -> str:
    """The id of the checkpoint that is armed, as far as it can be read."""
    with contextlib.suppress(FabricError):
        taken = read()
        return taken.id if taken else ""
    return ""


def _deadline() -> Optional[Dict[str, Any]]:
    try:
        with open(DEADLINE_FILE) as file:
            told = json.load(file)
        return {"id": str(told["id"]), "at": float(told["at"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember_confirmed(checkpoint: str) -> None:
    """Keeps the id of the checkpoint that has been confirmed. Raises :class:`FabricError`."""
    with files.errors_in_words():
        files.put(CONFIRMED_FILE, files.Entry(checkpoint.encode(), 0o600))


def last_confirmed_id() -> Optional[str]:
    """The id of the last checkpoint that was confirmed since the host has started, or None. Raises :class:`FabricError`."""
    with files.errors_in_words():
        found = files.content(CONFIRMED_FILE)
    return None if found is None else os.fsdecode(found)


class Reverted(NamedTuple):
    """What a host has reverted by itself, or has tried to: ``failure`` says then why it could not."""

    id: str
    at: str
    why: str
    operations: List[str]
    failure: str = ""

    def told(self) -> str:
        """It in words, for the next run."""
        listed = "".join("\n  %s" % each for each in self.operations[:20])
        more = "\n  and %d more" % (len(self.operations) - 20) if len(self.operations) > 20 else ""
        if self.failure:
            return "at %s this host was to be reverted, because %s, and could not: %s" % (self.at, self.why, self.failure)
        return "at %s this host went back to what it was before these operations, because %s:%s%s" % (
            *(self.at, self.why, listed, more),
        )


def remember(reverted: Reverted) -> None:
    """Keeps what was reverted for the next run. Raises :class:`FabricError`."""
    with files.errors_in_words():
        files.put(REVERTED_FILE, files.Entry((json.dumps(reverted._asdict()) + "\n").encode(), 0o600))


def last_reverted() -> Optional[Reverted]:
    """What was reverted since the last run, or None."""
    try:
        found = files.content(REVERTED_FILE)
        return None if found is None else Reverted(**json.loads(found))
    except (OSError, ValueError, TypeError):
        return None


def forget_reverted() -> None:
    """Forgets what was reverted, once a run has told it. Raises :class:`FabricError`."""
    with files.errors_in_words():
        files.put(REVERTED_FILE, files.Entry())
