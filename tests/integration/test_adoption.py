"""Hosts built by hand are adopted whole, or what is left out is told; for what this machine's kernel is sure to have."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import bring, not_adopted, plan, present
from tests.hand_built import assert_adopted_whole, host, run
from tests.namespaces import link, show

pytestmark = pytest.mark.usefixtures("network")

FLOOD = "00:00:00:00:00:00"


def named(document: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    (found,) = [entry for entry in document[section] if entry.get("name", entry.get("dev")) == name]
    return found


def test_vxlan_devices_with_all_that_ip_link_knows() -> None:
    document = assert_adopted_whole(
        ["eth0"],
        "ip link set eth0 up",
        "ip link add vx1 type vxlan id 1 dev eth0 local 10.0.0.1 remote 10.0.0.2 dstport 4789 ttl 16 tos inherit df set "
        "srcport 40000 50000 noudpcsum nolearning ageing 600 maxaddress 100",
        "ip link add vx2 type vxlan id 2 local 2001:db8::1 ttl inherit tos 0x10 df inherit dstport 4790 flowlabel 0x12345 "
        "udp6zerocsumtx udp6zerocsumrx rsc",
        "ip link add vx3 type vxlan id 3 group 239.1.1.1 dev eth0 dstport 8472 ttl 5 gbp",
        "ip link add vx4 type vxlan id 4 dstport 4791 proxy l2miss l3miss",
        "ip link set vx4 promisc on allmulticast on txqueuelen 500 arp off",
        "ip link set vx1 up",
    )
    assert named(document, "vxlans", "vx4") | {"mac": ""} == {
        "name": "vx4", "mac": "", "mtu": 1500, "up": False, "vni": 4, "dstport": 4791, "proxy": True, "l2miss": True,
        "l3miss": True, "promisc": True, "allmulticast": True, "txqlen": 500, "arp": False}  # fmt: skip


def test_bridges_with_all_that_ip_link_knows() -> None:
    document = assert_adopted_whole(
        [],
        "ip link add br1 address 02:00:5e:00:01:01 type bridge ageing_time 6000 priority 4096 group_fwd_mask 0x4008",
        "ip link set br1 type bridge mcast_querier 1 mcast_query_use_ifaddr 1 mcast_igmp_version 3 mcast_mld_version 2",
        "ip link set br1 type bridge mcast_router 2 mcast_hash_max 512 mcast_stats_enabled 1 no_linklocal_learn 1",
        "ip link set br1 type bridge mcast_last_member_count 3 mcast_query_interval 3000 nf_call_iptables 1",
        "ip link add br2 address 02:00:5e:00:01:02 type bridge forward_delay 400 hello_time 100 max_age 600 stp_state 1",
        "ip link add br3 address 02:00:5e:00:01:03 type bridge mcast_snooping 0 forward_delay 0",
        "ip link add br4 address 02:00:5e:00:01:04 type bridge",
        *(f"ip link set br{number} up" for number in (1, 2, 3)),
    )
    assert named(document, "bridges", "br2") == {
        "name": "br2", "mac": "02:00:5e:00:01:02", "mtu": 1500, "stp": True, "forward_delay": 400, "hello_time": 100,
        "max_age": 600}  # fmt: skip
    assert named(document, "bridges", "br4") == {"name": "br4", "mac": "02:00:5e:00:01:04", "mtu": 1500, "up": False}


def test_bridge_ports_with_all_that_bridge_link_knows() -> None:
    document = assert_adopted_whole(
        ["eth0", "eth1", "eth2"],
        "ip link add br1 address 02:00:5e:00:01:01 type bridge",
        "ip link add vx1 type vxlan id 1 local 10.0.0.1 dstport 4789 nolearning",
        "ip link add vx2 type vxlan id 2 local 10.0.0.1 dstport 4789",
        *(f"ip link set {name} master br1" for name in ("vx1", "vx2", "eth0", "eth1", "eth2")),
        "bridge link set dev vx1 cost 10 priority 5 flood off mcast_flood off bcast_flood off neigh_suppress on",
        "bridge link set dev vx2 learning off",
        "bridge link set dev eth0 hairpin on guard on root_block on fastleave on mcast_router 2",
        "bridge link set dev eth0 mcast_to_unicast on isolated on",
        "ip link set eth1 type bridge_slave group_fwd_mask 0x4000 proxy_arp on locked on",
        "bridge link set dev eth2 backup_port eth1",
        *(f"ip link set {name} up" for name in ("br1", "vx1", "vx2", "eth0")),
    )
    # The device learns or not, and the port for itself.
    vx1, vx2 = (named(document, "vxlans", name) for name in ("vx1", "vx2"))
    assert [vx1.get(name) for name in ("learning", "port_learning")] == [False, True]
    assert [vx2.get(name) for name in ("learning", "port_learning")] == [None, False]
    assert named(document, "interfaces", "eth2") == {
        "name": "eth2", "mtu": 1500, "up": False, "bridge": "br1", "backup_port": "eth1"}  # fmt: skip


def test_stations_and_flood_lists_of_a_vtep_without_a_routing_daemon() -> None:
    document = assert_adopted_whole(
        ["eth0", "eth1"],
        "ip link set eth0 up",
        "ip address add 2001:db8:1::1/64 dev eth0 nodad",
        "ip link add vx1 type vxlan id 100 local 2001:db8:1::1 dstport 4789 nolearning proxy rsc",
        "ip link add vx2 type vxlan id 200 dstport 4790",
        "ip link add br1 address 02:00:5e:00:01:01 type bridge",
        "ip link set vx1 master br1",
        "ip link set eth1 master br1",
        *(f"ip link set {name} up" for name in ("br1", "vx1", "eth1")),
        f"bridge fdb append {FLOOD} dev vx1 dst 2001:db8:2::1",
        f"bridge fdb append {FLOOD} dev vx2 dst 239.2.2.2 via eth0",
        "bridge fdb append 02:00:00:00:00:09 dev vx1 dst 2001:db8:2::1",
        "ip neigh add 2001:db8:f::9 lladdr 02:00:00:00:00:09 dev vx1 nud permanent router",
        "ip neigh add 2001:db8:f::a lladdr 02:00:00:00:00:0a dev vx1 nud permanent",
        # What is for the host itself, at the bridge and at a port of it; and what never moves.
        "bridge fdb add 02:00:00:00:00:78 dev br1 self local",
        "bridge fdb add 02:00:00:00:00:79 dev eth1 master local",
        "bridge fdb add 02:00:00:00:00:7a dev eth1 master static sticky",
    )
    stations = {entry["mac"][-2:]: entry for entry in document["fdb"] if entry["dev"] in ("br1", "eth1")}
    assert stations == {
        "78": {"dev": "br1", "mac": "02:00:00:00:00:78", "dst": "local"},
        "79": {"dev": "eth1", "mac": "02:00:00:00:00:79", "dst": "local"},
        "7a": {"dev": "eth1", "mac": "02:00:00:00:00:7a", "sticky": True},
    }
    assert {"dev": "vx2", "mac": FLOOD, "dst": "239.2.2.2", "via": "eth0"} in document["fdb"]


def test_an_anycast_gateway_that_a_macvlan_device_is() -> None:
    document = assert_adopted_whole(
        ["eth0"],
        "ip link add br1 address 02:00:5e:00:01:01 type bridge",
        "ip link set eth0 master br1",
        "ip link set br1 up",
        "ip address add 10.1.0.2/24 dev br1",
        "ip link add gw1 link br1 address 00:00:5e:00:01:0a type macvlan mode private",
        "ip link set gw1 up",
        "ip address add 10.1.0.1/24 dev gw1 metric 1024",
        "bridge fdb replace 00:00:5e:00:01:0a dev br1 self",
    )
    assert document["fdb"] == [{"dev": "br1", "mac": "00:00:5e:00:01:0a", "dst": "local"}]


def test_one_routed_subnet_a_host_as_flannel_makes_them() -> None:
    document = assert_adopted_whole(
        ["eth0", "pod1"],
        "ip link set eth0 up",
        "ip address add 192.0.2.10/24 dev eth0",
        "ip route add default via 192.0.2.1",
        "ip link add flannel.1 address 5e:00:00:00:00:01 mtu 1450 type vxlan id 1 dev eth0 local 192.0.2.10 dstport 8472 "
        "nolearning",
        "ip address add 10.244.0.0/32 dev flannel.1",
        "ip link set flannel.1 up",
        "ip neigh add 10.244.1.0 lladdr 5e:00:00:00:01:01 dev flannel.1 nud permanent",
        "bridge fdb add 5e:00:00:00:01:01 dev flannel.1 dst 192.0.2.11 self permanent",
        "ip route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink",
        "ip link add cni0 mtu 1450 address 5e:00:00:00:00:02 type bridge",
        "ip link set cni0 mtu 1450 promisc on up",
        "ip address add 10.244.0.1/24 brd 10.244.0.255 dev cni0",
        "ip link set pod1 mtu 1450 master cni0 up",
        "bridge link set dev pod1 hairpin on",
    )
    assert named(document, "bridges", "cni0")["promisc"] is True


def test_addresses_with_all_that_ip_address_knows() -> None:
    document = assert_adopted_whole(
        ["eth0"],
        "ip link set eth0 up",
        "ip address add 10.10.0.1/24 dev eth0 broadcast + label eth0:1",
        "ip address add 10.11.0.1 peer 10.11.0.2/32 dev eth0",
        "ip address add 10.12.0.1/24 dev eth0 scope link",
        "ip address add 10.13.0.1/24 dev eth0 noprefixroute metric 100",
        "ip address add 10.13.0.2/24 dev eth0",
        "ip address add 127.0.0.53/8 dev lo scope host",
        "ip address add 192.0.2.1/32 dev lo scope host",
        "ip address add 2001:db8:5::1/64 dev eth0 nodad home mngtmpaddr",
        "ip address add 2001:db8:8::1/128 dev lo",
    )
    assert sorted(document["addresses"], key=lambda entry: entry["address"]) == [
        {"dev": "eth0", "address": "10.10.0.1/24", "broadcast": "10.10.0.255", "label": "eth0:1"},
        {"dev": "eth0", "address": "10.11.0.1/32", "peer": "10.11.0.2"},
        {"dev": "eth0", "address": "10.12.0.1/24", "scope": "link"},
        {"dev": "eth0", "address": "10.13.0.1/24", "noprefixroute": True, "metric": 100},
        {"dev": "eth0", "address": "10.13.0.2/24"},
        {"dev": "lo", "address": "127.0.0.53/8"},  # whose scope is that of its network
        {"dev": "lo", "address": "192.0.2.1/32", "scope": "host"},
        {"dev": "eth0", "address": "2001:db8:5::1/64", "nodad": True, "home": True, "mngtmpaddr": True},
        {"dev": "lo", "address": "2001:db8:8::1/128"},
    ]


def test_what_the_kernel_gives_by_itself_and_somebody_has_taken_away() -> None:
    document = assert_adopted_whole(
        [],
        "ip address del 127.0.0.1/8 dev lo",
        "ip address add 127.0.0.53/8 dev lo",
        "ip address add 172.16.0.3/32 dev lo",
        "ip -6 rule add priority 200 table local",
        "ip -6 rule del priority 0 table local",
    )
    assert {"dev": "lo", "address": "127.0.0.1/8", "state": "absent"} in document["addresses"]
    assert [rule["priority"] for rule in document["rules"] if rule.get("state") == "absent"] == [0]


def test_routes_with_all_that_people_give_them() -> None:
    document = assert_adopted_whole(
        ["eth0", "eth1"],
        *(f"ip link set {name} up" for name in ("eth0", "eth1")),
        "ip address add 198.51.100.7/24 dev eth0",
        "ip address add 2001:db8:1::7/64 dev eth0 nodad",
        "ip route add 10.0.0.0/8 nexthop via inet6 fe80::1 dev eth0 nexthop via inet6 fe80::2 dev eth1 weight 3",
        "ip route add 10.1.0.0/16 via 198.51.100.1 mtu lock 1400 advmss 1360",
        "ip route add 10.2.0.0/16 via 198.51.100.1 initcwnd 20 initrwnd 30 quickack 1 window 65535 metric 9",
        "ip route add 10.3.0.0/16 via 198.51.100.1 tos 0x10",
        "ip route add 10.3.0.0/16 via 198.51.100.2",
        "ip route add throw 10.4.0.0/16 table 200",
        "ip route add 10.5.0.0/16 via inet6 fe80::1 dev eth0 proto 255",  # as OpenStack's evpn_agent marks them
        "ip -6 route add default via 2001:db8:1::1 metric 512 pref high",
        "ip -6 route add 2001:db8:14::/48 via fe80::5 dev eth0 mtu 1400 hoplimit 9",
        "ip -6 route add throw 2001:db8:11::/48 table 77",
    )
    routes = {(entry["dst"], entry.get("tos")): entry for entry in document["routes"]}
    assert routes["10.1.0.0/16", None]["metrics"] == {"mtu": 1400, "advmss": 1360, "lock": ["mtu"]}
    assert [routes["10.3.0.0/16", tos]["via"] for tos in (16, None)] == ["198.51.100.1", "198.51.100.2"]


def test_rules_with_all_that_select_packets() -> None:
    assert_adopted_whole(
        ["eth0"],
        "ip rule add priority 100 from 10.0.0.0/8 iif lo fwmark 0x10/0xff table 77",
        "ip rule add priority 101 to 192.0.2.0/24 prohibit",
        "ip rule add priority 105 table 80 ipproto tcp dport 80",
        "ip rule add priority 106 from 10.0.0.1 table 81 tos 0x10",
        "ip rule add priority 107 not fwmark 0xca6c table 51820",
        "ip -6 rule add priority 108 table main suppress_prefixlength 0",
        "ip rule add priority 109 uidrange 1000-2000 table 90",
        "ip rule add priority 110 ipproto udp sport 1000-2000 oif eth0 table 91",
        # The kernel has this one by itself; here it comes after others.
        "ip rule add priority 200 table local",
        "ip rule del priority 0 table local",
    )


def test_what_is_left_out_is_told_object_by_object() -> None:
    with host(["eth0"]):
        run(
            "ip link set eth0 up",
            "ip link add br1 address 02:00:5e:00:01:01 type bridge",
            "ip link add p1 type veth peer name p2",
            "ip link set p1 master br1 group 7",
            "ip link set p1 up",
            "ip link set br1 up",
            "ip link set p2 up",
            "ip tuntap add tap0 mode tap",
            "ip link add sv link eth0 type macvlan mode source",
            "ip address add 10.0.0.1/24 dev p2",
            "ip address add 10.3.0.1/24 dev p2 valid_lft 1000 preferred_lft 1000",
            "ip nexthop add id 10 via 10.0.0.9 dev p2",
            "ip route add 10.5.0.0/16 nhid 10",
            "ip route add 10.6.0.0/16 encap ip id 5 dst 10.0.0.8 via 10.0.0.9",
            "ip route add local 10.7.0.0/16 dev lo table 100",
            "ip route add 10.8.0.0/16 dev p2 table local",
            "ip route add 10.9.0.0/16 via 10.0.0.9 proto 80",
            "ip route add 10.10.0.0/16 via 10.0.0.9 realms 5 metric 7",
            "ip -6 route add 2001:db8::/48 via fe80::1 dev p2 expires 1000",
            "ip neigh add 10.0.0.50 dev p2 managed",
            "ip rule add priority 104 table 79 fwmark 0/0x10000",
            "ip rule add priority 105 from 10.0.0.1/8 table 81",
            "ip rule add priority 106 goto 32766",
            "bridge fdb add 02:00:00:00:00:77 dev p2 self",
            "bridge mdb add dev br1 port p1 grp 239.1.1.1 permanent",
        )
        told = {
            (made["kind"], made["name"]): made.get("reason") or (made["attribute"], made["value"]) for made in not_adopted()
        }
        document, _owned = present()
        assert plan(routes=document["routes"], rules=document["rules"], addresses=document["addresses"], purge=True) == []
    assert told == {
        ("veth", "eth0"): "is taken as it is: the document cannot make it",
        ("veth", "p1"): ("link_group", 7),
        ("tun", "tap0"): "is taken as it is: the document cannot make it",
        ("macvlan", "sv"): "is taken as it is: the document cannot make it",
        ("address", "10.3.0.1/24 on p2"): "is there for a time: who gave it does so again",
        ("route", "10.5.0.0/16"): "has a nexthop object",
        ("route", "10.6.0.0/16"): "has encapsulation",
        ("route", "10.7.0.0/16 table 100"): "is of the type local",
        ("route", "10.8.0.0/16 table 255"): "is in the table local",
        ("route", "10.9.0.0/16"): "is of the protocol 80, and nobody knows whose that is",
        ("route", "10.10.0.0/16 metric 7"): "has realms",
        ("route", "2001:db8::/48 metric 1024"): "has an end",
        ("nexthop", "id 10"): "is a nexthop object",
        ("neighbor", "10.0.0.50 on p2"): "is managed: the kernel keeps looking for it",
        ("rule", "priority 104 (ipv4)"): "has fwmark 0",
        ("rule", "105: from 10.0.0.1/8 lookup 81 (ipv4)"): "from '10.0.0.1/8' is not an IP network",
        ("rule", "priority 106 (ipv4)"): "has goto",
        ("fdb", "02:00:00:00:00:77 on p2"): "is an address that the device itself takes",
        ("mdb", "239.1.1.1 on p1"): "is an entry of a multicast database",
    }


def test_what_is_left_out_is_told_of_the_sections_that_are_asked_for() -> None:
    run("ip link add br1 type bridge", "ip nexthop add id 10 blackhole", "ip rule add priority 106 goto 32766")
    assert not_adopted("bridges", "addresses") == []
    assert [made["kind"] for made in not_adopted("rules")] == ["rule"]
    assert [made["kind"] for made in not_adopted("routes")] == ["nexthop"]


#: Option that is fixed -> what ip(8) calls it.
FIXED = {"proxy": "proxy", "l2miss": "l2miss", "l3miss": "l3miss", "rsc": "rsc", "gbp": "gbp",
         "udp6zerocsumtx": "udp_zero_csum6_tx", "udp6zerocsumrx": "udp_zero_csum6_rx"}  # fmt: skip


@pytest.mark.parametrize("option", FIXED)
def test_what_a_vxlan_device_cannot_change_makes_it_anew(option: str) -> None:
    device: dict[str, Any] = {"name": "vx1", "vni": 1, "local": "10.0.0.1", "mac": "02:00:00:00:00:f1", "ageing": 77}
    bring(vxlans=[device])
    (made,) = bring(vxlans=[{**device, option: True}])
    assert (made["action"], made["disruption"]) == ("recreate", "link")
    details = (link("vx1") or {})["linkinfo"]["info_data"]
    assert (details["ageing"], details[FIXED[option]]) == (77, True)


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [("tos", 16, "0x10"), ("ttl", 9, 9), ("df", "set", "set"), ("flowlabel", 5, "0x5"), ("ageing", 90, 90),
     ("learning", False, False)],
)  # fmt: skip
def test_what_a_vxlan_device_can_change_is_changed_in_place(option: str, value: Any, shown: Any) -> None:
    device: dict[str, Any] = {"name": "vx1", "vni": 1, "local": "2001:db8::1"}
    bring(vxlans=[device])
    (made,) = bring(vxlans=[{**device, option: value}])
    assert (made["action"], made["disruption"], made["reason"].startswith(option)) == ("change", "hitless", True)
    details = (link("vx1") or {})["linkinfo"]["info_data"]
    assert str(details["label" if option == "flowlabel" else option]) == str(shown)


def test_a_device_that_is_made_anew_keeps_what_no_option_is_for() -> None:
    """A port that goes for a moment comes back with all its settings, also those that nobody can ask for."""
    run(
        "ip link add br1 type bridge",
        "ip link add vx1 type vxlan id 1 dstport 4789",
        "ip link set vx1 alias [evpn.fabric] master br1 txqueuelen 77 group 9",
        "ip link set vx1 type bridge_slave proxy_arp_wifi on cost 77",
    )
    (made, *_port) = bring(vxlans=[{"name": "vx1", "vni": 2}])
    assert made["action"] == "recreate"
    shown = link("vx1") or {}
    port = shown["linkinfo"]["info_slave_data"]
    assert (shown["txqlen"], shown["group"], port["proxy_arp_wifi"], port["cost"]) == (77, "9", True, 77)


def test_an_address_that_cannot_change_is_made_anew() -> None:
    run("ip link add p1 type veth peer name p2")
    bring(addresses=[{"dev": "p1", "address": "10.0.0.1/24"}])
    for options in ({"scope": "link"}, {"broadcast": "10.0.0.255"}, {"label": "p1:7"}, {"peer": "10.0.0.2"}):
        wanted: dict[str, Any] = {"dev": "p1", "address": "10.0.0.1/24", **options}
        (made,) = bring(addresses=[wanted])
        assert (made["action"], made["disruption"]) == ("recreate", "session")
        assert bring(addresses=[wanted]) == []
    (shown,) = [made for made in show("ip", "-4", "address", "show", "dev", "p1")[0]["addr_info"] if made["family"] == "inet"]
    assert (shown["scope"], shown["broadcast"], shown["label"], shown["address"]) == ("link", "10.0.0.255", "p1:7", "10.0.0.2")
