# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of a transaction that has to be confirmed: one takes a checkpoint of all planes before anything is touched, one
has the time to confirm begin once all is applied. Private to this collection.
"""

from __future__ import annotations

import secrets
from typing import Any, Dict, NamedTuple, Sequence, Tuple

from .._core.errors import FabricError
from .._core.operation import Operation
from .._core.plane import Stopped
from .._frr.vtysh import Vtysh
from .._kernel.netlink.kernel import Kernel
from .._store import checkpoint, waiting
from .._store.checkpoint import Checkpoint
from . import bgp_sessions, going_back


class Plan(NamedTuple):
    """The checkpoint to take. It configures nothing, so there is no operation."""

    checkpoint: Checkpoint
    text: str
    operations: Tuple[Operation, ...] = ()


def plan(planes: Dict[str, Any], operations: Sequence[Operation], seconds: int) -> Plan:
    """The checkpoint before some operations: ``planes`` are what each plane has captured, by name.

    It waits to be confirmed for so many ``seconds``. Raises :class:`FabricError` if there is no room for it.
    """
    words = ["%s %s %s" % (each.action, each.kind, each.name) for each in operations]
    taken = Checkpoint(secrets.token_hex(4), checkpoint.boot_id(), seconds, planes, words, bgp_sessions.established(Vtysh()))
    text = taken.text()
    checkpoint.refuse_without_room(text)
    return Plan(taken, text)


class CheckpointPlane:
    """The first stage. Its plan is always reverted, last: the checkpoint goes once nothing is left to go back from."""

    name = "checkpoint"

    def __init__(self, kernel: Kernel):
        self._kernel = kernel

    def apply(self, plan: Plan, stopped: Stopped) -> None:
        """Starts what waits for the deadline, and writes the checkpoint. Raises :class:`FabricError`; there is none then."""
        try:
            checkpoint.set_deadline(plan.checkpoint.id, plan.checkpoint.seconds)
            # It waits before there is something to wait for: a run that is killed in between leaves none that nobody waits for.
            waiting.start(plan.checkpoint.id)
            checkpoint.write(plan.text)
        except BaseException:
            checkpoint.disarm()
            raise

    def revert(self, plan: Plan) -> None:
        """Removes the checkpoint. Raises :class:`FabricError` if the host is not as it was, and stays armed then."""
        if not checkpoint.is_armed():
            return  # applying it has failed
        left = going_back.operations(plan.checkpoint, self._kernel)
        if left:
            raise FabricError(
                "%d objects are not as they were, and the host tries to revert them once more within %d s"
                % (len(left), plan.checkpoint.seconds)
            )
        checkpoint.disarm()


class Renewal:
    """The last stage: from now on there is time to confirm."""

    name = "checkpoint"

    def apply(self, plan: Plan, stopped: Stopped) -> None:
        """Sets the deadline anew. Raises :class:`FabricError`."""
        checkpoint.set_deadline(plan.checkpoint.id, plan.checkpoint.seconds)

    def revert(self, plan: Plan) -> None:
        """The first stage sees to the checkpoint."""
