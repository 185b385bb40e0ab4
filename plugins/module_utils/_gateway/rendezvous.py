# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Weighted rendezvous hashing: every gateway draws a number for every VNI, the best score owns it. Private to this
collection.

A gateway's score depends on nothing but itself and the VNI; so when a gateway comes, goes or changes its weight, only VNIs
move that it gains or loses.

Sources: D. Thaler, C. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Transactions on Networking
6(1), 1998 (highest random weight); C. Schindelhauer, G. Schomaker, "Weighted distributed hash tables", SPAA 2005 (the
logarithmic method for weights); V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent hashing with bounded loads", SODA
2018.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Dict, List, Mapping, NamedTuple, Protocol, Sequence, Tuple

from .mixing import BITS, LANES, mix64, mixed_with, name_key, packed_mix

#: Binary places of costs, and the bits of a number that look up its logarithm.
COST_BITS = 40
_TABLE_BITS = 10
#: How many choices of every VNI are worked out for bounded loads before it is known how many are needed.
_CHOICES = 4
#: How many more draws than needed are looked at closely.
_MORE = 6


class Weighted(Protocol):
    """What takes part: a name, and how much it is to own compared with others."""

    @property
    def name(self) -> str: ...

    @property
    def weight(self) -> int: ...


class Score(NamedTuple):
    """How a gateway does for a number: ``draw`` is its 64 random bits, ``cost`` what orders gateways, the least first."""

    cost: float
    opposite_draw: int
    name: str

    @property
    def draw(self) -> int:
        """The 64 random bits as an int."""
        return -self.opposite_draw


def scores(number: int, gateways: Sequence[Weighted]) -> List[Score]:
    """The :class:`Score` of each gateway (with ``name`` and an int ``weight``) for a VNI or bucket, the best first."""
    mixed = mix64(number)
    draws = ((mix64(name_key(gateway.name) ^ mixed), gateway) for gateway in gateways)
    return sorted(Score(_cost(draw) / gateway.weight, -draw, gateway.name) for draw, gateway in draws)


def ranked(numbers: Sequence[int], gateways: Sequence[Weighted], count: int) -> List[Tuple[str, ...]]:
    """The names of the ``count`` best gateways for each number: a list of tuples, best first, in the order of ``numbers``.

    Numbers are VNIs or buckets, a sequence of ints from 0 to 2**64 - 1; gateways have a ``name``, all different, and an int
    ``weight`` above 0. With fewer gateways than ``count`` tuples are shorter.
    """
    count = min(count, len(gateways))
    if not count:
        return [()] * len(numbers)
    listed = [(gateway.name, gateway.weight) for gateway in gateways]
    # Logarithms cost most: they are for draws above the thresholds. Where too few of those are below the limit, for all.
    thresholds, limit = _thresholds(tuple([weight for _name, weight in listed]), count)
    found = []
    for start in range(0, len(numbers), LANES):
        block = numbers[start : start + LANES]
        packed = packed_mix(block)
        rows = zip(*[mixed_with(packed, name) for name, _weight in listed])
        # The block comes first: lanes that are not filled are at the end.
        for number, row in zip(block, rows):
            best: Sequence[Tuple[float, int, str]] = sorted(
                [
                    (_cost(draw) / weight, -draw, name)
                    for draw, threshold, (name, weight) in zip(row, thresholds, listed)
                    if draw > threshold
                ]
            )[:count]
            if len(best) < count or best[-1][0] >= limit:
                best = scores(number, gateways)[:count]
            found.append(tuple([name for _its_cost, _opposite, name in best]))
    return found


@lru_cache(maxsize=8)
def _thresholds(weights: Tuple[int, ...], count: int) -> Tuple[Tuple[int, ...], float]:
    """A draw for each weight, and a limit: with a draw up to its threshold, no gateway has a cost below the limit.

    Chosen so that a few more draws than ``count`` are above them. Rounding here decides how often that is too few, nothing
    else, because the limit is made of the thresholds.
    """
    expected = count + _MORE
    if len(weights) <= expected:
        return (-1,) * len(weights), math.inf
    # As many gateways have a cost below C as there are weights times C * ln(2), if those are small.
    cost = expected / (math.log(2) * sum(weights))
    thresholds = tuple(int(2.0 ** (BITS - cost * weight)) for weight in weights)
    return thresholds, min(_cost(threshold) / weight for threshold, weight in zip(thresholds, weights))


def _cost(draw: int) -> int:
    """-log2(draw / 2**64) with :data:`COST_BITS` binary places, as an int; never less for a smaller draw.

    Integers throughout: a C library's logarithm may differ from another's in the last bit, and gateways must agree.
    """
    length = draw.bit_length()
    rest = (draw << (BITS - length)) & ((1 << (BITS - 1)) - 1)
    place, part = rest >> (BITS - 1 - _TABLE_BITS), rest & ((1 << (BITS - 1 - _TABLE_BITS)) - 1)
    table = _logarithms()
    low = table[place]
    return ((BITS + 1 - length) << COST_BITS) - low - ((table[place + 1] - low) * part >> (BITS - 1 - _TABLE_BITS))


@lru_cache(maxsize=1)
def _logarithms() -> Tuple[int, ...]:
    """log2(1 + i / 2**_TABLE_BITS) for each i up to 2**_TABLE_BITS, with :data:`COST_BITS` binary places.

    Squaring doubles a logarithm: whether the square is 2 or more is its next binary place.
    """
    precision = COST_BITS + 10
    found = []
    for place in range(1 << _TABLE_BITS):
        value = ((1 << _TABLE_BITS) + place) << (precision - _TABLE_BITS)
        logarithm = 0
        for _bit in range(COST_BITS):
            value = value * value >> precision
            carry = value >> (precision + 1)
            logarithm = logarithm << 1 | carry
            value >>= carry
        found.append(logarithm)
    return (*found, 1 << COST_BITS)


def bounds(total: int, gateways: Sequence[Weighted]) -> Dict[str, int]:
    """The most of ``total`` numbers that each gateway may own with bounded loads, by name: its share, rounded up."""
    weights = sum(gateway.weight for gateway in gateways)
    return {gateway.name: -(-total * gateway.weight // weights) for gateway in gateways}


def bounded(numbers: Sequence[int], gateways: Sequence[Weighted], count: int, pins: Mapping[int, str]) -> List[Tuple[str, ...]]:
    """As :func:`ranked`, but no gateway owns more than its share, rounded up.

    ``pins`` (number -> name of a gateway) come first and count, even beyond a share. The other numbers choose in an order
    that depends on them alone; each takes the first of its ranking that has room, which leads its tuple, and the rest stays
    as it is. When a gateway goes, few others change: those that had been turned away and now find room, and the reverse.
    """
    if not gateways:
        return [()] * len(numbers)
    room = bounds(len(numbers), gateways)
    for name in pins.values():
        room[name] -= 1
    preferences = dict(zip(numbers, ranked(numbers, gateways, max(count, _CHOICES))))
    owners = dict(pins)
    for number in sorted(numbers, key=mix64):
        if number not in owners:
            owner = next((name for name in preferences[number] if room[name] > 0), None) or next(
                score.name for score in scores(number, gateways) if room[score.name] > 0
            )
            room[owner] -= 1
            owners[number] = owner
    return [led_by(owners[number], preferences[number], count) for number in numbers]


def led_by(owner: str, names: Sequence[str], count: int) -> Tuple[str, ...]:
    """A ranking with ``owner`` first, whether it was in it or not, of at most ``count`` names."""
    return (owner, *[name for name in names if name != owner])[:count]
