"""The filters about gateways: what reaches Ansible."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.filter.gateway_explanation import gateway_explanation
from ansible_collections.evpn.fabric.plugins.filter.gateway_losses import gateway_losses
from ansible_collections.evpn.fabric.plugins.filter.gateway_moves import gateway_moves
from ansible_collections.evpn.fabric.plugins.filter.gateway_owners import gateway_owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ranges import as_text

REQUEST = {"gateways": [{"name": "gw1"}, {"name": "gw2"}, {"name": "gw3"}], "vnis": "1-6"}
DRAINED = {**REQUEST, "gateways": [{"name": "gw1"}, {"name": "gw2"}, {"name": "gw3", "state": "drained"}]}


def test_owners_are_plain_lists_by_vni() -> None:
    found = gateway_owners(REQUEST)
    assert list(found) == ["owners", "loads"]
    assert list(found["owners"]) == [1, 2, 3, 4, 5, 6]
    assert all(len(names) == 2 for names in found["owners"].values())
    assert sum(found["loads"].values()) == 6


def test_who_asks_is_told_what_it_serves() -> None:
    found = gateway_owners({**REQUEST, "self": "gw2", "standbys": 2})
    places = {rank: [vni for vni, names in found["owners"].items() if names[rank] == "gw2"] for rank in range(3)}
    assert found["self"] == [as_text(places[rank]) for rank in range(3)]


def test_buckets_are_told_with_their_vnis() -> None:
    found = gateway_owners({**REQUEST, "buckets": 4})
    assert list(found["owners"]) == list(found["buckets"]) == [0, 1, 2, 3]
    # The last two bits of fmix64(1) to fmix64(6): C, 7, E, 5, 5, 3.
    assert found["buckets"] == {0: "1", 1: "4-5", 2: "3", 3: "2,6"}


def test_moves_are_told_by_pairs() -> None:
    found = gateway_moves(REQUEST, DRAINED)
    assert {move["from"] for move in found} == {"gw3"}
    assert sum(move["count"] for move in found) == gateway_owners(REQUEST)["loads"]["gw3"]
    nobody = {**REQUEST, "gateways": [{"name": "gw1", "state": "failed"}], "allow_none_active": True}
    assert {move["to"] for move in gateway_moves(REQUEST, nobody)} == {None}


def test_an_explanation_is_lines() -> None:
    assert gateway_explanation(REQUEST, "3")[0].endswith("owns VNI 3: its score is the highest.")
    for wrong in ("x", "²", "٣", "-3", True, None):
        with pytest.raises(AnsibleFilterError, match=f"{wrong!r} is not a VNI"):
            gateway_explanation(REQUEST, wrong)


def test_losses_are_rows() -> None:
    rows = gateway_losses(REQUEST)
    assert len(rows) == 1 + 3 + 3
    assert rows[-1] == {"lost": ["gw2", "gw3"], "loads": {"gw1": 6}, "unserved": 0, "highest": 1.0}


def test_all_problems_of_both_inputs_name_their_input() -> None:
    with pytest.raises(AnsibleFilterError, match=r"^after\.gateways: names no gateway"):
        gateway_moves(REQUEST, {**REQUEST, "gateways": []})
