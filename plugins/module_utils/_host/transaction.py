# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transaction: everything that changes a host goes through it, whichever module asked for it. Private to this collection.

It takes the lock of the network namespace, plans every plane, judges all operations together, applies plane by plane, and on
any failure or signal reverts all of them. Check mode is the same without the applying.
"""

from __future__ import annotations

import contextlib
from typing import Callable, Iterable, List, NamedTuple, Sequence, Tuple

from .._core.errors import FabricError, reworded, unforeseen
from .._core.operation import Operation, refuse_stronger
from .._core.plane import Plan, Plane, Stopped
from . import guard


class Stage(NamedTuple):
    """A plan of one plane. A transaction has one or several, which are applied in their order.

    One that ``is_checkpoint`` is reverted although it has no operations. The stages before it are what goes back to it later:
    they stay if it cannot be reverted.
    """

    plane: Plane
    plan: Plan
    is_checkpoint: bool = False


def operations_of(stages: Iterable[Stage]) -> Tuple[Operation, ...]:
    """All operations, in the order of the stages."""
    return tuple(operation for stage in stages for operation in stage.plan.operations)


def run(prepare: Callable[[], Sequence[Stage]], max_disruption: str, check_mode: bool, lock_timeout: int) -> Sequence[Stage]:
    """Carries a transaction out and returns its stages; in check mode nothing is changed.

    ``prepare()`` reads and plans. It runs once this run holds the lock, so that nothing of ours changes what it has read.
    ``lock_timeout`` is in seconds; check mode waits for nobody. Raises :class:`FabricError` where planning does, if an
    operation is stronger than ``max_disruption`` (nothing is touched then, on any plane), and as :func:`carry_out` does.
    """
    with contextlib.nullcontext() if check_mode else guard.lock(lock_timeout):
        stages = prepare()
        operations = operations_of(stages)
        refuse_stronger(operations, max_disruption)
        if operations and not check_mode:
            with guard.deferred_signals() as stopped:
                carry_out(stages, stopped)
    return stages


def carry_out(stages: Iterable[Stage], stopped: Stopped) -> None:
    """Applies stages in order. ``stopped()`` tells what asks to stop, as :func:`.guard.deferred_signals` does.

    Raises :class:`FabricError` with the cause. The stages that had been applied have been reverted then, last first, or the
    message says what could not be.
    """
    applied: List[Stage] = []
    for stage in stages:
        try:
            if stopped():
                raise FabricError("%s came, so this run was stopped" % stopped())
            stage.plane.apply(stage.plan, stopped)
        except FabricError as error:
            raise _reverted([*applied, stage] if stage.is_checkpoint else applied, error) from error
        except Exception as error:
            # A fault of ours must not leave a host half changed, and this stage may have been applied in part.
            raise _reverted([*applied, stage], FabricError(unforeseen(error))) from error
        applied.append(stage)


def _reverted(applied: Sequence[Stage], error: FabricError) -> FabricError:
    """Reverts stages, last first; the error to raise."""
    lines = [str(error)]
    for stage in reversed(applied):
        if not (stage.plan.operations or stage.is_checkpoint):
            continue
        failure = _failure(stage)
        if failure:
            lines.append("%s: could not be reverted: %s" % (stage.plane.name, failure))
            if stage.is_checkpoint:
                break
        elif stage.plan.operations:
            lines.append("%s: reverted, %d operations" % (stage.plane.name, len(stage.plan.operations)))
    return reworded(error, "\n".join(lines))


def _failure(stage: Stage) -> str:
    """Reverts a stage; why it cannot be reverted, in words, or nothing."""
    try:
        stage.plane.revert(stage.plan)
    except FabricError as failure:
        return str(failure)
    except Exception as failure:
        names = ", ".join("%s %s" % (operation.kind, operation.name) for operation in stage.plan.operations)
        return "%s. These may not be as they were: %s" % (unforeseen(failure), names)
    return ""
