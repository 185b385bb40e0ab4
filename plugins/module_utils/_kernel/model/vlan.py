# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLAN devices on top of another link. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Dict, Optional

from ..._core.disruption import FIXED, SESSION
from ..._core.values import VLAN_FIRST, VLAN_LAST, Checker
from .attribute import BIT, EGRESS, INGRESS, NETWORK16, NUMBER16, Attribute, by_name
from .bridge import VLAN_PROTOCOLS
from .link import ETHERNET, Link, common, kind_of_link


@dataclass(frozen=True)
class Vlan(Link):
    """A VLAN device: tag ``vlan`` on the device ``link``."""

    kind: ClassVar[str] = "vlan"
    linked: ClassVar[str] = "link"
    #: IFLA_VLAN_*; bits are VLAN_FLAG_* (include/uapi/linux/if_vlan.h).
    attributes: ClassVar[Dict[str, Attribute]] = by_name(
        *ETHERNET,
        Attribute("vlan", 1, NUMBER16, None, FIXED, last=VLAN_LAST),
        Attribute("protocol", 5, NETWORK16, "802.1Q", FIXED, words=VLAN_PROTOCOLS),
        Attribute("reorder_hdr", 2, BIT, True, bit=0),
        Attribute("gvrp", 2, BIT, False, bit=1),
        Attribute("mvrp", 2, BIT, False, bit=3),
        Attribute("loose_binding", 2, BIT, False, SESSION, bit=2),
        Attribute("bridge_binding", 2, BIT, False, SESSION, bit=4),
        Attribute("ingress_qos_map", 4, INGRESS, ""),
        Attribute("egress_qos_map", 3, EGRESS, ""),
    )

    link: Optional[str] = None
    vlan: Optional[int] = None

    @property
    def lower(self) -> Optional[str]:
        return self.link


def from_params(check: Checker) -> Vlan:
    """A VLAN device from module options."""
    present = check.entry.get("state", "present") == "present"
    link, vlan = check.interface("link", required=present), check.number("vlan", VLAN_FIRST, VLAN_LAST, "a VLAN")
    if present and check.entry.get("vlan") is None:
        check.wrong("vlan", "is missing", "Write a number from %d to %d" % (VLAN_FIRST, VLAN_LAST))
    return Vlan.made(common(check, Vlan), link=link, vlan=vlan)


KIND = kind_of_link(Vlan, "vlans", from_params, {"link": FIXED}, ("CONFIG_VLAN_8021Q", "8021q"))
