"""What is read, and every refusal: all problems of an input in one error."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import Gateway, Pin, read

TWO = [{"name": "gw1"}, {"name": "gw2"}]
WEIGHT = "Write a number from 0.001 to 999999.999, or state: drained for a gateway that shall own nothing."
VNI = "Write numbers from 1 to 16777215, or ranges such as 1-10."


def problems(**changes: Any) -> list[str]:
    """What is said about an input that is well but for these changes."""
    with pytest.raises(ValidationError) as refused:
        read({"gateways": TWO, "vnis": "100-199", **changes})
    return [str(problem) for problem in refused.value.problems]


def test_defaults() -> None:
    request = read({"gateways": [{"name": "b"}, {"name": "a"}], "vnis": [12, "10-11"]})
    assert request.gateways == (Gateway("a", 1000, "active", ()), Gateway("b", 1000, "active", ()))
    assert (request.vnis, request.numbers, request.buckets, request.pins) == ((10, 11, 12), (10, 11, 12), 0, {})
    assert (request.standbys, request.placement, request.self_name) == (1, "rendezvous", "")


def test_everything_that_can_be_written() -> None:
    request = read(
        {
            "gateways": [
                {"name": "gw1", "weight": 2.5, "state": "failed", "uids": ["7", 3]},
                {"name": "gw2", "weight": "1.25"},
            ],
            "vnis": "5",
            "buckets": "16",
            "pins": [{"buckets": "0-1,7", "gateway": "gw2"}],
            "standbys": 0,
            "placement": "bounded",
            "self": "gw1",
        }
    )
    assert request.gateways == (Gateway("gw1", 2500, "failed", (3, 7)), Gateway("gw2", 1250, "active", ()))
    assert request.active == request.gateways[1:]
    assert request.pins == {bucket: Pin("gw2", "pins[0]") for bucket in (0, 1, 7)}
    assert (request.buckets, request.standbys, request.placement, request.self_name) == (16, 0, "bounded", "gw1")


def test_the_order_of_what_is_written_does_not_matter() -> None:
    there = {"gateways": TWO, "vnis": ["1-3", 7], "pins": [{"vnis": 1, "gateway": "gw1"}]}
    back = {"pins": [{"vnis": 1, "gateway": "gw1"}], "vnis": [7, "1-3"], "gateways": TWO[::-1]}
    assert read(there) == read(back)


def test_a_pinned_range_means_the_vnis_in_it() -> None:
    assert set(read({"gateways": TWO, "vnis": "100-199", "pins": [{"vnis": "190-300", "gateway": "gw1"}]}).pins) == {
        *range(190, 200)
    }


def test_on_the_ring_a_gateway_weighs_as_much_as_it_has_uids() -> None:
    listed = [{"name": "gw1", "uids": [1, 2, 3]}, {"name": "gw2", "uids": [4]}]
    assert [gateway.weight for gateway in read({"gateways": listed, "vnis": 1, "placement": "ring"}).gateways] == [3000, 1000]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gateways": []}, "gateways: names no gateway. List the gateways, each with its name."),
        ({"gateways": None}, "gateways: names no gateway. List the gateways, each with its name."),
        ({"gateways": "gw1"}, "gateways: 'gw1' is not a list. Write a list, each entry with a dash."),
        ({"allow_none_active": "no"}, "allow_none_active: 'no' is not true or false. Write true or false."),
        ({"self": "gw9"}, "self: 'gw9' is not in gateways. Write one of gw1, gw2."),
        (
            {"gateways": [*TWO, {"name": "gw1"}]},
            "gateways[2].name: gw1 is gateways[0] too. Give each gateway a name of its own.",
        ),
        ({"gateways": [*TWO, {}]}, "gateways[2].name: is missing. Write letters, digits, '.', '_' and '-'."),
        (
            {"gateways": [*TWO, {"name": "a b"}]},
            "gateways[2].name: 'a b' is not a name. Write letters, digits, '.', '_' and '-'.",
        ),
        ({"gateways": [*TWO, "gw3"]}, "gateways[2]: 'gw3' is not a mapping. Write a mapping of name, weight, state, uids."),
        (
            {"gateways": [*TWO, {"name": "gw3", "wieght": 2}]},
            "gateways[2].wieght: is not a known key. Write one of name, weight, state, uids.",
        ),
        ({"gateways": [{"name": "gw1", "weight": 0}]}, f"gateways[0].weight: 0 is not a weight. {WEIGHT}"),
        ({"gateways": [{"name": "gw1", "weight": -2}]}, f"gateways[0].weight: -2 is not a weight. {WEIGHT}"),
        ({"gateways": [{"name": "gw1", "weight": "much"}]}, f"gateways[0].weight: 'much' is not a weight. {WEIGHT}"),
        ({"gateways": [{"name": "gw1", "weight": True}]}, f"gateways[0].weight: True is not a weight. {WEIGHT}"),
        ({"gateways": [{"name": "gw1", "weight": None}]}, f"gateways[0].weight: None is not a weight. {WEIGHT}"),
        ({"gateways": [{"name": "gw1", "weight": float("nan")}]}, f"gateways[0].weight: nan is not a weight. {WEIGHT}"),
        ({"gateways": [{"name": "gw1", "weight": float("inf")}]}, f"gateways[0].weight: inf is not a weight. {WEIGHT}"),
        ({"gateways": [{"name": "gw1", "weight": 0.0001}]}, f"gateways[0].weight: 0.0001 is not a weight. {WEIGHT}"),
        (
            {"gateways": [{"name": "gw1", "state": "up"}]},
            "gateways[0].state: 'up' is not known. Write one of active, drained, failed.",
        ),
        (
            {"gateways": [{"name": "gw1", "state": "drained"}, {"name": "gw2", "state": "failed"}]},
            "gateways: are all drained or failed. Make one active, or write allow_none_active: true for no owners at all.",
        ),
        ({"vnis": None}, "vnis: is missing. Write numbers and ranges such as 10000-10999."),
        ({"vnis": 0}, f"vnis: '0' is not a VNI, nor a range of them. {VNI}"),
        ({"vnis": [100, "16777216"]}, f"vnis[1]: '16777216' is not a VNI, nor a range of them. {VNI}"),
        ({"vnis": "10-16777216"}, f"vnis: '10-16777216' is not a VNI, nor a range of them. {VNI}"),
        ({"vnis": [True]}, f"vnis[0]: True is not a VNI, nor a range of them. {VNI}"),
        ({"vnis": ["1-2-3"]}, f"vnis[0]: '1-2-3' is not a VNI, nor a range of them. {VNI}"),
        ({"vnis": ["20-10"]}, "vnis[0]: 20-10 is reversed. Write 10-20."),
        ({"vnis": [20, "5-9", "9-12"]}, "vnis[2]: 9-12 overlaps 5-9 of vnis[1]. Name each VNI once."),
        ({"vnis": "7,7"}, "vnis: 7 overlaps 7 of vnis. Name each VNI once."),
        ({"vnis": "1-1048577"}, "vnis: are 1048577 VNIs. Write at most 1048576: those that the gateways serve."),
        ({"pins": [{"vnis": 100, "gateway": "gw9"}]}, "pins[0].gateway: 'gw9' is not in gateways. Write one of gw1, gw2."),
        ({"pins": [{"vnis": 100}]}, "pins[0].gateway: None is not in gateways. Write one of gw1, gw2."),
        ({"pins": [{"gateway": "gw1"}]}, "pins[0].vnis: is missing. Write numbers and ranges."),
        ({"pins": {"gw1": 100}}, "pins: {'gw1': 100} is not a list. Write a list, each entry with a dash."),
        (
            {"pins": [{"vnis": "100-110", "gateway": "gw1"}, {"vnis": "110", "gateway": "gw2"}]},
            "pins[1].vnis: 110 overlaps 100-110 of pins[0].vnis. Pin each VNI once.",
        ),
        ({"pins": [{"vnis": "110-100", "gateway": "gw1"}]}, "pins[0].vnis: 110-100 is reversed. Write 100-110."),
        (
            {"pins": [{"vnis": "1-99", "gateway": "gw1"}]},
            "pins[0].vnis: none of them is in vnis. Add them there, or remove the pin.",
        ),
        (
            {"pins": [{"vnis": 100, "gateway": "gw1"}], "buckets": 8},
            "pins[0].vnis: cannot be pinned where buckets are placed. Write buckets.",
        ),
        (
            {"pins": [{"buckets": 1, "gateway": "gw1"}]},
            "pins[0].buckets: cannot be pinned where vnis are placed. Write vnis.",
        ),
        (
            {"pins": [{"buckets": 8, "gateway": "gw1"}], "buckets": 8},
            "pins[0].buckets: '8' is not a bucket, nor a range of them. Write numbers from 0 to 7, or ranges such as 0-7.",
        ),
        ({"pins": ["gw1"]}, "pins[0]: 'gw1' is not a mapping. Write a mapping of vnis, buckets, gateway."),
        ({"standbys": -1}, "standbys: -1 is not a number of standbys. Write a number from 0 to 255."),
        ({"standbys": "some"}, "standbys: 'some' is not a number of standbys. Write a number from 0 to 255."),
        ({"buckets": 0}, "buckets: 0 is not a number of buckets. Write a number from 1 to 4096."),
        ({"placement": "random"}, "placement: 'random' is not known. Write one of rendezvous, bounded, ring."),
        (
            {"vni": 5},
            "vni: is not a known key. "
            "Write one of gateways, self, vnis, buckets, pins, standbys, placement, allow_none_active.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_its_remedy(changes: dict[str, Any], said: str) -> None:
    assert problems(**changes) == [said]


@pytest.mark.parametrize(
    ("gateway", "said"),
    [
        ({}, "gateways[1].uids: is missing. Write the numbers that this gateway's wmgwd was started with."),
        ({"uids": []}, "gateways[1].uids: [] is not a list of numbers. Write a list such as [1000, 2000]."),
        ({"uids": [-1]}, "gateways[1].uids[0]: -1 is not a uid. Write a number from 0 to 18446744073709551615."),
        (
            {"uids": [2**64]},
            "gateways[1].uids[0]: 18446744073709551616 is not a uid. Write a number from 0 to 18446744073709551615.",
        ),
        ({"uids": [6, 5]}, "gateways[1].uids[1]: 5 is gateways[0].uids[0] too. Write each uid once."),
        (
            {"uids": [6], "weight": 2},
            "gateways[1].weight: has no effect on the ring. Remove it, and give the gateway more uids.",
        ),
    ],
)
def test_what_is_wrong_with_points_of_the_ring_is_said(gateway: dict[str, Any], said: str) -> None:
    assert problems(placement="ring", gateways=[{"name": "gw1", "uids": [5]}, {"name": "gw2", **gateway}]) == [said]


def test_all_problems_are_told_at_once() -> None:
    said = problems(
        self="gw9",
        gateways=[{"name": "gw1", "weight": 0}, {"name": "gw1", "state": "up"}],
        vnis=["9-5", 0],
        pins=[{"vnis": 5, "gateway": "gw8"}],
        standbys=-1,
    )
    assert [problem.partition(": ")[0] for problem in said] == [
        "gateways[0].weight",
        "gateways[1].name",
        "gateways[1].state",
        "vnis[0]",
        "vnis[1]",
        "self",
        "pins[0].gateway",
        "standbys",
    ]


def test_paths_begin_where_the_input_stands() -> None:
    with pytest.raises(ValidationError, match=r"^before\.gateways: names no gateway\..*\nbefore\.vnis: is missing") as refused:
        read({}, "before")
    assert len(refused.value.problems) == 2
    with pytest.raises(ValidationError, match=r"^after: \[\] is not a mapping\. Write a mapping of [a-z_, ]+\.$"):
        read([], "after")
