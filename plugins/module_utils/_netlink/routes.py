# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes on the wire (include/uapi/linux/rtnetlink.h). Private to this collection."""

from __future__ import annotations

from struct import Struct

from .._model.route import Nexthop, Route
from .wire import ATTRIBUTE, CREATE, REPLACE, REQUEST, U32, address_bytes, address_text, attribute, attributes, message

NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
DST, OIF, GATEWAY, PRIORITY, PREFSRC, MULTIPATH, TABLE, VIA, ENCAP_TYPE = 1, 4, 5, 6, 7, 9, 15, 18, 21
UNICAST, LOCAL = 1, 2
TYPES = {1: "unicast", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
RTM_F_CLONED, RTNH_F_ONLINK = 0x200, 4
RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA = 1, 2, 9
#: Protocols of routes that people and scripts make: unspecified, boot, static.
BY_HAND = (0, 3, 4)
#: Protocols whose routes a daemon keeps (include/uapi/linux/rtnetlink.h).
DAEMONS = {11: "zebra", 12: "bird", 16: "dhcp", 18: "keepalived", 42: "babel", 186: "bgp", 187: "isis", 188: "ospf", 189: "rip",
           192: "eigrp", 193: "openr"}  # fmt: skip
SCOPE_UNIVERSE, SCOPE_LINK, SCOPE_NOWHERE = 0, 253, 255
AF_INET, AF_INET6 = 2, 10
FAMILIES = {"ipv4": AF_INET, "ipv6": AF_INET6}
_ADDRESS_BYTES = {"ipv4": 4, "ipv6": 16}
_NAMES = {number: family for family, number in FAMILIES.items()}
_NUMBERS = {name: number for number, name in TYPES.items()}
_ANY = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}

_rtmsg = Struct("=BBBBBBBBI")
_rtnexthop = Struct("=HBBi")
#: Where the kernel puts the destination of an IPv4 route, and the two attributes that it begins with: the table, then the
#: destination (fib_dump_info in net/ipv4/fib_semantics.c).
_IPV4_PLACE, _IPV4_START = (20, 28), ATTRIBUTE.pack(8, TABLE) + ATTRIBUTE.pack(8, DST)
#: What is said of a message that is about no route.
_NO_ROUTE = (None, 0, 0, ())


def dump_request():
    """What to ask for: the routes of all tables and both families."""
    return GETROUTE, _rtmsg.pack(0, 0, 0, 0, 0, 0, 0, 0, 0)


def decode(bodies, names, owner):
    """Routes by key, those that the kernel made by itself left out, and those for some types of service and encapsulating
    ones, which are others.

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
        family, table, metric, others = known[rest]
        if family is not None:
            dst = "%s/%d" % (address_text(body[start + 4 : end]), body[1]) if end > start else _ANY[family]
            made[family, table, dst, metric] = tuple.__new__(Route, (family, table, dst, metric, *others))
    return made


def _destination(body):
    """Where the destination's attribute begins and ends; the same place twice if there is none."""
    at = _rtmsg.size
    while at + 4 <= len(body):
        length, kind = ATTRIBUTE.unpack_from(body, at)
        if kind == DST:
            return at, at + ((length + 3) & ~3)
        at += max((length + 3) & ~3, 4)
    return at, at


def _without_destination(body, names, owner):
    """What a message without its destination says: family, table, metric and the fields of a route after it.

    The family is None where it is about something else.
    """
    family, _length, _src, tos, table, protocol, _scope, kind, flags = _rtmsg.unpack_from(body)
    if kind not in TYPES or flags & RTM_F_CLONED or family not in _NAMES or tos:
        return _NO_ROUTE
    if protocol in (RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA):
        return _NO_ROUTE
    found = attributes(body, 12, len(body))
    if ENCAP_TYPE in found:
        return _NO_ROUTE
    others = (
        TYPES[kind],
        _nexthops(found, flags, names) if kind == UNICAST else (),
        address_text(found[PREFSRC]) if PREFSRC in found else "",
        protocol == owner,
        "" if protocol in (*BY_HAND, owner) else DAEMONS.get(protocol, "protocol %d" % protocol),
    )
    table = U32.unpack(found[TABLE])[0] if TABLE in found else table
    return _NAMES[family], table, U32.unpack(found[PRIORITY])[0] if PRIORITY in found else 0, others


def _nexthops(found, flags, names):
    if MULTIPATH not in found:
        return (_nexthop(found, U32.unpack(found[OIF])[0] if OIF in found else 0, 0, flags, names),)
    payload, at = found[MULTIPATH], 0
    hops: list = []
    while at + 8 <= len(payload):
        length, hop_flags, weight, number = _rtnexthop.unpack_from(payload, at)
        hops.append(_nexthop(attributes(payload, at + 8, at + length), number, weight, hop_flags, names))
        at += max((length + 3) & ~3, 8)
    return tuple(sorted(hops))


def _nexthop(found, number, weight, flags, names):
    gateway = found.get(GATEWAY) or found.get(VIA, b"")[2:]
    return Nexthop(address_text(gateway) if gateway else "", names.get(number, ""), weight + 1, bool(flags & RTNH_F_ONLINK))


def add_all(routes, number_of, owner):
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


def delete(route, number_of):
    """Messages that remove a route."""
    address, _slash, length = route.dst.partition("/")
    destination = address_bytes(address) if length != "0" else b""
    return [message(DELROUTE, 0, _start(route, length, 0) + destination + _end(route, number_of))]


def _start(route, length, owner):
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
    header = _rtmsg.pack(FAMILIES[route.family], int(length), 0, 0, table, owner, scope, kind, flags)
    return header + (ATTRIBUTE.pack(4 + _ADDRESS_BYTES[route.family], DST) if length != "0" else b"")


def _end(route, number_of):
    """What follows: table, metric, source address and next hops."""
    hops: tuple = route.nexthops or ()
    parts = [attribute(TABLE, U32.pack(route.table))]
    if route.metric:
        parts.append(attribute(PRIORITY, U32.pack(route.metric)))
    if route.src:
        parts.append(attribute(PREFSRC, address_bytes(route.src)))
    if len(hops) == 1:
        parts += [attribute(GATEWAY, address_bytes(hops[0].via))] if hops[0].via else []
        parts += [attribute(OIF, U32.pack(number_of(hops[0].dev)))] if hops[0].dev else []
    elif hops:
        parts.append(attribute(MULTIPATH, b"".join(_hop_body(hop, number_of) for hop in hops)))
    return b"".join(parts)


def _hop_body(hop, number_of):
    gateway = attribute(GATEWAY, address_bytes(hop.via)) if hop.via else b""
    number = number_of(hop.dev) if hop.dev else 0
    return _rtnexthop.pack(8 + len(gateway), RTNH_F_ONLINK if hop.onlink else 0, hop.weight - 1, number) + gateway


def lookup_request(address, vrf_number):
    """A request for the route that a packet to ``address`` takes in a VRF (0: in none)."""
    packed = address_bytes(address)
    family = AF_INET6 if len(packed) == 16 else AF_INET
    body = _rtmsg.pack(family, len(packed) * 8, 0, 0, 0, 0, 0, 0, 0) + attribute(DST, packed)
    return GETROUTE, body + (attribute(OIF, U32.pack(vrf_number)) if vrf_number else b"")


def found_by_lookup(body):
    """(table, interface number) of a route that leads somewhere, None for one that leads nowhere."""
    kind, found = _rtmsg.unpack_from(body)[7], attributes(body, 12, len(body))
    if kind not in (UNICAST, LOCAL):
        return None
    return tuple(U32.unpack(found[number])[0] if number in found else 0 for number in (TABLE, OIF))
