# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations: what a plan consists of. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable, NamedTuple, Tuple

from . import disruption
from .errors import FabricError

#: What an operation does to traffic.
DISRUPTIONS = disruption.DISRUPTIONS
HITLESS, SESSION, LINK, DAEMON = DISRUPTIONS

#: The commonest reasons.
CREATED, PURGED, ABSENT = "in the document, not on the host", "ours, and not in the document", "listed as absent"


class Operation(NamedTuple):
    """What the user sees of one object's change. ``reason`` is in words; ``steps`` are how its plane makes the change."""

    action: str
    before: Any
    after: Any
    disruption: str
    reason: str
    steps: Tuple[Any, ...] = ()

    @property
    def object(self) -> Any:
        """The object after the operation, or before it if it is deleted."""
        return self.after or self.before

    @property
    def kind(self) -> str:
        return str(self.object.kind)

    @property
    def name(self) -> str:
        return getattr(self.object, "name", None) or self.object.dev

    def to_output(self) -> Dict[str, Any]:
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


def strongest(operations: Iterable[Operation]) -> str:
    """The strongest disruption among operations; "hitless" for none."""
    return max((operation.disruption for operation in operations), key=DISRUPTIONS.index, default=HITLESS)


def refuse_stronger(operations: Iterable[Operation], max_disruption: str) -> None:
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
