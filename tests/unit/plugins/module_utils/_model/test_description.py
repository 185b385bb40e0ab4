"""A state as a document: what is left out, and where what is odd is listed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._model.address import Address
from ansible_collections.evpn.fabric.plugins.module_utils._model.bridge import Bridge
from ansible_collections.evpn.fabric.plugins.module_utils._model.description import described, marked
from ansible_collections.evpn.fabric.plugins.module_utils._model.document import SECTIONS, empty
from ansible_collections.evpn.fabric.plugins.module_utils._model.dummy import Dummy
from ansible_collections.evpn.fabric.plugins.module_utils._model.fdb import FLOOD, Fdb
from ansible_collections.evpn.fabric.plugins.module_utils._model.link import Interface
from ansible_collections.evpn.fabric.plugins.module_utils._model.macvlan import Macvlan
from ansible_collections.evpn.fabric.plugins.module_utils._model.membership import BridgeVlan, Vni
from ansible_collections.evpn.fabric.plugins.module_utils._model.port import Port
from ansible_collections.evpn.fabric.plugins.module_utils._model.route import Nexthop, Route
from ansible_collections.evpn.fabric.plugins.module_utils._model.veth import Veth
from ansible_collections.evpn.fabric.plugins.module_utils._model.vlan import Vlan
from ansible_collections.evpn.fabric.plugins.module_utils._model.vrf import Vrf
from ansible_collections.evpn.fabric.plugins.module_utils._model.vxlan import Vxlan
from ansible_collections.evpn.fabric.plugins.module_utils._module.present import OPTIONS
from ansible_collections.evpn.fabric.plugins.module_utils._plan.entries import FRESH_PORT

MAC, OTHER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"


def state(*objects: Any) -> dict[str, dict[Any, Any]]:
    """A state of these objects."""
    groups = {section.kind: section.group for section in SECTIONS.values()}
    found = empty()
    for made in objects:
        found[groups.get(made.kind, made.kind)][made.key] = made
    return found


def listed(section: str, *objects: Any) -> list[dict[str, Any]]:
    """The entries of one section."""
    return described(state(*objects), [section], OPTIONS)[section]


def places(*links: Any) -> dict[str, list[str]]:
    """Sections with the names that they list, for those that list any."""
    found = described(state(*links), list(OPTIONS), OPTIONS)
    return {section: [entry["name"] for entry in entries] for section, entries in found.items() if entries}


@pytest.mark.parametrize(
    ("link", "section"),
    [
        (Veth("a", peer=""), "interfaces"),
        (Macvlan("a", link="", mode="bridge"), "interfaces"),
        (Macvlan("a", link="eth1", mode=""), "interfaces"),
        (Vlan("a", link="", vlan=5), "interfaces"),
        (Vlan("a", link="eth1", vlan=0), "interfaces"),
        (Vxlan("a", vni=0, dstport=4789), "interfaces"),
        (Vrf("a", table=254), "interfaces"),
        (Vlan("a", link="eth1", vlan=5), "vlans"),
        (Macvlan("a", link="eth1", mode="vepa"), "macvlans"),
        (Vrf("a", table=10), "vrfs"),
        (Interface("a", type="bond"), "interfaces"),
        (Dummy("a"), "dummies"),
    ],
)
def test_a_link_that_its_section_cannot_describe_is_listed_as_an_interface(link: Any, section: str) -> None:
    assert places(link) == {section: ["a"]}


def test_both_ends_of_a_pair_name_each_other() -> None:
    assert listed("veths", Veth("a", peer="b"), Veth("b", peer="a")) == [{"name": "a", "peer": "b"}, {"name": "b", "peer": "a"}]


@pytest.mark.parametrize(
    ("option", "value", "sayable"),
    [
        ("mtu", 65535, True),
        ("mtu", 65536, False),
        ("mac", MAC, True),
        ("mac", "00:00:00:00:00:00", False),
        ("mac", "01:00:00:00:00:01", False),
        ("description", "to web 1", True),
        ("description", "x" * 201, False),
        ("description", "two\nlines", False),
        ("description", "", False),
        ("link_local", False, True),
        ("up", False, True),
    ],
)
def test_what_an_option_does_not_take_is_left_out(option: str, value: Any, sayable: bool) -> None:
    name = {"link_local": "ipv6_link_local"}.get(option, option)
    assert listed("bridges", Bridge("br1", **{option: value})) == [{"name": "br1", **({name: value} if sayable else {})}]


def test_a_mac_address_taken_from_the_device_below_is_left_out() -> None:
    below = Interface("eth1", mac=MAC)
    same, own = (Vlan(f"eth1.{vlan}", link="eth1", vlan=vlan, mac=mac) for vlan, mac in ((1, MAC), (2, OTHER_MAC)))
    assert [entry.get("mac") for entry in listed("vlans", below, same, own)] == [None, OTHER_MAC]
    assert "mac" not in listed("interfaces", below)[0]


@pytest.mark.parametrize(("kind", "expected"), [("bridge", {"bridge": "x"}), ("vrf", {"vrf": "x"}), ("bond", {}), ("", {})])
def test_what_a_link_belongs_to_is_named_by_its_kind(kind: str, expected: dict[str, str]) -> None:
    assert listed("dummies", Dummy("a", master="x", master_kind=kind)) == [{"name": "a", **expected}]


def test_options_of_a_port_are_those_of_its_link() -> None:
    link = Dummy("a", master="br1", master_kind="bridge")
    assert listed("dummies", link, Port("a", **{**FRESH_PORT, "guard": True})) == [
        {"name": "a", "bridge": "br1", **FRESH_PORT, "guard": True}
    ]


@pytest.mark.parametrize(("device", "port", "expected"), [(True, True, True), (False, False, False), (True, False, None)])
def test_one_option_for_learning_stands_for_device_and_port(device: bool, port: bool, expected: bool | None) -> None:
    link = Vxlan("vx1", vni=1, master="br1", master_kind="bridge", learning=device)
    (entry,) = listed("vxlans", link, Port("vx1", **{**FRESH_PORT, "learning": port}))
    assert entry.get("learning") is expected
    assert entry["isolated"] is False


def test_an_external_device_has_no_destination_of_its_own() -> None:
    assert listed("vxlans", Vxlan("vx1", external=True, remote="10.0.0.2", group="", dstport=4789)) == [
        {"name": "vx1", "external": True, "dstport": 4789}
    ]


def test_vlans_that_follow_each_other_are_a_range() -> None:
    vlans = [
        BridgeVlan("p", 1, pvid=True, untagged=True, vni=0),
        *(BridgeVlan("p", vlan, untagged=True, vni=0) for vlan in (2, 3)),
        *(BridgeVlan("p", vlan, untagged=False, vni=0) for vlan in (4, 6)),
        *(BridgeVlan("v", vlan, vni=10000 + vlan) for vlan in (100, 101, 102)),
        BridgeVlan("v", 103, vni=5),
        BridgeVlan("v", 104, vni=0),
    ]
    assert listed("bridge_vlans", *reversed(vlans)) == [
        {"dev": "p", "vlan": "1", "pvid": True, "untagged": True},
        {"dev": "p", "vlan": "2-3", "untagged": True},
        {"dev": "p", "vlan": "4"},
        {"dev": "p", "vlan": "6"},
        {"dev": "v", "vlan": "100-102", "vni": "10100-10102"},
        {"dev": "v", "vlan": "103", "vni": "5"},
        {"dev": "v", "vlan": "104"},
    ]


def test_vnis_that_follow_each_other_are_a_range() -> None:
    vnis = [Vni("v", 9, ""), Vni("v", 10, ""), Vni("v", 11, "10.0.0.1"), Vni("w", 12, "")]
    assert listed("vnis", *vnis) == [
        {"dev": "v", "vni": "9-10"},
        {"dev": "v", "vni": "11", "group": "10.0.0.1"},
        {"dev": "w", "vni": "12"},
    ]


@pytest.mark.parametrize(
    ("dev", "address", "is_listed"),
    [
        ("lo", "127.0.0.1/8", False),
        ("lo", "::1/128", False),
        ("lo", "10.0.0.1/32", True),
        ("eth1", "127.0.0.1/8", True),
        ("eth1", "fe80::ff:fe00:1/64", False),  # 02:00:00:00:00:01 with ff:fe in the middle and its second bit turned
        ("eth1", "fe80::1/64", True),
        ("lo", "fe80::ff:fe00:1/64", True),
    ],
)
def test_addresses_that_links_have_by_themselves_are_left_out(dev: str, address: str, is_listed: bool) -> None:
    links = (Interface("lo"), Interface("eth1", mac=MAC))
    assert listed("addresses", *links, Address(dev, address)) == ([{"dev": dev, "address": address}] if is_listed else [])


def test_routes_and_entries_that_options_cannot_say_are_left_out() -> None:
    said = Route("ipv4", 77, "10.0.0.0/8", nexthops=(Nexthop("192.0.2.1", "eth1"),), type="unicast")
    over_ipv6 = Route("ipv4", 77, "11.0.0.0/8", nexthops=(Nexthop("fe80::1", "eth1"),), type="unicast")
    assert listed("routes", over_ipv6, said) == [{"dst": "10.0.0.0/8", "table": "77", "via": "192.0.2.1", "dev": "eth1"}]
    entries = [Fdb("vx1", FLOOD, dst="239.1.1.1"), Fdb("eth1", "01:00:5e:00:00:01", dst=""), Fdb("eth1", MAC, dst="")]
    assert listed("fdb", *entries) == [{"dev": "eth1", "mac": MAC}]


def test_what_carries_the_mark_is_named_where_it_is_listed() -> None:
    there = state(
        Bridge("br1", owned=True),
        Bridge("br2", owned=False),
        Veth("a", peer="", owned=True),
        Interface("eth1", held=True),
        Address("br1", "10.0.0.1/24", owned=True),
        Address("br1", "10.0.0.2/24", owned=False),
        Fdb("br1", MAC, owned=True),
    )
    assert marked(there, ["bridges", "veths", "interfaces", "addresses", "fdb"], OPTIONS) == {
        "bridges": ["br1"],
        "veths": [],
        "interfaces": ["a", "eth1"],
        "addresses": ["10.0.0.1/24 on br1"],
    }
