# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding entries on the wire (include/uapi/linux/neighbour.h). Private to this collection."""

from __future__ import annotations

import re
import socket
import types
from functools import lru_cache
from itertools import compress, repeat
from operator import attrgetter, itemgetter
from struct import Struct
from typing import Any, Collection, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

from ..._core.values import are_ipv4_unicast
from ..model.document import Document
from ..model.fdb import FLOOD, KIND, Fdb, PlainEntries, any_group, is_group, keys
from ..model.kind import State
from ..model.membership import filters
from .channel import InterruptedDumpError, all_bodies
from .codec import Codec, Host, Message, is_there
from .wire import (
    APPEND,
    ATTRIBUTE,
    BE16,
    CREATE,
    DUMP_INTR,
    REPLACE,
    REQUEST,
    U16,
    U32,
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
DST, LLADDR, CACHEINFO, VLAN, PORT, VNI, IFINDEX, MASTER, SRC_VNI = 1, 2, 3, 5, 6, 7, 8, 9, 11
AF_BRIDGE = 7
NTF_SELF, NTF_MASTER, NTF_EXT_LEARNED, NTF_STICKY = 0x02, 0x04, 0x10, 0x40
RTN_UNICAST = 1  # the type of all entries in answers, ignored in requests
NUD_REACHABLE, NUD_NOARP, NUD_PERMANENT = 0x02, 0x40, 0x80
#: Who sets NTF_EXT_LEARNED.
LEARNER = "zebra"
#: An entry that neither ages nor moves, as "bridge fdb ... static" makes it.
STATIC = NUD_NOARP | NUD_REACHABLE

HEADER = Struct("=BxxxiHBB")
_fields = HEADER.unpack_from
#: The commonest entry as the kernel lays it out (vxlan_fdb_info in drivers/net/vxlan/vxlan_core.c): header, ndmsg, MAC
#: address, IPv4 destination, ages. Its core, from the ndmsg to the destination, says all of it, and is what adds one, too.
_PLAIN = "16x32s20x"
_PLAIN_BYTES = Struct("=" + _PLAIN).size
_MAC_HEAD, _DST_HEAD, _DST6_HEAD = ATTRIBUTE.pack(10, LLADDR), ATTRIBUTE.pack(8, DST), ATTRIBUTE.pack(20, DST)
_message_head = Struct("=IHH")  # length, type and flags
_PLAIN_RUN = re.compile(
    rb"(?:%s.{8}\x07.{11}%s.{8}%s.{4}%s.{16})+"
    % tuple(
        map(re.escape, (_message_head.pack(_PLAIN_BYTES, NEWNEIGH, 2), _MAC_HEAD, _DST_HEAD, ATTRIBUTE.pack(20, CACHEINFO)))
    ),
    re.DOTALL,
)
#: Addresses that devices themselves listen to, several for each: messages that end with the MAC address
#: (nlmsg_populate_fdb_fill in net/core/rtnetlink.c).
_OWN_RUN = re.compile(
    rb"(?:%s.{8}\x07.{9}%s.%s.{8})+"
    % tuple(map(re.escape, (_message_head.pack(40, NEWNEIGH, 2), bytes((NTF_SELF,)), _MAC_HEAD))),
    re.DOTALL,
)
_core_fields = Struct("=4xi4s4x6s6x4s")  # interface, state and flags, MAC address, destination
_state_and_flags = Struct("=HBx")
_CORE = HEADER.pack(AF_BRIDGE, 0, STATIC, NTF_SELF, RTN_UNICAST) + _MAC_HEAD + bytes(8) + _DST_HEAD + bytes(4)
_CORE_BYTES = len(_CORE)
#: What entries of that layout do not have.
_RARE = itemgetter(*map(Fdb._fields.index, ("vlan", "src_vni", "vni", "port", "via", "sticky", "local")))
_MAC = slice(16, 22)  # where an entry's MAC address stands in its body
_AFTER_MAC = slice(24, 28)  # length and type of the attribute that follows the MAC address in a body


def dump_request() -> DumpRequest:
    """What to ask for: the forwarding entries of all devices."""
    return GETNEIGH, HEADER.pack(AF_BRIDGE, 0, 0, 0, 0)


def decode(
    parts: Iterable[bytes], names: Names, links: Mapping[str, Any], desired: Mapping[Any, Fdb] = types.MappingProxyType({})
) -> Mapping[Any, Fdb]:
    """Static entries by key; those that were learned and those that devices bring along are not among them. It is ``desired``
    itself where that is all that there is.

    Of those that zebra has from BGP, which may be most, only those whose key is in ``desired`` are. An entry that is there just
    as plain entries (:class:`PlainEntries`) have it is that same object: what the kernel says of it is compared as bytes, and
    nothing is made of them.

    ``parts`` is a dump as :meth:`~.channel.Channel.parts` gives it, ``names`` maps interface numbers to names, ``links`` names
    to links.
    """
    cores, others = _sorted_out(parts)
    made, remaining = _as_desired(cores, desired, names)
    entries = [entry for body in others for entry in _other(body, names, links)]
    entries += _plain_entries(remaining, names, links, bool(desired))
    more = {
        key: entry for key, entry in zip(keys(entries), entries) if key not in made and (not entry.daemon or key in desired)
    }
    to_all = {
        (name, FLOOD, 0, 0, link.remote or link.group)
        for name, link in links.items()
        if link.kind == "vxlan" and (link.remote or link.group)
    }
    if not more and not any(key in made for key in to_all):
        return made
    return {key: entry for key, entry in {**made, **more}.items() if key not in to_all}


def decode_bodies(bodies: Iterable[bytes], names: Names, links: Mapping[str, Any]) -> Dict[Any, Fdb]:
    """The entries in single messages, by key: those of daemons too."""
    entries = [entry for body in bodies for entry in _other(body, names, links)]
    return dict(zip(keys(entries), entries))


def decode_by_hand(parts: Iterable[bytes], names: Names, links: Mapping[str, Any]) -> Dict[Any, Fdb]:
    """Static entries by key as :func:`decode` has them, without the flood lists that zebra keeps.

    zebra does not mark these as learned (netlink_vxlan_flood_update_ctx in its rt_netlink.c), unlike the stations that it adds:
    a device that has such stations is taken for one of zebra's.
    """
    zebras = set()
    for body in all_bodies(parts):
        family, number, _state, flags, _type = _fields(body)
        if family == AF_BRIDGE and flags & NTF_SELF and flags & NTF_EXT_LEARNED:
            zebras.add(names.get(number))
    entries = decode(parts, names, links)
    return {key: entry for key, entry in entries.items() if entry.mac != FLOOD or entry.dev not in zebras}


@lru_cache(maxsize=None)  # a part has room for a few hundred
def _cores_of(count: int) -> Struct:
    """The form of so many messages of the commonest layout, which gives their cores."""
    return Struct("=" + _PLAIN * count)


def _sorted_out(parts: Iterable[bytes]) -> Tuple[Set[bytes], List[bytes]]:
    """The messages of a dump: the cores of those of the commonest layout, and the bodies of the others."""
    cores: set[bytes] = set()
    others: list[bytes] = []
    for part in parts:
        at, size = 0, len(part)
        while at < size:
            run = _PLAIN_RUN.match(part, at)
            if run:
                cores.update(_cores_of((run.end() - at) // _PLAIN_BYTES).unpack_from(part, at))
                at = run.end()
                continue
            run = _OWN_RUN.match(part, at)
            if run:
                at = run.end()
            else:
                length, _type, flags = _message_head.unpack_from(part, at)
                if flags & DUMP_INTR:
                    raise InterruptedDumpError
                others.append(part[at + 16 : at + length])
                at += (length + 3) & ~3
    return cores, others


def _as_desired(cores: Set[bytes], desired: Mapping[Any, Fdb], names: Names) -> Tuple[Mapping[Any, Fdb], Collection[bytes]]:
    """Those of the ``desired`` entries that are among the ``cores`` of a dump, by key, and what remains of these.

    Whether such an entry is ours matters to nobody: that is for those that the document does not list.
    """
    if not cores or not isinstance(desired, PlainEntries):
        return {}, cores
    numbers = {name: number for number, name in names.items()}
    sought = _cores(desired.devs, desired.macs, desired.targets, lambda name: numbers.get(name, 0))
    made = desired if cores.issuperset(sought) else dict(compress(desired.items(), map(cores.__contains__, sought)))
    return made, cores.difference(sought) if len(made) < len(cores) else ()


def _plain_entries(cores: Collection[bytes], names: Names, links: Mapping[str, Any], with_learned: bool) -> List[Fdb]:
    """The static entries among those of the commonest layout, perhaps with those that zebra has.

    Each step here treats all of them in one call: there may be a hundred thousand.
    """
    if not cores:
        return []
    numbers, states, macs, targets = zip(*_core_fields.iter_unpack(b"".join(cores)))
    kept = {state: _keeper(*_state_and_flags.unpack(state)) for state in set(states)}
    kept = {state: by for state, by in kept.items() if by is not None and (with_learned or not by)}
    if not names.keys() >= set(numbers) or not kept.keys() >= set(states):
        known = [number in names and state in kept for number, state in zip(numbers, states)]
        numbers, states, macs, targets = (tuple(compress(column, known)) for column in (numbers, states, macs, targets))
    devs = list(map(names.__getitem__, numbers))
    ours = {dev: _is_ours(links[dev], 0) for dev in set(devs)}
    owned: Iterable[bool] = map(ours.__getitem__, devs)
    permanent = {state for state in set(states) if _state_and_flags.unpack(state)[0] & NUD_PERMANENT}
    if permanent:
        owned = [mine and state not in permanent for mine, state in zip(owned, states)]
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
        *(repeat(False),) * 2,
        owned,
        map(kept.__getitem__, states),
    )
    return list(map(tuple.__new__, repeat(Fdb), zip(*columns)))


def _keeper(state: int, flags: int) -> Optional[str]:
    """Who keeps an entry: a daemon, "" for one that is simply static, None for one that the kernel learned."""
    if flags & NTF_EXT_LEARNED:
        return LEARNER
    return "" if state & (NUD_NOARP | NUD_PERMANENT) else None


def _is_ours(link: Any, state: int) -> bool:
    """Whether an entry is ours: on our devices, and as we make it.

    On VXLAN devices "permanent" are those that the kernel makes for a device's own destination, and the flood lists of zebra,
    which does not mark these as learned (netlink_vxlan_flood_update_ctx in its rt_netlink.c).
    """
    return bool(link.owned or link.held) and not (state & NUD_PERMANENT and link.kind == "vxlan")


def _other(body: bytes, names: Names, links: Mapping[str, Any]) -> List[Fdb]:
    """The entry in a message of any kind: a list of one, empty if it is not one that somebody keeps."""
    family, number, state, flags, _type = _fields(body)
    if _keeper(state, flags) is None or family != AF_BRIDGE or number not in names:
        return []
    if flags & NTF_SELF:
        if body[_AFTER_MAC] not in (_DST_HEAD, _DST6_HEAD):
            return []  # an address that the device itself listens to
    elif state & NUD_PERMANENT and body[_MAC].hex(":") in _own_addresses(links[names[number]], links):
        return []  # what a bridge makes of its own address and those of its ports
    entry = _any(body, names[number], state, flags, names, links)
    if entry.via is None:
        return []  # that interface has come since the links were read
    # The kernel repeats an entry without VLAN in every VLAN of its port, which means nothing to a bridge that does not filter.
    return [] if entry.vlan and not flags & NTF_SELF and not filters(entry.dev, links) else [entry]


def _own_addresses(link: Any, links: Mapping[str, Any]) -> Tuple[Optional[str], Optional[str]]:
    """The MAC addresses of a port and of its bridge."""
    return link.mac, getattr(links.get(link.master), "mac", None)


def _any(body: bytes, dev: str, state: int, flags: int, names: Names, links: Mapping[str, Any]) -> Fdb:
    found = attributes(body, 12, len(body))
    return Fdb(
        dev,
        mac_text(found[LLADDR]),
        U16.unpack(found[VLAN])[0] if VLAN in found else 0,
        U32.unpack(found[SRC_VNI])[0] if SRC_VNI in found else 0,
        address_text(found[DST]) if DST in found else "",
        U32.unpack(found[VNI])[0] if VNI in found else 0,
        BE16.unpack(found[PORT])[0] if PORT in found else 0,
        names.get(U32.unpack(found[IFINDEX])[0]) if IFINDEX in found else "",
        bool(flags & NTF_STICKY),
        bool(state & NUD_PERMANENT and not flags & NTF_SELF),
        _is_ours(links[dev], state),
        LEARNER if flags & NTF_EXT_LEARNED else "",
    )


def lookup_requests(entries: Sequence[Fdb], number_of: NumberOf, bridges: Collection[str]) -> List[Message]:
    """Requests for single entries (RTM_GETNEIGH), which a dump of a busy table may lack."""
    return [(GETNEIGH, REQUEST, _question(entry, number_of(entry.dev), entry.dev in bridges)) for entry in entries]


def _question(entry: Fdb, number: int, is_on_bridge: bool) -> bytes:
    # The kernel takes no destination: it answers with one of a group address's.
    where = NTF_SELF if entry.dst or is_on_bridge else NTF_MASTER
    vlan = attribute(VLAN, U16.pack(entry.vlan)) if entry.vlan else b""
    vni = attribute(VNI, U32.pack(entry.src_vni)) if entry.src_vni else b""
    return HEADER.pack(AF_BRIDGE, number, 0, where, 0) + attribute(LLADDR, mac_bytes(entry.mac)) + vlan + vni


def add_all(entries: Sequence[Fdb], number_of: NumberOf, bridges: Collection[str]) -> List[Message]:
    """Messages that add entries, or change those that are there: one for each. ``bridges`` are the names of bridges.

    Those of the commonest layout are made in a few calls.
    """
    cores = None if any_group(list(map(itemgetter(1), entries))) else _plain_cores(entries, number_of)
    if cores is None:
        return [_addition(entry, number_of, bridges) for entry in entries]
    return list(zip(repeat(NEWNEIGH), repeat(CREATE | REPLACE | REQUEST), cores))


def _plain_cores(entries: Sequence[Fdb], number_of: NumberOf) -> Optional[Sequence[bytes]]:
    """The cores of entries, or None if one of them is not of the commonest layout."""
    targets = list(map(itemgetter(4), entries))
    if not are_ipv4_unicast(list(set(targets))) or any(map(any, set(map(_RARE, entries)))):
        return None
    return _cores(list(map(itemgetter(0), entries)), list(map(itemgetter(1), entries)), targets, number_of)


def _cores(devs: Sequence[str], macs: Sequence[str], targets: Sequence[str], number_of: NumberOf) -> Sequence[bytes]:
    """The cores of entries of the commonest layout.

    Each step here treats all of them in one call: columns are written into the joined cores a byte's place at a time.
    """
    addresses = {target: address_bytes(target) for target in set(targets)}
    numbers = {dev: U32.pack(number_of(dev)) for dev in set(devs)}
    joined = bytearray(_CORE * len(devs))
    for place, column, width in (
        (4, b"".join(map(numbers.__getitem__, devs)), 4),
        (16, bytes.fromhex(":".join(macs).replace(":", " ")), 6),
        (28, b"".join(map(addresses.__getitem__, targets)), 4),
    ):
        for byte in range(width):
            joined[place + byte :: _CORE_BYTES] = column[byte::width]
    return Struct("%ds" % _CORE_BYTES * len(devs)).unpack(joined)


def _addition(entry: Fdb, number_of: NumberOf, bridges: Collection[str]) -> Message:
    several = entry.dst and is_group(entry.mac)
    return message(NEWNEIGH, CREATE | (APPEND if several else REPLACE), _body(entry, number_of, bridges))


def change(before: Fdb, after: Fdb, number_of: NumberOf, bridges: Collection[str]) -> List[Message]:
    """Messages that turn an entry into another, each to be sent when the one before it is done.

    A group address has several destinations: to the kernel one with another VNI, port or device is one more.
    """
    several = before.dst and is_group(before.mac)
    return [*(delete(before, number_of, bridges) if several else []), _addition(after, number_of, bridges)]


def delete(entry: Fdb, number_of: NumberOf, bridges: Collection[str]) -> List[Message]:
    """Messages that remove an entry."""
    return [message(DELNEIGH, 0, _body(entry, number_of, bridges))]


def _body(entry: Fdb, number_of: NumberOf, bridges: Collection[str]) -> bytes:
    dev, mac, vlan, src_vni, dst, vni, port, via, sticky, local, *_rest = entry
    flags = NTF_SELF if dst or dev in bridges else NTF_MASTER
    flags |= NTF_STICKY if sticky else 0
    parts = [
        HEADER.pack(AF_BRIDGE, number_of(dev), NUD_PERMANENT if local else STATIC, flags, 0),
        _MAC_HEAD,
        mac_bytes(mac),
        b"\0\0",
    ]
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


def remote_entries(messages: Iterable[bytes], names: Names) -> List[Dict[str, Any]]:
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


def _read(host: Host, document: Document) -> State:
    desired = document.present[KIND.group]
    kind, body = dump_request()
    found = host.channel.dump(kind, body, lambda parts: decode(parts, host.names, host.links, desired))
    in_doubt = _in_doubt(host, desired, found)
    return {KIND.group: {**found, **in_doubt} if in_doubt else found}


def _in_doubt(host: Host, desired: Dict[Any, Fdb], found: Dict[Any, Fdb]) -> Dict[Any, Fdb]:
    """Entries that a dump lacks and that are there all the same.

    While a device learns or forgets, its dump misses entries and says nothing of it. One without any entry lacks none.
    """
    if not desired or not found or found is desired:
        return {}
    busy = set(map(attrgetter("dev"), found.values()))
    missing = [desired[key] for key in desired.keys() - found.keys()]
    doubtful = [entry for entry in missing if entry.dev in busy and not is_group(entry.mac)]
    requests = lookup_requests(doubtful, host.number, host.bridges)
    return decode_bodies(host.channel.ask_all(requests), host.names, host.links)


def _messages(before: Any, after: Optional[Fdb], host: Host) -> List[Message]:
    if after is None:
        return delete(before, host.number, host.bridges)
    if before is None:
        return add_all([after], host.number, host.bridges)
    return change(before, after, host.number, host.bridges)


def _additions(entries: List[Fdb], host: Host) -> List[Message]:
    return add_all(entries, host.number, host.bridges)


CODEC = Codec(KIND.group, _read, _messages, _additions, is_done_anyway=is_there)
