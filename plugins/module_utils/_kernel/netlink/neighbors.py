# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARP and ND entries on the wire (include/uapi/linux/neighbour.h). Private to this collection."""

from __future__ import annotations

from struct import Struct
from typing import Any, Dict, Iterable, List, Optional, Sequence

from ..model.neighbor import KIND, Neighbor
from .codec import Codec, Host, Message, dumped
from .wire import (
    ATTRIBUTE,
    CREATE,
    REPLACE,
    REQUEST,
    U8,
    DumpRequest,
    Names,
    NumberOf,
    address_bytes,
    address_text,
    attribute,
    attributes,
    mac_bytes,
    mac_text,
    message,
)

NEWNEIGH, DELNEIGH, GETNEIGH = 28, 29, 30
DST, LLADDR, CACHEINFO, PROTOCOL = 1, 2, 3, 12
AF_INET, AF_INET6 = 2, 10
NTF_PROXY, NTF_EXT_LEARNED, NTF_ROUTER = 0x08, 0x10, 0x80
NUD_PERMANENT = 0x80
RTPROT_ZEBRA = 11
#: Who sets NTF_EXT_LEARNED.
LEARNER = "zebra"

HEADER = Struct("=BxxxiHBB")
_DST_HEAD, _DST6_HEAD, _LLADDR_HEAD = ATTRIBUTE.pack(8, DST), ATTRIBUTE.pack(20, DST), ATTRIBUTE.pack(10, LLADDR)
#: How the kernel begins to lay out an IPv4 entry with a MAC address, and where these two are (neigh_fill_info in
#: net/core/neighbour.c). What follows are ages, which differ from entry to entry, and the rest.
_IPV4_HEADS = _DST_HEAD + _LLADDR_HEAD + ATTRIBUTE.pack(20, CACHEINFO)
_IPV4, _MAC, _AFTER_AGES = slice(16, 20), slice(24, 30), slice(52, None)


def dump_requests() -> List[DumpRequest]:
    """What to ask for: entries, and those that the host answers for others, which the kernel keeps apart."""
    return [(GETNEIGH, HEADER.pack(0, 0, 0, flags, 0)) for flags in (0, NTF_PROXY)]


def decode(bodies: Iterable[bytes], names: Names, owner: int) -> Dict[Any, Neighbor]:
    """Permanent and proxy entries by key, and those of a daemon; what the kernel learned is not among them.

    ``names`` maps interface numbers to names, ``owner`` is our protocol number. zebra makes permanent entries too, for the
    gateways of unnumbered sessions. IPv4 entries that differ in nothing but the two addresses are common: all else of them is
    read once.
    """
    known: dict = {}
    made = {}
    for body in bodies:
        if body[12:16] + body[20:24] + body[32:36] != _IPV4_HEADS:
            entry = _entry(body, names, owner)
        else:
            rest = body[:12] + body[_AFTER_AGES]
            if rest not in known:
                known[rest] = _entry(body, names, owner)
            entry = known[rest]
            if entry is not None:
                dev, _ip, proxy, _mac, router, owned, daemon = entry
                ip = address_text(body[_IPV4])
                entry = tuple.__new__(Neighbor, (dev, ip, proxy, None if proxy else body[_MAC].hex(":"), router, owned, daemon))
        if entry is not None:
            made[entry[:3]] = entry
    return made


def _entry(body: bytes, names: Names, owner: int) -> Optional[Neighbor]:
    """The entry in a message of any kind; None if it is not one that somebody keeps."""
    family, number, state, flags, _type = HEADER.unpack_from(body)
    proxy = bool(flags & NTF_PROXY)
    learned = flags & NTF_EXT_LEARNED
    if family not in (AF_INET, AF_INET6) or not (proxy or learned or state & NUD_PERMANENT):
        return None
    found = attributes(body, 12, len(body))
    if number not in names or (not proxy and LLADDR not in found):
        return None
    mac, protocol = None if proxy else mac_text(found[LLADDR]), found.get(PROTOCOL, b"\0")[0]
    daemon = LEARNER if learned or protocol == RTPROT_ZEBRA else ""
    return Neighbor(names[number], address_text(found[DST]), proxy, mac, bool(flags & NTF_ROUTER), protocol == owner, daemon)


def add_all(entries: Sequence[Neighbor], number_of: NumberOf, owner: int) -> List[Message]:
    """Messages that add entries, or change those that are there: one for each."""
    mark = attribute(PROTOCOL, U8.pack(owner))
    starts: dict = {}  # what comes before the addresses of entries, most of which have it in common
    made = []
    for dev, ip, proxy, mac, router, owned, _daemon in entries:
        key = dev, proxy, router, ":" in ip
        if key not in starts:
            starts[key] = _start(dev, proxy, router, ":" in ip, number_of)
        addresses = address_bytes(ip) + (_LLADDR_HEAD + mac_bytes(mac) + b"\0\0" if mac else b"")
        made.append((NEWNEIGH, CREATE | REPLACE | REQUEST, starts[key] + addresses + (mark if owned else b"")))
    return made


def delete(entry: Neighbor, number_of: NumberOf) -> List[Message]:
    """Messages that remove an entry."""
    start = _start(entry.dev, entry.proxy, entry.router, ":" in entry.ip, number_of)
    return [message(DELNEIGH, 0, start + address_bytes(entry.ip))]


def _start(dev: str, proxy: bool, router: Optional[bool], is_of_ipv6: bool, number_of: NumberOf) -> bytes:
    """What comes before the IP address in a message."""
    flags = (NTF_PROXY if proxy else 0) | (NTF_ROUTER if router else 0)
    family, head = (AF_INET6, _DST6_HEAD) if is_of_ipv6 else (AF_INET, _DST_HEAD)
    return HEADER.pack(family, number_of(dev), NUD_PERMANENT, flags, 0) + head


def _messages(before: Any, after: Optional[Neighbor], host: Host) -> List[Message]:
    return delete(before, host.number) if after is None else _additions([after], host)


def _additions(entries: List[Neighbor], host: Host) -> List[Message]:
    return add_all(entries, host.number, host.protocol)


CODEC = Codec(
    KIND.group,
    dumped(KIND.group, dump_requests(), lambda bodies, host: decode(bodies, host.names, host.protocol)),
    _messages,
    _additions,
)
