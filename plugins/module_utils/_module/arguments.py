# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules, each named in one place. Private to this collection."""

from __future__ import annotations

from .._model.macvlan import MODES
from .._model.port import OPTIONS
from .._model.route import TYPES
from .._plan.operation import DISRUPTIONS

_STATE = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}
_NAMED = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "mtu": {"type": "int"},
    "up": {"type": "bool", "default": True},
}
_MAC = {"mac": {"type": "str"}, "ipv6_link_local": {"type": "bool"}}
_MASTER = {"bridge": {"type": "str"}, "vrf": {"type": "str"}}
_PORT = {option: {"type": "bool"} for option in OPTIONS}

VRF = {**_NAMED, "table": {"type": "int"}, **_STATE}
BRIDGE = {
    **_NAMED,
    **_MAC,
    "vrf": {"type": "str"},
    "vlan_filtering": {"type": "bool"},
    "stp": {"type": "bool"},
    **_STATE,
}
VXLAN = {
    **_NAMED,
    **_MAC,
    **_MASTER,
    **_PORT,
    "vni": {"type": "int"},
    "local": {"type": "str"},
    "remote": {"type": "str"},
    "group": {"type": "str"},
    "dev": {"type": "str"},
    "dstport": {"type": "int", "default": 4789},
    "ttl": {"type": "int"},
    "external": {"type": "bool"},
    "vnifilter": {"type": "bool"},
    **_STATE,
}
VETH = {**_NAMED, **_MAC, **_MASTER, **_PORT, "peer": {"type": "str"}, **_STATE}
VLAN = {**_NAMED, **_MAC, **_MASTER, **_PORT, "link": {"type": "str"}, "vlan": {"type": "int"}, **_STATE}
DUMMY = {**_NAMED, **_MAC, **_MASTER, **_PORT, **_STATE}
MACVLAN = {
    **_NAMED,
    **_MAC,
    **_MASTER,
    **_PORT,
    "link": {"type": "str"},
    "mode": {"type": "str", "choices": list(MODES), "default": "bridge"},
    **_STATE,
}
INTERFACE = {**_NAMED, **_MAC, **_MASTER, **_PORT, "up": {"type": "bool"}}
ADDRESS = {
    "dev": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "nodad": {"type": "bool"},
    "noprefixroute": {"type": "bool"},
    "metric": {"type": "int"},
    **_STATE,
}
RULE = {
    "priority": {"type": "int", "required": True},
    "family": {"type": "str", "choices": ["ipv4", "ipv6"], "default": "ipv4"},
    "action": {"type": "str", "choices": ["lookup", "blackhole", "unreachable", "prohibit"], "default": "lookup"},
    "table": {"type": "str"},
    "l3mdev": {"type": "bool", "default": False},
    "iif": {"type": "str"},
    "oif": {"type": "str"},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "fwmark": {"type": "str"},
    **_STATE,
}
BRIDGE_VLAN = {
    "dev": {"type": "str", "required": True},
    "vlan": {"type": "str", "required": True},
    "pvid": {"type": "bool"},
    "untagged": {"type": "bool"},
    "vni": {"type": "str"},
    **_STATE,
}
VNI = {
    "dev": {"type": "str", "required": True},
    "vni": {"type": "str", "required": True},
    "group": {"type": "str"},
    **_STATE,
}
FDB = {
    "dev": {"type": "str", "required": True},
    "mac": {"type": "str", "required": True},
    "dst": {"type": "str"},
    "vlan": {"type": "int"},
    "vni": {"type": "int"},
    "src_vni": {"type": "int"},
    "port": {"type": "int"},
    "via": {"type": "str"},
    "sticky": {"type": "bool"},
    **_STATE,
}
NEIGHBOR = {
    "dev": {"type": "str", "required": True},
    "ip": {"type": "str", "required": True},
    "mac": {"type": "str"},
    "proxy": {"type": "bool", "default": False},
    **_STATE,
}
_NEXTHOP = {"via": {"type": "str"}, "dev": {"type": "str"}, "onlink": {"type": "bool", "default": False}}
ROUTE = {
    "dst": {"type": "str", "required": True},
    "type": {"type": "str", "choices": list(TYPES), "default": "unicast"},
    **_NEXTHOP,
    "nexthops": {"type": "list", "elements": "dict", "options": {**_NEXTHOP, "weight": {"type": "int", "default": 1}}},
    "table": {"type": "str"},
    "metric": {"type": "int"},
    "src": {"type": "str"},
    **_STATE,
}

COMMON = {
    "netns": {"type": "str"},
    "lock_timeout": {"type": "int", "default": 60},
    "max_disruption": {"type": "str", "choices": list(DISRUPTIONS), "default": DISRUPTIONS[-1]},
}
PURGE = {"purge": {"type": "bool", "default": False}}


def listed(entry):
    """An option that is a list of such entries."""
    return {"type": "list", "elements": "dict", "options": entry}


DATAPLANE = {
    "vrfs": listed(VRF),
    "bridges": listed(BRIDGE),
    "vxlans": listed(VXLAN),
    "veths": listed(VETH),
    "vlans": listed(VLAN),
    "dummies": listed(DUMMY),
    "macvlans": listed(MACVLAN),
    "interfaces": listed(INTERFACE),
    "bridge_vlans": listed(BRIDGE_VLAN),
    "vnis": listed(VNI),
    "fdb": listed(FDB),
    "addresses": listed(ADDRESS),
    "routes": listed({**ROUTE, "vrf": {"type": "str"}}),
    "neighbors": listed(NEIGHBOR),
    "rules": listed(RULE),
    "sysctls": {"type": "dict"},
    **PURGE,
}
