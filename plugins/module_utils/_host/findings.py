# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between a host and its confirmed document, as findings. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from .._core.errors import Problem, some
from .._core.operation import DISRUPTIONS, Operation
from .._frr.objects import Lines, SeenAddress, Service
from .._kernel.model.kind import LINK
from .._kernel.model.kinds import KINDS
from .._kernel.model.port import Port

KERNEL, FRR, STORE, GATEWAY = "kernel", "frr", "store", "gateway"
#: Whose a finding is: ours and otherwise, ours and not there, somebody else's, a service that does not run or start at boot,
#: what the host keeps for its boot, which gateway owns what.
CHANGED, GONE, FOREIGN, SERVICE, KEPT, OWNERSHIP = "changed", "gone", "foreign", "service", "kept", "ownership"

_LINK_KINDS = frozenset(kind.name for kind in KINDS.values() if kind.group == LINK)


class Finding(NamedTuple):
    """One thing that differs. ``action`` and ``disruption`` are those of its repair, None where nothing repairs it."""

    plane: str
    kind: str
    name: str
    whose: str
    reason: str
    action: Optional[str] = None
    disruption: Optional[str] = None

    @property
    def identity(self) -> Tuple[str, str, str, str]:
        """What tells it from others of the same host."""
        return self.plane, self.kind, self.name, self.whose

    def to_output(self) -> Dict[str, Any]:
        """The finding as the module `drift_info` tells it."""
        return {**self._asdict(), "repairable": self.action is not None}


def merged(findings: Iterable[Finding]) -> List[Finding]:
    """Findings, those of one identity as one: its repair may take several operations."""
    found: Dict[Tuple[str, str, str, str], Finding] = {}
    for each in findings:
        other = found.get(each.identity)
        if other is not None and each.reason != other.reason:
            strongest = max(filter(None, (other.disruption, each.disruption)), key=DISRUPTIONS.index, default=None)
            each = other._replace(reason="%s; %s" % (other.reason, each.reason), disruption=strongest)
        found[each.identity] = each
    return list(found.values())


def of_kernel(operations: Iterable[Operation]) -> Iterator[Finding]:
    """What differs in the data plane, from the operations that would repair it. A port goes and comes with its link."""
    listed = [each for each in operations if not _follows(each)]
    gone = {each.name for each in listed if each.action == "create" and each.kind in _LINK_KINDS}
    return (_found(KERNEL, each, _whose(each)) for each in listed if each.kind != Port.kind or each.name not in gone)


def _follows(operation: Operation) -> bool:
    """Whether an operation only puts back, or takes along, what another one takes away: nothing differs there."""
    if operation.before is not None and operation.after is not None:
        return bool(operation.before == operation.after)
    return bool(operation.steps) and all(step.silent for step in operation.steps)


def of_frr(operations: Iterable[Operation]) -> Iterator[Finding]:
    """What differs in FRR: its lines, its files, its service."""
    for each in operations:
        whose = SERVICE if each.kind in (Service.kind, SeenAddress.kind) else _whose(each)
        found = _found(FRR, each, whose)
        yield found._replace(reason=_of_lines(each)) if each.kind == Lines.kind else found


def _of_lines(operation: Operation) -> str:
    """What lines of a context FRR lacks, and which it has besides, without secrets."""
    parts = (("FRR lacks", operation.after), ("FRR has besides", operation.before))
    told = ["%s: %s" % (words, some([line.strip() for line in lines.lines])) for words, lines in parts if lines is not None]
    return "; ".join(told) or operation.reason


def of_store(operations: Iterable[Operation]) -> Iterator[Finding]:
    """What differs in what the host keeps."""
    return (_found(STORE, each, KEPT) for each in operations)


def of_gateway(operations: Iterable[Operation]) -> Iterator[Finding]:
    """What differs in what a gateway serves."""
    return (_found(GATEWAY, each, OWNERSHIP) for each in operations)


def of_problems(problems: Iterable[Problem]) -> Iterator[Finding]:
    """What keeps the data plane from its document; only people can do something about it."""
    for problem in problems:
        kind, _space, name = problem.path.partition(" ")
        yield Finding(KERNEL, kind, name or kind, CHANGED, "%s. %s" % (problem.message, problem.remedy))


def of_missing(interfaces: Iterable[str], left_out: List[str]) -> Iterator[Finding]:
    """Interfaces that others make and that are not there, and what is missing because of them."""
    reason = "it does not exist on this host" + (", nor can what needs it: %s" % some(left_out) if left_out else "")
    return (Finding(KERNEL, "interface", name, GONE, reason) for name in sorted(interfaces))


def _whose(operation: Operation) -> str:
    return GONE if operation.action == "create" else CHANGED


def _found(plane: str, operation: Operation, whose: str) -> Finding:
    return Finding(plane, operation.kind, operation.name, whose, operation.reason, operation.action, operation.disruption)
