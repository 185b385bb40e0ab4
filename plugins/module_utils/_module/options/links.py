# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of links: those of tables of attributes, and what else there is. Private to this collection."""

from __future__ import annotations

from typing import Any, Mapping, Type

from ..._core.schema import Key, Keys
from ..._core.values import NAME_BYTES, VLAN_FIRST, VLAN_LAST
from ..._kernel.model.attribute import Settable
from ..._kernel.model.bridge import Bridge
from ..._kernel.model.dummy import Dummy
from ..._kernel.model.link import MTU_FIRST, MTU_LAST, Interface
from ..._kernel.model.macvlan import Macvlan
from ..._kernel.model.port import LEARNING, Port
from ..._kernel.model.veth import Veth
from ..._kernel.model.vlan import Vlan
from ..._kernel.model.vrf import Vrf
from ..._kernel.model.vxlan import Vxlan
from .common import STATE

#: What is said of the attributes that all kinds have.
_SETTINGS = {
    "txqlen": "Packets that wait to be sent at most; 1000 for a new device.",
    "promisc": "Whether it takes all packets, whomever they are for.",
    "allmulticast": "Whether it takes all multicast packets.",
    "arp": "Whether it uses ARP and ND.",
}


def _of_table(model: Type[Settable], texts: Mapping[str, Any]) -> Keys:
    """The options of a model's table: type, choices and bounds are its rows', ``texts`` say what each is."""
    found = {}
    for row in model.attributes.values():
        if row.sayable:
            lowest, highest = (0, row.largest) if row.type == "int" else (None, None)
            words = tuple(row.words or ())
            found[row.called] = Key(row.type, texts[row.called], choices=words, minimum=lowest, maximum=highest)
    return found


def _from(minimum: int, keys: Keys, option: str) -> Keys:
    """Options of a table, one of which cannot be 0."""
    return {**keys, option: keys[option]._replace(minimum=minimum)}


_NAMED = {
    "name": Key("str", f"Name of the interface, at most {NAME_BYTES} bytes.", required=True),
    "description": Key("str", "Text for people. It becomes the interface's alias, followed by the mark C([evpn.fabric])."),
    "mtu": Key("int", "MTU in bytes.", minimum=MTU_FIRST, maximum=MTU_LAST),
    "up": Key("bool", "Whether the interface is up.", default=True),
}
_MAC = {
    "mac": Key("str", "MAC address. Given at creation, so that nothing else assigns one."),
    "ipv6_link_local": Key(
        "bool",
        (
            "Whether the kernel derives an IPv6 link-local address. Without one, interfaces are made several times faster.",
            "An address that an interface has already stays until the interface goes down.",
        ),
    ),
}
_VRF = {"vrf": Key("str", "VRF that the interface belongs to. An empty string takes it out.")}
_STATE = {"state": STATE}
_PORT_TEXTS = {
    "neigh_suppress": "Whether the bridge answers ARP and ND for this port from what it knows.",
    "isolated": "Whether the port is kept apart from other isolated ports.",
    "hairpin": "Whether frames may leave by the port they came in.",
    "guard": "Whether the port is blocked when it receives BPDUs.",
    "vlan_tunnel": "Whether VLANs of this port stand for VNIs, for a VXLAN device that carries many.",
    "flood": "Whether packets to unknown stations leave by this port.",
    "mcast_flood": "Whether packets to unknown multicast groups leave by this port.",
    "bcast_flood": "Whether broadcast leaves by this port.",
    "mcast_to_unicast": "Whether multicast leaves as a packet for each receiver.",
    "mcast_router": (
        "Whether multicast routers are behind this port, 0 for never, 1 for those that show themselves, 2 for always."
    ),
    "mcast_fast_leave": "Whether a multicast group is left at once, because there is one host behind this port.",
    "mcast_max_groups": "Multicast groups that hosts behind this port can join; 0 for any number.",
    "neigh_vlan_suppress": "Whether each VLAN says by itself if the bridge answers ARP and ND. From Linux 6.4.",
    "proxy_arp": "Whether the bridge answers ARP on this port for stations at others.",
    "group_fwd_mask": "Which addresses C(01:80:c2:00:00:0X) this port forwards, as the sum of 2 to the power of each X.",
    "locked": "Whether only stations with a forwarding entry may send by this port. From Linux 5.18.",
    "mab": "Whether a locked port notes the stations that would send. From Linux 6.2.",
    "cost": "Cost of the port for the spanning tree. The kernel's own choice follows its speed.",
    "priority": "Priority of the port for the spanning tree, 0 to 63; 32 for a new port.",
    "root_block": "Whether the port cannot lead to the root of the spanning tree.",
    "backup_port": "Port of the same bridge that packets leave by when this one has no carrier; an empty string for none.",
    "port_learning": "Whether the bridge learns MAC addresses on this port.",
}
#: A VXLAN device has another ``learning``.
_VXLAN_PORT = {
    "bridge": Key("str", "Bridge that the interface is a port of. An empty string takes it out."),
    **_VRF,
    **_of_table(Port, _PORT_TEXTS),
}
_PORT = {**_VXLAN_PORT, LEARNING: _VXLAN_PORT[LEARNING]._replace(aliases=("learning",))}

VRF = {
    **_NAMED,
    **_from(
        1,
        _of_table(
            Vrf,
            {
                **_SETTINGS,
                "table": (
                    "Number of the routing table. Needed unless C(state) is V(absent).",
                    "It cannot change on a live device, so that the device is made anew if it differs.",
                ),
            },
        ),
        "table",
    ),
    **_STATE,
}
_BRIDGE_TEXTS = {
    "ageing_time": "Hundredths of a second after which a MAC address is forgotten; 30000 for a new bridge.",
    "stp": "Whether the kernel's own spanning tree runs.",
    "priority": "Priority for the spanning tree; 32768 for a new bridge.",
    "forward_delay": "Hundredths of a second that a port listens and learns for; 1500 for a new bridge.",
    "hello_time": "Hundredths of a second between BPDUs; 200 for a new bridge.",
    "max_age": "Hundredths of a second after which a silent root is given up; 2000 for a new bridge.",
    "vlan_filtering": "Whether the bridge filters frames by VLAN.",
    "vlan_protocol": "Which tags are VLANs.",
    "vlan_default_pvid": (
        "VLAN of untagged packets that a port is given when it joins, and the bridge itself; 0 for none. Where "
        "VLAN filtering is turned on and this is not given, it becomes 0."
    ),
    "vlan_stats_enabled": "Whether packets are counted for each VLAN.",
    "vlan_stats_per_port": (
        "Whether they are counted for each VLAN of a port. The kernel changes this only while no port has a VLAN."
    ),
    "group_fwd_mask": "Which addresses C(01:80:c2:00:00:0X) the bridge forwards, as the sum of 2 to the power of each X.",
    "no_linklocal_learn": "Whether the bridge learns nothing from packets to link-local groups.",
    "fdb_max_learned": "MAC addresses that the bridge learns at most; 0 for any number. From Linux 6.7.",
    "mcast_snooping": "Whether the bridge learns where the members of multicast groups are.",
    "mcast_vlan_snooping": "Whether it does so for each VLAN. From Linux 5.15.",
    "mcast_router": "Whether the bridge is a multicast router, 0 for never, 1 for when it shows itself, 2 for always.",
    "mcast_querier": "Whether the bridge asks for the members of groups.",
    "mcast_query_use_ifaddr": "Whether it asks with its own address.",
    "mcast_igmp_version": "Version of IGMP, 2 or 3.",
    "mcast_mld_version": "Version of MLD, 1 or 2.",
    "mcast_hash_max": "Multicast groups at most; 4096 for a new bridge.",
    "mcast_stats_enabled": "Whether IGMP and MLD are counted.",
    "mcast_last_member_count": "Questions that are asked before a group is given up.",
    "mcast_startup_query_count": "Questions that are asked at the start.",
    "mcast_last_member_interval": "Hundredths of a second between questions about a group that a member leaves.",
    "mcast_membership_interval": "Hundredths of a second after which a member that has not answered is forgotten.",
    "mcast_querier_interval": "Hundredths of a second after which another querier that is silent is given up.",
    "mcast_query_interval": "Hundredths of a second between questions.",
    "mcast_query_response_interval": "Hundredths of a second within which members answer.",
    "mcast_startup_query_interval": "Hundredths of a second between questions at the start.",
    "nf_call_iptables": "Whether IPv4 packets go through iptables.",
    "nf_call_ip6tables": "Whether IPv6 packets go through ip6tables.",
    "nf_call_arptables": "Whether ARP packets go through arptables.",
}
BRIDGE = {**_NAMED, **_MAC, **_of_table(Bridge, {**_SETTINGS, **_BRIDGE_TEXTS}), **_VRF, **_STATE}
_VXLAN_TEXTS = {
    "vni": (
        "VXLAN network identifier. Needed unless C(state) is V(absent).",
        "It cannot change on a live device, and neither can C(dstport), C(srcport), C(remote), C(group), C(dev), "
        "C(ttl_inherit), C(maxaddress), C(proxy), C(rsc), C(l2miss), C(l3miss), C(gbp), C(gpe) and what is about checksums, so "
        "that the device is made anew if one of them differs.",
    ),
    "local": "Source address of the tunnel. A change makes FRR advertise the routes with the new next hop.",
    "remote": "Address of the one other end, for a point-to-point tunnel.",
    "group": "Multicast group that unknown destinations are reached by. Needs C(dev).",
    "dstport": "UDP port. The kernel's own default would be 8472.",
    "vnifilter": "Whether an external device accepts only the VNIs in C(vnis) of M(evpn.fabric.dataplane).",
    "dev": "Interface that packets leave by.",
    "srcport": (
        "UDP source ports as V(40000-50000), of which each flow has one. V(0-0), the kernel's own choice, for a new device."
    ),
    "external": "Whether the device carries many VNIs, those that VLANs of its port stand for.",
    "learning": (
        "Whether the device learns which VTEP a MAC address is at, and its bridge port MAC addresses, unless "
        "C(port_learning) is given."
    ),
    "ageing": "Seconds after which a MAC address that was learned is forgotten; 300 for a new device.",
    "maxaddress": "Forwarding entries at most; 0 for any number.",
    "ttl": "Time to live of the outer packets; 0 lets the kernel choose.",
    "ttl_inherit": "Whether it is that of the inner packets.",
    "tos": "Type of service of the outer packets; 1 for that of the inner ones.",
    "df": "Whether the outer packets may not be fragmented, or may if the inner ones may.",
    "flowlabel": "Flow label of outer packets over IPv6.",
    "proxy": "Whether the device answers ARP and ND from the host's neighbors.",
    "rsc": "Whether packets to a router's MAC address take a short cut to where its neighbors say.",
    "l2miss": "Whether the kernel sends a notification for a MAC address without a forwarding entry.",
    "l3miss": "Whether the kernel sends a notification for an IP address without a neighbor entry.",
    "udpcsum": "Whether outer packets over IPv4 have UDP checksums.",
    "udp6zerocsumtx": "Whether outer packets over IPv6 are sent without UDP checksums.",
    "udp6zerocsumrx": "Whether outer packets over IPv6 are taken without UDP checksums.",
    "gbp": "Whether packets carry group policies.",
    "gpe": "Whether the device is for the generic protocol extension, without Ethernet inside.",
    "localbypass": "Whether packets to a VTEP of this host do not leave it. From Linux 6.4.",
}
_VXLAN = {**_VXLAN_PORT, **_of_table(Vxlan, {**_SETTINGS, **_VXLAN_TEXTS})}
VXLAN = {
    **_NAMED,
    **_MAC,
    **_VXLAN,
    "vni": _VXLAN["vni"]._replace(minimum=1),
    "dstport": _VXLAN["dstport"]._replace(minimum=1, default=4789),
    LEARNING: Key(
        "bool", "Whether the bridge learns MAC addresses on this port. Where this is not given, it is as C(learning) says."
    ),
    **_STATE,
}
VETH = {**_NAMED, **_MAC, **_PORT, **_of_table(Veth, _SETTINGS), "peer": Key("str", "Name of the other end."), **_STATE}
_LOWER = {"link": Key("str", "Interface that it stands on.")}
_VLAN_TEXTS = {
    "vlan": "VLAN, 1 to 4094.",
    "protocol": "Which tag the device has. It cannot change on a live device.",
    "reorder_hdr": "Whether packets that come in are shown without tag.",
    "gvrp": "Whether the VLAN is registered by GVRP.",
    "mvrp": "Whether the VLAN is registered by MVRP.",
    "loose_binding": "Whether the device is up while the one below it is not.",
    "bridge_binding": "Whether the device is up only while a port of the bridge below it carries its VLAN and is up.",
    "ingress_qos_map": "Priorities of tags and what they become in the host, as C(0:1 5:2).",
    "egress_qos_map": "Priorities of packets in the host and what they become in tags, as C(0:1 5:2).",
}
VLAN = {**_NAMED, **_MAC, **_PORT, **_of_table(Vlan, {**_SETTINGS, **_VLAN_TEXTS}), **_LOWER, **_STATE}
VLAN["vlan"] = VLAN["vlan"]._replace(minimum=VLAN_FIRST, maximum=VLAN_LAST)
DUMMY = {**_NAMED, **_MAC, **_PORT, **_of_table(Dummy, _SETTINGS), **_STATE}
_MACVLAN_TEXTS = {"mode": "What the devices on one interface may do with each other's packets."}
MACVLAN = {**_NAMED, **_MAC, **_PORT, **_of_table(Macvlan, {**_SETTINGS, **_MACVLAN_TEXTS}), **_LOWER, **_STATE}
MACVLAN["mode"] = MACVLAN["mode"]._replace(default="bridge")
INTERFACE = {
    **_NAMED,
    "name": Key("str", "Name of the interface. It must exist.", required=True),
    "description": Key("str", "Text for people. It becomes the interface's alias, followed by the mark C([evpn.fabric port])."),
    **_MAC,
    **_PORT,
    **_of_table(Interface, _SETTINGS),
    "up": Key("bool", "Whether the interface is up. It is left as it is where this is not given."),
}
