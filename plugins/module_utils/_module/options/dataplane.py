# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of a data plane: all kinds. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key, listed
from .common import purge
from .entries import ADDRESS, BRIDGE_VLAN, FDB, NEIGHBOR, ROUTE, RULE, VNI
from .links import BRIDGE, DUMMY, INTERFACE, MACVLAN, VETH, VLAN, VRF, VXLAN

_DOCUMENT_ROUTE = {**ROUTE, "vrf": Key("str", "VRF of the document, in whose table the route is.")}
DATAPLANE = {
    "vrfs": listed(VRF, "VRF devices. See M(evpn.fabric.vrf)."),
    "bridges": listed(BRIDGE, "Bridges. See M(evpn.fabric.bridge)."),
    "vxlans": listed(VXLAN, "VXLAN devices. See M(evpn.fabric.vxlan)."),
    "veths": listed(VETH, ("Ends of veth pairs. An end that is not listed is made with its peer. See M(evpn.fabric.veth).")),
    "vlans": listed(VLAN, "VLAN devices. See M(evpn.fabric.vlan)."),
    "dummies": listed(DUMMY, "Dummy devices. See M(evpn.fabric.dummy)."),
    "macvlans": listed(MACVLAN, "macvlan devices. See M(evpn.fabric.macvlan)."),
    "interfaces": listed(
        INTERFACE,
        (
            "Interfaces that exist without this collection, such as physical ports. They are never made or removed; "
            "with C(purge) one that is no longer listed gets back what it had before. See M(evpn.fabric.interface)."
        ),
    ),
    "bridge_vlans": listed(BRIDGE_VLAN, "VLANs of bridge ports, for bridges that tell VLANs apart."),
    "vnis": listed(VNI, "VNIs that external VXLAN devices with a filter take."),
    "fdb": listed(FDB, "Static forwarding entries. See M(evpn.fabric.fdb)."),
    "addresses": listed(ADDRESS, "Addresses of interfaces, also of those that are not in the document."),
    "routes": listed(_DOCUMENT_ROUTE, "Static routes. See M(evpn.fabric.routes)."),
    "neighbors": listed(NEIGHBOR, "Permanent ARP and ND entries. See M(evpn.fabric.neighbors)."),
    "rules": listed(RULE, "Routing policy rules. See M(evpn.fabric.ip_rules)."),
    "sysctls": Key(
        "dict",
        (
            (
                "Network sysctls, name to value. Use slashes where the name of an interface has a dot, such as "
                "C(net/ipv4/conf/eth0.100/forwarding)."
            ),
            "Those of an interface are set before it goes up.",
        ),
    ),
    "gateway": Key(
        "bool",
        (
            "Whether the host is a gateway of M(evpn.fabric.gateway_failover).",
            (
                "If V(false), C(purge) also takes away what that module leaves in the kernel of a host that was one. "
                "These are addresses of buckets, if C(addresses) is listed, and what keeps bridges from answering ARP and"
                " ND, an C(arp_ignore) of 8 and the nftables table C(ip6 evpn_gateway). An C(arp_ignore) that C(sysctls) "
                "lists is not looked at."
            ),
            "If V(true), or not given, all of that stays as it is.",
        ),
    ),
    **purge(
        (
            "Whether objects of this collection that are not listed are removed. Only of kinds that are listed; an "
            "empty list will do."
        ),
        (
            "What is no longer said of an interface, and sysctls of interfaces that are not listed any more, return "
            "to what they were."
        ),
    ),
}
