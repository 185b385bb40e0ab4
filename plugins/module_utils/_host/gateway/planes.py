# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planes that a gateway's stages are for, in their order. Private to this collection."""

from __future__ import annotations

from typing import Any, Iterable, List

from ..._core.errors import FabricError, reworded
from ..._core.plane import Stopped
from ..._frr import converge
from ..._frr.comparison import merged
from ..._frr.vtysh import Vtysh
from ..._kernel.netlink import announcements
from ..._kernel.netlink.kernel import Kernel
from ..._kernel.plane import KernelPlane
from ..transaction import Stage as Staged
from .stages import FrrStage, KernelStage, Stage


def staged(stages: Iterable[Stage], vtysh: Vtysh, kernel: Kernel) -> List[Staged]:
    """Stages of a gateway as a transaction takes them."""
    found = []
    for stage in stages:
        plane: Any = KernelPlane(kernel) if isinstance(stage, KernelStage) else RuntimeState(vtysh)
        plane = Announcing(plane) if stage.announced else plane
        found.append(Staged(plane, stage))
    return found


class RuntimeState:
    """FRR's runtime state of gateways: lines that no startup file has. All other lines stay as they are."""

    name = "FRR"

    def __init__(self, vtysh: Vtysh):
        self.vtysh = vtysh

    def apply(self, stage: FrrStage, stopped: Stopped) -> None:
        """Brings FRR to the lines of a stage, reads back and verifies. Raises :class:`FabricError`; FRR was reverted then."""
        converge.bring(self.vtysh, stage.desired, stage.actual, stopped=stopped)

    def revert(self, stage: FrrStage) -> None:
        """Brings FRR back to the lines before a stage. Raises :class:`FabricError` with what could not be reverted."""
        left = converge.reverted(self.vtysh, stage.actual, stage.desired, merged)
        if left:
            raise FabricError(converge.outcome_of_reverting(left))


class Announcing:
    """A plane whose stage ends with the announcement of addresses."""

    def __init__(self, plane: Any):
        self.plane, self.name = plane, plane.name

    def apply(self, stage: Stage, stopped: Stopped) -> None:
        """Applies the stage and announces. Raises :class:`FabricError`; the plane was reverted then."""
        self.plane.apply(stage, stopped)
        try:
            announcements.announce(stage.announced)
        except FabricError as error:
            try:
                self.plane.revert(stage)
            except FabricError as failure:
                raise reworded(error, "%s\n%s could not be reverted: %s" % (error, self.name, failure)) from error
            raise reworded(error, "%s\n%s was reverted: %d operations" % (error, self.name, len(stage.operations))) from error

    def revert(self, stage: Stage) -> None:
        """Reverts the stage. Raises :class:`FabricError` in any case: what hosts have heard stays with them for a while."""
        self.plane.revert(stage)
        raise FabricError(
            "hosts have heard that %d addresses are here, and send to this gateway until they confirm their ARP and ND "
            "entries, within a minute or so. All else was reverted (%d operations)"
            % (len(stage.announced), len(stage.operations))
        )
