# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes on the wire (include/uapi/linux/rtnetlink.h). Private to this collection."""

from __future__ import annotations

from struct import Struct

from .._model.route import Nexthop, Route
from .wire import CREATE, REPLACE, U32, address_bytes, address_text, attribute, attributes, message

NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
DST, OIF, GATEWAY, PRIORITY, PREFSRC, MULTIPATH, TABLE, VIA, ENCAP_TYPE = 1, 4, 5, 6, 7, 9, 15, 18, 21
UNICAST, LOCAL = 1, 2
TYPES = {1: "unicast", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
RTM_F_CLONED, RTNH_F_ONLINK = 0x200, 4
RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA = 1, 2, 9
SCOPE_UNIVERSE, SCOPE_LINK, SCOPE_NOWHERE = 0, 253, 255
AF_INET, AF_INET6 = 2, 10
FAMILIES = {"ipv4": AF_INET, "ipv6": AF_INET6}
_NAMES = {number: family for family, number in FAMILIES.items()}
_NUMBERS = {name: number for number, name in TYPES.items()}
_ANY = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}

_rtmsg = Struct("=BBBBBBBBI")
_rtnexthop = Struct("=HBBi")


def dump_request():
    """What to ask for: the routes of all tables and both families."""
    return GETROUTE, _rtmsg.pack(0, 0, 0, 0, 0, 0, 0, 0, 0)


def decode(bodies, names, owner, protocols=None):
    """Routes by key, those that the kernel made by itself left out, and those for some types of service, which are others.

    ``names`` maps interface numbers to names, ``owner`` is our protocol number. With ``protocols`` only routes of these
    protocol numbers are meant, and no encapsulating ones.
    """
    made = {}
    for body in bodies:
        family, length, _src, tos, table, protocol, _scope, kind, flags = _rtmsg.unpack_from(body)
        if kind not in TYPES or flags & RTM_F_CLONED or family not in _NAMES or tos:
            continue
        if protocol in (RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA) or (protocols and protocol not in protocols):
            continue
        found = attributes(body, 12, len(body))
        if protocols and ENCAP_TYPE in found:
            continue
        name = _NAMES[family]
        route = Route(
            name,
            U32.unpack(found[TABLE])[0] if TABLE in found else table,
            "%s/%d" % (address_text(found[DST]), length) if DST in found else _ANY[name],
            U32.unpack(found[PRIORITY])[0] if PRIORITY in found else 0,
            TYPES[kind],
            _nexthops(found, flags, names) if kind == UNICAST else (),
            address_text(found[PREFSRC]) if PREFSRC in found else "",
            protocol == owner,
        )
        made[route.key] = route
    return made


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


def add(route, number_of, owner):
    """Messages that add a route, or replace the one that is there."""
    return [message(NEWROUTE, CREATE | REPLACE, _body(route, number_of, owner))]


def delete(route, number_of):
    """Messages that remove a route."""
    return [message(DELROUTE, 0, _body(route, number_of, 0))]


def _body(route, number_of, owner):
    address, _slash, length = route.dst.partition("/")
    hops: tuple = route.nexthops or ()
    scope = SCOPE_UNIVERSE
    if owner == 0:
        scope = SCOPE_NOWHERE  # any
    elif route.family == "ipv4" and route.type == "unicast" and not any(hop.via for hop in hops):
        scope = SCOPE_LINK
    table = route.table if route.table < 256 else 0
    single = hops[0] if len(hops) == 1 else None
    flags = RTNH_F_ONLINK if single and single.onlink else 0
    kind = _NUMBERS[route.type or "unicast"]
    parts = [_rtmsg.pack(FAMILIES[route.family], int(length), 0, 0, table, owner, scope, kind, flags)]
    if length != "0":
        parts.append(attribute(DST, address_bytes(address)))
    parts.append(attribute(TABLE, U32.pack(route.table)))
    if route.metric:
        parts.append(attribute(PRIORITY, U32.pack(route.metric)))
    if route.src:
        parts.append(attribute(PREFSRC, address_bytes(route.src)))
    if single:
        parts += [attribute(GATEWAY, address_bytes(single.via))] if single.via else []
        parts += [attribute(OIF, U32.pack(number_of(single.dev)))] if single.dev else []
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
