# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules, each named in one place. Private to this collection."""

from __future__ import annotations

from .._core.operation import DISRUPTIONS
from .._kernel.model.address import SCOPES
from .._kernel.model.bridge import Bridge
from .._kernel.model.dummy import Dummy
from .._kernel.model.link import Interface
from .._kernel.model.macvlan import Macvlan
from .._kernel.model.port import LEARNING, Port
from .._kernel.model.route import METRICS, PREFERENCES, TYPES
from .._kernel.model.veth import Veth
from .._kernel.model.vlan import Vlan
from .._kernel.model.vrf import Vrf
from .._kernel.model.vxlan import Vxlan


def _of_table(model):
    """The options that a model's table has."""
    rows = (row for row in model.attributes.values() if row.sayable)
    return {row.called: {"type": row.type, **({"choices": list(row.words)} if row.words else {})} for row in rows}


_STATE = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}
_NAMED = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "mtu": {"type": "int"},
    "up": {"type": "bool", "default": True},
}
_MAC = {"mac": {"type": "str"}, "ipv6_link_local": {"type": "bool"}}
_MASTER = {"bridge": {"type": "str"}, "vrf": {"type": "str"}}
#: A VXLAN device has another ``learning``.
_VXLAN_PORT = {**_MASTER, **_of_table(Port)}
_PORT = {**_VXLAN_PORT, LEARNING: {"type": "bool", "aliases": ["learning"]}}

VRF = {**_NAMED, **_of_table(Vrf), **_STATE}
BRIDGE = {**_NAMED, **_MAC, **_of_table(Bridge), "vrf": {"type": "str"}, **_STATE}
VXLAN = {**_NAMED, **_MAC, **_VXLAN_PORT, **_of_table(Vxlan), "dstport": {"type": "int", "default": 4789}, **_STATE}
VETH = {**_NAMED, **_MAC, **_PORT, **_of_table(Veth), "peer": {"type": "str"}, **_STATE}
VLAN = {**_NAMED, **_MAC, **_PORT, **_of_table(Vlan), "link": {"type": "str"}, **_STATE}
DUMMY = {**_NAMED, **_MAC, **_PORT, **_of_table(Dummy), **_STATE}
MACVLAN = {**_NAMED, **_MAC, **_PORT, **_of_table(Macvlan), "link": {"type": "str"}, **_STATE}
MACVLAN["mode"] = {**MACVLAN["mode"], "default": "bridge"}
INTERFACE = {**_NAMED, **_MAC, **_PORT, **_of_table(Interface), "up": {"type": "bool"}}
ADDRESS = {
    "dev": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "nodad": {"type": "bool"},
    "noprefixroute": {"type": "bool"},
    "metric": {"type": "int"},
    "peer": {"type": "str"},
    "scope": {"type": "str", "choices": list(SCOPES)},
    "broadcast": {"type": "str"},
    "label": {"type": "str"},
    "home": {"type": "bool"},
    "mngtmpaddr": {"type": "bool"},
    "autojoin": {"type": "bool"},
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
    "not": {"type": "bool"},
    "tos": {"type": "int"},
    "ipproto": {"type": "str"},
    "sport": {"type": "str"},
    "dport": {"type": "str"},
    "uidrange": {"type": "str"},
    "suppress_prefixlength": {"type": "int"},
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
    "router": {"type": "bool"},
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
    "tos": {"type": "int"},
    "src": {"type": "str"},
    "metrics": {
        "type": "dict",
        "options": {
            **{name: {"type": "int"} for name in METRICS},
            "lock": {"type": "list", "elements": "str", "choices": list(METRICS)},
        },
    },
    "pref": {"type": "str", "choices": list(PREFERENCES)},
    **_STATE,
}

#: What every module takes that changes a host.
TRANSACTION = {
    "lock_timeout": {"type": "int", "default": 60},
    "max_disruption": {"type": "str", "choices": list(DISRUPTIONS), "default": DISRUPTIONS[-1]},
}
COMMON = {"netns": {"type": "str"}, **TRANSACTION}
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
    "gateway": {"type": "bool"},
    **PURGE,
}
FRR = {
    "config": {"type": "str", "required": True, "no_log": True},
    "daemons": {"type": "list", "elements": "str"},
    "save": {"type": "bool", "default": True},
    "keep": {"type": "list", "elements": "str"},
}
FABRIC_HOST = {
    "version": {"type": "int", "choices": [1], "default": 1},
    "kernel": {"type": "dict"},
    "frr": {"type": "dict", "options": FRR},
    **TRANSACTION,
}
