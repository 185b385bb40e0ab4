# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network sysctls, those of single interfaces among them (Documentation/networking/ip-sysctl.rst).

Private to this collection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, Optional

from ..._core.disruption import HITLESS, SESSION
from ..._core.values import is_interface_name
from .kind import Kind, each

PART = re.compile(r"[0-9A-Za-z_-]+\Z")
VALUE = re.compile(r"[-0-9A-Za-z]+([ \t][-0-9A-Za-z]+)*\Z")

#: Sysctls that set that of every interface (devinet_sysctl_forward in net/ipv4/devinet.c, addrconf_fixup_forwarding in
#: net/ipv6/addrconf.c), and what those of the interfaces have in common.
SETS_ALL = {
    "net/ipv4/ip_forward": "net/ipv4/conf/forwarding",
    "net/ipv4/conf/all/forwarding": "net/ipv4/conf/forwarding",
    "net/ipv6/conf/all/forwarding": "net/ipv6/conf/forwarding",
}
#: Sysctls that take nothing from traffic that flows; any other may.
HARMLESS = frozenset(
    (
        *("accept_dad", "accept_untracked_na", "arp_accept", "arp_announce", "arp_notify", "ndisc_notify", "dad_transmits"),
        *("app_solicit", "mcast_solicit", "mcast_resolicit", "ucast_solicit", "retrans_time_ms", "base_reachable_time_ms"),
        *("delay_first_probe_time", "gc_stale_time", "gc_thresh1", "gc_thresh2", "gc_thresh3", "unres_qlen_bytes"),
        *("fib_multipath_hash_policy", "fib_multipath_hash_fields"),
    )
)


@dataclass(frozen=True)
class Sysctl:
    """``path`` is relative to /proc/sys, with slashes: ``net/ipv4/conf/br100/arp_ignore``.

    ``default`` is what a new interface starts with; None for a sysctl that belongs to no interface. ``found`` is what it was
    before we changed it, None where it is that or that is not known.
    """

    kind: ClassVar[str] = "sysctl"

    path: str
    value: str
    default: Optional[str] = None
    found: Optional[str] = field(default=None, compare=False)

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

    @property
    def common(self):
        """The path without its interface: what those of all interfaces have in common."""
        return self.path.replace("/%s/" % self.dev, "/", 1) if self.dev else self.path

    def to_output(self):
        return {"path": self.path, "value": self.value}


def set_by(paths, names):
    """The sysctls of interfaces that are set by those at ``paths``: objects without a value."""
    parts = {SETS_ALL[path].rpartition("/") for path in paths if path in SETS_ALL}
    return [Sysctl("%s/%s/%s" % (start, name, end), "") for start, _slash, end in sorted(parts) for name in names]


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


def _change_of_value(actual: Sysctl, _value: str) -> str:
    return HITLESS if actual.path.rpartition("/")[2] in HARMLESS else SESSION


KIND = Kind("sysctl", "sysctl", Sysctl, {"value": _change_of_value}, "sysctls", each(from_params), is_described=False)
