"""Hosts built by hand with VRFs, VLANs and filters, as a document, on a stock kernel; built and seen by ip(8) and bridge(8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import bring, plan, present
from tests.hand_built import assert_adopted_whole, assert_only_marks
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
    assert [without_mac(vrf) for vrf in document["vrfs"]] == [{"name": "red", "table": 50001}]
    br1 = entry(document, "bridges", "br1")
    assert (br1["vrf"], br1["mac"], "vlan_filtering" in br1) == ("red", "02:00:5e:00:01:01", False)
    vlan = entry(document, "vlans", "eth3.100")
    assert (vlan["link"], vlan["vlan"], vlan["bridge"], "mac" in vlan) == ("eth3", 100, "br1", False)
    assert without_mac(entry(document, "dummies", "lo-a")) == {"name": "lo-a", "mtu": 1500, "vrf": "red"}
    up1 = entry(document, "dummies", "up1")
    assert (up1["bridge"], up1["isolated"], "hairpin" in up1) == ("br1", True, False)
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
        {"dev": "p1", "vlan": "1", "state": "absent"},
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


def test_a_bridge_for_all_vlans_as_ifupdown2_makes_it() -> None:
    """Some ports keep the VLAN that the kernel gives them, some have lost it, some have another for untagged packets."""
    ports = ("swp1", "swp2", "swp3", "vni10", "vni20")
    document = assert_adopted_whole(
        ports[:3],
        *(f"ip link set {port} up" for port in ports[:3]),
        "ip address add 10.0.0.11/32 dev lo",
        "ip link add bridge address 02:00:5e:00:01:01 type bridge vlan_filtering 1 vlan_stats_enabled 1 mcast_snooping 0",
        *(f"ip link add vni{vlan} type vxlan id 100{vlan} local 10.0.0.11 dstport 4789 nolearning" for vlan in (10, 20)),
        *(f"ip link set {port} master bridge" for port in ports),
        *(f"bridge link set dev {port} learning off neigh_suppress on" for port in ports[3:]),
        *(f"bridge vlan del vid 1 dev {port}" for port in ("vni10", "vni20", "swp2")),
        *(f"bridge vlan add vid {vlan} dev vni{vlan} pvid untagged" for vlan in (10, 20)),
        "bridge vlan add vid 10 dev swp1 pvid untagged",  # VLAN 1 stays there, for packets that leave
        "bridge vlan add vid 10-20 dev swp2",
        "bridge vlan add vid 1 dev swp3",  # with tags only
        "bridge vlan add vid 20 dev swp3",
        *(f"bridge vlan add vid {vlan} dev bridge self" for vlan in (10, 20)),
        "ip link set bridge up",
        "ip link add link bridge name vlan10 type vlan id 10",
        "ip link set vlan10 up",
        "ip address add 10.1.10.11/24 dev vlan10",
        "ip link add link vlan10 name vlan10-v0 address 00:00:5e:00:01:0a type macvlan mode private",
        "ip link set vlan10-v0 up",
        "ip address add 10.1.10.1/24 dev vlan10-v0 metric 1024",
        "bridge fdb add 02:00:00:00:00:42 dev swp1 master static vlan 10",
        "bridge fdb add 02:00:00:00:00:43 dev bridge self local vlan 10",
    )
    assert entry(document, "bridges", "bridge")["vlan_default_pvid"] == 1
    of_vlan_1 = {made["dev"]: {**made, "dev": ""} for made in document["bridge_vlans"] if made["vlan"] == "1"}
    absent = {"dev": "", "vlan": "1", "state": "absent"}
    assert of_vlan_1 == {
        "bridge": {"dev": "", "vlan": "1", "pvid": True, "untagged": True},
        "swp1": {"dev": "", "vlan": "1", "untagged": True},
        "swp2": absent, "vni10": absent, "vni20": absent,
        "swp3": {"dev": "", "vlan": "1", "pvid": False, "untagged": False},
    }  # fmt: skip


def test_tags_in_tags() -> None:
    document = assert_adopted_whole(
        ["eth0", "eth1"],
        "ip link set eth0 up",
        "ip link set eth1 up",
        "ip link add link eth0 name eth0.5 type vlan id 5 protocol 802.1ad",
        "ip link add link eth0.5 name eth0.5.7 type vlan id 7 reorder_hdr off gvrp on mvrp on loose_binding on "
        "ingress-qos-map 1:2 3:4 egress-qos-map 0:3 7:5",
        "ip link set eth0.5 up",
        "ip link set eth0.5.7 up",
        "ip link add br1 address 02:00:5e:00:01:01 type bridge vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 100 "
        "vlan_stats_per_port 1",
        "ip link set eth1 master br1",
        "ip link set br1 up",
        "bridge vlan add vid 200-210 dev eth1",
        "ip link add link br1 name br1.100 type vlan id 100 protocol 802.1ad bridge_binding on",
        "ip link set br1.100 up",
        "ip link add d1 type dummy",
        "ip link set d1 master br1",
        "bridge vlan del vid 100 dev d1",
    )
    inner = entry(document, "vlans", "eth0.5.7")
    assert (inner["ingress_qos_map"], inner["egress_qos_map"], inner["reorder_hdr"]) == ("1:2 3:4", "0:3 7:5", False)
    assert [entry(document, "vlans", name).get("protocol") for name in ("eth0.5", "eth0.5.7")] == ["802.1ad", None]


def test_what_openstacks_evpn_agent_makes() -> None:
    assert_adopted_whole(
        ["eth0"],
        "ip link set eth0 up",
        "ip address add 10.255.0.1/32 dev lo",
        *(f"ip {family} rule add priority 2000 table local" for family in ("-4", "-6")),
        *(f"ip {family} rule del priority 0 table local" for family in ("-4", "-6")),
        *(f"ip {family} rule add priority 1001 l3mdev unreachable" for family in ("-4", "-6")),
        "ip link add br-evpn address 00:00:5e:00:01:00 mtu 9216 type bridge vlan_filtering 1 vlan_default_pvid 0",
        "ip link set br-evpn addrgenmode none",
        "ip link set br-evpn up",
        "ip link add veth-to-ovs mtu 9216 type veth peer name veth-to-evpn mtu 9216",
        "ip link set veth-to-ovs addrgenmode none master br-evpn",
        *(f"ip link set {name} up" for name in ("veth-to-ovs", "veth-to-evpn")),
        "bridge vlan add vid 100 dev veth-to-ovs",
        "bridge vlan add vid 100 dev br-evpn self",
        "ip link add l2vni-10100 mtu 1500 type vxlan id 10100 local 10.255.0.1 dstport 4789 nolearning",
        "ip link set l2vni-10100 alias 'L2VNI for 6f0f' addrgenmode none master br-evpn",
        "ip link set l2vni-10100 up",
        "bridge link set dev l2vni-10100 learning off neigh_suppress on",
        "bridge vlan add vid 100 dev l2vni-10100 pvid untagged",
        "ip link add vrf-50001 type vrf table 100050001",
        "ip link set vrf-50001 up",
        "ip link add irb-100 link br-evpn type vlan id 100",
        "ip link set irb-100 mtu 1500 master vrf-50001",
        "ip link set irb-100 up",
        "ip address add 10.1.0.1/24 dev irb-100",
        "ip address add 2001:db8:1::1/64 dev irb-100 nodad",
        "bridge fdb replace 02:00:00:00:00:42 dev veth-to-ovs master vlan 100 static sticky",
        "ip neigh replace 10.1.0.5 lladdr 02:00:00:00:00:42 dev irb-100 nud permanent proto 255",
        "ip route add 10.9.0.0/24 via 10.1.0.5 dev irb-100 metric 1024 table 100050001 proto 255",
    )


def test_one_device_for_many_vnis_that_filters_them() -> None:
    assert_adopted_whole(
        ["host1"],
        "ip link add br1 address 02:00:5e:00:01:01 type bridge vlan_filtering 1 vlan_default_pvid 0",
        "ip link add vx1 type vxlan external vnifilter local 10.0.0.5 dstport 4789 nolearning",
        "ip link set vx1 master br1 addrgenmode none",
        "ip link set vx1 up",
        "bridge link set dev vx1 neigh_suppress on vlan_tunnel on learning off mcast_flood off",
        "bridge vlan add dev vx1 vid 10-12",
        "bridge vlan add dev vx1 vid 10-12 tunnel_info id 10010-10012",
        "bridge vni add dev vx1 vni 10010-10012",
        "bridge vni add dev vx1 vni 40000 remote 10.0.0.99",
        "bridge vlan add dev br1 vid 10 self",
        "ip link add link br1 name vlan10 type vlan id 10",
        "ip link set host1 master br1",
        "ip link set host1 up",
        "bridge vlan add dev host1 vid 10 pvid untagged",
        "ip link set br1 up",
        "ip link set vlan10 up",
        "bridge fdb add 02:00:00:00:00:05 dev vx1 src_vni 10010 dst 10.0.0.6",
        "bridge fdb append 00:00:00:00:00:00 dev vx1 src_vni 10011 dst 10.0.0.6",
    )


def test_one_device_for_many_vnis_with_one_other_end() -> None:
    assert_adopted_whole(
        ["eth0"],
        "ip link set eth0 up",
        "ip link add br1 address 02:00:5e:00:01:01 type bridge vlan_filtering 1 vlan_default_pvid 0 mcast_snooping 0",
        "ip link add vx1 type vxlan local 172.16.0.1 external vnifilter remote 172.16.0.2 dstport 4789 dev eth0",
        "ip link add vx2 type vxlan local 172.16.0.1 external vnifilter group 239.1.1.1 dstport 4790 dev eth0",
        "ip link set vx1 master br1",
        *(f"ip link set {name} up" for name in ("br1", "vx1", "vx2")),
        "bridge link set dev vx1 vlan_tunnel on",
        "bridge vlan add vid 10 pvid dev vx1",
        "bridge vlan add dev vx1 vid 10 tunnel_info id 11",
        "bridge vni add dev vx1 vni 11",
        "bridge vni add dev vx2 vni 12",
        "bridge vni add dev vx2 vni 13 group 239.1.1.2",
    )


@pytest.mark.parametrize("default", [0, 20])
def test_another_default_vlan_is_what_the_kernel_makes_of_it(default: int) -> None:
    """What the planner foresees of the VLANs of ports is what the kernel does, so that nothing is left to do."""
    ip(
        "link add br1 type bridge vlan_filtering 1",
        *(f"link add p{number} type dummy" for number in (1, 2, 3)),
        *(f"link set p{number} master br1" for number in (1, 2, 3)),
        "link set br1 up",
    )
    bridge("vlan add dev p2 vid 100 pvid untagged", "vlan del dev p3 vid 1")
    document, _owned = present("bridges", "bridge_vlans", "dummies")
    bring(**document)
    changed = [{**entry(document, "bridges", "br1"), "vlan_default_pvid": default}]
    moved = [made for made in document["bridge_vlans"] if made["dev"] not in ("br1", "p1") or made["vlan"] != "1"]
    moved += [{"dev": dev, "vlan": str(default), "pvid": True, "untagged": True} for dev in ("br1", "p1") if default]
    (made,) = bring(bridges=changed, bridge_vlans=moved, purge=True)
    assert (made["kind"], made["disruption"]) == ("bridge", "session")
    assert bring(bridges=changed, bridge_vlans=moved, purge=True) == []
