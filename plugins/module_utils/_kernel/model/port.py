# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of bridge ports (bridge(8), bridge link set). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, Dict, Optional, Tuple

from ..._core.disruption import SESSION
from ..._core.values import Checker
from .attribute import INTERFACE, NUMBER8, NUMBER16, NUMBER32, SWITCH8, Attribute, Settable, by_name, settings
from .kind import Kind

#: The option for whether a bridge learns on a port. A VXLAN device has a switch for itself, which is its option ``learning``.
LEARNING = "port_learning"


@dataclass(frozen=True)
class Port(Settable):
    """Bridge port options of the link ``dev``."""

    kind: ClassVar[str] = "port"
    #: IFLA_BRPORT_*. A port's cost depends on its speed (port_cost in net/bridge/br_if.c).
    attributes: ClassVar[Dict[str, Attribute]] = by_name(
        Attribute("learning", 8, SWITCH8, True, option=LEARNING),
        Attribute("neigh_suppress", 32, SWITCH8, False),
        Attribute("isolated", 33, SWITCH8, False),
        Attribute("hairpin", 4, SWITCH8, False),
        Attribute("guard", 5, SWITCH8, False),
        Attribute("vlan_tunnel", 29, SWITCH8, False),
        Attribute("flood", 9, SWITCH8, True, SESSION),
        Attribute("mcast_flood", 27, SWITCH8, True, SESSION),
        Attribute("bcast_flood", 30, SWITCH8, True, SESSION),
        Attribute("mcast_to_unicast", 28, SWITCH8, False),
        Attribute("mcast_router", 25, NUMBER8, 1, SESSION, last=2),
        Attribute("mcast_fast_leave", 7, SWITCH8, False),
        Attribute("mcast_max_groups", 42, NUMBER32, 0, SESSION),
        Attribute("neigh_vlan_suppress", 43, SWITCH8, False),
        Attribute("proxy_arp", 10, SWITCH8, False),
        Attribute("group_fwd_mask", 31, NUMBER16, 0),
        Attribute("locked", 39, SWITCH8, False, SESSION),
        Attribute("mab", 40, SWITCH8, False, SESSION),
        Attribute("cost", 3, NUMBER32, None, SESSION, last=65535),
        Attribute("priority", 2, NUMBER16, 32, SESSION, last=63),
        Attribute("root_block", 6, SWITCH8, False, SESSION),
        Attribute("backup_port", 34, INTERFACE, "", SESSION),
        Attribute("proxy_arp_wifi", 12, SWITCH8, False, sayable=False),
        Attribute("mcast_eht_hosts_limit", 37, NUMBER32, 512, sayable=False),
        Attribute("backup_nhid", 44, NUMBER32, 0, sayable=False),
    )

    dev: str
    settings: Dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> Any:
        return self.dev

    def option(self, attribute: str) -> Optional[str]:
        """The module option that speaks of an attribute, or None."""
        row = self.attributes[attribute]
        return row.called if row.sayable else None

    def to_output(self) -> Dict[str, Any]:
        values = ((self.option(name), value) for name, value in self.settings.items())
        return {**{option: value for option, value in values if option and value is not None}, "dev": self.dev}


#: What the kernel gives a link that joins a bridge (br_add_if in net/bridge/br_if.c).
FRESH = {row.name: row.default for row in Port.attributes.values() if row.default is not None}


def from_params(check: Checker) -> Optional[Port]:
    """The port options among a link's options, or None if there are none.

    A VXLAN device's ``learning`` is for its port, too, unless the port has its own value.
    """
    found = settings(check, Port)
    if found and not check.entry.get("bridge"):
        option = sorted(Port.attributes[name].called for name in found)[0]
        check.wrong("bridge", "is missing, but %s is an option of a bridge port" % option, "Name the bridge")
        return None
    learning = check.entry.get("learning")
    if learning is not None and check.entry.get("bridge"):
        found = _with_learning(learning, tuple(found.items()))
    return Port(check.entry.get("name") or "", found) if found else None


@lru_cache(maxsize=None)
def _with_learning(learning: bool, found: Tuple[Tuple[str, Any], ...]) -> Dict[str, Any]:
    return {"learning": learning, **dict(found)}


#: Entries of links list the options of their ports.
KIND = Kind("port", "port", Port, {row.name: row.change for row in Port.attributes.values()})
