# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plane is: one place of a host that can be configured. Private to this collection."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional, Protocol, Sequence

from .operation import Operation

#: Returns the name of the signal that asks the run to stop, or None (:func:`.._host.guard.deferred_signals`).
Stopped = Callable[[], Optional[str]]


class Plan(Protocol):
    """What a plane is going to do. The plane's own classes keep besides what apply and revert need."""

    @property
    def operations(self) -> Sequence[Operation]:
        """What the user sees and ``max_disruption`` judges, in the order in which it is listed."""


class Plane(Protocol):
    """The kernel is a plane, and FRR is one. A plane knows nothing of the other planes."""

    #: The plane in messages and diffs.
    name: str

    def read(self, desired: Any) -> Any:
        """The actual state of what a desired state speaks of, as plain data. Changes nothing."""

    def plan(self, desired: Any, actual: Any) -> Plan:
        """What leads from one to the other. Pure: no I/O, no clock.

        Raises :class:`~.errors.FabricError` for what cannot be had on this host.
        """

    def apply(self, plan: Any, stopped: Stopped) -> None:
        """Carries a plan out, reads back and verifies.

        Raises :class:`~.errors.FabricError` with the cause; the plane has then reverted what it had done, or the message says
        what it could not.
        """

    def revert(self, plan: Any) -> None:
        """Reverts a plan that was applied. Raises :class:`~.errors.FabricError` with what could not be reverted."""


class CapturedPlane(Plane, Protocol):
    """A plane that a checkpoint saves: another process brings it back, whatever has become of the one that applied the plan."""

    def capture(self, plan: Any) -> Dict[str, Any]:
        """What a plan touches, as it was before it, as JSON has it. It may have secrets."""

    def plan_back(self, captured: Mapping[str, Any]) -> Plan:
        """What leads from what is there now to what was captured. Raises :class:`~.errors.FabricError`."""

    def bring_back(self, captured: Mapping[str, Any]) -> None:
        """Brings the plane back to what was captured, as far as possible.

        Raises :class:`~.errors.FabricError` with what is not as it was.
        """
