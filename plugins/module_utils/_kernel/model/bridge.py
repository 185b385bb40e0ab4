# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bridges (Documentation/networking/bridge.rst). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Optional

from ..._core.disruption import LINK, SESSION
from ..._core.values import VLAN_LAST, Checker
from .attribute import BIT, NETWORK16, NUMBER8, NUMBER16, NUMBER32, NUMBER64, SWITCH8, SWITCH32, Attribute, by_name
from .link import ETHERNET, Link, common, kind_of_link

#: Which tag a VLAN has: the customer's or the service's (IEEE 802.1Q), by their EtherTypes.
VLAN_PROTOCOLS = {"802.1Q": 0x8100, "802.1ad": 0x88A8}


@dataclass(frozen=True)
class Bridge(Link):
    """A bridge; ``stp`` is the kernel's own spanning tree.

    ``default_vlan`` is the VLAN that a port is given when it joins, 0 for none. Where we turn VLAN filtering on, and nobody
    asks for one, there is none: ports carry the VLANs that are listed for them. ``ageing`` says after how many hundredths of a
    second MAC addresses are forgotten, as it is configured; None where that is not known.
    """

    kind: ClassVar[str] = "bridge"
    #: IFLA_BR_*. Times are hundredths of a second.
    attributes: ClassVar[Dict[str, Attribute]] = by_name(
        *ETHERNET,
        Attribute("ageing", 4, NUMBER32, 30000, option="ageing_time"),
        Attribute("stp", 5, SWITCH32, False, LINK),
        Attribute("priority", 6, NUMBER16, 32768, SESSION),
        Attribute("forward_delay", 1, NUMBER32, 1500, SESSION),
        Attribute("hello_time", 2, NUMBER32, 200, SESSION),
        Attribute("max_age", 3, NUMBER32, 2000, SESSION),
        Attribute("vlan_filtering", 7, SWITCH8, False, LINK),
        Attribute("vlan_protocol", 8, NETWORK16, "802.1Q", LINK, words=VLAN_PROTOCOLS),
        Attribute("default_vlan", 39, NUMBER16, 1, SESSION, last=VLAN_LAST, option="vlan_default_pvid"),
        Attribute("vlan_stats_enabled", 41, SWITCH8, False),
        Attribute("vlan_stats_per_port", 45, SWITCH8, False),
        Attribute("group_fwd_mask", 9, NUMBER16, 0),
        Attribute("no_linklocal_learn", 46, BIT, False, bit=0),
        Attribute("fdb_max_learned", 49, NUMBER32, 0),
        Attribute("mcast_snooping", 23, SWITCH8, True, SESSION),
        Attribute("mcast_vlan_snooping", 46, BIT, False, SESSION, bit=1),
        Attribute("mcast_router", 22, NUMBER8, 1, SESSION, last=2),
        Attribute("mcast_querier", 25, SWITCH8, False),
        Attribute("mcast_query_use_ifaddr", 24, SWITCH8, False),
        Attribute("mcast_igmp_version", 43, NUMBER8, 2),
        Attribute("mcast_mld_version", 44, NUMBER8, 1),
        Attribute("mcast_hash_max", 27, NUMBER32, 4096),
        Attribute("mcast_stats_enabled", 42, SWITCH8, False),
        Attribute("nf_call_iptables", 36, SWITCH8, False, SESSION),
        Attribute("nf_call_ip6tables", 37, SWITCH8, False, SESSION),
        Attribute("nf_call_arptables", 38, SWITCH8, False, SESSION),
        Attribute("mcast_last_member_count", 28, NUMBER32, 2),
        Attribute("mcast_startup_query_count", 29, NUMBER32, 2),
        Attribute("mcast_last_member_interval", 30, NUMBER64, 100),
        Attribute("mcast_membership_interval", 31, NUMBER64, 26000),
        Attribute("mcast_querier_interval", 32, NUMBER64, 25500),
        Attribute("mcast_query_interval", 33, NUMBER64, 12500),
        Attribute("mcast_query_response_interval", 34, NUMBER64, 1000),
        Attribute("mcast_startup_query_interval", 35, NUMBER64, 3124),
        Attribute("mst_enabled", 46, BIT, False, bit=2, sayable=False),
        Attribute("fdb_local_vlan_0", 46, BIT, False, bit=4, sayable=False),
    )

    may_be_port: ClassVar[bool] = False

    vlan_filtering: Optional[bool] = None
    stp: Optional[bool] = None
    default_vlan: Optional[int] = None
    ageing: Optional[int] = None

    @property
    def usual(self) -> Dict[str, Any]:
        # Where we turn filtering on there is no default VLAN unless one is asked for.
        return {**super().usual, **({"vlan_default_pvid": 0} if self.vlan_filtering else {})}


def from_params(check: Checker) -> Bridge:
    """A bridge from module options."""
    rows = Bridge.attributes
    return Bridge.made(
        common(check, Bridge),
        vlan_filtering=check.entry.get("vlan_filtering"),
        stp=check.entry.get("stp"),
        default_vlan=check.number("vlan_default_pvid", 0, rows["default_vlan"].largest, "a VLAN, nor 0 for none"),
        ageing=check.number("ageing_time", 0, rows["ageing"].largest, "a time"),
    )


KIND = kind_of_link(Bridge, "bridges", from_params, provider=("CONFIG_BRIDGE", "bridge"))
