# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARP and ND entries on the wire (include/uapi/linux/neighbour.h). Private to this collection."""

from __future__ import annotations

from struct import Struct
from typing import List, Optional

from ..model.neighbor import KIND, Neighbor
from .codec import Codec, Host, Message, dumped
from .wire import (
    ATTRIBUTE,
    CREATE,
    REPLACE,
    REQUEST,
    U8,
    address_bytes,
    address_text,
    attribute,
    attributes,
    mac_bytes,
    mac_text,
    message,
)

NEWNEIGH, DELNEIGH, GETNEIGH = 28, 29, 30
DST, LLADDR, PROTOCOL = 1, 2, 12
AF_INET, AF_INET6 = 2, 10
NTF_PROXY, NTF_EXT_LEARNED, NTF_ROUTER = 0x08, 0x10, 0x80
NUD_PERMANENT = 0x80
RTPROT_ZEBRA = 11
#: Who sets NTF_EXT_LEARNED.
LEARNER = "zebra"

HEADER = Struct("=BxxxiHBB")
_DST_HEAD, _DST6_HEAD, _LLADDR_HEAD = ATTRIBUTE.pack(8, DST), ATTRIBUTE.pack(20, DST), ATTRIBUTE.pack(10, LLADDR)


def dump_requests():
    """What to ask for: entries, and those that the host answers for others, which the kernel keeps apart."""
    return [(GETNEIGH, HEADER.pack(0, 0, 0, flags, 0)) for flags in (0, NTF_PROXY)]


def decode(bodies, names, owner):
    """Permanent and proxy entries by key, and those of a daemon; what the kernel learned is not among them.

    ``names`` maps interface numbers to names, ``owner`` is our protocol number. zebra makes permanent entries too, for the
    gateways of unnumbered sessions.
    """
    made = {}
    for body in bodies:
        family, number, state, flags, _type = HEADER.unpack_from(body)
        proxy = bool(flags & NTF_PROXY)
        learned = flags & NTF_EXT_LEARNED
        if family not in (AF_INET, AF_INET6) or not (proxy or learned or state & NUD_PERMANENT):
            continue
        found = attributes(body, 12, len(body))
        if number not in names or (not proxy and LLADDR not in found):
            continue
        mac, protocol = None if proxy else mac_text(found[LLADDR]), found.get(PROTOCOL, b"\0")[0]
        daemon = LEARNER if learned or protocol == RTPROT_ZEBRA else ""
        router = bool(flags & NTF_ROUTER)
        entry = Neighbor(names[number], address_text(found[DST]), proxy, mac, router, protocol == owner, daemon)
        made[entry.key] = entry
    return made


def add_all(entries, number_of, owner):
    """Messages that add entries, or change those that are there: one for each."""
    mark = attribute(PROTOCOL, U8.pack(owner))
    return [
        (
            NEWNEIGH,
            CREATE | REPLACE | REQUEST,
            _body(entry, number_of)
            + (_LLADDR_HEAD + mac_bytes(entry.mac) + b"\0\0" if entry.mac else b"")
            + (mark if entry.owned else b""),
        )
        for entry in entries
    ]


def delete(entry, number_of):
    """Messages that remove an entry."""
    return [message(DELNEIGH, 0, _body(entry, number_of))]


def _body(entry, number_of):
    packed = address_bytes(entry.ip)
    flags = (NTF_PROXY if entry.proxy else 0) | (NTF_ROUTER if entry.router else 0)
    if len(packed) == 16:
        return HEADER.pack(AF_INET6, number_of(entry.dev), NUD_PERMANENT, flags, 0) + _DST6_HEAD + packed
    return HEADER.pack(AF_INET, number_of(entry.dev), NUD_PERMANENT, flags, 0) + _DST_HEAD + packed


def _messages(before: Optional[Neighbor], after: Optional[Neighbor], host: Host) -> List[Message]:
    return delete(before, host.number) if after is None else _additions([after], host)


def _additions(entries: List[Neighbor], host: Host) -> List[Message]:
    return add_all(entries, host.number, host.protocol)


CODEC = Codec(
    KIND.group,
    dumped(KIND.group, dump_requests(), lambda bodies, host: decode(bodies, host.names, host.protocol)),
    _messages,
    _additions,
)
