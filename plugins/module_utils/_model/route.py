# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Static routes (ip-route(8)). Private to this collection."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from .rule import TABLES

TYPES = ("unicast", "blackhole", "unreachable", "prohibit")
#: What the kernel takes for the metric of an IPv6 route that is given none (IP6_RT_PRIO_USER).
IPV6_METRIC = 1024
TABLE_LAST = 4294967295


class Nexthop(NamedTuple):
    """Where packets go: to a gateway, by a device, or both. ``weight`` is 1 to 256."""

    via: str = ""
    dev: str = ""
    weight: int = 1
    onlink: bool = False

    def to_output(self):
        shown = {"via": self.via, "dev": self.dev, "weight": self.weight if self.weight != 1 else 0, "onlink": self.onlink}
        return {option: value for option, value in shown.items() if value}


class Route(NamedTuple):
    """A route of one table; ``owned`` when it carries our protocol number. ``src`` is the preferred source address."""

    family: str
    table: int
    dst: str
    metric: int = 0
    type: Optional[str] = None
    nexthops: Optional[Tuple[Nexthop, ...]] = None
    src: Optional[str] = None
    owned: Optional[bool] = None

    kind = "route"  # type: ignore[misc]

    @property
    def key(self):
        return self[:4]

    @property
    def dev(self):
        """The device of its first next hop, if that names one: the route goes with it."""
        return self.nexthops[0].dev if self.nexthops else ""

    @property
    def name(self):
        """How people name it."""
        words = [self.dst]
        words += ["table", str(self.table)] if self.table != TABLES["main"] else []
        words += ["metric", str(self.metric)] if self.metric else []
        return " ".join(words)

    def to_output(self):
        output = {"dst": self.dst, "table": self.table}
        for option in ("metric", "type", "src"):
            value = getattr(self, option)
            if value and value != "unicast":
                output[option] = value
        if self.nexthops and len(self.nexthops) == 1:
            output.update(self.nexthops[0].to_output())
        elif self.nexthops:
            output["nexthops"] = [hop.to_output() for hop in self.nexthops]
        return output


def from_params(check, vrfs):
    """A route from module options; ``vrfs`` are the tables of the document's VRFs by name."""
    entry = check.entry
    dst = check.prefix("dst", host_bits=False)
    if entry.get("dst") is None:
        check.wrong("dst", "is missing", "Write a network such as 10.0.0.0/8, or 0.0.0.0/0")
    family = "ipv6" if dst and ":" in dst else "ipv4"
    kind = entry.get("type") or "unicast"
    hops = _nexthops(check, family)
    if kind == "unicast" and not hops and entry.get("state", "present") == "present":
        check.wrong("via", "is missing, and so is dev", "Write the gateway as via, or the interface as dev, or nexthops")
    if kind != "unicast" and hops:
        check.wrong("type", "is %s, but the route leads somewhere" % kind, "Remove via, dev and nexthops, or type")
    metric = check.number("metric", 0, TABLE_LAST, "a metric")
    return Route(
        family,
        _table(check, vrfs),
        dst or "",
        metric or (IPV6_METRIC if family == "ipv6" else 0),
        kind,
        hops,
        check.address("src", False),
        True,
    )


def _table(check, vrfs):
    entry = check.entry
    name, value = entry.get("vrf"), entry.get("table")
    if name is not None:
        if value is not None:
            check.wrong("table", "is given together with vrf", "Keep one of the two")
        elif name not in vrfs:
            check.wrong("vrf", "%r is not among the document's vrfs" % name, "List it there, or write its table instead")
        return vrfs.get(name, 0)
    if value is None:
        return TABLES["main"]
    table = TABLES.get(value) or (int(value) if value.isdigit() and len(value) < 11 else 0)
    if not 1 <= table <= TABLE_LAST:
        check.wrong("table", "%r is not a routing table" % value, "Write a number from 1 to %d, or main" % TABLE_LAST)
    return table


def _nexthops(check, family):
    entry = check.entry
    listed = entry.get("nexthops")
    if not listed:
        return (_nexthop(check, family),) if entry.get("via") is not None or entry.get("dev") is not None else ()
    for option in ("via", "dev", "onlink"):
        if entry.get(option):
            check.wrong(option, "is given together with nexthops", "Write it into the nexthops")
    hops = [_nexthop(check.within("nexthops[%d]" % number, hop), family) for number, hop in enumerate(listed)]
    if len(set(hops)) < len(hops):
        check.wrong("nexthops", "has an entry twice", "Write one with a larger weight")
    return tuple(sorted(hops))


def _nexthop(check, family):
    via = check.address("via", False)
    if via and (":" in via) != (family == "ipv6"):
        check.wrong("via", "%s is not of the destination's address family" % via, "Write an %s address" % family)
    dev = check.interface("dev")
    if check.entry.get("onlink") and not dev:
        check.wrong("dev", "is missing, and onlink needs it", "Name the interface that the gateway is on")
    return Nexthop(via or "", dev or "", check.number("weight", 1, 256, "a weight") or 1, bool(check.entry.get("onlink")))
