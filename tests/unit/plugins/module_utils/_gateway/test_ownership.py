"""Owners, pins, buckets, and what moves between two states."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import (
    Move,
    bucket_of,
    heirs,
    moves,
    owners,
)
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import read
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils._gateway.gateways import owned

FOUR = ("gw1", "gw2", "gw3", "gw4")
PLACEMENTS = pytest.mark.parametrize("placement", ["rendezvous", "bounded"])


def test_only_active_gateways_own_and_stand_by() -> None:
    ownership = owned("1-500", FOUR, out=["gw2"], standbys=3)
    assert {name for names in ownership.ranks.values() for name in names} == {"gw1", "gw3", "gw4"}
    assert {len(names) for names in ownership.ranks.values()} == {3}


def test_a_failed_gateway_is_placed_as_a_drained_one() -> None:
    listed = [{"name": name, "state": "failed" if name == "gw2" else "active"} for name in FOUR]
    assert owners(read({"gateways": listed, "vnis": "1-500"})).ranks == owned("1-500", FOUR, out=["gw2"]).ranks


def test_with_nobody_active_nobody_owns_anything() -> None:
    for options in ({}, {"placement": "bounded"}, {"buckets": 4}):
        ownership = owned("1-5", FOUR, out=FOUR, allow_none_active=True, **options)
        assert set(ownership.ranks.values()) == {()}
        assert ownership.loads() == {}


@PLACEMENTS
def test_a_pin_puts_its_gateway_first_and_leaves_the_order_of_the_others(placement: str) -> None:
    pinned = owned("1-500", FOUR, standbys=3, pins=[{"vnis": "1-500", "gateway": "gw3"}], placement=placement)
    plain = owned("1-500", FOUR, standbys=3)
    for vni, names in pinned.ranks.items():
        assert names == ("gw3", *[name for name in plain.ranks[vni] if name != "gw3"])


@PLACEMENTS
def test_a_pin_to_a_gateway_that_is_not_active_waits(placement: str) -> None:
    options: dict[str, Any] = {"out": ["gw3"], "placement": placement}
    pins = [{"vnis": "1-500", "gateway": "gw3"}]
    assert owned("1-500", FOUR, pins=pins, **options).ranks == owned("1-500", FOUR, **options).ranks


def test_a_pin_does_not_lengthen_a_ranking() -> None:
    assert set(map(len, owned("1-50", FOUR, standbys=1, pins=[{"vnis": "1-25", "gateway": "gw1"}]).ranks.values())) == {2}
    assert set(map(len, owned("1-50", FOUR, standbys=0, pins=[{"vnis": "1-25", "gateway": "gw1"}]).ranks.values())) == {1}


def test_the_bucket_of_a_vni_follows_from_its_number_alone() -> None:
    # fmix64(1) = 0xB456BCFC34C2CB2C, fmix64(10000) = 0x4029022DFD04B16F: the last six bits.
    assert bucket_of(1, 64) == 0x2C
    assert bucket_of(10000, 64) == 0x2F
    few, many = owned([10000], FOUR, buckets=64), owned("1-10000", FOUR, buckets=64)
    assert few.of_vni(10000) == many.of_vni(10000) == many.ranks[0x2F]


def test_buckets_are_filled_evenly_whatever_the_distance_of_vnis() -> None:
    for distance in (1, 64, 100, 1000):
        counts = [0] * 64
        for vni in range(10000, 10000 + 6400 * distance, distance):
            counts[bucket_of(vni, 64)] += 1
        assert min(counts) >= 60
        assert max(counts) <= 145


def test_buckets_are_placed_instead_of_vnis() -> None:
    ownership = owned("10000-10999", FOUR, buckets=64, placement="bounded")
    assert list(ownership.ranks) == [*range(64)]
    owners_of_buckets = [names[0] for names in ownership.ranks.values()]
    assert {owners_of_buckets.count(name) for name in FOUR} == {16}
    assert sum(ownership.loads().values()) == 1000


def test_loads_name_gateways_that_own_nothing() -> None:
    assert owned(1, FOUR, pins=[{"vnis": 1, "gateway": "gw2"}]).loads() == {"gw1": 0, "gw2": 1, "gw3": 0, "gw4": 0}


def test_a_gateway_knows_what_it_serves_at_which_rank() -> None:
    ownership = owned("1-100", FOUR, standbys=2)
    for name in FOUR:
        places = ownership.ranked_at(name)
        assert len(places) == 3
        assert all(ownership.ranks[vni][rank] == name for rank, vnis in enumerate(places) for vni in vnis)
    assert sum(len(vnis) for name in FOUR for vnis in ownership.ranked_at(name)) == 300


def test_wmgwds_placement_is_the_ring() -> None:
    listed = [{"name": "gw1", "uids": [2 << 60, 12 << 60]}, {"name": "gw2", "uids": [4 << 60]}]
    ownership = owners(read({"gateways": listed, "vnis": "1-4", "placement": "ring"}))
    assert {vni: names[0] for vni, names in ownership.ranks.items()} == {1: "gw1", 2: "gw2", 3: "gw1", 4: "gw1"}


@given(st.sets(st.sampled_from("abcdefgh"), min_size=2), st.data())
def test_nothing_moves_but_from_the_gateway_that_goes_to_its_first_standbys(names: set[str], data: Any) -> None:
    gone = data.draw(st.sampled_from(sorted(names)))
    before, after = owned("1-300", sorted(names)), owned("1-300", sorted(names), out=[gone])
    found = moves(before, after)
    assert {move.before for move in found} <= {gone}
    assert {move.after: len(move.vnis) for move in found} == heirs(before, gone)


@given(st.sets(st.sampled_from("abcdefgh"), min_size=1), st.sets(st.sampled_from("abcdefgh"), min_size=1))
def test_moves_lead_from_one_state_to_the_other(names: set[str], others: set[str]) -> None:
    before, after = owned("1-200", names), owned("101-300", others, placement="bounded")
    state = {vni: ranks[0] for vni, ranks in before.ranks.items()}
    for move in moves(before, after):
        assert list(move.vnis) == sorted(move.vnis)
        for vni in move.vnis:
            assert state.get(vni, "") == move.before
            state[vni] = move.after
    assert {vni: owner for vni, owner in state.items() if owner} == {vni: ranks[0] for vni, ranks in after.ranks.items()}


def test_nothing_moves_between_a_state_and_itself() -> None:
    assert moves(owned("1-100", FOUR), owned("1-100", FOUR[::-1])) == []


def test_moves_are_by_vni_where_buckets_are_placed() -> None:
    before, after = owned("1-100", FOUR, buckets=16), owned("1-100", FOUR, buckets=16, out=["gw1"])
    assert {vni for move in moves(before, after) for vni in move.vnis} == {
        vni for vni in range(1, 101) if before.of_vni(vni)[0] == "gw1"
    }


def test_a_move_reads_as_a_sentence() -> None:
    assert str(Move("gw1", "", (1, 2, 3, 9))) == "1-3,9: gw1 -> nobody"
