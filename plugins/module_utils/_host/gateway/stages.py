# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages of a gateway's transaction: plans of the kernel and of FRR's runtime state. Pure. Private to this collection."""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple, Sequence, Tuple, Union

from ..._core.operation import HITLESS, SESSION, Operation
from ..._frr import planning, runtime
from ..._frr.configuration import Configuration
from ..._frr.difference import difference
from ..._gateway import phases
from ..._gateway.phases import moving, settled
from ..._kernel.model.document import Document, State
from ..._kernel.plane import Actual, KernelPlane

#: An address to announce: interface, MAC address, address.
Announcement = Tuple[str, str, str]


class FrrStage(NamedTuple):
    """From one configuration of FRR to another. ``announced`` is what this gateway announces once it has been applied."""

    operations: Tuple[Operation, ...]
    desired: Configuration
    actual: Configuration
    announced: Tuple[Announcement, ...] = ()


class KernelStage(NamedTuple):
    """From a state of the kernel to a document; the rest as in :class:`FrrStage`."""

    operations: Tuple[Operation, ...]
    desired: Document
    actual: State
    announced: Tuple[Announcement, ...] = ()


#: A plan of one plane.
Stage = Union[FrrStage, KernelStage]


def kernel_stage(document: Document, actual: Actual) -> KernelStage:
    """The stage after which the kernel is as a document says. Raises :class:`ValidationError`."""
    return KernelStage(*KernelPlane.plan(document, actual))


def frr_stage(desired: Configuration, actual: Configuration, disruption: str, reason: str) -> FrrStage:
    """The stage after which FRR has these lines."""
    made = planning.line_operations(difference(desired, actual), desired, actual)
    operations = tuple(each._replace(disruption=disruption, reason=reason) for each in made)
    return FrrStage(operations, desired, actual)


def cleared_stage(actual: Configuration, kind: str, phase: str) -> FrrStage:
    """The stage after which FRR has no lists of the other mode, which are of this kind."""
    desired = actual if phase == phases.ACQUIRE else runtime.without_lists(actual, kind)
    return frr_stage(desired, actual, SESSION, "of the other mode")


def rank_stage(
    lists: runtime.Ranks, ranks: Mapping[int, int], running: Configuration, phase: str, carriers: Sequence[str] = ()
) -> FrrStage:
    """The stage after which lists say the ranks of buckets as they are after a phase, and the interfaces of buckets
    (``carriers``) have their costs."""
    ranks = moving(ranks, runtime.cost_ranks(running, carriers) if carriers else lists.ranks(running), phase)
    actual = lists.actual(running)
    marks = settled(lists.desired(ranks, running), actual, phase)
    lost = bool(set(actual) - set(marks))
    changed = {key[1] - 1 for key in {**actual, **marks} if actual.get(key) != marks.get(key)}
    costs = {name: runtime.rank_cost(ranks.get(bucket)) for bucket, name in enumerate(carriers)}
    before = {name: cost for name, cost in runtime.ospf_costs(running).items() if name in costs}
    after = settled_costs(costs, before, phase)
    changed |= {bucket for bucket, name in enumerate(carriers) if before[name] != after[name]}
    lost = lost or any(before[name] != cost == runtime.OSPF_COST_WITHDRAWN for name, cost in after.items())
    return frr_stage(
        runtime.with_costs(runtime.with_marks(lists, running, marks), after),
        running,
        SESSION if lost else HITLESS,
        "%d buckets change their rank" % len(changed),
    )


def settled_costs(desired: Mapping[str, int], actual: Mapping[str, int], phase: str) -> Dict[str, int]:
    """The OSPF costs of interfaces after a phase, by name: a lower cost is acquired, a higher one released."""
    found = settled(
        {name: (cost,) for name, cost in desired.items()}, {name: {(cost,)} for name, cost in actual.items()}, phase
    )
    return {name: min(marks)[0] for name, marks in found.items()}
