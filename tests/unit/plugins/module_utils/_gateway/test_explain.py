"""Explanations in words, and what is carried when gateways are lost."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.explain import explanation, losses
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import Request, read

from tests.unit.plugins.module_utils._gateway.gateways import owned

FOUR = ("gw1", "gw2", "gw3", "gw4")


def request(**changes: Any) -> Request:
    listed = [{"name": "gw1"}, {"name": "gw2", "weight": 2}, {"name": "gw3"}, {"name": "gw4", "state": "drained"}]
    return read({"gateways": listed, "vnis": "10000-10019", **changes})


def test_a_score_is_explained() -> None:
    # With by_the_book's draws 0.9991627632, 0.6660845334 and 0.2424798135, scores are weight / -ln(draw).
    assert explanation(request(), 10000) == [
        "gw1 owns VNI 10000: its score is the highest.",
        "gw1 scores 1194: weight 1, draw 0.9992 of 1.",
        "gw2 scores 4.92: weight 2, draw 0.6661 of 1.",
        "gw3 scores 0.706: weight 1, draw 0.2425 of 1.",
        "gw4 is drained.",
        "Next is gw2, then gw3.",
        "If gw1 goes, its 7 VNIs move: 3 to gw2, 4 to gw3.",
    ]


def test_a_pin_is_explained() -> None:
    lines = explanation(request(pins=[{"vnis": 10000, "gateway": "gw3"}]), 10000)
    assert lines[0] == "gw3 owns VNI 10000: pins[0] pins it there."
    assert "Next is gw1, then gw2." in lines


def test_a_pin_without_effect_is_explained() -> None:
    lines = explanation(request(pins=[{"vnis": 10000, "gateway": "gw4"}]), 10000)
    assert lines[0] == "gw1 owns VNI 10000: its score is the highest."
    assert "pins[0] would pin it to gw4, which is not active." in lines


def test_a_bound_is_explained() -> None:
    plain, even = owned("1-400", FOUR), owned("1-400", FOUR, placement="bounded")
    turned_away = next(vni for vni in plain.ranks if plain.ranks[vni][0] != even.ranks[vni][0])
    first, second = plain.ranks[turned_away][0], even.ranks[turned_away][0]
    assert explanation(even.request, turned_away)[0] == (
        f"{second} owns VNI {turned_away}: {first} scores higher, but others had filled its share of 100 before."
    )


def test_a_bucket_is_explained() -> None:
    lines = explanation(request(buckets=8), 10000)
    assert lines[0] == "VNI 10000 is in bucket 7 of 8, whatever other VNIs there are."
    assert lines[1] == "gw3 owns bucket 7: its score is the highest."


def test_the_ring_is_explained() -> None:
    listed = [{"name": "gw1", "uids": [2 << 60, 12 << 60]}, {"name": "gw2", "uids": [4 << 60]}]
    assert explanation(read({"gateways": listed, "vnis": [1, 2], "placement": "ring"}), 2) == [
        "gw2 owns VNI 2: its uid is the first from fmix64(2) = 4233148493373801447 on.",
        "gw2 has the uid 4611686018427387904 there.",
        "gw1 has the uid 13835058055282163712 there.",
        "Next is gw1.",
        "If gw2 goes, its only VNI moves: 1 to gw1.",
    ]


def test_what_nobody_owns_is_explained() -> None:
    assert explanation(request(), 5) == ["VNI 5 is not among the VNIs of the gateways."]
    alone = read({"gateways": [{"name": "gw1"}], "vnis": 5})
    assert explanation(alone, 5)[2:] == ["Next is nobody.", "If gw1 goes, its only VNI moves: 1 to nobody."]
    nobody = read({"gateways": [{"name": "gw1", "state": "failed"}], "vnis": 5, "allow_none_active": True})
    assert explanation(nobody, 5) == ["Nobody owns VNI 5: no gateway is active."]


@pytest.mark.parametrize("options", [{}, {"buckets": 16}])
def test_losses_are_what_the_others_own_without_the_lost_ones(options: dict[str, Any]) -> None:
    rows = losses(owned("1-700", FOUR, **options).request)
    assert [row.lost for row in rows] == [(), *combinations(FOUR, 1), *combinations(FOUR, 2)]
    for row in rows:
        assert row.loads == owned("1-700", FOUR, out=row.lost, **options).loads()
        assert row.unserved == 0
        assert row.highest == pytest.approx(max(row.loads.values()) / (700 / len(row.loads)))


def test_losses_measure_loads_by_weight() -> None:
    rows = losses(read({"gateways": [{"name": "gw1", "weight": 3}, {"name": "gw2"}], "vnis": "1-4",
                        "pins": [{"vnis": "1-2", "gateway": "gw1"}, {"vnis": "3-4", "gateway": "gw2"}]}))  # fmt: skip
    assert rows[0].loads == {"gw1": 2, "gw2": 2}
    assert rows[0].highest == pytest.approx(2.0)


def test_losses_count_what_nobody_serves() -> None:
    rows = losses(owned("1-10", ["gw1", "gw2"]).request)
    assert [(row.lost, row.unserved) for row in rows] == [((), 0), (("gw1",), 0), (("gw2",), 0), (("gw1", "gw2"), 10)]


def test_with_bounded_loads_losses_are_what_standbys_take_over() -> None:
    even = owned("1-700", FOUR, standbys=3, placement="bounded")
    row = next(row for row in losses(even.request) if row.lost == ("gw1", "gw2"))
    heirs = [next(name for name in names if name not in row.lost) for names in even.ranks.values()]
    assert row.loads == {name: heirs.count(name) for name in ("gw3", "gw4")}
