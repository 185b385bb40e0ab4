# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hash ring with given points: the placement of wmgwd, for those who come from there. Private to this collection.

Each gateway has points (uids) on a ring of 2**64 places. A VNI stands at ``fmix64(VNI)``; its owner has the first point at
this place or behind it, beyond the last point the first one; next are the owners of the points that follow, each once.

Source: D. Karger and others, "Consistent hashing and random trees", STOC 1997.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Iterable, List, Sequence, Tuple

from .mixing import mix64
from .request import Gateway


class Ring:
    """The points of gateways, each with a ``name`` and ``uids``, ints from 0 to 2**64 - 1, no two of them the same."""

    def __init__(self, gateways: Iterable[Gateway]) -> None:
        points = sorted((uid, gateway.name) for gateway in gateways for uid in gateway.uids)
        self.uids = [uid for uid, _name in points]
        self.names = [name for _uid, name in points]

    def position(self, number: int) -> int:
        """The index of the point that owns a number."""
        return bisect_left(self.uids, mix64(number)) % len(self.uids)

    def following(self, position: int, count: int) -> Tuple[str, ...]:
        """The names of the first ``count`` different gateways from a point on, a tuple."""
        names: dict[str, None] = {}
        for name in self.names[position:] + self.names[:position]:
            names.setdefault(name)
            if len(names) == count:
                break
        return tuple(names)

    def ranked(self, numbers: Sequence[int], count: int) -> List[Tuple[str, ...]]:
        """The names of ``count`` gateways for each number: a list of tuples, the owner first; fewer if there are fewer."""
        if not self.uids:
            return [()] * len(numbers)
        positions = [self.position(number) for number in numbers]
        known = {position: self.following(position, count) for position in set(positions)}
        return [known[position] for position in positions]
