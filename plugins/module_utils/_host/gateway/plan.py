# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a gateway, from what it owns and what was read of its host. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Tuple

from ..._core.operation import Operation
from ..._frr import runtime
from ..._frr.configuration import Configuration
from ..._gateway.ownership import bucket_of
from ..._kernel.model.document import Document
from . import anycast, exclusive
from .desired import ANYCAST, EXCLUSIVE, Desired, Snapshot
from .stages import Stage

_MODES = {EXCLUSIVE: exclusive, ANYCAST: anycast}


class Plan(NamedTuple):
    """Stages in the order in which they are safe, those with nothing to do left out.

    ``owned`` are the VNIs that this gateway serves before them, ``holds`` says whether it is ranked for anything.
    """

    stages: Tuple[Stage, ...]
    owned: Tuple[int, ...]
    holds: bool

    @property
    def operations(self) -> Tuple[Operation, ...]:
        """All operations, in the order of the stages."""
        return tuple(operation for stage in self.stages for operation in stage.operations)


def document(desired: Desired, links: Mapping[str, Any]) -> Document:
    """What the kernel is to be in the end; ``links`` are those of the host, by name. What they lack is no matter here."""
    return _MODES[desired.mode].document(desired, links)


def plan(desired: Desired, snapshot: Snapshot) -> Plan:
    """What brings a gateway to what it owns.

    Raises :class:`~..._core.errors.ValidationError` with every reason why this host cannot be such a gateway.
    """
    stages = _MODES[desired.mode].stages(desired, snapshot)
    return Plan(tuple(stage for stage in stages if stage.operations), *_served(desired, snapshot.lines))


def _served(desired: Desired, running: Configuration) -> Tuple[Tuple[int, ...], bool]:
    """The VNIs that this gateway serves at the moment, and whether it is ranked for anything, as its lists say."""
    if desired.mode == EXCLUSIVE:
        served = runtime.served(running, desired.route_map, desired.request.vnis)
        return tuple(sorted(served)), bool(served or runtime.Ranks(()).ranks(running))
    ranks = runtime.cost_ranks(running, desired.carriers) if desired.ospf else runtime.Ranks(desired.addresses).ranks(running)
    owned = tuple(vni for vni in desired.request.vnis if ranks.get(bucket_of(vni, desired.request.buckets), 1) <= 0)
    return owned, bool(ranks)
