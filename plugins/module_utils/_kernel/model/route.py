# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Static routes (ip-route(8)). Private to this collection."""

from __future__ import annotations

from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from ..._core.disruption import HITLESS, SESSION
from ..._core.errors import Problem
from ..._core.values import TOS_LAST, Checker, Columns, are_ipv4_networks, is_plain_network, whole_number
from .kind import Description, Kind, State, many
from .rule import TABLES, with_table

TYPES = ("unicast", "blackhole", "unreachable", "prohibit", "throw")
#: Which routers are preferred, of IPv6 routes alike (RFC 4191) -> the kernel's number of it.
PREFERENCES = {"low": 3, "medium": 0, "high": 1}
#: Metrics that a route has for transport protocols -> the kernel's number of each (RTAX_* in include/uapi/linux/rtnetlink.h).
METRICS = {"mtu": 2, "window": 3, "ssthresh": 6, "cwnd": 7, "advmss": 8, "reordering": 9, "hoplimit": 10, "initcwnd": 11,
           "rto_min": 13, "initrwnd": 14, "quickack": 15}  # fmt: skip
#: What the kernel takes for the metric of an IPv6 route that is given none (IP6_RT_PRIO_USER).
IPV6_METRIC = 1024
TABLE_LAST = METRIC_LAST = 4294967295
#: The kernel keeps a weight less one in eight bits (rtnh_hops in include/uapi/linux/rtnetlink.h).
WEIGHT_LAST = 256


class Nexthop(NamedTuple):
    """Where packets go: to a gateway, by a device, or both. ``weight`` is 1 to 256."""

    via: str = ""
    dev: str = ""
    weight: int = 1
    onlink: bool = False

    def to_output(self) -> Dict[str, Any]:
        shown = {"via": self.via, "dev": self.dev, "weight": self.weight if self.weight != 1 else 0, "onlink": self.onlink}
        return {option: value for option, value in shown.items() if value}


class Route(NamedTuple):
    """A route of one table; ``owned`` when it carries our protocol number. ``src`` is the preferred source address.

    ``tos`` is the type of service that it is for, 0 for any. ``metrics`` are pairs of :data:`METRICS` and numbers, ``lock``
    names those that hold whatever the network says. ``pref`` is for IPv6. ``daemon``: the routing protocol whose daemon keeps
    it.
    """

    family: str
    table: int
    dst: str
    metric: int = 0
    tos: int = 0
    type: Optional[str] = None
    nexthops: Optional[Tuple[Nexthop, ...]] = None
    src: Optional[str] = None
    metrics: Optional[Tuple[Tuple[str, int], ...]] = None
    lock: Optional[Tuple[str, ...]] = None
    pref: Optional[str] = None
    owned: Optional[bool] = None
    daemon: str = ""

    @property
    def kind(self) -> str:
        return "route"

    @property
    def key(self) -> Any:
        return self[:5]

    @property
    def dev(self) -> str:
        """The device of its first next hop, if that names one: the route goes with it."""
        return self.nexthops[0].dev if self.nexthops else ""

    @property
    def name(self) -> str:
        """How people name it."""
        words = [self.dst]
        words += ["table", str(self.table)] if self.table != TABLES["main"] else []
        words += ["metric", str(self.metric)] if self.metric else []
        words += ["tos", str(self.tos)] if self.tos else []
        return " ".join(words)

    def to_output(self) -> Dict[str, Any]:
        output = {"dst": self.dst, "table": self.table}
        for option in ("metric", "tos", "type", "src", "pref"):
            value = getattr(self, option)
            if value and value not in ("unicast", "medium"):
                output[option] = value
        if self.metrics or self.lock:
            output["metrics"] = {**dict(self.metrics or ()), **({"lock": list(self.lock)} if self.lock else {})}
        if self.nexthops and len(self.nexthops) == 1:
            output.update(self.nexthops[0].to_output())
        elif self.nexthops:
            output["nexthops"] = [hop.to_output() for hop in self.nexthops]
        return output


def keys(routes: Iterable[Any]) -> List[Any]:
    """What identifies each route."""
    return list(map(itemgetter(0, 1, 2, 3, 4), routes))


def from_columns(columns: Columns, present: State) -> List[Any]:
    """Routes from module options; a VRF's name stands for its table in the document."""
    vrfs = {made.name: made.table for made in present["link"].values() if made.kind == "vrf"}
    targets = columns.column("dst", partial(Checker.prefix, option="dst", host_bits=False), is_plain_network, are_ipv4_networks)
    metrics = columns.column("metric", partial(Checker.number, option="metric", first=0, last=TABLE_LAST, what="a metric"))
    sources = columns.column("src", partial(Checker.address, option="src", multicast=False))
    tables = columns.column("table", _table)
    for place, name in enumerate(columns.column("vrf", lambda check: _table_of_vrf(check, vrfs))):
        if name is not None:
            if columns.entries[place].get("table") is not None:
                columns.wrong((place,), Problem("table", "is given together with vrf", "Keep one of the two"))
            tables[place] = name
    families = ["ipv6" if dst and ":" in dst else "ipv4" for dst in targets]
    types = [type or "unicast" for type in columns.values("type")]
    metrics = [metric or (IPV6_METRIC if family == "ipv6" else 0) for metric, family in zip(metrics, families)]
    targets = [dst or "" for dst in targets]
    rare: Iterable[Iterable[Any]] = repeat(0), *repeat(repeat(None), 3)
    if not columns.lack("tos", "metrics", "pref"):
        rare = zip(*(_rarely(columns, place, *each) for place, each in enumerate(zip(columns.entries, families))))
    tos, *others = rare
    hops = _nexthops_of_all(columns, types, families)
    made = zip(families, tables, targets, metrics, tos, types, hops, sources, *others, repeat(True), repeat(""))
    return list(map(tuple.__new__, repeat(Route), made))


def _rarely(columns: Columns, place: int, entry: Dict[str, Any], family: str) -> Tuple[Any, ...]:
    """What few routes have: type of service, metrics, those of them that are locked, and preference."""
    problems: list[Problem] = []
    check = Checker(problems, "", entry)
    tos = check.number("tos", 0, TOS_LAST, "a type of service") or 0
    if tos and family == "ipv6":
        check.wrong("tos", "is for IPv4 routes", "Remove it")
    if entry.get("pref") and family == "ipv4":
        check.wrong("pref", "is for IPv6 routes", "Remove it")
    metrics = lock = None
    if entry.get("metrics") is not None:
        inner = check.within("metrics", entry["metrics"])
        numbers = {name: inner.number(name, 0, METRIC_LAST, "a value of it") for name in METRICS}
        metrics = tuple(sorted((name, number) for name, number in numbers.items() if number))
        lock = tuple(sorted(entry["metrics"].get("lock") or ()))
        for name in set(lock) - set(dict(metrics)):
            inner.wrong("lock", "names %s, which is not among the metrics" % name, "Write its value, too")
    for problem in problems:
        columns.wrong((place,), problem)
    return tos, metrics, lock, entry.get("pref")


def _table(check: Checker) -> Any:
    value = check.entry["table"]
    if value is None:
        return TABLES["main"]
    table = TABLES.get(value) or whole_number(value)
    if not 1 <= table <= TABLE_LAST:
        check.wrong("table", "%r is not a routing table" % value, "Write a number from 1 to %d, or main" % TABLE_LAST)
    return table


def _table_of_vrf(check: Checker, vrfs: Dict[str, Any]) -> Any:
    name = check.entry["vrf"]
    if name is not None and name not in vrfs:
        check.wrong("vrf", "%r is not among the document's vrfs" % name, "List it there, or write its table instead")
        return 0
    return vrfs.get(name)


def _nexthops_of_all(columns: Columns, types: List[str], families: List[str]) -> List[Tuple[Nexthop, ...]]:
    """The next hops of each entry, sorted; equal ones are checked once."""
    alike = zip(*map(columns.values, ("via", "dev", "onlink")), types, families)
    known: Dict[Any, Tuple[Nexthop, ...]] = {}
    found = []
    for place, (key, listed) in enumerate(zip(alike, columns.values("nexthops"))):
        hops = None if listed else known.get(key)
        if hops is None:
            problems: List[Problem] = []
            hops = _checked_nexthops(Checker(problems, "", columns.entries[place]), *key[-2:])
            for problem in problems:
                columns.wrong((place,), problem)
            # Only a route that is to be absent may lead nowhere.
            if not problems and not listed and (hops or types[place] != "unicast"):
                known[key] = hops
        found.append(hops)
    return found


def _checked_nexthops(check: Checker, kind: str, family: str) -> Tuple[Nexthop, ...]:
    """The next hops of one entry, which fit its type."""
    hops = _nexthops(check, family)
    if kind == "unicast" and not hops and check.entry.get("state") != "absent":
        check.wrong("via", "is missing, and so is dev", "Write the gateway as via, or the interface as dev, or nexthops")
    if kind != "unicast" and hops:
        check.wrong("type", "is %s, but the route leads somewhere" % kind, "Remove via, dev and nexthops, or type")
    return hops


def _nexthops(check: Checker, family: str) -> Tuple[Nexthop, ...]:
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


def _nexthop(check: Checker, family: str) -> Nexthop:
    via = check.address("via", False)
    if via and family == "ipv6" and ":" not in via:
        check.wrong("via", "%s is not of the destination's address family" % via, "Write an IPv6 address")
    dev = check.interface("dev")
    if check.entry.get("onlink") and not dev:
        check.wrong("dev", "is missing, and onlink needs it", "Name the interface that the gateway is on")
    return Nexthop(
        via or "", dev or "", check.number("weight", 1, WEIGHT_LAST, "a weight") or 1, bool(check.entry.get("onlink"))
    )


def _described(state: State) -> Description:
    return [(made.name, with_table(made.to_output())) for made in state[KIND.group].values()], []


KIND = Kind(
    "route",
    "route",
    Route,
    {"type": SESSION, "nexthops": SESSION, "src": HITLESS, "metrics": SESSION, "lock": SESSION, "pref": SESSION},
    "routes",
    many(from_columns),
    keys=keys,
    is_of_link=True,
    needs_raised_link=True,
    describe=_described,
)
