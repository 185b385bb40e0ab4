"""Links on the wire, attribute by attribute against pyroute2: ours read by it, and its own read by us."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._model.bridge import Bridge
from ansible_collections.evpn.fabric.plugins.module_utils._model.dummy import Dummy
from ansible_collections.evpn.fabric.plugins.module_utils._model.link import Interface, Link
from ansible_collections.evpn.fabric.plugins.module_utils._model.macvlan import Macvlan
from ansible_collections.evpn.fabric.plugins.module_utils._model.port import Port
from ansible_collections.evpn.fabric.plugins.module_utils._model.values import is_interface_name
from ansible_collections.evpn.fabric.plugins.module_utils._model.veth import Veth
from ansible_collections.evpn.fabric.plugins.module_utils._model.vlan import Vlan
from ansible_collections.evpn.fabric.plugins.module_utils._model.vrf import Vrf
from ansible_collections.evpn.fabric.plugins.module_utils._model.vxlan import Vxlan
from ansible_collections.evpn.fabric.plugins.module_utils._netlink import links
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink import NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST
from pyroute2.netlink.rtnl import RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK
from pyroute2.netlink.rtnl.ifinfmsg import IFF_UP

from tests.unit.plugins.module_utils._netlink import reference
from tests.unit.plugins.module_utils._netlink.reference import Attributes

#: Interfaces that exist, by name.
NUMBERS = {"lo": 1, "eth1": 2, "br1": 3, "tenant": 4}


def info(kind: str, **data: Any) -> Attributes:
    """What a message says of a link's kind."""
    return {"IFLA_LINKINFO": {"IFLA_INFO_KIND": kind, **({"IFLA_INFO_DATA": data} if data else {})}}


def sent(message: tuple[int, int, bytes]) -> dict[str, Any]:
    """One of our messages as pyroute2 reads it."""
    return reference.read(reference.LINK, message[2])


def saying(attributes: Attributes, flags: int = 0, change: int = 0) -> dict[str, Any]:
    """What pyroute2 reads of a message that names the link by its attributes alone."""
    return {"family": 0, "ifi_type": 0, "index": 0, "flags": flags, "change": change, "attrs": attributes}


def understood(attributes: Attributes, **fields: int) -> links.Links:
    """A dump of one link, number 9, that pyroute2 wrote."""
    others = [reference.written(reference.LINK, {"IFLA_IFNAME": name, "IFLA_MTU": 1500}, index=number)
              for name, number in NUMBERS.items()]  # fmt: skip
    return links.Links([*others, reference.written(reference.LINK, attributes, index=9, **fields)])


MAC = "02:00:5e:00:01:01"
#: A VXLAN device of one VNI.
PLAIN: dict[str, Any] = {"external": False, "vnifilter": False}

#: A link as we model it, and how pyroute2 spells its creation.
SPELLINGS: dict[str, tuple[Link, Attributes]] = {
    "a VRF": (Vrf("red", table=50001), info("vrf", IFLA_VRF_TABLE=50001)),
    "a VRF with a table of 32 bits": (Vrf("red", table=4294967295), info("vrf", IFLA_VRF_TABLE=4294967295)),
    "a bridge": (
        Bridge("br2", stp=False, vlan_filtering=True, default_vlan=0),
        info("bridge", IFLA_BR_STP_STATE=0, IFLA_BR_VLAN_FILTERING=1, IFLA_BR_VLAN_DEFAULT_PVID=0),
    ),
    "a bridge with STP": (
        Bridge("br2", stp=True, vlan_filtering=False, default_vlan=0),
        info("bridge", IFLA_BR_STP_STATE=1, IFLA_BR_VLAN_DEFAULT_PVID=0),
    ),
    "a VXLAN device over IPv4": (
        Vxlan("vx1", vni=16777215, local="10.0.0.1", remote="", group="", dev="", dstport=4789, ttl=0, learning=False, **PLAIN),
        info("vxlan", IFLA_VXLAN_ID=16777215, IFLA_VXLAN_LOCAL="10.0.0.1", IFLA_VXLAN_PORT=4789, IFLA_VXLAN_TTL=0,
             IFLA_VXLAN_LEARNING=0),
    ),
    "a VXLAN device over IPv6": (
        Vxlan("vx1", vni=1, local="2001:db8::1", remote="2001:db8::2", group="", dev="", dstport=8472, ttl=64, learning=True,
              **PLAIN),
        info("vxlan", IFLA_VXLAN_ID=1, IFLA_VXLAN_LOCAL6="2001:db8::1", IFLA_VXLAN_GROUP6="2001:db8::2", IFLA_VXLAN_PORT=8472,
             IFLA_VXLAN_TTL=64, IFLA_VXLAN_LEARNING=1),
    ),
    "a VXLAN device with a unicast destination": (
        Vxlan("vx1", vni=1, local="", remote="10.0.0.2", group="", dev="", dstport=4789, ttl=255, learning=True, **PLAIN),
        info("vxlan", IFLA_VXLAN_ID=1, IFLA_VXLAN_GROUP="10.0.0.2", IFLA_VXLAN_PORT=4789, IFLA_VXLAN_TTL=255,
             IFLA_VXLAN_LEARNING=1),
    ),
    "a VXLAN device with a multicast group": (
        Vxlan("vx1", vni=1, local="", remote="", group="239.0.0.1", dev="eth1", dstport=4789, ttl=1, learning=True, **PLAIN),
        info("vxlan", IFLA_VXLAN_ID=1, IFLA_VXLAN_GROUP="239.0.0.1", IFLA_VXLAN_LINK=NUMBERS["eth1"], IFLA_VXLAN_PORT=4789,
             IFLA_VXLAN_TTL=1, IFLA_VXLAN_LEARNING=1),
    ),
    "a VXLAN device with an IPv6 multicast group": (
        Vxlan("vx1", vni=1, local="", remote="", group="ff05::1", dev="eth1", dstport=4789, ttl=1, learning=True, **PLAIN),
        info("vxlan", IFLA_VXLAN_ID=1, IFLA_VXLAN_GROUP6="ff05::1", IFLA_VXLAN_LINK=NUMBERS["eth1"], IFLA_VXLAN_PORT=4789,
             IFLA_VXLAN_TTL=1, IFLA_VXLAN_LEARNING=1),
    ),
    "a VXLAN device for many VNIs": (
        Vxlan("vx1", local="10.0.0.1", remote="", group="", dev="", dstport=4789, ttl=0, learning=False, external=True,
              vnifilter=False),
        info("vxlan", IFLA_VXLAN_COLLECT_METADATA=1, IFLA_VXLAN_LOCAL="10.0.0.1", IFLA_VXLAN_PORT=4789, IFLA_VXLAN_TTL=0,
             IFLA_VXLAN_LEARNING=0),
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


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("common", COMMON)
def test_what_pyroute2_wrote_is_read_as_the_same_link(spelling: str, common: str) -> None:
    link, attributes = SPELLINGS[spelling]
    options, more = COMMON[common]
    told = {"IFLA_IFNAME": link.name, "IFLA_MTU": 1500, **more, **attributes}
    unsaid = {"description": "", "mtu": 1500, "master": "", "up": False, "owned": False, "held": False}
    assert understood(told).models[link.name] == replace(link, **{**unsaid, **options})


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
    ("options", "attributes", "up"),
    [
        ({"owned": True}, {"IFLA_IFALIAS": "[evpn.fabric]"}, 0),
        ({"description": "to Zürich", "owned": True}, {"IFLA_IFALIAS": "to Zürich [evpn.fabric]"}, 0),
        ({"owned": True, "up": True}, {"IFLA_IFALIAS": "[evpn.fabric]"}, IFF_UP),
        (
            {"owned": True, "link_local": False},
            {"IFLA_IFALIAS": "[evpn.fabric]", "IFLA_AF_SPEC": {"AF_INET6": {"IFLA_INET6_ADDR_GEN_MODE": 1}}},
            0,
        ),
        (
            {"owned": True, "link_local": True},
            {"IFLA_IFALIAS": "[evpn.fabric]", "IFLA_AF_SPEC": {"AF_INET6": {"IFLA_INET6_ADDR_GEN_MODE": 0}}},
            0,
        ),
    ],
)
def test_a_second_message_says_what_the_kernel_does_not_take_at_creation(
    options: dict[str, Any], attributes: Attributes, up: int
) -> None:
    _created, second = links.create(Bridge("br2", **options), NUMBERS.__getitem__)
    assert sent(second) == saying({"IFLA_IFNAME": "br2", **attributes}, flags=up, change=up)
    assert second[:2] == (RTM_NEWLINK, NLM_F_REQUEST)


BRIDGE = Bridge("br2", description="", mtu=1500, mac=MAC, master="", link_local=True, up=False, owned=True, held=False,
                vlan_filtering=False, stp=False)  # fmt: skip
VXLAN = Vxlan("vx1", description="", mtu=1500, mac=MAC, master="br1", link_local=False, up=True, owned=True, held=False,
              vni=1, local="10.0.0.1", remote="", group="", dev="", dstport=4789, ttl=0, learning=True)  # fmt: skip


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
        (BRIDGE, {"stp": True, "ageing": 30000}, info("bridge", IFLA_BR_STP_STATE=1)),
        (replace(BRIDGE, stp=True), {"stp": False}, info("bridge", IFLA_BR_STP_STATE=0)),
        (
            replace(BRIDGE, stp=True),
            {"stp": False, "ageing": 30000},
            info("bridge", IFLA_BR_STP_STATE=0, IFLA_BR_AGEING_TIME=30000),
        ),
        (
            BRIDGE,
            {"vlan_filtering": True, "default_vlan": 0},
            info("bridge", IFLA_BR_VLAN_FILTERING=1, IFLA_BR_VLAN_DEFAULT_PVID=0),
        ),
        (BRIDGE, {"default_vlan": 1}, info("bridge", IFLA_BR_VLAN_DEFAULT_PVID=1)),
        (VXLAN, {"master": ""}, {"IFLA_MASTER": 0}),
        (VXLAN, {"local": "10.0.0.2"}, info("vxlan", IFLA_VXLAN_LOCAL="10.0.0.2")),
        (VXLAN, {"local": "2001:db8::2"}, info("vxlan", IFLA_VXLAN_LOCAL6="2001:db8::2")),
        (VXLAN, {"ttl": 9}, info("vxlan", IFLA_VXLAN_TTL=9)),
        (VXLAN, {"learning": False}, info("vxlan", IFLA_VXLAN_LEARNING=0)),
    ],
)
def test_a_change_says_what_differs_and_nothing_else(before: Link, options: dict[str, Any], attributes: Attributes) -> None:
    (message,) = links.change(before, replace(before, **options), NUMBERS.__getitem__)
    assert sent(message) == saying({"IFLA_IFNAME": before.name, **attributes})
    assert message[:2] == (RTM_NEWLINK, NLM_F_REQUEST)


@pytest.mark.parametrize("up", [True, False])
def test_raising_and_lowering_touches_only_that_flag(up: bool) -> None:
    (message,) = links.change(replace(BRIDGE, up=not up), replace(BRIDGE, up=up), NUMBERS.__getitem__)
    assert sent(message) == saying({"IFLA_IFNAME": "br2"}, flags=IFF_UP if up else 0, change=IFF_UP)


def test_a_deletion_names_the_link() -> None:
    (message,) = links.delete(BRIDGE)
    assert message[:2] == (RTM_DELLINK, NLM_F_REQUEST)
    assert sent(message) == saying({"IFLA_IFNAME": "br2"})


PORT_OPTIONS = {
    "learning": "IFLA_BRPORT_LEARNING",
    "neigh_suppress": "IFLA_BRPORT_NEIGH_SUPPRESS",
    "isolated": "IFLA_BRPORT_ISOLATED",
    "hairpin": "IFLA_BRPORT_MODE",
    "guard": "IFLA_BRPORT_GUARD",
    "vlan_tunnel": "IFLA_BRPORT_VLAN_TUNNEL",
}


def of_port(**data: int) -> Attributes:
    return {"IFLA_IFNAME": "vx1", "IFLA_LINKINFO": {"IFLA_INFO_SLAVE_KIND": "bridge", "IFLA_INFO_SLAVE_DATA": data}}


@pytest.mark.parametrize("option", PORT_OPTIONS)
@pytest.mark.parametrize("value", [True, False])
def test_a_port_option_is_written_and_read_as_pyroute2_spells_it(option: str, value: bool) -> None:
    attributes = of_port(**{PORT_OPTIONS[option]: int(value)})
    (message,) = links.set_port(Port("vx1", **{option: value}))
    assert sent(message) == saying(attributes)
    assert message[:2] == (RTM_NEWLINK, NLM_F_REQUEST)
    every = dict.fromkeys(PORT_OPTIONS, False)
    dumped = understood({"IFLA_MTU": 1500, **attributes})
    assert dumped.ports == {"vx1": Port("vx1", **{**every, option: value})}


def test_a_port_of_something_else_than_a_bridge_is_none() -> None:
    told = {"IFLA_IFNAME": "br2", "IFLA_MTU": 1500, "IFLA_MASTER": NUMBERS["tenant"],
            "IFLA_LINKINFO": {"IFLA_INFO_KIND": "bridge", "IFLA_INFO_SLAVE_KIND": "vrf"}}  # fmt: skip
    dumped = understood(told)
    assert dumped.ports == {}
    assert dumped.models["br2"].master == "tenant"


def test_a_dump_asks_for_everything_but_counters() -> None:
    kind, body = links.dump_request()
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
        ttl=draw(st.integers(0, 255)),
        learning=draw(st.booleans()),
        external=False,
        vnifilter=False,
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
    assert understood(spelled(vxlan)).models[vxlan.name] == vxlan


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
    found = [model for name, model in links.Links([*masters, *alike]).models.items() if name.startswith("vx")]
    assert [(made.name, made.mac, made.master, made.vni) for made in found if isinstance(made, Vxlan)] == [
        (f"vx{number}", f"02:00:00:00:00:{number:02x}", f"br{3 + number % 2}", number if number > 12 else None)
        for number in range(11, 17)
    ]
