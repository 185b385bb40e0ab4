# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links on the wire: from steps to messages (include/uapi/linux/if_link.h). Private to this collection."""

from __future__ import annotations

import errno
import functools
from ipaddress import IPv6Address
from operator import itemgetter
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..model.address import Address
from ..model.attribute import LINK_FLAG
from ..model.bridge import Bridge
from ..model.document import Document
from ..model.kind import LINK as GROUP
from ..model.kind import State
from ..model.link import Link
from ..model.port import FRESH, Port
from ..model.step import Step
from . import addresses
from .attributes import add, codec, joined
from .codec import Codec, Host, Message, nothing
from .link_dump import (
    ADDRESS,
    AF_INET6,
    AF_SPEC,
    IFALIAS,
    IFF_UP,
    INET6_ADDR_GEN_MODE,
    INFO_DATA,
    INFO_KIND,
    INFO_SLAVE_DATA,
    INFO_SLAVE_KIND,
    LINK,
    LINKINFO,
    MASTER,
    MTU,
    Links,
    dump_request,
    rows_of,
)
from .link_kinds import IFINFO, IFNAME, link_kind
from .wire import CREATE, EXCL, U8, U32, NumberOf, attribute, mac_bytes, message, nested, text

NEWLINK, DELLINK = 16, 17
NET_NS_FD = 28

#: Where a row is written: in the flags of a message, among what all links have, or among what its kind has.
FLAG, COMMON, DATA = "flag", "common", "data"


@functools.lru_cache(maxsize=None)
def _writers(model: Any) -> Tuple[Dict[str, Any], Tuple[str, ...], Callable[[Any], Any]]:
    """Name of a row -> the row, where it is written, and what encodes it; the names of those that are fields, and what gets
    their values.
    """
    flags, common, _details = rows_of(model)
    writers = {}
    for name, row in model.attributes.items():
        where = FLAG if row in flags else COMMON if row in common else DATA
        writers[name] = row, where, None if where is FLAG else codec(row).encode
    own = tuple(name for name in writers if name in model.__dataclass_fields__)
    values_of = itemgetter(*own) if len(own) > 1 else lambda values: tuple(map(values.__getitem__, own))
    return writers, own, values_of


def create(link: Any, number_of: NumberOf) -> List[Message]:
    """Messages that make a link, each to be sent when the one before it is done.

    ``number_of`` maps the name of a link below it to its number.
    """
    kind = link_kind(link.kind)
    parts = [attribute(IFNAME, text(link.name))]
    if link.mtu:
        parts.append(attribute(MTU, U32.pack(kind.mtu_before(link))))
    if link.mac:
        parts.append(attribute(ADDRESS, mac_bytes(link.mac)))
    if link.master:
        parts.append(attribute(MASTER, U32.pack(number_of(link.master))))
    flags, common, written = _changes(None, kind.as_made(link), number_of)
    parts += common
    if kind.is_made(link):
        return [message(NEWLINK, 0, IFINFO.pack(0, 0, 0, 0, 0) + b"".join(parts)), *_labelled(link, *flags)]
    if link.linked and link.lower:
        parts.append(attribute(LINK, U32.pack(number_of(link.lower))))
    data = kind.details(link, joined(written))
    info = nested(LINKINFO, attribute(INFO_KIND, link.kind.encode()), *([nested(INFO_DATA, *data)] if data else ()))
    made = message(NEWLINK, CREATE | EXCL, IFINFO.pack(0, 0, 0, 0, 0) + b"".join([*parts, info]))
    return [made, *_labelled(link, *flags)]


def _labelled(link: Any, flags: int, mask: int) -> List[Message]:
    """What the kernel does not take at creation: alias, flags, the address generation mode, an MTU of a bridge that stays."""
    parts = [attribute(IFALIAS, text(link.alias()))]
    if link.mtu and link_kind(link.kind).mtu_before(link) != link.mtu:
        parts.append(attribute(MTU, U32.pack(link.mtu)))
    if link.link_local is not None and not link.is_too_small_for_ipv6:
        parts.append(_address_generation(link.link_local))
    # Raised by a message of its own: of one, the kernel takes the flags before the address generation mode (do_setlink() in
    # net/core/rtnetlink.c), and a link that comes up has a link-local address until then, which stays.
    raised = [_setting(link, [], IFF_UP, IFF_UP)] if link.up else []
    return [_setting(link, parts, flags, mask), *raised]


def _setting(link: Any, parts: Sequence[bytes], flags: int = 0, mask: int = 0) -> Message:
    """The message that sets attributes of a link that is there."""
    return message(NEWLINK, 0, IFINFO.pack(0, 0, 0, flags, mask) + b"".join([attribute(IFNAME, text(link.name)), *parts]))


def change(before: Any, after: Any, number_of: NumberOf) -> List[Message]:
    """Messages that turn a link into another of the same name, each to be sent when the one before it is done.

    What its kind has and what all links have go apart: vxlan_nl2conf() in drivers/net/vxlan/vxlan_core.c refuses a message
    that has an MTU, too. A bridge that turns into itself gets the MTU that it has.
    """
    if after == before:
        return [
            _setting(after, [attribute(MTU, U32.pack(mtu))]) for mtu in (link_kind(after.kind).mtu_before(after), after.mtu)
        ]
    parts = []
    if after.alias() != before.alias():
        parts.append(attribute(IFALIAS, text(after.alias())))
    if after.mtu != before.mtu:
        parts.append(attribute(MTU, U32.pack(after.mtu)))
    if after.mac != before.mac:
        parts.append(attribute(ADDRESS, mac_bytes(after.mac)))
    if (after.master or "") != (before.master or ""):
        parts.append(attribute(MASTER, U32.pack(number_of(after.master) if after.master else 0)))
    (flags, mask), common, data = _changes(before, after, number_of)
    parts += common
    if after.up != before.up:
        flags, mask = flags | (IFF_UP if after.up else 0), mask | IFF_UP
    # IPv6 that comes back with the MTU generates addresses as on a new link; until then the kernel knows no such thing.
    generation = []
    if after.link_local is not None and not after.is_too_small_for_ipv6:
        if before.is_too_small_for_ipv6:
            generation = [_setting(after, [_address_generation(after.link_local)])]
        elif after.link_local != before.link_local:
            parts.append(_address_generation(after.link_local))
    general = [_setting(after, parts, flags, mask)] if parts or mask else []
    return [*_of_kind(before, after, data), *general, *generation, *_link_local_address(before, after, number_of)]


def _link_local_address(before: Any, after: Any, number_of: NumberOf) -> List[Message]:
    """Messages that give a link that is up the link-local address of its MAC address (RFC 4291, appendix A), or take it away.

    The kernel does that when a link goes up, and not when its MAC address or address generation mode changes
    (addrconf_notify() and inet6_set_link_af() in net/ipv6/addrconf.c).
    """
    if not before.up or not after.up or before.is_too_small_for_ipv6 or after.is_too_small_for_ipv6:
        return []
    old, new = _generated(before), _generated(after)
    if old == new:
        return []
    # The new one first: the last one that goes takes the link's route along.
    return [
        *(addresses.add(new, number_of, addresses.LINK_LOCAL_PROTOCOL) if new else ()),
        *(addresses.delete(old, number_of) if old else ()),
    ]


def _generated(link: Any) -> Optional[Address]:
    """The link-local address that the kernel generates from a link's MAC address, None for none."""
    if not link.link_local or not link.mac or link.settings.get("addrgenmode"):
        return None
    mac = mac_bytes(link.mac)
    number = int.from_bytes(bytes((mac[0] ^ 2, *mac[1:3], 0xFF, 0xFE, *mac[3:])), "big")
    return Address(link.name, "%s/64" % IPv6Address((0xFE80 << 112) + number), owned=True)


def _of_kind(before: Any, after: Any, data: Mapping[int, bytes]) -> List[Message]:
    """Messages that set what the kind of a link has; ``data`` maps numbers to payloads."""
    first = {number: data[number] for number in link_kind(after.kind).first(before, data)}
    others = {number: payload for number, payload in data.items() if number not in first}
    kind = attribute(INFO_KIND, after.kind.encode())
    return [_setting(after, [nested(LINKINFO, kind, nested(INFO_DATA, *joined(part)))]) for part in (first, others) if part]


def _changes(before: Any, after: Any, number_of: NumberOf) -> Tuple[Tuple[int, int], List[bytes], Dict[int, bytes]]:
    """What turns the attributes of tables into others: flags with their mask, attributes of any link, payloads of its kind.

    ``before`` is None for a link that is new: nothing is sent that it has by itself.
    """
    writers, own, values_of = _writers(after.__class__)
    values = values_of(after.__dict__)
    if before is not None and after.settings is before.settings and values == values_of(before.__dict__):
        return (0, 0), [], {}
    flags = mask = 0
    repeated = () if before is None else link_kind(after.kind).repeats(before, after)
    written: dict = {COMMON: {}, DATA: {}}
    for name, value in (*zip(own, values), *after.settings.items()):
        if value is None:
            continue
        row, where, encode = writers[name]
        old = row.default if before is None else getattr(before, name)
        if value == old and name not in repeated:
            continue
        if where is FLAG:
            mask |= row.number
            flags |= row.number if value == (row.form == LINK_FLAG) else 0
        else:
            add(written[where], encode(value, old, number_of))
    return (flags, mask), joined(written[COMMON]), written[DATA]


def delete(link: Any) -> List[Message]:
    """Messages that delete a link."""
    return [message(DELLINK, 0, IFINFO.pack(0, 0, 0, 0, 0) + attribute(IFNAME, text(link.name)))]


def moved(number: int, namespace: int, name: str, up: bool) -> Message:
    """The message that moves the link of a number to the network namespace behind a file descriptor, under a name that is free
    there. What it was here is forgotten: it is down there unless it is raised, and nobody's.
    """
    parts = attribute(NET_NS_FD, U32.pack(namespace)), attribute(IFNAME, text(name)), attribute(IFALIAS, text(""))
    return message(NEWLINK, 0, IFINFO.pack(0, 0, number, IFF_UP if up else 0, IFF_UP) + b"".join(parts))


def set_port(before: Optional[Port], after: Port, number_of: NumberOf) -> List[Message]:
    """Messages that set the options of a bridge port that differ; ``before`` is None for one that has just become one."""
    known = before.settings if before else FRESH
    written: dict = {}
    for name, value in after.settings.items():
        if value is not None and value != known.get(name):
            add(written, codec(Port.attributes[name]).encode(value, known.get(name), number_of))
    info = nested(LINKINFO, attribute(INFO_SLAVE_KIND, b"bridge"), nested(INFO_SLAVE_DATA, *joined(written)))
    return [message(NEWLINK, 0, IFINFO.pack(0, 0, 0, 0, 0) + attribute(IFNAME, text(after.dev)) + info)]


def _address_generation(link_local: bool) -> bytes:
    return nested(AF_SPEC, nested(AF_INET6, attribute(INET6_ADDR_GEN_MODE, U8.pack(0 if link_local else 1))))


def _read(host: Host, _document: Document) -> State:
    """Links and bridge ports; notes them for all that is read after them."""
    dumped = Links(host.channel.dump(*dump_request()))
    host.links, host.numbers = dumped.models, dumped.numbers
    host.names = {number: name for name, number in dumped.numbers.items()}
    host.bridges = {name for name, link in dumped.models.items() if isinstance(link, Bridge)}
    return {GROUP: dumped.models, Port.kind: dumped.ports}


def _messages(before: Optional[Link], after: Optional[Link], host: Host) -> List[Message]:
    if before is not None and after is not None:
        return change(before, after, host.number)
    for link in (before, after):
        if link is not None:
            host.numbers.pop(link.name, None)
    if after is None:
        return delete(before)
    if isinstance(after, Bridge):
        host.bridges.add(after.name)
    return create(after, host.number)


def _is_done_anyway(_step: Step, sent: Message, code: int) -> bool:
    """Of the link-local address that follows a change: it has gone before, or the link has no IPv6."""
    return (sent[0], code) in ((addresses.DELADDR, errno.EADDRNOTAVAIL), (addresses.NEWADDR, errno.EACCES))


def _port_messages(before: Optional[Port], after: Port, host: Host) -> List[Message]:
    return set_port(before, after, host.number)


LINKS = Codec(GROUP, _read, _messages, is_done_anyway=_is_done_anyway)
PORTS = Codec(Port.kind, nothing, _port_messages)
