"""In which batches hosts are changed."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent import inventory, rollout
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.fabric import Fabric
from hypothesis import given
from hypothesis import strategies as st

from tests import inventories
from tests.fabrics import Inventory, fabric

GATEWAYS: dict[str, Any] = {"fabric_gateways": {"mode": "exclusive"}}


def read(given_inventory: Inventory) -> Fabric:
    intent = inventory.read(*given_inventory, {})
    assert intent.fabric
    return intent.fabric


def batches(given_inventory: Inventory, hosts: list[str] | None = None, written: Any = ()) -> list[list[str]]:
    groups, _hostvars = given_inventory
    return rollout.batches(read(given_inventory), groups["spines"], groups["fabric"] if hosts is None else hosts, written)


CENTRAL = [{"name": "web", "vni": 100, "central": True, "gateways": ["10.1.0.1/24"]}]


def test_spines_go_one_at_a_time_then_one_vtep_then_a_quarter_of_them_at_a_time_then_gateways() -> None:
    found = batches(fabric(leaves=8, gateways=2, vrfs=0, fabric_networks=CENTRAL, **GATEWAYS))
    assert found == [
        ["spine1"],
        ["spine2"],
        ["leaf1"],
        ["leaf2", "leaf3"],
        ["leaf4", "leaf5"],
        ["leaf6", "leaf7"],
        ["leaf8"],
        ["gw1"],
        ["gw2"],
    ]


def test_of_many_vteps_no_more_than_fifty_go_together() -> None:
    sizes = [len(batch) for batch in batches(fabric(leaves=260, networks=1, vrfs=0, spines=1))]
    assert sizes == [1, 1, 50, 50, 50, 50, 50, 9]


def test_only_hosts_that_change_are_in_batches() -> None:
    assert batches(fabric(leaves=3), ["leaf3", "spine2"]) == [["spine2"], ["leaf3"]]
    assert batches(fabric(leaves=3), []) == []


def test_what_is_written_comes_first_and_hosts_that_it_does_not_name_follow() -> None:
    found = batches(fabric(leaves=3), written=[["leaf3", "leaf1"], ["spine1"]])
    assert found == [["leaf3", "leaf1"], ["spine1"], ["spine2"], ["leaf2"]]


@given(inventories.inventories(inventories.Kinds(True, "10.7", "6.12")), st.data())
def test_no_batch_has_two_gateways_of_one_vni_or_two_spines_or_all_vteps_and_each_host_is_in_one(
    made: Inventory, data: st.DataObject
) -> None:
    groups, _hostvars = made
    names = groups["fabric"]
    changed = data.draw(st.lists(st.sampled_from(names), unique=True))
    intended, found = read(made), batches(made, changed)
    assert sorted(itertools.chain(*found)) == sorted(changed)
    for batch in found:
        assert len(batch) == 1 or not set(batch) & set(groups["spines"])
        vnis = [{n.vni for n in intended.networks_of[name] if n.central} for name in batch if intended.hosts[name].gateway]
        assert not any(one & other for one, other in itertools.combinations(vnis, 2))
        assert len({intended.hosts[name].gateway is None for name in batch}) == 1
        assert len(batch) == 1 or not set(groups["vteps"]) <= set(batch)


@pytest.mark.parametrize(
    ("written", "batches_read"),
    [
        (None, []),
        ("leaf1", [["leaf1"]]),
        ("", []),
        ("leaf1, spines", [["leaf1"], ["spine1", "spine2"]]),
        ('["leaf1", [leaf2, spine1]]', [["leaf1"], ["leaf2", "spine1"]]),
        (["leaf1", ["leaf2", "spine1"]], [["leaf1"], ["leaf2", "spine1"]]),
        (["fabric"], [["spine1", "spine2", "leaf1", "leaf2"]]),
        ([["spines", "leaf2"], ["leaf1"]], [["spine1", "spine2", "leaf2"], ["leaf1"]]),
    ],
)
def test_batches_are_written_as_names_of_hosts_and_groups(written: Any, batches_read: list[list[str]]) -> None:
    groups, _hostvars = fabric()
    problems: list[Any] = []
    assert (rollout.read(written, groups, problems), problems) == (batches_read, [])


def test_a_host_in_two_batches_is_told() -> None:
    groups, _hostvars = fabric()
    problems: list[Any] = []
    rollout.read([["spines", "leaf2"], "vteps"], groups, problems)
    assert [str(problem) for problem in problems] == [
        "fabric_rollout[1]: leaf2 is in fabric_rollout[0] too. Write each host into one batch."
    ]


def test_names_that_are_unknown_are_told_all_at_once_with_what_is_close() -> None:
    groups, _hostvars = fabric()
    problems: list[Any] = []
    rollout.read([["leef1", "spines"], 7, "nowhere"], groups, problems)
    assert [str(problem) for problem in problems] == [
        "fabric_rollout[0]: 'leef1' is neither a host of the fabric nor a group. Write leaf1.",
        "fabric_rollout[1]: 7 is neither a host of the fabric nor a group. Write names of hosts of the group fabric, or of "
        "groups.",
        "fabric_rollout[2]: 'nowhere' is neither a host of the fabric nor a group. Write names of hosts of the group fabric, "
        "or of groups.",
    ]
