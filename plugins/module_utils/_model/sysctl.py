# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network sysctls, those of single interfaces among them (Documentation/networking/ip-sysctl.rst).

Private to this collection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Optional

from .values import is_interface_name

PART = re.compile(r"[0-9A-Za-z_-]+\Z")
VALUE = re.compile(r"[-0-9A-Za-z]+([ \t][-0-9A-Za-z]+)*\Z")


@dataclass(frozen=True)
class Sysctl:
    """``path`` is relative to /proc/sys, with slashes: ``net/ipv4/conf/br100/arp_ignore``.

    ``default`` is what a new interface starts with; None for a sysctl that belongs to no interface.
    """

    kind: ClassVar[str] = "sysctl"

    path: str
    value: str
    default: Optional[str] = None

    @property
    def key(self):
        return self.path

    @property
    def name(self):
        return self.path

    @property
    def dev(self):
        """The interface it belongs to, or None."""
        parts = self.path.split("/")
        return parts[3] if len(parts) == 5 and parts[2] in ("conf", "neigh") and parts[3] not in ("all", "default") else None

    @property
    def default_path(self):
        """The sysctl that new interfaces take their value from, or None."""
        return self.path.replace("/%s/" % self.dev, "/default/", 1) if self.dev else None

    def to_output(self):
        return {"path": self.path, "value": self.value}


def from_params(check):
    """A sysctl from its name (dots or slashes) and its value."""
    name, value = str(check.entry["name"]), str(check.entry["value"])
    path = name if "/" in name else name.replace(".", "/")
    parts = path.split("/")
    if parts[0] != "net" or len(parts) < 3 or not all(PART.match(part) or is_interface_name(part) for part in parts):
        check.wrong(
            "",
            "is not the name of a network sysctl",
            "Write one such as net.ipv4.ip_forward, with slashes where an interface's name has a dot",
        )
    if not VALUE.match(value):
        check.wrong("", "%r is not a sysctl's value" % value, "Write a number or a word")
    return Sysctl(path=path, value=value.replace("\t", " "))
