"""Mixing: the published function, many numbers at once, names."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.mixing import (
    LANES,
    mix64,
    mixed_with,
    name_key,
    packed_mix,
)
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.integers(0, 2**64 - 1)

#: What a C compiler makes of fmix64 as it stands in MurmurHash3.cpp.
KNOWN = {
    0: 0x0000000000000000,
    1: 0xB456BCFC34C2CB2C,
    2: 0x3ABF2A20650683E7,
    100: 0xE6BE2C94A54A2C62,
    10000: 0x4029022DFD04B16F,
    16777215: 0xB9B25366F9B06338,
    0x123456789ABCDEF0: 0x18B8C062F6F42398,
    2**64 - 1: 0x64B5720B4B825F21,
}


def unmixed(number: int) -> int:
    """The inverse of the mixing function, from inverses of its steps."""
    number ^= number >> 33
    number = number * pow(0xC4CEB9FE1A85EC53, -1, 2**64) % 2**64
    number ^= number >> 33
    number = number * pow(0xFF51AFD7ED558CCD, -1, 2**64) % 2**64
    return number ^ number >> 33


@pytest.mark.parametrize("number", KNOWN)
def test_numbers_are_mixed_as_published(number: int) -> None:
    assert mix64(number) == KNOWN[number]


@given(NUMBERS)
def test_mixing_can_be_undone_so_that_no_two_numbers_become_one(number: int) -> None:
    assert unmixed(mix64(number)) == number


@given(st.lists(NUMBERS, max_size=LANES), st.text(max_size=20))
def test_many_numbers_at_once_are_mixed_as_each_by_itself(numbers: list[int], name: str) -> None:
    mixed = mixed_with(packed_mix(numbers), name)
    assert list(mixed[: len(numbers)]) == [mix64(name_key(name) ^ mix64(number)) for number in numbers]


def test_the_key_of_a_name_is_the_beginning_of_its_sha256() -> None:
    # printf gw1 | sha256sum: 548bde871843b762...
    assert name_key("gw1") == 0x62B7431887DE8B54
