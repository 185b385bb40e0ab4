# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARP and ND entries on the wire (include/uapi/linux/neighbour.h). Private to this collection."""

from __future__ import annotations

from struct import Struct

from .._model.neighbor import Neighbor
from .wire import CREATE, REPLACE, U8, address_bytes, address_text, attribute, attributes, mac_bytes, mac_text, message

NEWNEIGH, DELNEIGH, GETNEIGH = 28, 29, 30
DST, LLADDR, PROTOCOL = 1, 2, 12
AF_INET, AF_INET6 = 2, 10
NTF_PROXY, NTF_EXT_LEARNED = 0x08, 0x10
NUD_NOARP, NUD_PERMANENT = 0x40, 0x80

_ndmsg = Struct("=BxxxiHBB")


def dump_requests():
    """What to ask for: entries, and those that the host answers for others, which the kernel keeps apart."""
    return [(GETNEIGH, _ndmsg.pack(0, 0, 0, flags, 0)) for flags in (0, NTF_PROXY)]


def decode(bodies, names, owner, protocols=None):
    """Permanent and proxy entries by key; those that the kernel or zebra learned are not among them.

    ``names`` maps interface numbers to names, ``owner`` is our protocol number. With ``protocols`` only entries of these
    protocol numbers are meant: zebra makes permanent ones too, for the gateways of unnumbered sessions.
    """
    made = {}
    for body in bodies:
        family, number, state, flags, _type = _ndmsg.unpack_from(body)
        proxy = bool(flags & NTF_PROXY)
        if family not in (AF_INET, AF_INET6) or flags & NTF_EXT_LEARNED or not (proxy or state & NUD_PERMANENT):
            continue
        found = attributes(body, 12, len(body))
        if number not in names or (not proxy and LLADDR not in found):
            continue
        mac, protocol = None if proxy else mac_text(found[LLADDR]), found.get(PROTOCOL, b"\0")[0]
        if protocols and protocol not in protocols:
            continue
        entry = Neighbor(names[number], address_text(found[DST]), proxy, mac, protocol == owner)
        made[entry.key] = entry
    return made


def add(entry, number_of, owner):
    """Messages that add an entry, or change the one that is there."""
    body = _body(entry, number_of)
    if entry.mac:
        body += attribute(LLADDR, mac_bytes(entry.mac))
    return [message(NEWNEIGH, CREATE | REPLACE, body + (attribute(PROTOCOL, U8.pack(owner)) if entry.owned else b""))]


def delete(entry, number_of):
    """Messages that remove an entry."""
    return [message(DELNEIGH, 0, _body(entry, number_of))]


def _body(entry, number_of):
    packed = address_bytes(entry.ip)
    family = AF_INET6 if len(packed) == 16 else AF_INET
    flags = NTF_PROXY if entry.proxy else 0
    return _ndmsg.pack(family, number_of(entry.dev), NUD_PERMANENT, flags, 0) + attribute(DST, packed)
