# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owns what: ranked gateways for every VNI or bucket, and what moves between two such states. Private to this
collection.

With buckets, a VNI belongs to the bucket ``fmix64(VNI) % buckets``, whatever other VNIs there are, and
buckets are placed instead of VNIs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Dict, List, NamedTuple, Tuple

from .mixing import mix64
from .ranges import as_text
from .rendezvous import bounded, led_by, ranked
from .request import Request
from .ring import Ring

#: Gateways of a VNI or bucket by name, the owner first, then its standbys.
Names = Tuple[str, ...]


def bucket_of(vni: int, buckets: int) -> int:
    """The bucket of a VNI, from 0 to ``buckets`` - 1."""
    return mix64(vni) % buckets


@dataclass(frozen=True)
class Ownership:
    """Names of gateways for each VNI, or for each bucket where there are buckets: a dict of tuples, the owner first."""

    request: Request
    ranks: Dict[int, Names]

    def of_vni(self, vni: int) -> Names:
        """The gateways of a VNI: a tuple of names, the owner first; () for a VNI that was not asked about."""
        if not self.request.buckets:
            return self.ranks.get(vni, ())
        return self.ranks[bucket_of(vni, self.request.buckets)]

    def vnis_by_ranks(self) -> Dict[Names, List[int]]:
        """VNIs in ascending order by the tuple of their gateways."""
        grouped: Dict[Names, List[int]] = {}
        for vni in self.request.vnis:
            grouped.setdefault(self.of_vni(vni), []).append(vni)
        return grouped

    def loads(self) -> Dict[str, int]:
        """How many VNIs each active gateway owns, by name."""
        loads = dict.fromkeys((gateway.name for gateway in self.request.active), 0)
        for names, vnis in self.vnis_by_ranks().items():
            if names:
                loads[names[0]] += len(vnis)
        return loads

    def ranked_at(self, name: str) -> List[List[int]]:
        """The numbers (VNIs or buckets) for which a gateway is the owner, the first standby and so on: a list of lists."""
        places: List[List[int]] = [[] for _rank in range(self.request.standbys + 1)]
        for number, names in self.ranks.items():
            if name in names:
                places[names.index(name)].append(number)
        return places


def owners(request: Request) -> Ownership:
    """The :class:`Ownership` that follows from a :class:`.request.Request`, and from nothing else.

    A pin puts its gateway first as long as that is active; the others keep their order. Gateways that are drained or failed own
    nothing and stand by for nothing.
    """
    numbers, active, count = request.numbers, request.active, request.standbys + 1
    names = {gateway.name for gateway in active}
    pins = {number: pin.gateway for number, pin in request.pins.items() if pin.gateway in names}
    if request.placement == "bounded":
        return Ownership(request, dict(zip(numbers, bounded(numbers, active, count, pins))))
    found = Ring(active).ranked(numbers, count) if request.placement == "ring" else ranked(numbers, active, count)
    ranks = dict(zip(numbers, found))
    ranks.update({number: led_by(name, ranks[number], count) for number, name in pins.items()})
    return Ownership(request, ranks)


class Move(NamedTuple):
    """VNIs (a tuple in ascending order) that go from one gateway to another; "" is nobody."""

    before: str
    after: str
    vnis: Tuple[int, ...]

    def __str__(self) -> str:
        return f"{as_text(self.vnis)}: {self.before or 'nobody'} -> {self.after or 'nobody'}"


def moves(before: Ownership, after: Ownership) -> List[Move]:
    """What changes its owner between two :class:`Ownership`: a list of :class:`Move`, by names.

    VNIs that one of them does not know belong to nobody there.
    """
    found: Dict[Tuple[str, str], List[int]] = {}
    old, new = _owner_by_vni(before), _owner_by_vni(after)
    for vni in sorted({**old, **new}):
        pair = old.get(vni, ""), new.get(vni, "")
        if pair[0] != pair[1]:
            found.setdefault(pair, []).append(vni)
    return [Move(old_owner, new_owner, tuple(vnis)) for (old_owner, new_owner), vnis in sorted(found.items())]


def _owner_by_vni(ownership: Ownership) -> Dict[int, str]:
    return {vni: names[0] for names, vnis in ownership.vnis_by_ranks().items() if names for vni in vnis}


def heirs(ownership: Ownership, name: str) -> Counter[str]:
    """Who takes over how many VNIs if a gateway goes, by name: the first standbys; "" is nobody."""
    counts: Counter[str] = Counter()
    for names, vnis in ownership.vnis_by_ranks().items():
        if names and names[0] == name:
            counts[names[1] if len(names) > 1 else ""] += len(vnis)
    return counts
