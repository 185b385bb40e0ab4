# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""macvlan devices: more MAC addresses on one interface (drivers/net/macvlan.c). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Dict, Optional

from ..._core.disruption import FIXED
from ..._core.values import Checker
from .attribute import NUMBER16, NUMBER32, Attribute, by_name
from .link import ETHERNET, Link, common, kind_of_link

#: Mode -> the kernel's number of it (MACVLAN_MODE_* in include/uapi/linux/if_link.h).
MODES = {"private": 1, "vepa": 2, "bridge": 4, "passthru": 8}


@dataclass(frozen=True)
class Macvlan(Link):
    """A macvlan device on the interface ``link``."""

    kind: ClassVar[str] = "macvlan"
    linked: ClassVar[str] = "link"
    #: IFLA_MACVLAN_*. macvlan_changelink() in drivers/net/macvlan.c refuses only the way into and out of passthru.
    attributes: ClassVar[Dict[str, Attribute]] = by_name(
        *ETHERNET,
        Attribute("mode", 1, NUMBER32, None, FIXED, words=MODES),
        Attribute("flags", 2, NUMBER16, 0, sayable=False),
        Attribute("bcqueuelen", 7, NUMBER32, 1000, sayable=False),
    )

    link: Optional[str] = None
    mode: Optional[str] = None

    @property
    def lower(self) -> Optional[str]:
        return self.link

    @property
    def is_sayable(self) -> bool:
        # The options lack the mode "source", and would take another for granted.
        return bool(self.mode)


def from_params(check: Checker) -> Macvlan:
    """A macvlan device from module options."""
    link = check.interface("link")
    if check.entry.get("link") is None and check.entry.get("state", "present") == "present":
        check.wrong("link", "is missing", "Name the interface that it stands on")
    return Macvlan.made(common(check, Macvlan), link=link, mode=check.entry.get("mode"))


KIND = kind_of_link(Macvlan, "macvlans", from_params, {"link": FIXED}, ("CONFIG_MACVLAN", "macvlan"))
