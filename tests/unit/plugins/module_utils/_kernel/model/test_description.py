"""A state as a document: what is left out, and where what is odd is listed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.address import Address
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.bridge import Bridge
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.description import described, marked
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import SECTIONS, Document, empty
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.dummy import Dummy
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.fdb import FLOOD, Fdb
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import Interface
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.macvlan import Macvlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.membership import BridgeVlan, Vni
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.port import FRESH, Port
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.route import Nexthop, Route
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.rule import Rule
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.veth import Veth
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vlan import Vlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vrf import Vrf
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vxlan import Vxlan
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import DATAPLANE
from ansible_collections.evpn.fabric.plugins.module_utils._module.present import SECTION_OPTIONS

LINK_SECTIONS = [section for section, kind in SECTIONS.items() if kind.group == "link"]
MAC, OTHER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"


def state(*objects: Any) -> dict[str, dict[Any, Any]]:
    """A state of these objects."""
    groups = {kind.name: kind.group for kind in SECTIONS.values()}
    found = empty()
    for made in objects:
        found[groups.get(made.kind, made.kind)][made.key] = made
    return found


def listed(section: str, *objects: Any) -> list[dict[str, Any]]:
    """The entries of one section."""
    return described(state(*objects), [section], SECTION_OPTIONS)[0][section]


def left_out(*objects: Any) -> list[dict[str, Any]]:
    """What the document of a state does not say."""
    return [each.to_output() for each in described(state(*objects), list(SECTION_OPTIONS), SECTION_OPTIONS)[1]]


def places(*links: Any) -> dict[str, list[str]]:
    """Sections with the names that they list, for those that list any."""
    found, _left_out = described(state(*links), LINK_SECTIONS, SECTION_OPTIONS)
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
        ("link_local", True, False),  # as it is by itself
        ("up", False, True),
        ("up", True, False),
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


def test_options_of_a_port_are_those_of_its_link_that_a_new_port_does_not_have() -> None:
    link = Dummy("a", master="br1", master_kind="bridge")
    assert listed("dummies", link, Port("a", {**FRESH, "guard": True, "flood": False})) == [
        {"name": "a", "bridge": "br1", "guard": True, "flood": False}
    ]


@pytest.mark.parametrize(
    ("device", "port", "expected"),
    [
        (True, True, {}),
        (False, False, {"learning": False}),  # for both
        (True, False, {"port_learning": False}),
        (False, True, {"learning": False, "port_learning": True}),
    ],
)
def test_a_vxlan_device_and_its_port_learn_each_for_itself(device: bool, port: bool, expected: dict[str, bool]) -> None:
    link = Vxlan("vx1", vni=1, master="br1", master_kind="bridge", settings={"learning": device})
    (entry,) = listed("vxlans", link, Port("vx1", {**FRESH, "learning": port}))
    assert {option: value for option, value in entry.items() if "learning" in option} == expected
    made = Document.from_params({"vxlans": [entry], "bridges": [{"name": "br1"}]})
    wanted = made.present["link"]["vx1"].learning, made.present["port"].get("vx1", Port("vx1")).learning
    assert [True if value is None else value for value in wanted] == [device, port]


def test_a_port_of_another_kind_has_one_switch_for_learning_by_two_names() -> None:
    checked = ArgumentSpecValidator({"veths": DATAPLANE["veths"]}).validate(
        {"veths": [{"name": "a", "peer": "b", "bridge": "br1", option: False} for option in ("learning", "port_learning")]}
    )
    assert not checked.error_messages
    assert [entry["port_learning"] for entry in checked.validated_parameters["veths"]] == [False, False]


@pytest.mark.parametrize(
    ("link", "cost", "is_said"),
    [(Veth("a", peer="b"), 2, False), (Veth("a", peer="b"), 100, True), (Dummy("a"), 2, True), (Interface("a"), 4, False),
     (Interface("a"), 50, True)],
)  # fmt: skip
def test_what_a_port_costs_by_its_speed_is_not_said(link: Any, cost: int, is_said: bool) -> None:
    port = replace(link, master="br1", master_kind="bridge")
    found, _left_out = described(state(port, Port("a", {**FRESH, "cost": cost})), LINK_SECTIONS, SECTION_OPTIONS)
    (entry,) = [entry for entries in found.values() for entry in entries]
    assert ("cost" in entry) is is_said


@pytest.mark.parametrize(
    ("filtering", "default", "expected"),
    [(False, 1, {}), (False, 0, {"vlan_default_pvid": 0}), (True, 0, {}), (True, 1, {"vlan_default_pvid": 1})],
)
def test_the_default_vlan_of_a_bridge_is_said_where_we_would_give_it_another(
    filtering: bool, default: int, expected: dict[str, int]
) -> None:
    (entry,) = listed("bridges", Bridge("br1", vlan_filtering=filtering, default_vlan=default))
    assert {option: value for option, value in entry.items() if option == "vlan_default_pvid"} == expected


def test_what_no_option_is_for_is_told() -> None:
    links = [
        Interface("eth1", type=""),
        Interface("bond0", type="bond", settings={"link_group": 7}),
        Veth("a", peer="", settings={"addrgenmode": "random"}),
        Bridge("br1", mtu=70000, description="two\nlines", settings={"mst_enabled": True, "fdb_local_vlan_0": False}),
        Interface("lo", mtu=65536),
        Vrf("red", table=10, mtu=65575),
    ]
    rules = (Rule(1000, family, l3mdev=True) for family in ("ipv4", "ipv6"))
    assert left_out(*links, *rules, Port("a", {**FRESH, "backup_nhid": 5})) == [
        {"kind": "bridge", "name": "br1", "attribute": "mst_enabled", "value": True},
        {"kind": "bridge", "name": "br1", "attribute": "description", "value": "two\nlines"},
        {"kind": "bridge", "name": "br1", "attribute": "mtu", "value": 70000},
        {"kind": "bond", "name": "bond0", "reason": "is taken as it is: the document cannot make it"},
        {"kind": "bond", "name": "bond0", "attribute": "link_group", "value": 7},
        {"kind": "veth", "name": "a", "reason": "is taken as it is: the document cannot make it"},
        {"kind": "veth", "name": "a", "attribute": "addrgenmode", "value": "random"},
    ]


def test_a_setting_of_a_port_that_no_option_is_for_is_told() -> None:
    link = Dummy("a", master="br1", master_kind="bridge")
    assert left_out(link, Port("a", {**FRESH, "backup_nhid": 5})) == [
        {"kind": "port", "name": "a", "attribute": "backup_nhid", "value": 5}
    ]


def test_an_external_device_may_have_a_destination_for_all_its_vnis() -> None:
    assert listed("vxlans", Vxlan("vx1", external=True, remote="10.0.0.2", group="", dstport=4789)) == [
        {"name": "vx1", "external": True, "remote": "10.0.0.2"}
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


def test_entries_that_options_cannot_say_are_left_out_and_told() -> None:
    entries = [
        Fdb("vx1", MAC, dst="239.1.1.1"),
        Fdb("eth1", "01:00:5e:00:00:01", dst=""),
        Fdb("eth1", MAC, dst=""),
        Fdb("vx1", FLOOD, dst="239.1.1.1"),
    ]
    assert listed("fdb", *entries) == [{"dev": "eth1", "mac": MAC}, {"dev": "vx1", "mac": FLOOD, "dst": "239.1.1.1"}]
    assert left_out(*entries) == [
        {"kind": "fdb", "name": "01:00:5e:00:00:01 on eth1",
         "reason": "dst is missing, and 01:00:5e:00:00:01 is no single station"},
        {"kind": "fdb", "name": f"{MAC} on vx1 dst 239.1.1.1",
         "reason": "dst 239.1.1.1 is a multicast address, and only packets that no other entry is for go to several"},
    ]  # fmt: skip


def test_an_entry_without_vlan_means_nothing_to_a_bridge_that_filters() -> None:
    links = (Bridge("br1", vlan_filtering=True), Dummy("a", master="br1", master_kind="bridge"))
    entries = (Fdb("a", MAC, dst=""), Fdb("a", MAC, vlan=5, dst=""))
    assert listed("fdb", *links, *entries) == [{"dev": "a", "mac": MAC, "vlan": 5}]
    assert left_out(*links, *entries) == [
        {"kind": "fdb", "name": f"{MAC} on a", "reason": "has no VLAN, and means nothing to a bridge that filters"}
    ]


@pytest.mark.parametrize(
    ("links", "families", "gone"),
    [([Vrf("red", table=10)], ["ipv4"], ["ipv6"]), ([Vrf("red", table=10)], ["ipv4", "ipv6"], []), ([], [], [])],
)
def test_a_rule_for_vrfs_that_somebody_has_taken_away_is_told(links: list[Vrf], families: list[str], gone: list[str]) -> None:
    rules = [Rule(1000, family, l3mdev=True) for family in families]
    assert [(each["kind"], each["name"]) for each in left_out(*links, *rules)] == [
        ("rule", f"1000: from all l3mdev ({family})") for family in gone
    ]


def test_routes_are_said_with_all_that_they_have() -> None:
    hop = (Nexthop("fe80::1", "eth1"),)
    routes = [
        Route("ipv4", 77, "10.0.0.0/8", tos=16, nexthops=hop, type="unicast", metrics=(("mtu", 1400),), lock=("mtu",)),
        Route("ipv6", 254, "2001:db8::/32", 1024, nexthops=hop, type="unicast", pref="high"),
        Route("ipv4", 77, "11.0.0.0/8", type="throw", nexthops=()),
    ]
    assert listed("routes", *routes) == [
        {"dst": "10.0.0.0/8", "table": "77", "tos": 16, "via": "fe80::1", "dev": "eth1",
         "metrics": {"mtu": 1400, "lock": ["mtu"]}},
        {"dst": "2001:db8::/32", "table": "main", "metric": 1024, "via": "fe80::1", "dev": "eth1", "pref": "high"},
        {"dst": "11.0.0.0/8", "table": "77", "type": "throw"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "more", "expected"),
    [
        ("10.0.0.1/24", {"scope": "global", "label": "eth1", "broadcast": "", "peer": ""}, {}),
        ("127.0.0.53/8", {"scope": "host", "label": "eth1"}, {}),
        ("127.0.0.53/8", {"scope": "global"}, {"scope": "global"}),
        ("10.0.0.1/24", {"scope": "host", "label": "eth1:5"}, {"scope": "host", "label": "eth1:5"}),
        ("10.0.0.1/24", {"broadcast": "10.0.0.255"}, {"broadcast": "10.0.0.255"}),
        ("10.0.0.1/32", {"peer": "10.0.0.2"}, {"peer": "10.0.0.2"}),
        ("2001:db8::1/64", {"home": True, "mngtmpaddr": False}, {"home": True}),
    ],
)
def test_addresses_are_said_with_what_is_unusual(address: str, more: dict[str, Any], expected: dict[str, Any]) -> None:
    found = listed("addresses", Interface("eth1", mac=MAC), Address("eth1", address, **more))
    assert found == [{"dev": "eth1", "address": address, **expected}]


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
    assert marked(there, ["bridges", "veths", "interfaces", "addresses", "fdb"], SECTION_OPTIONS) == {
        "bridges": ["br1"],
        "veths": [],
        "interfaces": ["a", "eth1"],
        "addresses": ["10.0.0.1/24 on br1"],
    }
