# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of addresses, routes, rules and entries. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key, listed
from ..._core.values import PORT_LAST, TOS_LAST, VLAN_FIRST, VLAN_LAST, VNI_LAST
from ..._kernel.model.address import METRIC_LAST, SCOPES
from ..._kernel.model.route import METRICS, PREFERENCES, TABLE_LAST, TYPES, WEIGHT_LAST
from ..._kernel.model.rule import LENGTH_LAST, PRIORITY_LAST
from .common import STATE

BRIDGE_VLAN = {
    "dev": Key("str", "Port of the bridge, or the bridge itself.", required=True),
    "vlan": Key("str", "VLAN or range of VLANs, as V(100) or V(100-199).", required=True),
    "pvid": Key("bool", "Whether untagged packets that come in belong to it."),
    "untagged": Key("bool", "Whether its packets leave without tag."),
    "vni": Key("str", "On an external VXLAN device the VNI, or as large a range of VNIs, that it stands for."),
    "state": STATE,
}
VNI = {
    "dev": Key("str", "VXLAN device with C(vnifilter).", required=True),
    "vni": Key("str", "VNI or range of VNIs, as V(10100) or V(10100-10199).", required=True),
    "group": Key("str", "Address that its broadcast goes to."),
    "state": STATE,
}
FDB = {
    "dev": Key("str", "VXLAN device, port of a bridge, or a bridge itself.", required=True),
    "mac": Key(
        "str",
        "MAC address; V(00:00:00:00:00:00) is for what no other entry is for, listed once for each V(dst).",
        required=True,
    ),
    "dst": Key(
        "str",
        (
            "Address of the VTEP that has it, or a multicast group for V(00:00:00:00:00:00). Without, the entry is "
            "one of the bridge that the interface is a port of; with V(local), it is an address of the host itself "
            "there, as an anycast gateway has one."
        ),
    ),
    "vlan": Key("int", "VLAN of a bridge's entry.", minimum=VLAN_FIRST, maximum=VLAN_LAST),
    "vni": Key("int", "VNI to send with, if not that of the device.", minimum=1, maximum=VNI_LAST),
    "src_vni": Key("int", "VNI that the entry is for, on an external device.", minimum=1, maximum=VNI_LAST),
    "port": Key("int", "UDP port to send to, if not that of the device.", minimum=1, maximum=PORT_LAST),
    "via": Key("str", "Interface to send by."),
    "sticky": Key("bool", "Whether a bridge keeps the address on this port, whatever it sees elsewhere."),
    "state": STATE,
}
ADDRESS = {
    "dev": Key("str", "Interface.", required=True),
    "address": Key("str", "Address with its prefix length.", required=True),
    "nodad": Key("bool", "Whether to do without duplicate address detection, for an IPv6 address."),
    "noprefixroute": Key("bool", "Whether to do without the route to the address's subnet."),
    "metric": Key(
        "int",
        (
            "The metric of that route; 0 is the kernel's own choice. FRR redistributes it with the route.",
            "An address whose metric changes is taken away and added again, because FRR does not notice the change.",
        ),
        minimum=0,
        maximum=METRIC_LAST,
    ),
    "peer": Key("str", "Other end of a point-to-point link. The prefix length is that of its network."),
    "scope": Key(
        "str",
        "Where an IPv4 address is valid. V(host) for one of 127.0.0.0/8, V(global) for others where this is not given.",
        choices=tuple(SCOPES),
    ),
    "broadcast": Key("str", "Broadcast address of an IPv4 network."),
    "label": Key("str", "Label of an IPv4 address, such as C(eth0:1)."),
    "home": Key("bool", "Whether it is the home address of a mobile IPv6 host."),
    "mngtmpaddr": Key("bool", "Whether the kernel makes temporary IPv6 addresses of its network."),
    "autojoin": Key("bool", "Whether the host joins the multicast group that the address is."),
    "state": STATE,
}
_NEXTHOP = {
    "via": Key("str", "Gateway."),
    "dev": Key("str", "Interface."),
    "onlink": Key("bool", "Whether the gateway is on the interface even if no subnet says so.", default=False),
}
_METRICS = {
    "mtu": "MTU of the path in bytes.",
    "window": "Largest window in bytes.",
    "ssthresh": "Slow start threshold in packets.",
    "cwnd": "Largest congestion window in packets.",
    "advmss": "MSS that is announced, in bytes.",
    "reordering": "Packets that may overtake each other.",
    "hoplimit": "Hop limit.",
    "initcwnd": "First congestion window in packets.",
    "rto_min": "Shortest time before a packet is sent again, in ms.",
    "initrwnd": "First receive window in packets.",
    "quickack": "Whether acknowledgements are sent at once, 1 for yes.",
}
ROUTE = {
    "dst": Key("str", "Network, as V(10.0.0.0/8).", required=True),
    "type": Key(
        "str",
        "What becomes of packets.",
        default="unicast",
        choices=TYPES,
    ),
    **_NEXTHOP,
    "nexthops": listed(
        {**_NEXTHOP, "weight": Key("int", "Share of the packets.", default=1, minimum=1, maximum=WEIGHT_LAST)},
        "Several gateways to share the packets.",
    ),
    "table": Key("str", "Routing table, a number or V(main). The default is V(main)."),
    "metric": Key("int", "Of routes to one network the one with the smallest is taken.", minimum=0, maximum=TABLE_LAST),
    "tos": Key("int", "Type of service that an IPv4 route is for; 0 for any.", minimum=0, maximum=TOS_LAST),
    "src": Key("str", "Source address for packets of the host's own."),
    "metrics": Key(
        "dict",
        "Metrics of the route for TCP and other protocols. The kernel chooses those that are not given.",
        options={
            **{name: Key("int", _METRICS[name], minimum=0, maximum=METRIC_LAST) for name in METRICS},
            "lock": Key(
                "list",
                "Those that hold whatever the network says, such as V(mtu).",
                choices=tuple(METRICS),
                elements="str",
            ),
        },
    ),
    "pref": Key("str", "Which routers are preferred, of IPv6 routes alike.", choices=tuple(PREFERENCES)),
    "state": STATE,
}
NEIGHBOR = {
    "dev": Key("str", "Interface.", required=True),
    "ip": Key("str", "IP address.", required=True),
    "mac": Key("str", "Its MAC address."),
    "proxy": Key("bool", "Whether the host answers for the address itself; then without C(mac).", default=False),
    "router": Key("bool", "Whether the neighbor is a router, for IPv6."),
    "state": STATE,
}
RULE = {
    "priority": Key("int", "Rules of lower numbers come first.", required=True, minimum=0, maximum=PRIORITY_LAST),
    "family": Key("str", "Address family.", default="ipv4", choices=("ipv4", "ipv6")),
    "action": Key(
        "str",
        "What happens to a packet that the rule selects.",
        default="lookup",
        choices=("lookup", "blackhole", "unreachable", "prohibit"),
    ),
    "table": Key("str", ("Routing table to look up, a number or V(main), V(local) or V(default). For the action V(lookup).")),
    "l3mdev": Key("bool", "Whether the rule is for packets of VRFs, and the table that of their VRF.", default=False),
    "iif": Key("str", "Interface the packet came in by."),
    "oif": Key("str", "Interface the packet is to leave by."),
    "from": Key("str", "Network of the source."),
    "to": Key("str", "Network of the destination."),
    "fwmark": Key("str", "Mark of the packet, with an optional mask."),
    "not": Key("bool", "Whether the rule is for packets that the rest of it does not select."),
    "tos": Key("int", "Type of service of the packet.", minimum=0, maximum=TOS_LAST),
    "ipproto": Key("str", "Protocol of the packet, a number or a name such as V(tcp)."),
    "sport": Key("str", "Source port of the packet, or a range of them, as V(1000-2000)."),
    "dport": Key("str", "Destination port of the packet, or a range of them."),
    "uidrange": Key("str", "User that the packet comes from, or a range of them."),
    "suppress_prefixlength": Key(
        "int", "Routes count only if their prefix is longer than this.", minimum=0, maximum=LENGTH_LAST
    ),
    "state": STATE,
}
