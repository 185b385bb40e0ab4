# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding entries on the wire (include/uapi/linux/neighbour.h). Private to this collection."""

from __future__ import annotations

import socket
from itertools import repeat
from operator import methodcaller
from struct import Struct

from .._model.fdb import FLOOD, Fdb, is_group, keys
from .channel import bodies
from .wire import (
    APPEND,
    BE16,
    CREATE,
    REPLACE,
    REQUEST,
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
#: The commonest entry as the kernel lays it out (vxlan_fdb_info in drivers/net/vxlan/vxlan_core.c): header, ndmsg, MAC
#: address, IPv4 destination, ages. The fields are what says so, the interface, the MAC address and the destination.
_plain = Struct("=8s4x4x4si4s4s6s2x4s4s4s16x")
_PLAIN = (Struct("=IHH").pack(_plain.size, NEWNEIGH, 2), b"\x07\0\0\0", b"\x0a\0\x02\0", b"\x08\0\x01\0", b"\x14\0\x03\0")
_plain_body = Struct("=BxxxiHBB4s6s2x4s4s")
_AFTER_MAC = 26  # the type of the attribute that follows the MAC address in a body


def dump_request():
    """What to ask for: the forwarding entries of all devices."""
    return GETNEIGH, _ndmsg.pack(AF_BRIDGE, 0, 0, 0, 0)


def decode(parts, names, links):
    """Static entries by key; those that were learned, by the kernel or by zebra, and those that devices bring along are not
    among them.

    ``parts`` is a dump as :meth:`~.channel.Channel.parts` gives it, ``names`` maps interface numbers to names, ``links`` names
    to links.
    """
    ours = {name: bool(link.owned or link.held) for name, link in links.items()}
    made: dict = {}
    for part in parts:
        entries = _alike(part, names, ours)
        if entries is None:
            entries = _different(part, names, ours)
        made.update(zip(keys(entries), entries))
    for name, link in links.items():
        if link.kind == "vxlan" and (link.remote or link.group):
            made.pop((name, FLOOD, 0, 0, link.remote or link.group), None)
    return made


def decode_by_hand(parts, names, links):
    """Static entries by key as :func:`decode` has them, without the flood lists that zebra keeps.

    zebra does not mark these as learned (netlink_vxlan_flood_update_ctx in its rt_netlink.c), unlike the stations that it adds:
    a device that has such stations is taken for one of zebra's.
    """
    zebras = set()
    for body in (body for part in parts for body in bodies(part)):
        family, number, _state, flags, _type = _fields(body)
        if family == AF_BRIDGE and flags & NTF_SELF and flags & NTF_EXT_LEARNED:
            zebras.add(names.get(number))
    entries = decode(parts, names, links)
    return {key: entry for key, entry in entries.items() if entry.mac != FLOOD or entry.dev not in zebras}


def _alike(part, names, ours):
    """The entries of a part that consists of static ones of the commonest layout only, None for any other part.

    Each step here treats all of them in one call: a part has hundreds, a dump a hundred thousand.
    """
    if len(part) % _plain.size or not part:
        return None
    heads, families, numbers, states, first, macs, second, targets, third = zip(*_plain.iter_unpack(part))
    if any(len(set(found)) > 1 or found[0] != wanted for found, wanted in zip((heads, families, first, second, third), _PLAIN)):
        return None
    if any(state[2] != NTF_SELF or not state[0] & (NUD_NOARP | NUD_PERMANENT) for state in set(states)):
        return None
    if any(number not in names for number in set(numbers)):
        return None
    devs = list(map(names.__getitem__, numbers))
    addresses = {target: socket.inet_ntop(socket.AF_INET, target) for target in set(targets)}
    columns = (
        devs,
        map(bytes.hex, macs, repeat(":")),
        repeat(0),
        repeat(0),
        map(addresses.__getitem__, targets),
        repeat(0),
        repeat(0),
        repeat(""),
        repeat(False),
        map(ours.__getitem__, devs),
    )
    return list(map(tuple.__new__, repeat(Fdb), zip(*columns)))


def _different(part, names, ours):
    """The static entries of any part."""
    made = []
    for body in bodies(part):
        family, number, state, flags, _type = _fields(body)
        # On a bridge "permanent" means one of the host's own addresses.
        static = state & (NUD_NOARP | NUD_PERMANENT) if flags & NTF_SELF else state & NUD_NOARP
        if not static or flags & NTF_EXT_LEARNED or family != AF_BRIDGE or number not in names:
            continue
        if flags & NTF_SELF and body[_AFTER_MAC : _AFTER_MAC + 1] != b"\1":
            continue  # an address that the device itself listens to
        made.append(_any(body, names[number], flags, names, ours))
    return made


def _any(body, dev, flags, names, ours):
    found = attributes(body, 12, len(body))
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
        ours[dev],
    )


def lookup_request(entry, number_of):
    """A request for one entry (RTM_GETNEIGH): a dump of a busy table may lack it."""
    return GETNEIGH, _body(entry, number_of)


def add(entry, number_of):
    """Messages that add an entry, or change the one that is there."""
    several = entry.dst and is_group(entry.mac)
    return [message(NEWNEIGH, CREATE | (APPEND if several else REPLACE), _body(entry, number_of))]


def add_all(entries, number_of):
    """Messages that add entries, one for each: :func:`add` for many, those of the commonest layout in a few calls."""
    devs, macs, vlans, sources, targets, vnis, ports, vias, stickies, _owned = zip(*entries)
    rare = any(map(any, (vlans, sources, vnis, ports, vias, stickies))) or not all(targets)
    if rare or any(map(is_group, macs)) or any(":" in target for target in set(targets)):
        return [add(entry, number_of)[0] for entry in entries]
    numbers = {dev: number_of(dev) for dev in set(devs)}
    addresses = {target: address_bytes(target) for target in set(targets)}
    contents = map(
        _plain_body.pack,
        repeat(AF_BRIDGE),
        map(numbers.__getitem__, devs),
        repeat(STATIC),
        repeat(NTF_SELF),
        repeat(0),
        repeat(_PLAIN[2]),
        map(bytes.fromhex, map(methodcaller("replace", ":", ""), macs)),
        repeat(_PLAIN[3]),
        map(addresses.__getitem__, targets),
    )
    return list(zip(repeat(NEWNEIGH), repeat(CREATE | REPLACE | REQUEST), contents))


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


def remote_entries(messages, names):
    """Entries of VXLAN devices that lead to other VTEPs: a list of dev, mac, dst, and who learned it."""
    found = []
    for body in messages:
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
