# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding entries on the wire (include/uapi/linux/neighbour.h). Private to this collection."""

from __future__ import annotations

from struct import Struct

from .._model.fdb import FLOOD, Fdb, is_group
from .wire import (
    APPEND,
    BE16,
    CREATE,
    REPLACE,
    U16,
    U32,
    address_bytes,
    address_text,
    attribute,
    attributes,
    mac_bytes,
    mac_text,
    message,
)

NEWNEIGH, DELNEIGH, GETNEIGH = 28, 29, 30
DST, LLADDR, VLAN, PORT, VNI, IFINDEX, MASTER, SRC_VNI = 1, 2, 5, 6, 7, 8, 9, 11
AF_BRIDGE = 7
NTF_SELF, NTF_MASTER, NTF_EXT_LEARNED, NTF_STICKY = 0x02, 0x04, 0x10, 0x40
NUD_REACHABLE, NUD_NOARP, NUD_PERMANENT = 0x02, 0x40, 0x80
#: An entry that neither ages nor moves, as "bridge fdb ... static" makes it.
STATIC = NUD_NOARP | NUD_REACHABLE

_ndmsg = Struct("=BxxxiHBB")
_fields = _ndmsg.unpack_from
#: Where the attributes of an entry of a bridge or VXLAN device begin, and what begins there: the MAC address comes first.
_LLADDR_FIRST = b"\x0a\0\x02\0"
_DST4_NEXT, _MASTER_NEXT, _CACHE_NEXT = b"\x08\0\x01\0", b"\x08\0\x09\0", b"\x14\0\x03\0"


def dump_request():
    """What to ask for: the forwarding entries of all devices."""
    return GETNEIGH, _ndmsg.pack(AF_BRIDGE, 0, 0, 0, 0)


def decode(bodies, names, links):
    """Static entries by key; those that were learned, by the kernel or by zebra, and those that devices bring along are not
    among them.

    ``names`` maps interface numbers to names, ``links`` names to links.
    """
    made = {}
    ours = {name: bool(link.owned or link.held) for name, link in links.items()}
    defaults = {name: (link.remote or link.group) for name, link in links.items() if link.kind == "vxlan"}
    for body in bodies:
        family, number, state, flags, _type = _fields(body)
        # On a bridge "permanent" means one of the host's own addresses.
        static = state & (NUD_NOARP | NUD_PERMANENT) if flags & NTF_SELF else state & NUD_NOARP
        if not static or flags & NTF_EXT_LEARNED or family != AF_BRIDGE:
            continue
        dev = names.get(number)
        if dev is None:
            continue
        mac = body[16:22].hex(":")
        if body[24:28] == _DST4_NEXT and body[32:36] == _CACHE_NEXT and flags == NTF_SELF:
            entry = Fdb(dev, mac, 0, 0, address_text(body[28:32]), 0, 0, "", False, ours[dev])
        else:
            entry = _any(body, dev, flags, names, ours[dev])
            if entry is None:
                continue
        if mac == FLOOD and entry.dst == defaults.get(dev):
            continue
        made[entry.key] = entry
    return made


def _any(body, dev, flags, names, owned):
    """An entry of any layout; None for one that is neither a bridge's nor leads to a VTEP."""
    found = attributes(body, 12, len(body))
    if flags & NTF_SELF and DST not in found:
        return None
    return Fdb(
        dev,
        mac_text(found[LLADDR]),
        U16.unpack(found[VLAN])[0] if VLAN in found else 0,
        U32.unpack(found[SRC_VNI])[0] if SRC_VNI in found else 0,
        address_text(found[DST]) if DST in found else "",
        U32.unpack(found[VNI])[0] if VNI in found else 0,
        BE16.unpack(found[PORT])[0] if PORT in found else 0,
        names.get(U32.unpack(found[IFINDEX])[0], "") if IFINDEX in found else "",
        bool(flags & NTF_STICKY),
        owned,
    )


def lookup_request(entry, number_of):
    """A request for one entry (RTM_GETNEIGH): a dump of a busy table may lack it."""
    return GETNEIGH, _body(entry, number_of)


def add(entry, number_of):
    """Messages that add an entry, or change the one that is there."""
    several = entry.dst and is_group(entry.mac)
    return [message(NEWNEIGH, CREATE | (APPEND if several else REPLACE), _body(entry, number_of))]


def delete(entry, number_of):
    """Messages that remove an entry."""
    return [message(DELNEIGH, 0, _body(entry, number_of))]


def _body(entry, number_of):
    dev, mac, vlan, src_vni, dst, vni, port, via, sticky, _owned = entry
    flags = (NTF_SELF if dst else NTF_MASTER) | (NTF_STICKY if sticky else 0)
    parts = [_ndmsg.pack(AF_BRIDGE, number_of(dev), STATIC, flags, 0), b"\x0a\0\x02\0", mac_bytes(mac), b"\0\0"]
    if dst:
        parts.append(attribute(DST, address_bytes(dst)))
    if vlan:
        parts.append(attribute(VLAN, U16.pack(vlan)))
    if vni:
        parts.append(attribute(VNI, U32.pack(vni)))
    if src_vni:
        parts.append(attribute(SRC_VNI, U32.pack(src_vni)))
    if port:
        parts.append(attribute(PORT, BE16.pack(port)))
    if via:
        parts.append(attribute(IFINDEX, U32.pack(number_of(via))))
    return b"".join(parts)


def remote_entries(bodies, names):
    """Entries of VXLAN devices that lead to other VTEPs: a list of dev, mac, dst, and who learned it."""
    found = []
    for body in bodies:
        family, number, state, flags, _type = _fields(body)
        attrs = attributes(body, 12, len(body))
        if family == AF_BRIDGE and flags & NTF_SELF and DST in attrs and number in names:
            found.append(
                {
                    "dev": names[number],
                    "mac": mac_text(attrs[LLADDR]),
                    "dst": address_text(attrs[DST]),
                    "external": bool(flags & NTF_EXT_LEARNED),
                    "permanent": bool(state & NUD_PERMANENT),
                    "vni": U32.unpack(attrs[VNI])[0] if VNI in attrs else None,
                }
            )
    return found
