"""Links on the wire, attribute by attribute against pyroute2: ours read by it, and its own read by us."""

from __future__ import annotations

import socket
from dataclasses import fields, replace
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import is_interface_name
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.attribute import Settable
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.bridge import Bridge
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.dummy import Dummy
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import Interface, Link
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.macvlan import Macvlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.port import Port
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.veth import Veth
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vlan import Vlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vrf import Vrf
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vxlan import Vxlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import link_dump, links
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink import NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST
from pyroute2.netlink.rtnl import RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK
from pyroute2.netlink.rtnl.ifinfmsg import IFF_UP

from tests.unit.plugins.module_utils._kernel.netlink import reference
from tests.unit.plugins.module_utils._kernel.netlink.reference import Attributes

#: Interfaces that exist, by name.
NUMBERS = {"lo": 1, "eth1": 2, "br1": 3, "tenant": 4}


def info(kind: str, **data: Any) -> Attributes:
    """What a message says of a link's kind."""
    return {"IFLA_LINKINFO": {"IFLA_INFO_KIND": kind, **({"IFLA_INFO_DATA": data} if data else {})}}


def mappings(*pairs: tuple[int, int]) -> Attributes:
    """Priorities as pyroute2 spells them."""
    return {"IFLA_VLAN_QOS_MAPPING": [{"from": first, "to": second} for first, second in pairs]}


def sent(message: tuple[int, int, bytes]) -> dict[str, Any]:
    """One of our messages as pyroute2 reads it."""
    return reference.read(reference.LINK, message[2])


def saying(attributes: Attributes, flags: int = 0, change: int = 0) -> dict[str, Any]:
    """What pyroute2 reads of a message that names the link by its attributes alone."""
    return {"family": 0, "ifi_type": 0, "index": 0, "flags": flags, "change": change, "attrs": attributes}


def understood(attributes: Attributes, **fields: int) -> link_dump.Links:
    """A dump of one link, number 9, that pyroute2 wrote."""
    others = [reference.written(reference.LINK, {"IFLA_IFNAME": name, "IFLA_MTU": 1500}, index=number)
              for name, number in NUMBERS.items()]  # fmt: skip
    return link_dump.Links([*others, reference.written(reference.LINK, attributes, index=9, **fields)])


MAC = "02:00:5e:00:01:01"
#: A VXLAN device of one VNI; pyroute2 does not write what the kernel would tell of the rest.
PLAIN: dict[str, Any] = {"external": None, "vnifilter": None}

#: A link as we model it, and how pyroute2 spells its creation.
SPELLINGS: dict[str, tuple[Link, Attributes]] = {
    "a VRF": (Vrf("red", table=50001), info("vrf", IFLA_VRF_TABLE=50001)),
    "a VRF with a table of 32 bits": (Vrf("red", table=4294967295), info("vrf", IFLA_VRF_TABLE=4294967295)),
    "a bridge": (
        Bridge("br2", vlan_filtering=True, default_vlan=0),
        info("bridge", IFLA_BR_VLAN_FILTERING=1, IFLA_BR_VLAN_DEFAULT_PVID=0),
    ),
    "a bridge with STP": (
        Bridge("br2", stp=True, default_vlan=0, settings={"priority": 4096}),
        info("bridge", IFLA_BR_STP_STATE=1, IFLA_BR_VLAN_DEFAULT_PVID=0, IFLA_BR_PRIORITY=4096),
    ),
    "a VXLAN device over IPv4": (
        Vxlan("vx1", vni=16777215, local="10.0.0.1", dstport=4789, settings={"learning": False}),
        info("vxlan", IFLA_VXLAN_ID=16777215, IFLA_VXLAN_LOCAL="10.0.0.1", IFLA_VXLAN_PORT=4789, IFLA_VXLAN_LEARNING=0),
    ),
    "a VXLAN device over IPv6": (
        Vxlan("vx1", vni=1, local="2001:db8::1", remote="2001:db8::2", dstport=8472, settings={"ttl": 64}),
        info("vxlan", IFLA_VXLAN_ID=1, IFLA_VXLAN_LOCAL6="2001:db8::1", IFLA_VXLAN_GROUP6="2001:db8::2", IFLA_VXLAN_PORT=8472,
             IFLA_VXLAN_TTL=64),
    ),
    "a VXLAN device with a unicast destination": (
        Vxlan("vx1", vni=1, remote="10.0.0.2", dstport=4789, settings={"ttl": 255}),
        info("vxlan", IFLA_VXLAN_ID=1, IFLA_VXLAN_GROUP="10.0.0.2", IFLA_VXLAN_PORT=4789, IFLA_VXLAN_TTL=255),
    ),
    "a VXLAN device with a multicast group": (
        Vxlan("vx1", vni=1, group="239.0.0.1", dev="eth1", dstport=4789),
        info("vxlan", IFLA_VXLAN_ID=1, IFLA_VXLAN_GROUP="239.0.0.1", IFLA_VXLAN_LINK=NUMBERS["eth1"], IFLA_VXLAN_PORT=4789),
    ),
    "a VXLAN device with an IPv6 multicast group": (
        Vxlan("vx1", vni=1, group="ff05::1", dev="eth1", dstport=4789),
        info("vxlan", IFLA_VXLAN_ID=1, IFLA_VXLAN_GROUP6="ff05::1", IFLA_VXLAN_LINK=NUMBERS["eth1"], IFLA_VXLAN_PORT=4789),
    ),
    "a VXLAN device for many VNIs": (
        Vxlan("vx1", local="10.0.0.1", dstport=4789, external=True, settings={"learning": False}),
        info("vxlan", IFLA_VXLAN_COLLECT_METADATA=1, IFLA_VXLAN_LOCAL="10.0.0.1", IFLA_VXLAN_PORT=4789, IFLA_VXLAN_LEARNING=0),
    ),
    "a dummy device": (Dummy("dm1"), info("dummy")),
    "a macvlan device": (
        Macvlan("mv1", link="eth1", mode="private"),
        {"IFLA_LINK": NUMBERS["eth1"], **info("macvlan", IFLA_MACVLAN_MODE="private")},
    ),
    "a VLAN device": (
        Vlan("eth1.4094", link="eth1", vlan=4094),
        {"IFLA_LINK": NUMBERS["eth1"], **info("vlan", IFLA_VLAN_ID=4094)},
    ),
    "a VLAN device of a provider": (
        Vlan("eth1.5", link="eth1", vlan=5, settings={
            "protocol": "802.1ad", "gvrp": True, "reorder_hdr": False, "ingress_qos_map": "1:5 2:6", "egress_qos_map": "0:7"}),
        {"IFLA_LINK": NUMBERS["eth1"], **info(
            "vlan", IFLA_VLAN_ID=5, IFLA_VLAN_PROTOCOL=0x88A8, IFLA_VLAN_FLAGS={"flags": 0x2, "mask": 0x3},
            IFLA_VLAN_INGRESS_QOS=mappings((1, 5), (2, 6)), IFLA_VLAN_EGRESS_QOS=mappings((0, 7)))},
    ),
}  # fmt: skip
#: What all kinds share: attributes of the model, and pyroute2's spelling.
COMMON: dict[str, tuple[dict[str, Any], Attributes]] = {
    "nothing more": ({}, {}),
    "an MTU": ({"mtu": 9216}, {"IFLA_MTU": 9216}),
    "a MAC address": ({"mac": MAC}, {"IFLA_ADDRESS": MAC}),
    "a bridge": ({"master": "br1"}, {"IFLA_MASTER": NUMBERS["br1"]}),
}


#: A bridge gets its MTU in two steps, which have a test of their own.
CREATIONS = [(spelling, common) for spelling, (link, _attributes) in SPELLINGS.items() for common in COMMON
             if (link.kind, common) != ("bridge", "an MTU")]  # fmt: skip


@pytest.mark.parametrize(("spelling", "common"), CREATIONS)
def test_a_creation_says_what_pyroute2_would(spelling: str, common: str) -> None:
    link, attributes = SPELLINGS[spelling]
    options, more = COMMON[common]
    kind, flags, body = links.create(replace(link, **options), NUMBERS.__getitem__)[0]
    assert (kind, flags) == (RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL)
    expected = reference.written(reference.LINK, {"IFLA_IFNAME": link.name, **more, **attributes})
    assert reference.read(reference.LINK, body) == reference.read(reference.LINK, expected)


def specified(found: Link, link: Link) -> Link:
    """A link as far as another specifies one."""
    own = {field.name: getattr(link, field.name) for field in fields(link)}
    rest: dict[str, Any] = {name: None for name, value in own.items() if value is None}
    return replace(found, **rest, settings={name: found.settings[name] for name in link.settings})


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("common", COMMON)
def test_what_pyroute2_wrote_is_read_as_the_same_link(spelling: str, common: str) -> None:
    link, attributes = SPELLINGS[spelling]
    options, more = COMMON[common]
    expected = replace(link, **options)
    told = {"IFLA_IFNAME": link.name, "IFLA_MTU": 1500, **more, **attributes}
    assert specified(understood(told).models[link.name], expected) == expected


@pytest.mark.parametrize(("changing", "ageing"), [(0, 30000), (1, None)])
def test_how_long_a_bridge_remembers_is_not_known_while_its_topology_changes(changing: int, ageing: int | None) -> None:
    told = info("bridge", IFLA_BR_STP_STATE=1, IFLA_BR_AGEING_TIME=30000, IFLA_BR_TOPOLOGY_CHANGE=changing)
    assert understood({"IFLA_IFNAME": "br2", "IFLA_MTU": 1500, **told}).models["br2"].ageing == ageing


@pytest.mark.parametrize("mtu", [68, 9216, 65535])
def test_a_bridge_is_made_with_another_mtu_so_that_its_own_is_a_change(mtu: int) -> None:
    first, second = (sent(message)["attrs"] for message in links.create(Bridge("br2", mtu=mtu), NUMBERS.__getitem__))
    assert first["IFLA_MTU"] != mtu and 68 <= first["IFLA_MTU"] <= 65535
    assert second["IFLA_MTU"] == mtu


def test_a_veth_pair_is_made_by_one_end_and_the_other_is_only_set() -> None:
    (made, _label), (changed, _other) = (
        links.create(Veth(name, peer=peer, mtu=9000), NUMBERS.__getitem__) for name, peer in (("a", "b"), ("b", "a"))
    )
    expected = {"IFLA_IFNAME": "a", "IFLA_MTU": 9000, **info("veth", VETH_INFO_PEER={"IFLA_IFNAME": "b"})}
    assert sent(made) == reference.read(reference.LINK, reference.written(reference.LINK, expected))
    assert made[1] == NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL
    assert sent(changed) == saying({"IFLA_IFNAME": "b", "IFLA_MTU": 9000})
    assert changed[1] == NLM_F_REQUEST


@pytest.mark.parametrize(
    ("options", "attributes"),
    [
        ({"owned": True}, {"IFLA_IFALIAS": "[evpn.fabric]"}),
        ({"description": "to Zürich", "owned": True}, {"IFLA_IFALIAS": "to Zürich [evpn.fabric]"}),
        (
            {"owned": True, "link_local": False},
            {"IFLA_IFALIAS": "[evpn.fabric]", "IFLA_AF_SPEC": {"AF_INET6": {"IFLA_INET6_ADDR_GEN_MODE": 1}}},
        ),
        (
            {"owned": True, "link_local": True},
            {"IFLA_IFALIAS": "[evpn.fabric]", "IFLA_AF_SPEC": {"AF_INET6": {"IFLA_INET6_ADDR_GEN_MODE": 0}}},
        ),
    ],
)
@pytest.mark.parametrize("up", [False, True])
def test_a_second_message_says_what_the_kernel_does_not_take_at_creation_and_a_third_raises_the_link(
    options: dict[str, Any], attributes: Attributes, up: bool
) -> None:
    _created, second, *third = links.create(Bridge("br2", up=up, **options), NUMBERS.__getitem__)
    assert sent(second) == saying({"IFLA_IFNAME": "br2", **attributes})
    assert second[:2] == (RTM_NEWLINK, NLM_F_REQUEST)
    raising = saying({"IFLA_IFNAME": "br2"}, flags=IFF_UP, change=IFF_UP)
    assert [sent(message) for message in third] == ([raising] if up else [])


BRIDGE = Bridge("br2", description="", mtu=1500, mac=MAC, master="", link_local=True, up=False, owned=True, held=False,
                vlan_filtering=False, stp=False)  # fmt: skip
VXLAN = Vxlan("vx1", description="", mtu=1500, mac=MAC, master="br1", link_local=False, up=True, owned=True, held=False,
              vni=1, local="10.0.0.1", remote="", group="", dev="", dstport=4789,
              settings={"ttl": 0, "learning": True})  # fmt: skip


@pytest.mark.parametrize(
    ("before", "options", "attributes"),
    [
        (BRIDGE, {"mtu": 9000}, {"IFLA_MTU": 9000}),
        (BRIDGE, {"mac": "02:00:00:00:00:09"}, {"IFLA_ADDRESS": "02:00:00:00:00:09"}),
        (BRIDGE, {"description": "web"}, {"IFLA_IFALIAS": "web [evpn.fabric]"}),
        (BRIDGE, {"owned": False}, {"IFLA_IFALIAS": ""}),
        (BRIDGE, {"master": "tenant"}, {"IFLA_MASTER": NUMBERS["tenant"]}),
        (BRIDGE, {"link_local": False}, {"IFLA_AF_SPEC": {"AF_INET6": {"IFLA_INET6_ADDR_GEN_MODE": 1}}}),
        (BRIDGE, {"stp": True}, info("bridge", IFLA_BR_STP_STATE=1)),
        (replace(BRIDGE, ageing=30000), {"stp": True}, info("bridge", IFLA_BR_STP_STATE=1)),
        (replace(BRIDGE, stp=True), {"stp": False}, info("bridge", IFLA_BR_STP_STATE=0)),
        (
            BRIDGE,
            {"vlan_filtering": True, "default_vlan": 0},
            info("bridge", IFLA_BR_VLAN_FILTERING=1, IFLA_BR_VLAN_DEFAULT_PVID=0),
        ),
        (BRIDGE, {"default_vlan": 1}, info("bridge", IFLA_BR_VLAN_DEFAULT_PVID=1)),
        (VXLAN, {"master": ""}, {"IFLA_MASTER": 0}),
        (VXLAN, {"local": "10.0.0.2"}, info("vxlan", IFLA_VXLAN_LOCAL="10.0.0.2")),
        (VXLAN, {"local": "2001:db8::2"}, info("vxlan", IFLA_VXLAN_LOCAL6="2001:db8::2")),
        (VXLAN, {"settings": {"ttl": 9, "learning": True}}, info("vxlan", IFLA_VXLAN_TTL=9)),
    ],
)
def test_a_change_says_what_differs_and_nothing_else(before: Link, options: dict[str, Any], attributes: Attributes) -> None:
    (message,) = links.change(before, replace(before, **options), NUMBERS.__getitem__)
    assert sent(message) == saying({"IFLA_IFNAME": before.name, **attributes})
    assert message[:2] == (RTM_NEWLINK, NLM_F_REQUEST)


@pytest.mark.parametrize(
    ("before", "options", "told"),
    [
        (VXLAN, {"mtu": 1400, "local": "10.0.0.2"}, [info("vxlan", IFLA_VXLAN_LOCAL="10.0.0.2"), {"IFLA_MTU": 1400}]),
        (
            replace(BRIDGE, stp=True, ageing=30000),
            {"stp": False, "settings": {"forward_delay": 0}},
            [
                info("bridge", IFLA_BR_STP_STATE=0),
                info("bridge", IFLA_BR_AGEING_TIME=30000, IFLA_BR_FORWARD_DELAY=0),
            ],
        ),
        (replace(BRIDGE, mtu=1280, link_local=True), {"mtu": 1279, "link_local": False}, [{"IFLA_MTU": 1279}]),
        (
            replace(BRIDGE, mtu=1279, link_local=False),
            {"mtu": 1280},
            [{"IFLA_MTU": 1280}, {"IFLA_AF_SPEC": {"AF_INET6": {"IFLA_INET6_ADDR_GEN_MODE": 1}}}],
        ),
    ],
    ids=["MTU and source address", "STP and what it needs", "no IPv6 any more", "IPv6 again"],
)
def test_what_the_kernel_does_not_take_together_goes_in_this_order(
    before: Link, options: dict[str, Any], told: list[Attributes]
) -> None:
    made = links.change(before, replace(before, **options), NUMBERS.__getitem__)
    assert list(map(sent, made)) == [saying({"IFLA_IFNAME": before.name, **attributes}) for attributes in told]


def test_a_new_link_that_is_too_small_for_ipv6_is_not_told_how_it_makes_addresses() -> None:
    for message in links.create(replace(BRIDGE, mtu=1279, link_local=False), NUMBERS.__getitem__):
        assert "IFLA_AF_SPEC" not in str(sent(message))


@pytest.mark.parametrize("up", [True, False])
def test_raising_and_lowering_touches_only_that_flag(up: bool) -> None:
    (message,) = links.change(replace(BRIDGE, up=not up), replace(BRIDGE, up=up), NUMBERS.__getitem__)
    assert sent(message) == saying({"IFLA_IFNAME": "br2"}, flags=IFF_UP if up else 0, change=IFF_UP)


def test_a_deletion_names_the_link() -> None:
    (message,) = links.delete(BRIDGE)
    assert message[:2] == (RTM_DELLINK, NLM_F_REQUEST)
    assert sent(message) == saying({"IFLA_IFNAME": "br2"})


#: Attribute -> a value that no new device has, as we have it, and as pyroute2 spells it.
Values = dict[str, tuple[Any, str, Any]]
ON, OFF = (True, 1), (False, 0)


def switches(value: tuple[bool, int], **names: str) -> Values:
    return {ours: (value[0], theirs, value[1]) for ours, theirs in names.items()}


def numbers(**names: str) -> Values:
    return {ours: (number, theirs, number) for number, (ours, theirs) in enumerate(names.items(), 3)}


TABLES: dict[type[Settable], Values] = {
    Bridge: {
        **switches(ON, vlan_stats_enabled="IFLA_BR_VLAN_STATS_ENABLED", mcast_querier="IFLA_BR_MCAST_QUERIER",
                   mcast_query_use_ifaddr="IFLA_BR_MCAST_QUERY_USE_IFADDR", mcast_stats_enabled="IFLA_BR_MCAST_STATS_ENABLED",
                   nf_call_iptables="IFLA_BR_NF_CALL_IPTABLES", nf_call_ip6tables="IFLA_BR_NF_CALL_IP6TABLES",
                   nf_call_arptables="IFLA_BR_NF_CALL_ARPTABLES"),
        **switches(OFF, mcast_snooping="IFLA_BR_MCAST_SNOOPING"),
        **numbers(priority="IFLA_BR_PRIORITY", forward_delay="IFLA_BR_FORWARD_DELAY", hello_time="IFLA_BR_HELLO_TIME",
                  max_age="IFLA_BR_MAX_AGE", group_fwd_mask="IFLA_BR_GROUP_FWD_MASK", mcast_router="IFLA_BR_MCAST_ROUTER",
                  mcast_igmp_version="IFLA_BR_MCAST_IGMP_VERSION", mcast_mld_version="IFLA_BR_MCAST_MLD_VERSION",
                  mcast_hash_max="IFLA_BR_MCAST_HASH_MAX", mcast_last_member_count="IFLA_BR_MCAST_LAST_MEMBER_CNT",
                  mcast_startup_query_count="IFLA_BR_MCAST_STARTUP_QUERY_CNT",
                  mcast_last_member_interval="IFLA_BR_MCAST_LAST_MEMBER_INTVL",
                  mcast_membership_interval="IFLA_BR_MCAST_MEMBERSHIP_INTVL",
                  mcast_querier_interval="IFLA_BR_MCAST_QUERIER_INTVL", mcast_query_interval="IFLA_BR_MCAST_QUERY_INTVL",
                  mcast_query_response_interval="IFLA_BR_MCAST_QUERY_RESPONSE_INTVL",
                  mcast_startup_query_interval="IFLA_BR_MCAST_STARTUP_QUERY_INTVL"),
        "vlan_protocol": ("802.1ad", "IFLA_BR_VLAN_PROTOCOL", 0x88A8),
    },
    Vxlan: {
        **switches(ON, proxy="IFLA_VXLAN_PROXY", rsc="IFLA_VXLAN_RSC", l2miss="IFLA_VXLAN_L2MISS", l3miss="IFLA_VXLAN_L3MISS",
                   udp6zerocsumtx="IFLA_VXLAN_UDP_ZERO_CSUM6_TX", udp6zerocsumrx="IFLA_VXLAN_UDP_ZERO_CSUM6_RX",
                   remcsumtx="IFLA_VXLAN_REMCSUM_TX", remcsumrx="IFLA_VXLAN_REMCSUM_RX"),
        **switches(OFF, learning="IFLA_VXLAN_LEARNING", udpcsum="IFLA_VXLAN_UDP_CSUM"),
        **switches((True, True), gbp="IFLA_VXLAN_GBP", gpe="IFLA_VXLAN_GPE", ttl_inherit="IFLA_VXLAN_TTL_INHERIT"),
        **numbers(ttl="IFLA_VXLAN_TTL", tos="IFLA_VXLAN_TOS", ageing="IFLA_VXLAN_AGEING", maxaddress="IFLA_VXLAN_LIMIT"),
        "df": ("inherit", "IFLA_VXLAN_DF", 2),
        "flowlabel": (0x12345, "IFLA_VXLAN_LABEL", 0x45230100),  # which pyroute2 does not know to be in network order
        "srcport": ("49152-65535", "IFLA_VXLAN_PORT_RANGE", {"low": 49152, "high": 65535}),
    },
    Vlan: {
        "protocol": ("802.1ad", "IFLA_VLAN_PROTOCOL", 0x88A8),
        "reorder_hdr": (False, "IFLA_VLAN_FLAGS", {"flags": 0, "mask": 0x1}),
        "gvrp": (True, "IFLA_VLAN_FLAGS", {"flags": 0x2, "mask": 0x2}),
        "loose_binding": (True, "IFLA_VLAN_FLAGS", {"flags": 0x4, "mask": 0x4}),
        "mvrp": (True, "IFLA_VLAN_FLAGS", {"flags": 0x8, "mask": 0x8}),
        "bridge_binding": (True, "IFLA_VLAN_FLAGS", {"flags": 0x10, "mask": 0x10}),
        "ingress_qos_map": ("1:2 7:40", "IFLA_VLAN_INGRESS_QOS", mappings((1, 2), (7, 40))),
        "egress_qos_map": ("0:1 40:7", "IFLA_VLAN_EGRESS_QOS", mappings((0, 1), (40, 7))),
    },
    Macvlan: {"flags": (1, "IFLA_MACVLAN_FLAGS", "nopromisc")},
    Port: {
        **switches(ON, neigh_suppress="IFLA_BRPORT_NEIGH_SUPPRESS", isolated="IFLA_BRPORT_ISOLATED", hairpin="IFLA_BRPORT_MODE",
                   guard="IFLA_BRPORT_GUARD", vlan_tunnel="IFLA_BRPORT_VLAN_TUNNEL", root_block="IFLA_BRPORT_PROTECT",
                   mcast_fast_leave="IFLA_BRPORT_FAST_LEAVE", mcast_to_unicast="IFLA_BRPORT_MCAST_TO_UCAST",
                   neigh_vlan_suppress="IFLA_BRPORT_NEIGH_VLAN_SUPPRESS", proxy_arp="IFLA_BRPORT_PROXYARP",
                   proxy_arp_wifi="IFLA_BRPORT_PROXYARP_WIFI", locked="IFLA_BRPORT_LOCKED", mab="IFLA_BRPORT_MAB"),
        **switches(OFF, learning="IFLA_BRPORT_LEARNING", flood="IFLA_BRPORT_UNICAST_FLOOD",
                   mcast_flood="IFLA_BRPORT_MCAST_FLOOD", bcast_flood="IFLA_BRPORT_BCAST_FLOOD"),
        **numbers(cost="IFLA_BRPORT_COST", priority="IFLA_BRPORT_PRIORITY", group_fwd_mask="IFLA_BRPORT_GROUP_FWD_MASK",
                  mcast_router="IFLA_BRPORT_MULTICAST_ROUTER", mcast_max_groups="IFLA_BRPORT_MCAST_MAX_GROUPS",
                  mcast_eht_hosts_limit="IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT", backup_nhid="IFLA_BRPORT_BACKUP_NHID"),
        "backup_port": ("eth1", "IFLA_BRPORT_BACKUP_PORT", NUMBERS["eth1"]),
    },
}  # fmt: skip
#: Rows that pyroute2 has no name for, and those that other tests are for.
UNKNOWN = {
    Bridge: {"vlan_stats_per_port", "no_linklocal_learn", "mcast_vlan_snooping", "mst_enabled", "fdb_local_vlan_0",
             "fdb_max_learned", "ageing", "stp", "vlan_filtering", "default_vlan"},
    Vxlan: {"localbypass", "label_policy", "mc_route", "vnifilter", "vni", "local", "remote", "group", "dev", "dstport",
            "external"},
    Vlan: {"vlan"},
    Macvlan: {"bcqueuelen", "mode"},
    Port: set(),
}  # fmt: skip
OF_LINKS = {"txqlen", "promisc", "allmulticast", "addrgenmode", "link_group", "arp"}
ROWS = [(model, name) for model, values in TABLES.items() for name in values]


@pytest.mark.parametrize("model", TABLES)
def test_every_row_of_a_table_is_tried(model: type[Settable]) -> None:
    assert set(model.attributes) - OF_LINKS == {*TABLES[model], *UNKNOWN[model]}


def of_port(**data: Any) -> Attributes:
    return {"IFLA_IFNAME": "x", "IFLA_LINKINFO": {"IFLA_INFO_SLAVE_KIND": "bridge", "IFLA_INFO_SLAVE_DATA": data}}


@pytest.mark.parametrize(("model", "name"), ROWS)
def test_an_attribute_is_written_and_read_as_pyroute2_spells_it(model: Any, name: str) -> None:
    value, theirs, number = TABLES[model][name]
    if model is Port:
        attributes = of_port(**{theirs: number})
        (message,) = links.set_port(Port("x"), Port("x", {name: value}), NUMBERS.__getitem__)
    else:
        before, after = (model("x", settings={name: each}) for each in (model.attributes[name].default, value))
        attributes = {"IFLA_IFNAME": "x", **info(model.kind, **{theirs: number})}
        (message,) = links.change(before, after, NUMBERS.__getitem__)
    assert sent(message) == saying(attributes)
    assert message[:2] == (RTM_NEWLINK, NLM_F_REQUEST)
    always = {Vlan: {"IFLA_VLAN_ID": 5}, Vxlan: {"IFLA_VXLAN_ID": 1, "IFLA_VXLAN_PORT": 4789}}.get(model, {})
    told = attributes if model is Port else info(model.kind, **always, **{theirs: number})
    dumped = understood({**told, "IFLA_IFNAME": "x", "IFLA_MTU": 1500})
    assert getattr(dumped.ports["x"] if model is Port else dumped.models["x"], name) == value


def test_bits_that_share_a_number_are_written_as_one() -> None:
    before, after = (Bridge("x", settings={"no_linklocal_learn": on, "mcast_vlan_snooping": not on}) for on in (False, True))
    (message,) = links.change(before, after, NUMBERS.__getitem__)
    data = message[2][-12:]  # IFLA_BR_MULTI_BOOLOPT, and struct br_boolopt_multi: bits, and which are meant
    assert data == bytes([12, 0, 46, 0]) + bytes([0b01, 0, 0, 0]) + bytes([0b11, 0, 0, 0])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("", "1:5", [(1, 5)]), ("1:5 2:6", "2:7", [(1, 0), (2, 7)]), ("1:5", "", [(1, 0)])],
)
def test_priorities_that_lead_nowhere_any_more_lead_to_0(before: str, after: str, expected: list[tuple[int, int]]) -> None:
    one, other = (Vlan("x", vlan=5, settings={"ingress_qos_map": value}) for value in (before, after))
    (message,) = links.change(one, other, NUMBERS.__getitem__)
    written = mappings(*expected)
    assert sent(message) == reference.read(
        reference.LINK, reference.written(reference.LINK, {"IFLA_IFNAME": "x", **info("vlan", IFLA_VLAN_INGRESS_QOS=written)})
    )


@pytest.mark.parametrize(
    ("option", "flag", "value"), [("promisc", 0x100, True), ("allmulticast", 0x200, True), ("arp", 0x80, False)]
)
def test_flags_of_links_are_attributes(option: str, flag: int, value: bool) -> None:
    before, after = (Bridge("x", settings={option: each}) for each in (not value, value))
    (message,) = links.change(before, after, NUMBERS.__getitem__)
    assert sent(message) == saying({"IFLA_IFNAME": "x"}, flags=flag, change=flag)
    for flags, expected in ((flag, value), (0, not value)):
        dumped = understood({"IFLA_IFNAME": "x", "IFLA_MTU": 1500, **info("bridge")}, flags=flags)
        assert getattr(dumped.models["x"], option) is expected


def test_a_vlan_device_of_which_no_flags_are_told_has_none() -> None:
    told = understood({"IFLA_IFNAME": "eth1.7", **info("vlan", IFLA_VLAN_ID=7)})
    vlan = told.models["eth1.7"]
    assert (vlan.reorder_hdr, vlan.gvrp, vlan.mvrp, vlan.loose_binding, vlan.bridge_binding) == (False,) * 5


def test_two_links_of_one_name_that_a_dump_tells_of_are_no_error() -> None:
    bodies = [reference.written(reference.LINK, {"IFLA_IFNAME": "c1"}, index=number) for number in (7, 8)]
    assert set(link_dump.Links(bodies).models) == {"c1"}


def test_the_timers_of_a_bridge_are_not_known_while_another_is_the_root() -> None:
    told = {"IFLA_BR_STP_STATE": 1, "IFLA_BR_FORWARD_DELAY": 400, "IFLA_BR_HELLO_TIME": 100, "IFLA_BR_MAX_AGE": 600}
    for port, expected in ((0, [400, 100, 600]), (1, [None, None, None])):
        dumped = understood({"IFLA_IFNAME": "x", "IFLA_MTU": 1500, **info("bridge", IFLA_BR_ROOT_PORT=port, **told)})
        assert [getattr(dumped.models["x"], name) for name in ("forward_delay", "hello_time", "max_age")] == expected


def test_what_a_new_device_has_by_itself_is_not_said_at_its_creation() -> None:
    for model in (Bridge, Vxlan, Vlan, Macvlan):
        usual = {row.name: row.default for row in model.attributes.values() if row.default is not None}
        own = {field.name for field in fields(model)}
        settings = {name: value for name, value in usual.items() if name not in own}
        made = [
            links.create(model("x", settings=each, **NEEDED.get(model, {})), NUMBERS.__getitem__) for each in ({}, settings)
        ]
        assert made[0] == made[1]


NEEDED: dict[Any, dict[str, Any]] = {
    Vxlan: {"vni": 1}, Vlan: {"link": "eth1", "vlan": 5}, Macvlan: {"link": "eth1", "mode": "vepa"}
}  # fmt: skip


def test_a_port_of_something_else_than_a_bridge_is_none() -> None:
    told = {"IFLA_IFNAME": "br2", "IFLA_MTU": 1500, "IFLA_MASTER": NUMBERS["tenant"],
            "IFLA_LINKINFO": {"IFLA_INFO_KIND": "bridge", "IFLA_INFO_SLAVE_KIND": "vrf"}}  # fmt: skip
    dumped = understood(told)
    assert dumped.ports == {}
    assert dumped.models["br2"].master == "tenant"


def test_a_dump_asks_for_everything_but_counters() -> None:
    kind, body = link_dump.dump_request()
    assert kind == RTM_GETLINK
    assert reference.read(reference.LINK, body) == saying({"IFLA_EXT_MASK": 8})  # RTEXT_FILTER_SKIP_STATS


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"IFLA_IFALIAS": "to spine1"}, {"description": "to spine1", "owned": False, "held": False}),
        ({"IFLA_IFALIAS": "to spine1 [evpn.fabric port]"}, {"description": "to spine1", "owned": False, "held": True}),
        ({"IFLA_IFALIAS": "[evpn.fabric]"}, {"description": "", "owned": True, "held": False}),
        ({"IFLA_AF_SPEC": {"AF_INET6": {"IFLA_INET6_ADDR_GEN_MODE": 0}}}, {"link_local": True}),
        ({"IFLA_AF_SPEC": {"AF_INET6": {"IFLA_INET6_ADDR_GEN_MODE": 1}}}, {"link_local": False}),
        ({"IFLA_AF_SPEC": {}}, {"link_local": None}),
        ({"IFLA_MASTER": 77}, {"master": ""}),
        (info("bond"), {"type": "bond"}),
        ({}, {"type": "", "mac": None}),
    ],
)
def test_what_the_kernel_tells_of_a_link(more: Attributes, expected: dict[str, Any]) -> None:
    link = understood({"IFLA_IFNAME": "eth9", "IFLA_MTU": 1500, **more}).models["eth9"]
    assert isinstance(link, Interface)
    assert {name: getattr(link, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("address", "multicast"),
    [("223.255.255.255", False), ("224.0.0.1", True), ("239.255.255.255", True), ("240.0.0.1", False)],
)
def test_where_multicast_begins_and_ends(address: str, multicast: bool) -> None:
    data = {
        "IFLA_VXLAN_ID": 1,
        "IFLA_VXLAN_GROUP": address,
        "IFLA_VXLAN_PORT": 4789,
        "IFLA_VXLAN_TTL": 0,
        "IFLA_VXLAN_LEARNING": 0,
    }
    link = understood({"IFLA_IFNAME": "vx1", "IFLA_MTU": 1500, **info("vxlan", **data)}).models["vx1"]
    assert (link.group, link.remote) == ((address, "") if multicast else ("", address))


def test_flags_tell_whether_a_link_is_raised() -> None:
    told = {"IFLA_IFNAME": "eth9", "IFLA_MTU": 1500}
    assert understood(told, flags=0x1043).models["eth9"].up is True
    assert understood(told, flags=0x1042).models["eth9"].up is False


def test_the_peer_of_a_veth_in_another_namespace_is_unknown() -> None:
    told = {"IFLA_IFNAME": "a", "IFLA_MTU": 1500, "IFLA_LINK": NUMBERS["eth1"], **info("veth")}
    assert understood(told).models["a"].peer == "eth1"
    assert understood({**told, "IFLA_LINK_NETNSID": 0}).models["a"].peer == ""


def test_a_dump_knows_the_numbers_of_all_links() -> None:
    assert understood({"IFLA_IFNAME": "eth9", "IFLA_MTU": 1500}).numbers == {**NUMBERS, "eth9": 9}


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=15).filter(is_interface_name)
ADDRESSES = st.ip_addresses().filter(lambda address: not address.is_unspecified)


def shown(address: Any) -> str:
    """An address as the kernel's users print it."""
    return socket.inet_ntop(socket.AF_INET if address.version == 4 else socket.AF_INET6, address.packed)


@st.composite
def vxlans(draw: st.DrawFn) -> Vxlan:
    """Any VXLAN device that exists: all is specified."""
    other = draw(st.none() | ADDRESSES)
    multicast = other is not None and other.is_multicast
    return Vxlan(
        draw(NAMES.filter(lambda name: name not in NUMBERS)),
        description="",
        mtu=draw(st.integers(68, 65535)),
        mac=draw(st.binary(min_size=6, max_size=6)).hex(":"),
        master=draw(st.sampled_from(["", "br1"])),
        up=False,
        owned=False,
        held=False,
        vni=draw(st.integers(1, 16777215)),
        local=draw(st.just("") | ADDRESSES.map(shown)),
        remote=shown(other) if other and not multicast else "",
        group=shown(other) if other and multicast else "",
        dev=draw(st.sampled_from(["", "eth1"])),
        dstport=draw(st.integers(1, 65535)),
        settings={"ttl": draw(st.integers(1, 255)), "learning": False},
    )


def spelled(vxlan: Any) -> Attributes:
    """A VXLAN device as pyroute2 spells it."""
    data = {"IFLA_VXLAN_ID": vxlan.vni, "IFLA_VXLAN_PORT": vxlan.dstport, "IFLA_VXLAN_TTL": vxlan.ttl,
            "IFLA_VXLAN_LEARNING": int(vxlan.learning)}  # fmt: skip
    for name, value in (("LOCAL", vxlan.local), ("GROUP", vxlan.remote or vxlan.group)):
        if value:
            data[f"IFLA_VXLAN_{name}{6 if ':' in value else ''}"] = value
    if vxlan.dev:
        data["IFLA_VXLAN_LINK"] = NUMBERS[vxlan.dev]
    attributes = {"IFLA_IFNAME": vxlan.name, "IFLA_MTU": vxlan.mtu, "IFLA_ADDRESS": vxlan.mac, **info("vxlan", **data)}
    return {**attributes, **({"IFLA_MASTER": NUMBERS[vxlan.master]} if vxlan.master else {})}


@given(vxlans())
def test_any_vxlan_device_is_written_as_pyroute2_writes_it_and_read_again(vxlan: Vxlan) -> None:
    ours = links.create(vxlan, NUMBERS.__getitem__)[0][2]
    theirs = reference.written(reference.LINK, spelled(vxlan))
    assert reference.read(reference.LINK, ours) == reference.read(reference.LINK, theirs)
    assert specified(understood(spelled(vxlan)).models[vxlan.name], vxlan) == vxlan


def test_links_that_are_alike_keep_what_is_their_own() -> None:
    """Alike are links of one kind; devices that carry many VNIs say 0 where others have theirs."""
    alike = [
        reference.written(
            reference.LINK,
            {
                "IFLA_IFNAME": f"vx{number}",
                "IFLA_MTU": 1500,
                "IFLA_MASTER": 3 + number % 2,
                "IFLA_ADDRESS": f"02:00:00:00:00:{number:02x}",
                **info("vxlan", IFLA_VXLAN_ID=number if number > 12 else 0, IFLA_VXLAN_TTL=0, IFLA_VXLAN_LEARNING=0,
                       IFLA_VXLAN_PORT=4789, IFLA_VXLAN_COLLECT_METADATA=int(number <= 12)),
            },
            index=number,
        )
        for number in range(11, 17)
    ]  # fmt: skip
    masters = [reference.written(reference.LINK, {"IFLA_IFNAME": f"br{number}", "IFLA_MTU": 1500}, index=number)
               for number in (3, 4)]  # fmt: skip
    found = [model for name, model in link_dump.Links([*masters, *alike]).models.items() if name.startswith("vx")]
    assert [(made.name, made.mac, made.master, made.vni) for made in found if isinstance(made, Vxlan)] == [
        (f"vx{number}", f"02:00:00:00:00:{number:02x}", f"br{3 + number % 2}", number if number > 12 else None)
        for number in range(11, 17)
    ]
