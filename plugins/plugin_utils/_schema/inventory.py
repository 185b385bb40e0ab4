# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of an inventory, with all their keys. Private to this collection.

Descriptions say what a key becomes on the hosts. They are in Ansible's markup; ``L(text,#place)`` is a place of
docs/data-model.md.
"""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, listed
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import (
    NAME_BYTES,
    TEXT_BYTES,
    VLAN_FIRST,
    VLAN_LAST,
    VNI_LAST,
)
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import MOST_BUCKETS, MOST_STANDBYS, STATES
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import MTU_LAST, MTU_OF_IPV6
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.route import TABLE_LAST

#: AS numbers: 0 and the last of four bytes are reserved (RFC 7607, RFC 7300).
ASN_FIRST, ASN_LAST = 1, 4294967294
_ASN = Key("int", "The AS number.", minimum=ASN_FIRST, maximum=ASN_LAST, what="an AS number")
_PASSWORD = Key(
    "str",
    "Password of BGP sessions (TCP MD5).",
    secret=True,
    minimum=1,
    maximum=80,
    allowed="printable ASCII characters, no blank, the first not V(!) or V(#)",
)
_VNI = Key("int", "The VNI.", minimum=1, maximum=VNI_LAST, what="a VNI", allowed="no VNI twice in the fabric")
_MTU = Key("int", "The MTU in bytes.", minimum=MTU_OF_IPV6, maximum=MTU_LAST, what="an MTU that IPv6 works with")
_PLACES = "L(route distinguishers and route targets,#route-distinguishers-and-route-targets)"
_RD = Key("raw", f"The route distinguisher, a number or a text; see {_PLACES}.", otherwise="FRR's own")
_TARGETS = Key("list", "Route targets.", elements="str", one=True, otherwise="FRR's own")
_ROUTE_TARGETS = Key(
    "dict",
    f"C(route-target import) and C(export); see {_PLACES}.",
    otherwise="FRR's own",
    options={
        "import": _TARGETS._replace(description="Route targets whose routes are taken."),
        "export": _TARGETS._replace(description="Route targets that routes are given."),
    },
)
_VTEPS = Key("list", "Where it is.", elements="str", one=True, allowed="VTEPs, or groups with VTEPs")
_NAME = Key(
    "str",
    "The name.",
    required=True,
    minimum=1,
    allowed="letters, digits, V(.), V(_), V(-), the first a letter or digit; no reserved word",
)
_INTERFACE = Key("str", "The interface.", required=True, minimum=1, maximum=NAME_BYTES)

_MILLISECONDS = Key("int", "", minimum=10, maximum=60000, default=300, what="an interval in ms")
BFD = {
    "transmit_interval": _MILLISECONDS._replace(description="Milliseconds between packets that are sent."),
    "receive_interval": _MILLISECONDS._replace(
        description="The shortest interval in milliseconds at which this host accepts packets."
    ),
    "detect_multiplier": Key(
        "int",
        "After how many missing packets a session is down.",
        minimum=2,
        maximum=255,
        default=3,
        what="a multiplier",
    ),
}
UNDERLAY = {
    "protocol": Key(
        "str",
        "C(router bgp) with sessions on the links, or C(router ospf) (OSPFv2).",
        default="ebgp",
        choices=("ebgp", "ospf"),
    ),
    "unnumbered": Key(
        "bool",
        "C(neighbor eth1 interface), or addresses from C(fabric_links[].subnet).",
        otherwise="V(true) with V(ebgp), V(false) with V(ospf)",
        allowed="V(true) only with V(ebgp)",
    ),
    "mtu": _MTU._replace(
        description="The MTU of every interface in C(fabric_links), and what L(the MTU of networks,#mtu) is computed from.",
        default=1500,
        allowed="with networks or L3VNIs at least 1330, with IPv6 VTEPs 1350",
    ),
    "area": Key(
        "str",
        "C(ip ospf area) on C(lo) and on the links; without meaning for V(ebgp).",
        default="0.0.0.0",
        allowed="four numbers with dots",
    ),
    "bfd": Key(
        "raw",
        "A BFD session for each BGP neighbour of a link, or each OSPF one. V(true) takes FRR's timers, a mapping sets them.",
        default=False,
        options=BFD,
        allowed="a boolean or a mapping",
    ),
    "password": _PASSWORD._replace(
        description="C(neighbor fabric password).", allowed=f"{_PASSWORD.allowed}; only with V(ebgp)"
    ),
}
OVERLAY = {
    "protocol": Key(
        "str",
        "One session for underlay and overlay, or sessions between loopbacks.",
        default="ebgp",
        choices=("ebgp", "ibgp"),
        allowed="V(ebgp) with an underlay of V(ebgp), V(ibgp) with one of V(ospf)",
    ),
    "asn": _ASN._replace(
        description="C(router bgp), the same on all hosts.", otherwise="required with V(ibgp)", allowed="only with V(ibgp)"
    ),
    "route_reflectors": Key(
        "list",
        "Who reflects.",
        elements="str",
        one=True,
        default=("spines",),
        allowed="hosts or groups of the fabric; only with V(ibgp)",
    ),
    "password": _PASSWORD._replace(
        description="With V(ibgp) the password of the EVPN sessions. With V(ebgp) the same as "
        "C(fabric_underlay.password); write "
        "one of the two."
    ),
}
LINK = {
    "ends": Key(
        "list",
        "The two ends, as V(HOST:INTERFACE).",
        elements="str",
        required=True,
        allowed="two different hosts of the fabric; each interface at most once, and without addresses none of the name "
        "V(fabric), "
        "or of that of an address. Several links between the same two hosts are fine",
    ),
    "subnet": Key(
        "str",
        "The first end has the first address (of a /30 or /126 the first of the two in the middle).",
        otherwise="required where the underlay has addresses, refused where it is unnumbered",
        allowed="a /31 or /30, with V(ebgp) also a /127 or /126, written by its first address",
    ),
}
VRF = {
    "name": _NAME._replace(
        description="A VRF device of that name, C(vrf NAME) in FRR.",
        maximum=NAME_BYTES,
        allowed=f"{_NAME.allowed}, and no L(name of another interface,#addresses-and-names) on its VTEPs",
    ),
    "l3vni": _VNI._replace(
        description="C(br<l3vni>) and C(vxlan<l3vni>) in the VRF, C(vni <l3vni>), a BGP instance of the VRF with type-5 "
        "routes. "
        "Without one the VRF is local: it routes between the networks that a VTEP has itself."
    ),
    "table": Key(
        "int",
        "The VRF's routing table. Required where there is no C(l3vni).",
        minimum=1,
        maximum=TABLE_LAST,
        what="a routing table",
        otherwise="the C(l3vni)",
        allowed="without 253, 254 and 255, and 210 where there are gateways; no table twice",
    ),
    "rd": _RD,
    "route_targets": _ROUTE_TARGETS,
    "vteps": _VTEPS._replace(
        description="VTEPs that route for the tenant besides those that have one of its networks.", otherwise="none"
    ),
}
NETWORK = {
    "name": _NAME._replace(
        description="What C(fabric_ports) refer to, and the bridge's alias if there is no C(description).", maximum=64
    ),
    "vni": _VNI._replace(description="C(br<vni>) and C(vxlan<vni>).", required=True),
    "vlan": Key(
        "int",
        "The tag on ports that have the network C(tagged).",
        minimum=VLAN_FIRST,
        maximum=VLAN_LAST,
        what="a VLAN",
        allowed="not twice on one VTEP",
    ),
    "vrf": Key("str", "The bridge is in that VRF.", allowed="a name of C(fabric_vrfs); needs C(gateways)"),
    "gateways": Key(
        "list",
        "Addresses of the bridge, the same on every VTEP.",
        elements="str",
        allowed="addresses of hosts with prefix length, IPv4 and IPv6; no two subnets of a VRF may overlap; needs "
        "C(vrf) or C(central)",
    ),
    "central": Key(
        "bool",
        "The gateways are on the hosts of the group C(gateways), and VTEPs only bridge.",
        default=False,
        allowed="V(true) needs C(gateways), no C(vrf), and hosts in the group C(gateways)",
    ),
    "mtu": _MTU._replace(
        description="MTU of bridge and VXLAN device.", otherwise="all that fits (L(MTU,#mtu))", allowed="not more than fits"
    ),
    "description": Key(
        "str",
        "The bridge's alias.",
        otherwise="the name",
        maximum=TEXT_BYTES,
        allowed="counted in bytes; one line of characters that print, without V(!) and V(#); not a reserved word",
    ),
    "rd": _RD,
    "route_targets": _ROUTE_TARGETS,
    "vteps": _VTEPS._replace(otherwise="all VTEPs"),
}
PIN = {
    "buckets": Key("raw", "Numbers and ranges of buckets, as a number, a text or a list.", required=True),
    "gateway": Key("str", "The gateway that is given them while it is active.", required=True),
}
GATEWAYS = {
    "mode": Key("str", "L(What gateways do,gateway-modes.md).", default="anycast", choices=("anycast", "exclusive")),
    "vtep_prefix": Key(
        "str",
        "The tunnel sources of gateways, one for each bucket.",
        otherwise="required with V(anycast), refused with V(exclusive)",
        allowed="an IPv4 prefix with an address for each bucket, in which L(nothing else is,#addresses-and-names)",
    ),
    "buckets": Key(
        "int",
        "Networks hash into so many buckets, which are placed.",
        default=64,
        minimum=1,
        maximum=MOST_BUCKETS,
        what="a number of buckets",
    ),
    "placement": Key(
        "str",
        "L(How buckets are placed,gateways.md#three-placements).",
        default="bounded",
        choices=("bounded", "rendezvous"),
    ),
    "standbys": Key("int", "How many gateways stand by for a bucket.", default=1, minimum=0, maximum=MOST_STANDBYS),
    "pins": listed(PIN, "What a gateway is given, whatever the scores."),
    "accept": Key(
        "list",
        "What gateways take from routers outside.",
        elements="str",
        one=True,
        default=("0.0.0.0/0", "::/0"),
        allowed="prefixes, exactly as they are announced, none of them within what the fabric has itself",
    ),
    "failback": Key(
        "str",
        "Whether a gateway that comes back is taken in by the next run, or by C(evpn.fabric.undrain) only.",
        default="auto",
        choices=("auto", "manual"),
    ),
    "failback_delay": Key(
        "int",
        "How many seconds its BGP sessions have to be up before.",
        default=0,
        minimum=0,
        maximum=86400,
        what="a number of seconds",
    ),
    "quorum": Key(
        "int",
        "How many other gateways have to be reachable so that one which is not counts as failed; without it, such a run "
        "is refused.",
        minimum=1,
        maximum=1000,
        what="a number of gateways",
        allowed="fewer than there are gateways",
    ),
    "fencing": Key(
        "list",
        "What the controller runs for a gateway that counts as failed and cannot be asked, because it is not reachable "
        "or broken, "
        "before others take over.",
        elements="str",
        allowed="a command and its arguments, of characters that print, V({gateway}) in them the name",
    ),
}
PORT = {
    "interface": _INTERFACE._replace(
        description="The interface, which is raised.",
        allowed="an interface that exists on the host; untagged not L(the one of the default route,#addresses-and-names)",
    ),
    "untagged": Key("str", "The interface becomes a port of C(br<vni>).", allowed="the name of a network that is on this VTEP"),
    "tagged": Key(
        "list",
        "A VLAN device V(INTERFACE.VLAN), port of C(br<vni>), for each.",
        elements="str",
        one=True,
        allowed="networks with a C(vlan) that are on this VTEP, not the untagged one; V(INTERFACE.VLAN) has at most 15 bytes",
    ),
}
NORTH = {
    "interface": _INTERFACE._replace(
        description="The interface, which is raised; its MTU is not set.",
        allowed="an interface that is not in C(fabric_links); several routers may be behind one",
    ),
    "address": Key(
        "str",
        "An address of the interface.",
        required=True,
        allowed="the gateway's address on it with prefix length, IPv4 or IPv6",
    ),
    "peer": Key(
        "str",
        "C(neighbor <peer> remote-as <asn>).",
        required=True,
        allowed="the router's address, in the same subnet, once on each gateway",
    ),
    "asn": _ASN._replace(description="The router's AS number.", required=True, allowed="not that of a gateway"),
    "password": _PASSWORD._replace(description="C(neighbor <peer> password)."),
    "bfd": Key(
        "bool",
        "C(neighbor <peer> bfd profile fabric).",
        otherwise="whether C(fabric_underlay.bfd) is set",
        allowed="V(true) needs C(fabric_underlay.bfd)",
    ),
}

#: Every host must see the same value.
FABRIC = {
    "fabric_underlay": Key(
        "dict", "How the hosts reach each other's loopbacks.", options=UNDERLAY, otherwise="eBGP unnumbered"
    ),
    "fabric_overlay": Key(
        "dict", "How EVPN routes travel.", options=OVERLAY, otherwise="eBGP over the sessions of the underlay"
    ),
    "fabric_links": listed(LINK, "The links of the underlay."),
    "fabric_vrfs": listed(VRF, "Tenants."),
    "fabric_networks": listed(NETWORK, "L2VNIs. A network without C(vrf) and C(gateways) is only bridged."),
    "fabric_anycast_mac": Key(
        "str",
        "The MAC address of all gateways on all VTEPs; the hosts of the group C(gateways) have the one after it.",
        default="02:00:5e:00:01:01",
        allowed="six bytes with colons, the first one even; write it L(in quotes,#yaml-takes-some-values-for-numbers)",
    ),
    "fabric_gateways": Key(
        "dict",
        "How L(central networks,gateways.md) are spread over the hosts of the group C(gateways).",
        options=GATEWAYS,
        otherwise="required if that group has hosts",
        allowed="needs an underlay of V(ebgp)",
    ),
}
#: Only hosts of the group `gateways` have them.
GATEWAY = {
    "fabric_north": listed(
        NORTH,
        "How a gateway reaches routers outside: eBGP sessions.",
        otherwise="required for hosts in C(gateways)",
        allowed="only for hosts in C(gateways)",
    ),
    "fabric_gateway_state": Key(
        "str",
        "One that is not V(active) owns nothing and stands by for nothing.",
        default=STATES[0],
        choices=STATES,
        allowed="only for hosts in C(gateways)",
    ),
    "fabric_gateway_weight": Key(
        "float",
        "How much a gateway carries compared with others.",
        default=1,
        minimum=0.001,
        maximum=999999.999,
        allowed="up to three decimals; only for hosts in C(gateways)",
    ),
}
HOST = {
    "fabric_asn": _ASN._replace(
        description="The AS number. VTEPs each have their own, neighbours have different ones; spines may share one.",
        otherwise="required with an V(ebgp) overlay",
        allowed="left out with V(ibgp)",
    ),
    "fabric_loopback": Key(
        "str",
        "On C(lo) as a /32, the router id of BGP and OSPF, and announced in the underlay.",
        required=True,
        allowed="an IPv4 address without prefix length, L(no address twice,#addresses-and-names)",
    ),
    "fabric_vtep": Key(
        "str",
        "The source address of tunnels, announced in the underlay as well.",
        otherwise="C(fabric_loopback)",
        allowed="IPv4 or IPv6, all hosts in one family; only for hosts in C(vteps) and C(gateways)",
    ),
    "fabric_ports": listed(PORT, "Interfaces towards tenants.", allowed="only for hosts in C(vteps)"),
    **GATEWAY,
}
