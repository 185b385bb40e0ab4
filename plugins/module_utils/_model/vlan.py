# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""802.1Q VLAN devices on top of another link. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

from .link import Link, common


@dataclass(frozen=True)
class Vlan(Link):
    """A VLAN device: tag ``vlan`` on the device ``link``."""

    kind: ClassVar[str] = "vlan"

    link: Optional[str] = None
    vlan: Optional[int] = None

    @property
    def lower(self):
        return self.link


def from_params(check):
    """A VLAN device from module options."""
    present = check.entry.get("state", "present") == "present"
    link, vlan = check.interface("link", required=present), check.number("vlan", 1, 4094, "a VLAN")
    if present and check.entry.get("vlan") is None:
        check.wrong("vlan", "is missing", "Write a number from 1 to 4094")
    return Vlan(link=link, vlan=vlan, **common(check))
