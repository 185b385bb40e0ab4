# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From numbers and names to bits that look random, the same on every machine and with every Python. Private to this
collection.

The mixing function is the finaliser ``fmix64`` of MurmurHash3 (Austin Appleby, public domain,
https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp). It is a bijection: different numbers never
become the same one.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import Sequence, Tuple

BITS = 64
_FIRST, _SECOND = 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53
_MASK = (1 << BITS) - 1

#: How many numbers are mixed at once.
LANES = 256
# A lane is twice as wide as its number, so that a product stays within it.
_LANE_BYTES = 2 * BITS // 8
_ONES = int.from_bytes((b"\1" + bytes(_LANE_BYTES - 1)) * LANES, "little")
_LOW = _ONES * _MASK
_PACKING = struct.Struct("<" + "Q8x" * LANES)


def mix64(number: int) -> int:
    """``fmix64`` of an int from 0 to 2**64 - 1: another one in the same bounds. 0 stays 0."""
    number ^= number >> 33
    number = number * _FIRST & _MASK
    number ^= number >> 33
    number = number * _SECOND & _MASK
    return number ^ number >> 33


def name_key(name: str) -> int:
    """The 64-bit key of a name (str): the first bytes of its SHA-256 (which every build of Python has),
    the least significant one first."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[: BITS // 8], "little")


def packed_mix(numbers: Sequence[int]) -> int:
    """``mix64`` of each of at most :data:`LANES` numbers, packed into one int for :func:`mixed_with`."""
    padded = [*numbers, *[0] * (LANES - len(numbers))]
    return _mix_lanes(int.from_bytes(_PACKING.pack(*padded), "little"))


def mixed_with(packed: int, name: str) -> Tuple[int, ...]:
    """``mix64(name_key(name) ^ number)`` for each number of :func:`packed_mix`: a tuple of :data:`LANES` ints.

    Python's arithmetic costs about as much for one number as for many in one large int; so this takes some 75 ns a number,
    a tenth of what :func:`mix64` takes.
    """
    return _PACKING.unpack(_mix_lanes(packed ^ _spread_key(name)).to_bytes(_LANE_BYTES * LANES, "little"))


@lru_cache(maxsize=1024)
def _spread_key(name: str) -> int:
    """A name's key in every lane."""
    return name_key(name) * _ONES


def _mix_lanes(lanes: int) -> int:
    """:func:`mix64` in each lane; what a shift or a product moves out of a lane's lower half is masked away."""
    lanes ^= lanes >> 33 & _LOW
    lanes = lanes * _FIRST & _LOW
    lanes ^= lanes >> 33 & _LOW
    lanes = lanes * _SECOND & _LOW
    return lanes ^ lanes >> 33 & _LOW
