# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""macvlan devices: more MAC addresses on one interface (drivers/net/macvlan.c). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

from .link import Link, common

#: Mode -> the kernel's number of it (MACVLAN_MODE_* in include/uapi/linux/if_link.h).
MODES = {"private": 1, "vepa": 2, "bridge": 4, "passthru": 8}


@dataclass(frozen=True)
class Macvlan(Link):
    """A macvlan device on the interface ``link``."""

    kind: ClassVar[str] = "macvlan"

    link: Optional[str] = None
    mode: Optional[str] = None

    @property
    def lower(self):
        return self.link


def from_params(check):
    """A macvlan device from module options."""
    link = check.interface("link")
    if check.entry.get("link") is None and check.entry.get("state", "present") == "present":
        check.wrong("link", "is missing", "Name the interface that it stands on")
    return Macvlan(link=link, mode=check.entry.get("mode"), **common(check))
