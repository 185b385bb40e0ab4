# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules, each named in one place. Private to this collection."""

from __future__ import annotations

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
_PORT = {option: {"type": "bool"} for option in ("learning", "neigh_suppress", "isolated", "hairpin", "guard")}

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
    **_STATE,
}
VETH = {**_NAMED, **_MAC, **_MASTER, **_PORT, "peer": {"type": "str"}, **_STATE}
VLAN = {**_NAMED, **_MAC, **_MASTER, **_PORT, "link": {"type": "str"}, "vlan": {"type": "int"}, **_STATE}
INTERFACE = {**_NAMED, **_MAC, **_MASTER, **_PORT, "up": {"type": "bool"}}
ADDRESS = {
    "dev": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "nodad": {"type": "bool"},
    "noprefixroute": {"type": "bool"},
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

COMMON = {
    "netns": {"type": "str"},
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
    "interfaces": listed(INTERFACE),
    "addresses": listed(ADDRESS),
    "rules": listed(RULE),
    "sysctls": {"type": "dict"},
    **PURGE,
}
