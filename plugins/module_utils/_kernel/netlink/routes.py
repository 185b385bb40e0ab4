# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes on the wire (include/uapi/linux/rtnetlink.h). Private to this collection."""

from __future__ import annotations

from struct import Struct
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..model.route import KIND, METRICS, PREFERENCES, Nexthop, Route
from .codec import Codec, Host, Message, dumped
from .wire import (
    ATTRIBUTE,
    CREATE,
    REPLACE,
    REQUEST,
    U8,
    U16,
    U32,
    DumpRequest,
    Names,
    NumberOf,
    address_bytes,
    address_text,
    attribute,
    attributes,
    message,
    nested,
)

NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
DST, OIF, GATEWAY, PRIORITY, PREFSRC, METRIC, MULTIPATH, TABLE, VIA, PREF, ENCAP_TYPE = 1, 4, 5, 6, 7, 8, 9, 15, 18, 20, 21
UNICAST, LOCAL = 1, 2
TYPES = {1: "unicast", 6: "blackhole", 7: "unreachable", 8: "prohibit", 9: "throw"}
LOCK = 1  # RTAX_LOCK
RTM_F_CLONED, RTNH_F_ONLINK = 0x200, 4
RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA = 1, 2, 9
#: Protocols of routes that people and scripts make: unspecified, boot, static, and that of OpenStack's evpn_agent.
BY_HAND = (0, 3, 4, 255)
#: Protocols whose routes a daemon keeps (include/uapi/linux/rtnetlink.h; FRR's zebra/rt_netlink.h).
DAEMONS = {11: "zebra", 12: "bird", 16: "dhcp", 17: "mrouted", 18: "keepalived", 42: "babel", 84: "OVN", 99: "openr",
           **dict.fromkeys(range(186, 200), "FRR"), 186: "bgp", 187: "isis", 188: "ospf", 189: "rip", 192: "eigrp"}  # fmt: skip
#: Protocols of the kernel's own routes: redirects, its own, router advertisements.
KERNELS = (RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA)
SCOPE_UNIVERSE, SCOPE_LINK, SCOPE_NOWHERE = 0, 253, 255
AF_INET, AF_INET6 = 2, 10
FAMILIES = {"ipv4": AF_INET, "ipv6": AF_INET6}
_ADDRESS_BYTES = {"ipv4": 4, "ipv6": 16}
NAMES = {number: family for family, number in FAMILIES.items()}
_NUMBERS = {name: number for number, name in TYPES.items()}
METRIC_NAMES = {number: name for name, number in METRICS.items()}
_PREFERENCES = {number: word for word, number in PREFERENCES.items()}
ANY = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}

HEADER = Struct("=BBBBBBBBI")
_rtnexthop = Struct("=HBBi")
#: Where the kernel puts the destination of an IPv4 route, and the two attributes that it begins with: the table, then the
#: destination (fib_dump_info in net/ipv4/fib_semantics.c).
_IPV4_PLACE, _IPV4_START = (20, 28), ATTRIBUTE.pack(8, TABLE) + ATTRIBUTE.pack(8, DST)
#: What is said of a message that is about no route.
_NO_ROUTE = (None, 0, 0, 0, ())


def dump_request() -> DumpRequest:
    """What to ask for: the routes of all tables and both families."""
    return GETROUTE, HEADER.pack(0, 0, 0, 0, 0, 0, 0, 0, 0)


def decode(bodies: Iterable[bytes], names: Names, owner: int) -> Dict[Any, Route]:
    """Routes by key, those that the kernel made by itself left out, and encapsulating ones, which are others.

    ``names`` maps interface numbers to names, ``owner`` is our protocol number. Routes that differ in nothing but the
    destination are common: all else of them is read once.
    """
    known: dict = {}
    made = {}
    for body in bodies:
        start, end = _IPV4_PLACE if body[12:16] + body[20:24] == _IPV4_START else _destination(body)
        rest = body[:start] + body[end:]
        if rest not in known:
            known[rest] = _without_destination(rest, names, owner)
        family, table, metric, tos, others = known[rest]
        if family is not None:
            dst = "%s/%d" % (address_text(body[start + 4 : end]), body[1]) if end > start else ANY[family]
            made[family, table, dst, metric, tos] = tuple.__new__(Route, (family, table, dst, metric, tos, *others))
    return made


def _destination(body: bytes) -> Tuple[int, int]:
    """Where the destination's attribute begins and ends; the same place twice if there is none."""
    at = HEADER.size
    while at + 4 <= len(body):
        length, kind = ATTRIBUTE.unpack_from(body, at)
        if kind == DST:
            return at, at + ((length + 3) & ~3)
        at += max((length + 3) & ~3, 4)
    return at, at


def _without_destination(body: bytes, names: Names, owner: int) -> Tuple[Any, ...]:
    """What a message without its destination says: family, table, metric, type of service and the fields after it.

    The family is None where it is about something else.
    """
    family, _length, _src, tos, table, protocol, _scope, kind, flags = HEADER.unpack_from(body)
    if kind not in TYPES or flags & RTM_F_CLONED or family not in NAMES:
        return _NO_ROUTE
    if protocol in KERNELS:
        return _NO_ROUTE
    found = attributes(body, 12, len(body))
    if ENCAP_TYPE in found:
        return _NO_ROUTE
    hops = _nexthops(found, flags, names) if kind == UNICAST else ()
    if None in hops:
        return _NO_ROUTE  # an interface of it has come since the links were read
    others = (
        TYPES[kind],
        hops,
        address_text(found[PREFSRC]) if PREFSRC in found else "",
        *_metrics(found.get(METRIC, b"")),
        _PREFERENCES.get(found[PREF][0]) if PREF in found else None,
        protocol == owner,
        "" if protocol in (*BY_HAND, owner) else DAEMONS.get(protocol, "protocol %d" % protocol),
    )
    table = U32.unpack(found[TABLE])[0] if TABLE in found else table
    return NAMES[family], table, U32.unpack(found[PRIORITY])[0] if PRIORITY in found else 0, tos, others


def _metrics(payload: bytes) -> Tuple[Tuple[Tuple[str, int], ...], Tuple[str, ...]]:
    """The metrics of a route, and the names of those that are locked."""
    found = attributes(payload, 0, len(payload))
    locked = U32.unpack(found[LOCK])[0] if LOCK in found else 0
    metrics = sorted((METRIC_NAMES[number], U32.unpack(value)[0]) for number, value in found.items() if number in METRIC_NAMES)
    return tuple(metrics), tuple(sorted(name for number, name in METRIC_NAMES.items() if locked >> number & 1))


def _nexthops(found: Mapping[int, bytes], flags: int, names: Names) -> Tuple[Optional[Nexthop], ...]:
    if MULTIPATH not in found:
        return (_nexthop(found, U32.unpack(found[OIF])[0] if OIF in found else 0, 0, flags, names),)
    hops = []
    for payload in each_hop(found[MULTIPATH]):
        _length, hop_flags, weight, number = _rtnexthop.unpack_from(payload)
        hops.append(_nexthop(attributes(payload, 8, len(payload)), number, weight, hop_flags, names))
    known = sorted(hop for hop in hops if hop is not None)
    return tuple(known if len(known) == len(hops) else hops)


def each_hop(payload: bytes) -> Iterator[bytes]:
    """The next hops of a route that has several: header and attributes of each."""
    at = 0
    while at + 8 <= len(payload):
        length = _rtnexthop.unpack_from(payload, at)[0]
        yield payload[at : at + length]
        at += max((length + 3) & ~3, 8)


def _nexthop(found: Mapping[int, bytes], number: int, weight: int, flags: int, names: Names) -> Optional[Nexthop]:
    """A next hop, None where the interface with this ``number`` (0: none) is not known."""
    if number and number not in names:
        return None
    gateway = found.get(GATEWAY) or found.get(VIA, b"")[2:]
    return Nexthop(address_text(gateway) if gateway else "", names.get(number, ""), weight + 1, bool(flags & RTNH_F_ONLINK))


def add_all(routes: Sequence[Route], number_of: NumberOf, owner: int) -> List[Message]:
    """Messages that add routes, or replace those that are there: one for each.

    Routes that differ in nothing but the destination are common: all else of their messages is made once.
    """
    known: dict = {}
    made = []
    for route in routes:
        family, table, dst, *rest = route
        address, _slash, length = dst.partition("/")
        key = (length, family, table, *rest)
        if key not in known:
            known[key] = _start(route, length, owner), _end(route, number_of)
        start, end = known[key]
        made.append((NEWROUTE, CREATE | REPLACE | REQUEST, start + (address_bytes(address) if length != "0" else b"") + end))
    return made


def delete(route: Route, number_of: NumberOf) -> List[Message]:
    """Messages that remove a route."""
    address, _slash, length = route.dst.partition("/")
    destination = address_bytes(address) if length != "0" else b""
    return [message(DELROUTE, 0, _start(route, length, 0) + destination + _end(route, number_of))]


def _start(route: Route, length: str, owner: int) -> bytes:
    """What comes before the address of the destination; a default route has none."""
    hops: tuple = route.nexthops or ()
    scope = SCOPE_UNIVERSE
    if owner == 0:
        scope = SCOPE_NOWHERE  # any
    elif route.family == "ipv4" and route.type == "unicast" and not any(hop.via for hop in hops):
        scope = SCOPE_LINK
    flags = RTNH_F_ONLINK if len(hops) == 1 and hops[0].onlink else 0
    table = route.table if route.table < 256 else 0
    kind = _NUMBERS[route.type or "unicast"]
    header = HEADER.pack(FAMILIES[route.family], int(length), 0, route.tos, table, owner, scope, kind, flags)
    return header + (ATTRIBUTE.pack(4 + _ADDRESS_BYTES[route.family], DST) if length != "0" else b"")


def _end(route: Route, number_of: NumberOf) -> bytes:
    """What follows: table, metric, source address, metrics, preference and next hops."""
    hops: tuple = route.nexthops or ()
    parts = [attribute(TABLE, U32.pack(route.table))]
    if route.metric:
        parts.append(attribute(PRIORITY, U32.pack(route.metric)))
    if route.src:
        parts.append(attribute(PREFSRC, address_bytes(route.src)))
    if route.metrics:
        locked = sum(1 << METRICS[name] for name in route.lock or ())
        metrics = [attribute(METRICS[name], U32.pack(value)) for name, value in route.metrics]
        parts.append(nested(METRIC, *metrics, *([attribute(LOCK, U32.pack(locked))] if locked else ())))
    if route.pref and route.pref != "medium":
        parts.append(attribute(PREF, U8.pack(PREFERENCES[route.pref])))
    if len(hops) == 1:
        parts.append(_gateway(hops[0], route.family))
        parts += [attribute(OIF, U32.pack(number_of(hops[0].dev)))] if hops[0].dev else []
    elif hops:
        parts.append(attribute(MULTIPATH, b"".join(_hop_body(hop, route.family, number_of) for hop in hops)))
    return b"".join(parts)


def _gateway(hop: Nexthop, family: str) -> bytes:
    """The attribute for a gateway, which may be of IPv6 for an IPv4 route (RFC 5549)."""
    if not hop.via:
        return b""
    if ":" in hop.via and family == "ipv4":
        return attribute(VIA, U16.pack(AF_INET6) + address_bytes(hop.via))
    return attribute(GATEWAY, address_bytes(hop.via))


def _hop_body(hop: Nexthop, family: str, number_of: NumberOf) -> bytes:
    gateway = _gateway(hop, family)
    number = number_of(hop.dev) if hop.dev else 0
    return _rtnexthop.pack(8 + len(gateway), RTNH_F_ONLINK if hop.onlink else 0, hop.weight - 1, number) + gateway


def lookup_request(address: str, vrf_number: int) -> DumpRequest:
    """A request for the route that a packet to ``address`` takes in a VRF (0: in none)."""
    packed = address_bytes(address)
    family = AF_INET6 if len(packed) == 16 else AF_INET
    body = HEADER.pack(family, len(packed) * 8, 0, 0, 0, 0, 0, 0, 0) + attribute(DST, packed)
    return GETROUTE, body + (attribute(OIF, U32.pack(vrf_number)) if vrf_number else b"")


def found_by_lookup(body: bytes) -> Optional[Tuple[int, int]]:
    """(table, interface number) of a route that leads somewhere, None for one that leads nowhere."""
    kind, found = HEADER.unpack_from(body)[7], attributes(body, 12, len(body))
    if kind not in (UNICAST, LOCAL):
        return None
    table, interface = (U32.unpack(found[number])[0] if number in found else 0 for number in (TABLE, OIF))
    return table, interface


def _messages(before: Any, after: Optional[Route], host: Host) -> List[Message]:
    return delete(before, host.number) if after is None else _additions([after], host)


def _additions(routes: List[Route], host: Host) -> List[Message]:
    return add_all(routes, host.number, host.protocol)


CODEC = Codec(
    KIND.group,
    dumped(KIND.group, [dump_request()], lambda bodies, host: decode(bodies, host.names, host.protocol)),
    _messages,
    _additions,
)
