"""Hosts built by hand with VRFs, VLANs and filters, as a document, on a stock kernel; built and seen by ip(8) and bridge(8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import bring, plan, present
from tests.hand_built import assert_only_marks
from tests.integration.test_dataplane_info import bridge, entry
from tests.namespaces import ip, show

pytestmark = pytest.mark.usefixtures("network")


def vlans() -> list[dict[str, Any]]:
    return show("bridge", "vlan", "show")


def without_mac(found: dict[str, Any]) -> dict[str, Any]:
    return {option: value for option, value in found.items() if option != "mac"}


def test_a_tenant_built_by_hand_is_adopted_as_it_is() -> None:
    ip(
        "link add red type vrf table 50001",
        "link add br1 address 02:00:5e:00:01:01 type bridge",
        "link set br1 master red",
        "link add vx1 type vxlan id 1 local 10.0.0.1 dstport 4789 nolearning",
        "link set vx1 master br1",
        "link add eth3 type veth peer name host3",
        "link add link eth3 name eth3.100 type vlan id 100",
        "link set eth3.100 master br1",
        "link add lo-a type dummy",
        "link set lo-a master red",
        "link add up1 type dummy",
        "link set up1 master br1",
        *(f"link set {name} up" for name in ("red", "br1", "vx1", "eth3", "host3", "eth3.100", "lo-a", "up1")),
        "address add 10.1.0.1/24 dev br1",
        "address add 2001:db8:1::1/64 dev br1 nodad",
        "address add 10.255.0.1/32 dev lo-a",
        "route add 10.20.0.0/16 via 10.1.0.9 vrf red",
        "route add unreachable default metric 4278198272 table 50001",
    )
    bridge("link set dev up1 isolated on")
    document, owned = present()
    assert document["vrfs"] == [{"name": "red", "up": True, "table": 50001}]
    br1 = entry(document, "bridges", "br1")
    assert (br1["vrf"], br1["mac"], br1["vlan_filtering"]) == ("red", "02:00:5e:00:01:01", False)
    vlan = entry(document, "vlans", "eth3.100")
    assert (vlan["link"], vlan["vlan"], vlan["bridge"], "mac" in vlan) == ("eth3", 100, "br1", False)
    assert without_mac(entry(document, "dummies", "lo-a")) == {
        "name": "lo-a", "mtu": 1500, "up": True, "ipv6_link_local": True, "vrf": "red"}  # fmt: skip
    up1 = entry(document, "dummies", "up1")
    assert (up1["bridge"], up1["isolated"], up1["hairpin"]) == ("br1", True, False)
    assert sorted(document["routes"], key=lambda route: route["dst"]) == [
        {"dst": "0.0.0.0/0", "type": "unreachable", "metric": 4278198272, "table": "50001"},
        {"dst": "10.20.0.0/16", "via": "10.1.0.9", "dev": "br1", "table": "50001"},
    ]
    assert [made["address"] for made in document["addresses"]] == ["10.1.0.1/24", "10.255.0.1/32", "2001:db8:1::1/64"]
    # The kernel made the rule with the first VRF, and rules are shown whoever made them.
    assert {rule["family"] for rule in document["rules"] if rule.get("l3mdev")} == {"ipv4", "ipv6"}
    assert not any(owned.values())
    assert_only_marks(document)
    marked = present()[1]
    assert {section: set(names) for section, names in marked.items() if names} == {
        "vrfs": {"red"}, "bridges": {"br1"}, "vxlans": {"vx1"}, "veths": {"eth3", "host3"}, "vlans": {"eth3.100"},
        "dummies": {"lo-a", "up1"}, "interfaces": {"lo"}}  # fmt: skip


def test_a_tenant_of_a_document_is_the_same_when_it_is_made_anew() -> None:
    ip(
        "link add red type vrf table 50001",
        "link add br1 type bridge",
        "link set br1 master red",
        "link set red up",
        "link set br1 up",
        "address add 10.1.0.1/24 dev br1",
        "route add 10.20.0.0/16 via 10.1.0.9 vrf red",
    )
    document, _owned = present()
    ip("link del br1", "link del red")
    assert present()[0] != document
    bring(**document)
    assert present()[0] == document


def test_vlans_of_ports_are_adopted_as_they_are() -> None:
    ip(
        "link add br1 type bridge vlan_filtering 1",
        *(f"link add {name} type dummy" for name in ("p1", "p2")),
        *(f"link set {name} master br1" for name in ("p1", "p2")),
        *(f"link set {name} up" for name in ("br1", "p1", "p2")),
    )
    bridge(
        "vlan del dev p1 vid 1",
        "vlan add dev p1 vid 100 pvid untagged",
        "vlan add dev p2 vid 100-110",
        "vlan add dev p2 vid 111 untagged",
        "vlan add dev br1 vid 100 self",
        "fdb add 02:00:00:00:00:09 dev p2 master static vlan 100",
    )
    before = vlans()
    document, _owned = present()
    assert entry(document, "bridges", "br1")["vlan_filtering"] is True
    # VLAN 1 is what the kernel gives to ports of such a bridge; here it is what the host has.
    assert sorted(document["bridge_vlans"], key=lambda made: (made["dev"], made["vlan"])) == [
        {"dev": "br1", "vlan": "1", "pvid": True, "untagged": True},
        {"dev": "br1", "vlan": "100"},
        {"dev": "p1", "vlan": "100", "pvid": True, "untagged": True},
        {"dev": "p2", "vlan": "1", "pvid": True, "untagged": True},
        {"dev": "p2", "vlan": "100-110"},
        {"dev": "p2", "vlan": "111", "untagged": True},
    ]
    assert document["fdb"] == [{"dev": "p2", "mac": "02:00:00:00:00:09", "vlan": 100}]
    assert_only_marks(document)
    assert bring(purge=True, **document) == []
    assert vlans() == before


def test_vnis_of_one_device_for_many_are_adopted_as_they_are() -> None:
    ip(
        "link add br1 type bridge vlan_filtering 1 vlan_default_pvid 0",
        "link add vx1 type vxlan external vnifilter local 10.0.0.1 dstport 4789 nolearning",
        "link set vx1 master br1",
        "link set br1 up",
        "link set vx1 up",
    )
    bridge(
        "link set dev vx1 vlan_tunnel on learning off",
        "vlan add dev vx1 vid 100-102",
        "vlan add dev vx1 vid 100-102 tunnel_info id 10100-10102",
        "vlan add dev vx1 vid 200",
        "vni add dev vx1 vni 10100-10102",
        "vni add dev vx1 vni 20000 remote 10.0.0.9",
        "fdb add 02:00:00:00:00:05 dev vx1 src_vni 10100 dst 10.0.0.5",
    )
    tunnels = show("bridge", "vlan", "tunnelshow")
    document, _owned = present()
    vx1 = entry(document, "vxlans", "vx1")
    assert [vx1[option] for option in ("external", "vnifilter", "vlan_tunnel", "learning")] == [True, True, True, False]
    assert "vni" not in vx1
    assert document["bridge_vlans"] == [
        {"dev": "vx1", "vlan": "100-102", "vni": "10100-10102"},
        {"dev": "vx1", "vlan": "200"},
    ]
    assert document["vnis"] == [
        {"dev": "vx1", "vni": "10100-10102"},
        {"dev": "vx1", "vni": "20000", "group": "10.0.0.9"},
    ]
    (station,) = document["fdb"]
    assert (station["mac"], station["src_vni"], station["dst"]) == ("02:00:00:00:00:05", 10100, "10.0.0.5")
    assert_only_marks(document)
    assert bring(purge=True, **document) == []
    assert show("bridge", "vlan", "tunnelshow") == tunnels


def test_a_link_that_leaves_its_vrf_is_shown_so() -> None:
    ip("link add red type vrf table 10", "link add p1 type dummy", "link set p1 master red")
    document, _owned = present("vrfs", "dummies")
    assert entry(document, "dummies", "p1")["vrf"] == "red"
    document["dummies"][0]["vrf"] = ""
    (moved,) = [made for made in plan(**document) if made["kind"] == "dummy"]
    assert moved["reason"] == "vrf red -> none, adopted"
    assert (moved["before"]["vrf"], moved["after"]["vrf"]) == ("red", "")
