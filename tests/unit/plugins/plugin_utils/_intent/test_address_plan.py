"""Blocks of addresses that meet, found by a walk; and what the walk costs."""

from __future__ import annotations

import ipaddress
import itertools
import sys
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.address_plan import Claim, meetings
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from hypothesis import given
from hypothesis import strategies as st

from tests.fabrics import GATEWAYS, fabric


def claim(place: int, block: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Claim:
    ends = int(block.network_address), int(block.broadcast_address)
    return Claim(block.version, *ends, str(place), str(block))


def networks(first: int, bits: int) -> st.SearchStrategy[Any]:
    """Blocks of the 16 addresses that begin with ``first``."""
    sizes = st.integers(0, 4)
    return st.builds(
        lambda size, place: ipaddress.ip_network((first + (place >> size << size), bits - size)), sizes, st.integers(0, 15)
    )


BLOCKS = st.lists(st.one_of(networks(0x0A000000, 32), networks(0x0A000000, 128)), max_size=12)


@given(BLOCKS)
def test_every_block_that_overlaps_one_before_it_is_found(blocks: list[Any]) -> None:
    claims = list(itertools.starmap(claim, enumerate(blocks)))
    overlapping = {
        frozenset((one, other))
        for one, other in itertools.combinations(range(len(blocks)), 2)
        if blocks[one].version == blocks[other].version and blocks[one].overlaps(blocks[other])
    }
    found = list(meetings(claims, lambda _one, _other: False))
    assert {frozenset(map(int, (wider.path, narrower.path))) for wider, narrower in found} <= overlapping
    # Each block is told of once, with the narrowest around it: who keeps the rest apart has nothing that overlaps.
    told = {int(narrower.path) for _wider, narrower in found}
    assert len(told) == len(found)
    kept = [number for number in range(len(blocks)) if number not in told]
    assert not any(frozenset(pair) in overlapping for pair in itertools.combinations(kept, 2))


@given(BLOCKS)
def test_blocks_that_may_meet_hide_no_others(blocks: list[Any]) -> None:
    """Even numbers may meet each other; an odd one in an even one is found through any number of even ones between them."""
    claims = list(itertools.starmap(claim, enumerate(blocks)))

    def even(one: Claim, other: Claim) -> bool:
        return int(one.path) % 2 == int(other.path) % 2 == 0

    told = {frozenset((wider.path, narrower.path)) for wider, narrower in meetings(claims, even)}
    assert not any(all(int(path) % 2 == 0 for path in pair) for pair in told)
    for one, other in itertools.combinations(claims, 2):
        wider, narrower = sorted((one, other), key=lambda each: (each.first, -each.last))
        inside = wider.version == narrower.version and wider.first <= narrower.first <= wider.last
        if inside and not even(one, other):
            assert any({one.path, other.path} & pair for pair in told)


def calls(function: Callable[[], object]) -> int:
    """How many functions, generators and builtins are entered."""
    count = 0

    def step(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("numbered", [None, "ipv4"])
def test_four_times_the_hosts_take_four_times_the_steps(numbered: str | None) -> None:
    """From variables to documents, with the checks between them."""

    def steps(leaves: int) -> int:
        underlay = {"fabric_underlay": {"unnumbered": numbered is None}}
        groups, hostvars = fabric(**{**GATEWAYS, **underlay, "numbered": numbered, "leaves": leaves})
        for name in groups["vteps"]:
            hostvars[name]["fabric_ports"] = [{"interface": "eth8", "untagged": "web", "tagged": ["app", "own"]}]

        def derive() -> None:
            assert not build(groups, hostvars).problems

        return calls(derive)

    few, many = steps(100), steps(400)
    assert few < many < 4.4 * few
