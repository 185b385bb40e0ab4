# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending a checkpoint: it is confirmed, or the host goes back on all planes. Private to this collection.

Each plane is brought back as far as possible, and one that fails does not keep the others from being reverted: a host that
cannot be reached is worse than one that is not quite as it was.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from .._core.errors import FabricError, some, unforeseen
from .._core.operation import Operation
from .._core.plane import CapturedPlane
from .._frr import evpn
from .._frr.plane import FrrPlane
from .._frr.vtysh import Vtysh
from .._kernel.netlink.kernel import Kernel
from .._kernel.plane import KernelPlane
from .._store import checkpoint, files
from .._store.checkpoint import Checkpoint, Reverted
from .._store.plane import StorePlane
from . import command, guard
from .document import NoticedAddresses
from .surroundings import KernelSurroundings

KERNEL, FRR, STORE = "kernel", "frr", "store"
#: Seconds between two looks at whether a checkpoint is still to be waited for.
POLL = 0.5
#: Seconds after which a host that could not be reverted is tried again, and how often it is tried.
RETRY, ATTEMPTS = 10, 30
#: What FRR calls a session that works; and seconds that are kept to confirm, once sessions have been waited for.
ESTABLISHED, TIME_TO_CONFIRM = "established", 2
#: Seconds to wait for a run that is at work.
LOCK_TIMEOUT = 3600

IN_TIME = "it was not confirmed within %d s"
BY_HAND = "somebody asked for it"
RESTARTED = "the host was restarted before it was confirmed"


def _planes(kernel: Kernel) -> Dict[str, CapturedPlane]:
    """The planes in the order in which they go back: the kernel first, because FRR's lines are about interfaces."""
    return {
        KERNEL: KernelPlane(kernel),
        FRR: FrrPlane(Vtysh(), KernelSurroundings(kernel.channel)),
        STORE: StorePlane(command.NAME),
    }


def _captured(taken: Checkpoint, kernel: Kernel) -> List[Tuple[CapturedPlane, Any]]:
    """The planes of a checkpoint, each with what it has captured."""
    return [(plane, taken.planes[name]) for name, plane in _planes(kernel).items() if name in taken.planes]


def operations(taken: Checkpoint, kernel: Kernel) -> List[Operation]:
    """What going back takes at this moment. Raises :class:`FabricError`."""
    return [operation for plane, was in _captured(taken, kernel) for operation in plane.plan_back(was).operations]


def revert(why: str, identity: Optional[str] = None, due: bool = False) -> Optional[Reverted]:
    """Brings the host back to its checkpoint, and keeps what was done for the next run; ``why`` is in words.

    With the ``identity`` of a checkpoint only if that one is still armed, with ``due`` only if it is due, too. None if there is
    nothing to revert. Raises :class:`FabricError` with what could not be reverted; the checkpoint stays armed then.
    """
    with guard.lock(LOCK_TIMEOUT), guard.deferred_signals():
        taken = checkpoint.read()
        if taken is None or identity not in (None, taken.id) or (due and not _is_due(taken.id)):
            return None
        if taken.boot != checkpoint.boot_id():
            raise FabricError("this host has been restarted since its checkpoint was taken: run restore, which goes back then")
        failures = _bring_back(taken)
        done = Reverted(taken.id, files.now(), why, taken.operations, "\n".join(failures))
        with contextlib.suppress(FabricError):  # a full disk does not keep a host from going back
            checkpoint.remember(done)
        if failures:
            raise FabricError(done.failure)
        checkpoint.disarm()
        return done


def _is_due(identity: str) -> bool:
    left = checkpoint.seconds_left(identity)
    return left is not None and left <= 0


def _bring_back(taken: Checkpoint) -> List[str]:
    """What could not be brought back, in words."""
    kernel = Kernel()
    steps: List[Tuple[str, Callable[[Any], None], Any]]
    steps = [(plane.name, plane.bring_back, was) for plane, was in _captured(taken, kernel)]
    if KERNEL in taken.planes:
        noticed = NoticedAddresses(kernel, Vtysh)
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
    """Waits for the deadline of a checkpoint, and reverts the host then; None if it was confirmed or reverted before.

    A host that cannot be reverted is tried again. Raises :class:`FabricError` in the end.
    """
    attempts = 0
    while True:
        left = checkpoint.seconds_left(identity)
        if left is None:
            return None
        if left > 0:
            time.sleep(min(left, POLL))
            continue
        try:
            taken = checkpoint.read()
        except FabricError as error:
            _give_up(identity, "it was not confirmed in time", str(error))
            raise
        if taken is not None and taken.id != identity:
            return None
        try:
            # None if the run that was at work has ended, and the time to confirm has just begun.
            done = revert(IN_TIME % taken.seconds, identity, due=True) if taken else None
        except FabricError as error:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
            sys.stderr.write("%s\nTrying again in %d s\n" % (error, RETRY))
            time.sleep(RETRY)
        else:
            if done:
                return done


def _give_up(identity: str, why: str, failure: str) -> None:
    """Disarms a checkpoint that cannot be read, for the next run to tell."""
    checkpoint.set_aside()
    with contextlib.suppress(FabricError):
        checkpoint.remember(Reverted(identity, files.now(), why, [], failure))


def at_boot() -> str:
    """What a host does at boot if it was restarted before it was confirmed, in words: FRR's files and the document are as they
    were before FRR starts.

    Raises :class:`FabricError` for a checkpoint of this start of the machine.
    """
    try:
        taken = checkpoint.read()
    except FabricError as error:
        _give_up("", RESTARTED, str(error))
        return str(error)
    if taken is None:
        return "no checkpoint is armed"
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
    with contextlib.suppress(FabricError):
        checkpoint.remember(done)
    checkpoint.disarm()
    return done.told()


def confirm(identity: Optional[str] = None) -> bool:
    """Confirms the checkpoint that is armed, or the one with an id; whether there was one.

    Raises :class:`FabricError` if the one with that id has been reverted.
    """
    with guard.lock(LOCK_TIMEOUT):
        waiting = checkpoint.armed()
        if waiting is None or identity not in (None, waiting["id"]):
            refuse_if_reverted(identity)
            return False
        checkpoint.disarm()
        return True


def refuse_if_reverted(identity: Optional[str]) -> None:
    """Raises :class:`FabricError` if a checkpoint, named by its id, is the last that was reverted."""
    reverted = checkpoint.last_reverted()
    if identity and reverted and reverted.id == identity:
        raise FabricError("it is too late to confirm: %s" % reverted.told())


def await_sessions(identity: str, limit: float) -> None:
    """Waits until the BGP sessions are established again that were so when a checkpoint, named by its id, was taken.

    Sessions that FRR is not configured for any more are not waited for. Raises :class:`FabricError` with those that do not come
    back within ``limit`` seconds, or before there is no time left to confirm.
    """
    taken, vtysh, deadline = checkpoint.read(), Vtysh(), time.monotonic() + limit
    while taken is not None and taken.sessions:
        states = sessions(vtysh)
        # One that is missing from what FRR tells is not configured any more.
        missing = [each for each in taken.sessions if states is None or states.get(each, ESTABLISHED) != ESTABLISHED]
        left = checkpoint.seconds_left(identity)
        if not missing or left is None:
            return
        if left < TIME_TO_CONFIRM or time.monotonic() > deadline:
            raise FabricError(
                "these BGP sessions were established before and have not come back: %s. Nothing was confirmed: the host goes "
                "back to what it was in %d s" % (some(missing), max(0, int(left)))
            )
        time.sleep(POLL)


def sessions(vtysh: Vtysh) -> Optional[Dict[str, str]]:
    """The states of the BGP sessions in all VRFs, by their names; None if FRR does not answer."""
    try:
        shown = json.loads(vtysh.show("show bgp vrf all summary json") or "{}")
    except (FabricError, ValueError):
        return None
    return {
        "%s %s in VRF %s" % (row["neighbor"], row["family"], vrf): row["state"]
        for vrf, summary in shown.items()
        for row in evpn.sessions(summary)
    }
