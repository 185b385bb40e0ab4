# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending a checkpoint: it is confirmed, or the host goes back on all planes. Private to this collection.

Each plane is brought back as far as possible, and one that fails does not keep the others from being reverted: a host that
cannot be reached is worse than one that is not quite as it was.
"""

from __future__ import annotations

import contextlib
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from .._core.errors import FabricError, unforeseen
from .._core.operation import Operation
from .._core.plane import CapturedPlane
from .._frr.plane import FrrPlane
from .._frr.vtysh import Vtysh
from .._kernel.netlink.kernel import Kernel
from .._kernel.plane import KernelPlane
from .._store import checkpoint, files, waiting
from .._store import plane as store_plane
from .._store.checkpoint import Checkpoint, DamagedError, Reverted
from .._store.plane import StorePlane
from . import command, guard
from .kernel import NoticedAddresses
from .surroundings import KernelSurroundings

KERNEL, FRR, STORE = "kernel", "frr", "store"
#: Seconds between two looks at whether a checkpoint is still to be waited for.
POLL = 0.5
#: Seconds after which a host that could not be reverted is tried again, how often so, and the seconds after that.
RETRY, ATTEMPTS, SLOW_RETRY = 10, 30, 300
#: Seconds to wait for a run that is at work.
LOCK_TIMEOUT = 3600

IN_TIME = "it was not confirmed within %d s"
BY_HAND = "somebody asked for it"
RESTARTED = "the host was restarted before it was confirmed"
INTERRUPTED = "it was interrupted"


def _planes(kernel: Kernel, vtysh: Vtysh) -> Dict[str, CapturedPlane]:
    """The planes in the order in which they go back: the kernel first, because FRR's lines are about interfaces."""
    return {
        KERNEL: KernelPlane(kernel),
        FRR: FrrPlane(vtysh, KernelSurroundings(kernel.channel)),
        STORE: StorePlane(command.NAME),
    }


def _captured(taken: Checkpoint, kernel: Kernel, vtysh: Vtysh) -> List[Tuple[CapturedPlane, Any]]:
    """The planes of a checkpoint, each with what it has captured."""
    return [(plane, taken.planes[name]) for name, plane in _planes(kernel, vtysh).items() if name in taken.planes]


def operations(taken: Checkpoint, kernel: Kernel) -> List[Operation]:
    """What going back takes at this moment. Raises :class:`FabricError`."""
    return [operation for plane, was in _captured(taken, kernel, Vtysh()) for operation in plane.plan_back(was).operations]


def revert(
    why: str, identity: Optional[str] = None, due: bool = False, kept: Optional[Checkpoint] = None
) -> Optional[Reverted]:
    """Brings the host back to its checkpoint, and keeps what was done for the next run; ``why`` is in words.

    With the ``identity`` of a checkpoint only if that one is still armed, with ``due`` only if it is due, too; ``kept`` is that
    one as it was read before for a file that cannot be read any more. None if there is nothing to revert. Raises
    :class:`FabricError` with what could not be reverted; the checkpoint stays armed then.
    """
    with guard.lock(LOCK_TIMEOUT), guard.deferred_signals():
        taken = _read(kept)
        if taken is None or identity not in (None, taken.id) or (due and not _is_due(taken.id)):
            return None
        if taken.boot != checkpoint.boot_id():
            raise FabricError("this host has been restarted since its checkpoint was taken: run restore, which goes back then")
        # From here on it cannot be confirmed, even if this process is killed.
        begun = Reverted(taken.id, files.now(), why, taken.operations, INTERRUPTED)
        _remember(begun)
        done = begun._replace(failure="\n".join(_bring_back(taken)))
        _remember(done)
        if done.failure:
            raise FabricError(done.failure)
        checkpoint.disarm()
        return done


def _read(kept: Optional[Checkpoint]) -> Optional[Checkpoint]:
    """The checkpoint that is armed, ``kept`` if its file cannot be read. Raises :class:`FabricError`."""
    try:
        return checkpoint.read()
    except DamagedError:
        raise
    except FabricError:
        if kept is None:
            raise
        return kept


def _remember(reverted: Reverted) -> None:
    """Keeps what was reverted. A full disk does not keep a host from going back."""
    with contextlib.suppress(FabricError):
        checkpoint.remember(reverted)


def _is_due(identity: str) -> bool:
    left = checkpoint.seconds_left(identity)
    return left is not None and left <= 0


def _bring_back(taken: Checkpoint) -> List[str]:
    """What could not be brought back, in words."""
    kernel, vtysh = Kernel(), Vtysh()  # one vtysh, because it remembers that FRR has not answered
    steps: List[Tuple[str, Callable[[Any], None], Any]]
    steps = [(plane.name, plane.bring_back, was) for plane, was in _captured(taken, kernel, vtysh)]
    if KERNEL in taken.planes:
        noticed = NoticedAddresses(kernel, lambda: vtysh)
        steps.append((noticed.name, lambda _was: noticed.follow(), None))
    failures = [failure for step in steps for failure in _failure(*step)]
    kernel.close()
    return failures


def _failure(name: str, bring_back: Callable[[Any], None], captured: Any) -> List[str]:
    """Why a plane could not be brought back, in words; empty if it was."""
    try:
        bring_back(captured)
    except FabricError as error:
        return ["%s: %s" % (name, error)]
    except Exception as error:
        return ["%s: %s" % (name, unforeseen(error))]
    return []


def when_due(identity: str) -> Optional[Reverted]:
    """Waits for the deadline of a checkpoint, and reverts the host then; None if it was confirmed or reverted before, or if
    another process waits.

    A host that cannot be reverted is tried again until it can. Raises :class:`FabricError` for a checkpoint that is damaged.
    """
    with waiting.alone(identity) as is_alone:
        return _revert_when_due(identity) if is_alone else None


def _revert_when_due(identity: str) -> Optional[Reverted]:
    attempts, kept = 0, None
    while True:
        try:
            left = checkpoint.seconds_left(identity)
            if left is None:
                return None
            kept = kept or checkpoint.read()  # early: the file may not be read any more once it is due
            if left > 0:
                time.sleep(min(left, POLL))
                continue
            done = revert(IN_TIME % kept.seconds, identity, due=True, kept=kept) if kept else None
            if done or not _is_armed(identity):
                return done
            # The run that was at work has ended, and the time to confirm has just begun.
        except DamagedError as error:
            _give_up(identity, "it was not confirmed in time", str(error))
            raise
        except Exception as error:  # nobody else brings this host back, whatever keeps this process from it
            attempts += 1
            delay = RETRY if attempts <= ATTEMPTS else SLOW_RETRY
            cause = str(error) if isinstance(error, FabricError) else unforeseen(error)
            sys.stderr.write("%s\nTrying again in %d s\n" % (cause, delay))
            time.sleep(delay)


def _is_armed(identity: str) -> bool:
    taken = checkpoint.read()
    return taken is not None and taken.id == identity


def _give_up(identity: str, why: str, failure: str) -> None:
    """Disarms a checkpoint that is damaged, for the next run to tell."""
    checkpoint.set_aside()
    _remember(Reverted(identity, files.now(), why, [], failure))


def at_boot() -> Tuple[str, Optional[str]]:
    """What a host does at boot if it was restarted before it was confirmed: its files and the document are as they were
    before FRR starts.

    Returns what was done, in words, and the text of the document that the host is to be restored to, None for none: that of the
    checkpoint even if nothing can be written. Raises :class:`FabricError` for a checkpoint of this start of the machine.
    """
    try:
        taken = checkpoint.read()
    except DamagedError as error:
        with contextlib.suppress(FabricError):
            _give_up("", RESTARTED, str(error))
        return str(error), store_plane.document_text()
    except FabricError as error:
        return "the host does not go back, and its checkpoint stays: %s" % error, store_plane.document_text()
    if taken is None:
        return "no checkpoint is armed", store_plane.document_text()
    if taken.boot == checkpoint.boot_id():
        checkpoint.refuse_if_armed()
    steps = ((FRR, FrrPlane(Vtysh()).bring_back_at_boot), (STORE, StorePlane(command.NAME).bring_back))
    failures = [
        failure
        for name, bring_back in steps
        if name in taken.planes
        for failure in _failure(name, bring_back, taken.planes[name])
    ]
    done = Reverted(taken.id, files.now(), RESTARTED, taken.operations, "\n".join(failures))
    _remember(done)
    failures += _failure("checkpoint", lambda _was: checkpoint.disarm(), None)
    told = done._replace(failure="\n".join(failures)).told()
    return told, taken.planes[STORE]["document"] if STORE in taken.planes else store_plane.document_text()


def confirm(identity: Optional[str] = None) -> bool:
    """Confirms the checkpoint that is armed, or the one with an id; False if there was none, or it was confirmed before.

    Raises :class:`FabricError` if it has been reverted, or in part: the host is then neither what it was nor what it was
    brought to; and as :func:`refuse_unless_confirmed` does.
    """
    with guard.lock(LOCK_TIMEOUT):
        found = checkpoint.armed()
        if found is None or identity not in (None, found["id"]):
            refuse_unless_confirmed(identity)
            return False
        _refuse_if_reverted(found["id"])
        checkpoint.disarm()
        with contextlib.suppress(FabricError):  # a full /run does not make it unconfirmed
            checkpoint.remember_confirmed(found["id"])
        return True


def refuse_unless_confirmed(identity: Optional[str]) -> None:
    """Raises :class:`FabricError` if a checkpoint that is not armed, named by its id, is not the last that was confirmed."""
    if identity in (None, checkpoint.last_confirmed_id()):
        return
    _refuse_if_reverted(identity)
    raise FabricError(
        "nothing was confirmed: checkpoint %s is not armed on this host, and is not the last that was confirmed here. The host "
        "has gone back, or another run has changed it since. Run evpn.fabric.site again" % identity
    )


def _refuse_if_reverted(identity: Optional[str]) -> None:
    reverted = checkpoint.last_reverted()
    if reverted and reverted.id == identity:
        raise FabricError("it is too late to confirm: %s" % reverted.told())
