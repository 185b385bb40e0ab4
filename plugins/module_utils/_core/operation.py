# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations: what a plan consists of. Private to this collection."""

from __future__ import annotations

from typing import Any, NamedTuple, Tuple

from . import disruption
from .errors import FabricError

#: What an operation does to traffic.
DISRUPTIONS = disruption.DISRUPTIONS
HITLESS, SESSION, LINK, DAEMON = DISRUPTIONS

#: The order of steps. Rules that let traffic through come before those that take it away go; removals come in reverse
#: order of dependence; links are raised when all below and above them is in place, because FRR takes an L3VNI whose
#: bridge is not in its VRF yet for another (FRRouting issues 17342, 17430).
PHASES = (
    "add rule",
    "silence",
    "remove neighbor",
    "remove route",
    "remove address",
    "remove fdb",
    "remove vni",
    "remove bridge_vlan",
    "lose",
    "release port",
    "remove link",
    "link",
    "sysctl",
    "port",
    "bridge_vlan",
    "vni",
    "fdb",
    "address",
    "raise link",
    "route",
    "neighbor",
    "remove rule",
)
PHASE = {name: number for number, name in enumerate(PHASES)}

#: The commonest reasons.
CREATED, PURGED, ABSENT = "in the document, not on the host", "ours, and not in the document", "listed as absent"


class Step(NamedTuple):
    """One change to one object: ``None`` stands for "not there".

    ``rank`` orders steps within a phase. A silent step is what the kernel does by itself as a consequence of another;
    it matters for taking the plan back.
    """

    phase: int
    rank: int
    before: Any
    after: Any
    silent: bool = False

    def inverse(self):
        """The step that takes this one back."""
        return self._replace(before=self.after, after=self.before, silent=False)


class Operation(NamedTuple):
    """What the user sees of one object's change. ``reason`` is in words."""

    action: str
    before: Any
    after: Any
    disruption: str
    reason: str
    steps: Tuple[Step, ...]

    @property
    def object(self):
        """The object after the operation, or before it if it is deleted."""
        return self.after or self.before

    @property
    def kind(self):
        return self.object.kind

    @property
    def name(self):
        return getattr(self.object, "name", None) or self.object.dev

    def to_output(self):
        """The operation as module results spell it; a change shows only what differs."""
        before = self.before.to_output() if self.before else None
        after = self.after.to_output() if self.after else None
        if before and after and self.action == "change":
            same = [option for option in before if option != "name" and before[option] == after.get(option)]
            before, after = (
                {option: value for option, value in shown.items() if option not in same} for shown in (before, after)
            )
        return {
            "kind": self.kind,
            "name": self.name,
            "action": self.action,
            "disruption": self.disruption,
            "reason": self.reason,
            "before": before,
            "after": after,
        }


def raises(operation):
    """Whether an operation raises a link that is there and down."""
    return operation.action == "change" and operation.before.up is False and bool(operation.after.up)


def in_order(operations):
    """Every step of every operation, in the order in which they are safe."""
    return sorted((step for operation in operations for step in operation.steps), key=lambda step: step[:2])


def strongest(operations):
    """The strongest disruption among operations; "hitless" for none."""
    return max((operation.disruption for operation in operations), key=DISRUPTIONS.index, default=HITLESS)


def refuse_stronger(operations, max_disruption):
    """Raises :class:`~.errors.FabricError` if an operation is more disruptive than a run may be: with all of them, and the
    remedy."""
    allowed = DISRUPTIONS[: DISRUPTIONS.index(max_disruption) + 1]
    stronger = [operation for operation in operations if operation.disruption not in allowed]
    if not stronger:
        return
    listed = "\n".join(
        "  %s %s %s [%s]: %s" % (operation.action, operation.kind, operation.name, operation.disruption, operation.reason)
        for operation in stronger[:20]
    )
    more = "\n  and %d more" % (len(stronger) - 20) if len(stronger) > 20 else ""
    raise FabricError(
        "nothing was changed: max_disruption is %s, and these operations are stronger:\n%s%s\n"
        "Raise max_disruption in a maintenance window, or change the document" % (max_disruption, listed, more)
    )
