"""The inventories in ``inventories/``, public fabrics among them, become what their origin is."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import Built, build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from lab.topology import hosts_of, list_inventory

DIRECTORY = pathlib.Path(__file__).parents[2] / "inventories"
INVENTORIES = {path.stem if path.suffix else path.name: path for path in (DIRECTORY / "lab", *DIRECTORY.glob("examples/*.yml"))}


@functools.cache
def built(name: str) -> Built:
    found = list_inventory(INVENTORIES[name])
    groups = {group: hosts_of(found, group) for group in found if group != "_meta"}
    hostvars: dict[str, Any] = {host: found["_meta"]["hostvars"].get(host, {}) for host in groups["fabric"]}
    return build(groups, *fabric_variables(hostvars, groups))


@pytest.mark.parametrize("name", INVENTORIES)
def test_an_inventory_is_without_problems_and_notes(name: str) -> None:
    assert (built(name).problems, built(name).notes) == ([], [])


def test_a_leaf_of_the_avd_example_routes_its_vlans_and_carries_those_that_are_only_bridged() -> None:
    document = built("avd_l3ls").documents["dc1-leaf1a"]
    dataplane = document["kernel"]
    assert {vrf["name"] for vrf in dataplane["vrfs"]} == {"VRF10", "VRF11"}
    vnis = {10011, 10012, 10021, 10022, 13401, 13402, 50010, 50011}
    assert {vxlan["vni"] for vxlan in dataplane["vxlans"]} == vnis
    assert {vxlan["local"] for vxlan in dataplane["vxlans"]} == {"10.255.1.3"}
    assert {vlan["vlan"] for vlan in dataplane["vlans"] if vlan["link"] == "eth8"} == {11, 12, 21, 22, 3401, 3402}
    lines = [line.strip() for line in frr_text(document["frr"]).splitlines()]
    assert {"router bgp 65101", "vni 50010", "vni 50011", "neighbor 10.255.255.0 peer-group fabric"} <= set(lines)


def test_the_spines_of_the_netlab_example_reflect_routes_for_evpn_alone() -> None:
    lines = [line.strip() for line in frr_text(built("netlab_ibgp_rr").documents["S1"]["frr"]).splitlines()]
    clients = [line for line in lines if line.endswith("route-reflector-client")]
    assert clients and "router ospf" in lines and "router bgp 65000" in lines
    assert "address-family ipv4 unicast" not in lines
