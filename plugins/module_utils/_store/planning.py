# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to change in what a host keeps. Pure. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .._core.disruption import HITLESS
from .._core.errors import FabricError
from .._core.operation import ABSENT, Operation

ENGINE, DOCUMENT, SERVICE = "engine", "document", "service"

#: Why, by kind: where there is none, and where another one is kept.
REASONS = {
    ENGINE: ("the host keeps no engine", "it is of another release"),
    DOCUMENT: ("the host keeps no confirmed document", "it is not what the host is being brought to"),
    SERVICE: ("nothing restores the data plane at boot", "its unit differs, or it is not enabled"),
}
NO_SYSTEMD = (
    "systemd does not run on this host, so nothing restores the data plane at boot. Have its init system run this before FRR "
    "starts: %s"
)


@dataclass(frozen=True)
class Kept:
    """One thing that a host keeps. Its content is not shown: a document has passwords."""

    kind: str
    name: str
    digest: str

    def to_output(self) -> Dict[str, Any]:
        return {"name": self.name, "digest": self.digest}


class Desired(NamedTuple):
    """What the host is to keep, by kind; a kind that is not there is removed. ``content`` is the document's.

    ``room`` is how many bytes all of it takes at most.
    """

    kept: Dict[str, Kept]
    content: Dict[str, Any]
    room: int = 0


class Actual(NamedTuple):
    """What the host keeps, by kind, the bytes that are free there, and whether systemd runs."""

    kept: Dict[str, Kept]
    free: int
    has_systemd: bool


class StorePlan(NamedTuple):
    """The operations that have the host keep what is ``desired``, and what it keeps before them."""

    operations: Tuple[Operation, ...]
    desired: Desired
    warnings: Tuple[str, ...] = ()

    def of(self, *kinds: str) -> StorePlan:
        """The part of it that is about some kinds."""
        operations = tuple(each for each in self.operations if each.kind in kinds)
        return self._replace(operations=operations, warnings=self.warnings if SERVICE in kinds else ())


def plan(desired: Desired, actual: Actual, command: str) -> StorePlan:
    """What leads from one to the other. ``command`` is what restores a host.

    Raises :class:`FabricError` if there is no room for it.
    """
    operations: List[Operation] = []
    for kind, (none, other) in REASONS.items():
        before: Optional[Kept] = actual.kept.get(kind)
        after = desired.kept.get(kind) if kind != SERVICE or actual.has_systemd else None
        if before == after:
            continue
        action = "create" if before is None else "delete" if after is None else "change"
        reason = {"create": none, "delete": ABSENT, "change": other}[action]
        operations.append(Operation(action, before, after, HITLESS, reason))
    if any(operation.after for operation in operations) and actual.free < desired.room:
        raise FabricError(
            "nothing was changed: %d KiB are free where the host keeps the engine and its document, and %d KiB are needed. "
            "Make room, or write persist: false" % (actual.free // 1024, desired.room // 1024)
        )
    silent = SERVICE in desired.kept and not actual.has_systemd
    return StorePlan(tuple(operations), desired, (NO_SYSTEMD % command,) if silent else ())


def plan_back(was: Optional[Kept], actual: Optional[Kept]) -> StorePlan:
    """What leads from a document back to the one that was kept before."""
    if was == actual:
        return StorePlan((), Desired({}, {}))
    action = "create" if actual is None else "delete" if was is None else "change"
    return StorePlan((Operation(action, actual, was, HITLESS, "it is not as it was"),), Desired({}, {}))
