"""Rendezvous hashing: rankings, weights, what moves and what does not, bounded loads."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway import rendezvous
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.rendezvous import (
    COST_BITS,
    _cost,
    bounded,
    bounds,
    ranked,
    scores,
)
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import Gateway
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils._gateway.gateways import gateways, owner_counts

VNIS = st.lists(st.integers(1, 16777215), max_size=300, unique=True)
#: The owners and first standbys of some VNIs among gw1 to gw4, from by_the_book; the second line with WEIGHTED.
SOME_VNIS, WEIGHTED = [1, 100, 10000, 10001, 16777215], [1, 2, 0.5, 1]
FOR_EVER = [("gw1", "gw4"), ("gw2", "gw4"), ("gw1", "gw2"), ("gw1", "gw2"), ("gw1", "gw2")]
FOR_EVER_WEIGHTED = [("gw1", "gw4"), ("gw2", "gw4"), ("gw1", "gw2"), ("gw1", "gw2"), ("gw2", "gw1")]
WEIGHTS = st.lists(st.sampled_from([0.001, 0.5, 1, 1, 1, 2, 3.5, 40, 999999]), min_size=1, max_size=30)


def fmix64(number: int) -> int:
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        number = (number ^ number >> 33) * factor % 2**64
    return number ^ number >> 33


def by_the_book(vni: int, among: list[Gateway]) -> list[str]:
    """Schindelhauer's weighted rendezvous with a library's logarithm: the least -ln(draw) / weight first."""

    def cost(gateway: Gateway) -> float:
        key = int.from_bytes(hashlib.sha256(gateway.name.encode()).digest()[:8], "little")
        return -math.log((fmix64(key ^ fmix64(vni)) + 0.5) / 2**64) / gateway.weight

    return [gateway.name for gateway in sorted(among, key=cost)]


def test_vnis_have_these_gateways_for_ever() -> None:
    # From by_the_book: if these change, every VNI of every user moves.
    assert ranked(SOME_VNIS, gateways(1, 1, 1, 1), 2) == FOR_EVER
    assert ranked(SOME_VNIS, gateways(*WEIGHTED), 2) == FOR_EVER_WEIGHTED


@pytest.mark.parametrize("count", [1, 2, 3, 40])
@pytest.mark.parametrize("weights", [[1] * 40, [1, 2] * 20, [*range(1, 41)], [1000, *[1] * 39], [3, 1, 2], [7]])
def test_rankings_are_those_of_the_book(weights: list[float], count: int) -> None:
    among = gateways(*weights)
    vnis = range(10000, 10600)
    assert ranked(vnis, among, count) == [tuple(by_the_book(vni, among)[:count]) for vni in vnis]


def test_thresholds_that_were_chosen_badly_cost_time_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    among = gateways(*[1, 2] * 20)
    # gw1 draws in vain unless it is nearly sure to win, and the limit says so.
    thresholds = [2**64 - 2**50, *[2**62] * 39]
    limit = min(_cost(threshold) / gateway.weight for threshold, gateway in zip(thresholds, among))
    monkeypatch.setattr(rendezvous, "_thresholds", lambda _weights, _count: (thresholds, limit))
    vnis = range(10000, 10300)
    assert ranked(vnis, among, 2) == [tuple(by_the_book(vni, among)[:2]) for vni in vnis]


@given(VNIS, WEIGHTS, st.integers(1, 4), st.data())
def test_the_order_of_gateways_and_vnis_does_not_matter(vnis: list[int], weights: list[float], count: int, data: Any) -> None:
    among = gateways(*weights)
    other = data.draw(st.permutations(vnis))
    found = dict(zip(vnis, ranked(vnis, among, count)))
    assert found == dict(zip(other, ranked(other, data.draw(st.permutations(among)), count)))


@given(VNIS, WEIGHTS, st.data())
def test_a_gateway_that_goes_leaves_the_order_of_the_others(vnis: list[int], weights: list[float], data: Any) -> None:
    among = gateways(*weights)
    gone = data.draw(st.sampled_from(among))
    left = [gateway for gateway in among if gateway != gone]
    before, after = ranked(vnis, among, len(among)), ranked(vnis, left, len(among))
    assert [tuple(name for name in names if name != gone.name) for names in before] == after


@given(VNIS, WEIGHTS, st.data())
def test_with_another_weight_only_that_gateway_gains_or_loses(vnis: list[int], weights: list[float], data: Any) -> None:
    among = gateways(*weights)
    changed = data.draw(st.sampled_from(among))
    heavier = [gateway._replace(weight=2 * gateway.weight) if gateway == changed else gateway for gateway in among]
    for (before,), (after,) in zip(ranked(vnis, among, 1), ranked(vnis, heavier, 1)):
        assert after in (before, changed.name)


def test_fewer_gateways_than_ranks_make_shorter_rankings() -> None:
    assert [len(names) for names in ranked(range(1, 4), gateways(1, 2), 3)] == [2, 2, 2]
    assert ranked([1, 2], [], 3) == [(), ()]
    assert ranked([], gateways(1), 3) == []


@pytest.mark.parametrize("weights", [[1, 1, 1, 1], [1, 2, 4], [0.5, 1, 1.5, 5], [10, *[1] * 30]])
def test_loads_follow_weights(weights: list[float]) -> None:
    vnis = range(1, 60001)
    counts = owner_counts(ranked(vnis, gateways(*weights), 1))
    for number, weight in enumerate(weights, 1):
        share = weight / sum(weights)
        deviation = math.sqrt(len(vnis) * share * (1 - share))
        assert abs(counts[f"gw{number}"] - len(vnis) * share) < 4 * deviation


@given(st.integers(1, 2**64 - 1))
def test_costs_are_logarithms(draw: int) -> None:
    assert _cost(draw) / 2**COST_BITS == pytest.approx(64 - math.log2(draw), abs=2**-22)


@given(st.integers(0, 2**64 - 2), st.integers(0, 2**12))
def test_a_greater_draw_never_costs_more(draw: int, more: int) -> None:
    assert _cost(min(draw + more, 2**64 - 1)) <= _cost(draw)


def test_scores_are_in_the_order_of_the_ranking() -> None:
    among = gateways(1, 2, 3)
    for vni in range(1, 100):
        found = scores(vni, among)
        assert [score.name for score in found] == by_the_book(vni, among)
        assert all(0 <= score.draw < 2**64 for score in found)


@given(VNIS, WEIGHTS, st.integers(1, 4), st.data())
def test_bounded_loads_do_not_depend_on_the_order_either(vnis: list[int], weights: list[float], count: int, data: Any) -> None:
    among = gateways(*weights)
    other = data.draw(st.permutations(vnis))
    found = dict(zip(vnis, bounded(vnis, among, count, {})))
    assert found == dict(zip(other, bounded(other, data.draw(st.permutations(among)), count, {})))


@given(VNIS, WEIGHTS)
def test_nobody_owns_more_than_its_share_rounded_up(vnis: list[int], weights: list[float]) -> None:
    among = gateways(*weights)
    counts = owner_counts(bounded(vnis, among, 1, {}))
    assert sum(counts.values()) == len(vnis)
    for number, weight in enumerate(weights, 1):
        assert counts[f"gw{number}"] <= math.ceil(len(vnis) * int(1000 * weight) / sum(int(1000 * one) for one in weights))


def test_bounds_are_exact() -> None:
    assert bounds(10, gateways(1, 1, 1)) == {"gw1": 4, "gw2": 4, "gw3": 4}
    assert bounds(9, gateways(1, 1, 1)) == {"gw1": 3, "gw2": 3, "gw3": 3}
    assert bounds(9, gateways(1, 2)) == {"gw1": 3, "gw2": 6}


def test_standbys_of_bounded_loads_are_the_next_by_score() -> None:
    among = gateways(1, 1, 1, 1)
    vnis = range(1, 201)
    for names, plain in zip(bounded(vnis, among, 4, {}), ranked(vnis, among, 4)):
        assert names == (names[0], *[name for name in plain if name != names[0]])


def test_pins_count_in_bounded_loads_even_beyond_a_share() -> None:
    vnis = range(1, 101)
    found = bounded(vnis, gateways(1, 1, 1, 1), 1, dict.fromkeys(range(1, 41), "gw3"))
    counts = owner_counts(found)
    assert [names[0] for names in found[:40]] == ["gw3"] * 40
    assert counts["gw3"] == 40
    assert max(counts[name] for name in ("gw1", "gw2", "gw4")) <= 25


class TestWith16384VnisOver16Gateways:
    """The figures that were promised, for these names; benchmarks print them."""

    vnis = range(10000, 10000 + 16384)
    among = gateways(*[1] * 16)

    def needless(self, place: Any) -> list[float]:
        """For each gateway that goes, the share of VNIs that move from one of the others."""
        whole = place(self.vnis, self.among)
        shares = []
        for gone in self.among:
            left = place(self.vnis, [gateway for gateway in self.among if gateway != gone])
            moved = sum(old[0] not in (gone.name, new[0]) for old, new in zip(whole, left))
            shares.append(moved / len(self.vnis))
        return shares

    def test_plain_loads_are_at_most_8_percent_above_the_mean_and_nothing_moves_needlessly(self) -> None:
        assert max(owner_counts(ranked(self.vnis, self.among, 1)).values()) <= 1.08 * 1024
        assert self.needless(lambda vnis, among: ranked(vnis, among, 1)) == [0] * 16

    def test_bounded_loads_are_equal_and_at_most_1_percent_moves_needlessly(self) -> None:
        assert set(owner_counts(bounded(self.vnis, self.among, 1, {})).values()) == {1024}
        assert max(self.needless(lambda vnis, among: bounded(vnis, among, 1, {}))) <= 0.01
