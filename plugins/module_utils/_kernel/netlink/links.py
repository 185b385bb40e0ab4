# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links on the wire (include/uapi/linux/if_link.h). Private to this collection."""

from __future__ import annotations

import errno
import functools
from ipaddress import IPv6Address
from operator import itemgetter
from struct import Struct
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..model.address import Address
from ..model.attribute import LINK_FLAG, NO_LINK_FLAG, Attribute
from ..model.bridge import Bridge
from ..model.document import Document
from ..model.kind import LINK as GROUP
from ..model.kind import State
from ..model.kinds import KINDS
from ..model.link import ETHERNET, OTHER_GENERATIONS, Interface, Link, split_alias
from ..model.port import FRESH, Port
from ..model.step import Step
from . import addresses
from .attributes import add, codec, decoded, joined
from .codec import Codec, Host, Message, nothing
from .link_kinds import IFINFO, IFNAME, LINK_KINDS, link_kind
from .wire import (
    ATTRIBUTE,
    CREATE,
    EXCL,
    U8,
    U32,
    DumpRequest,
    Names,
    NumberOf,
    attribute,
    mac_bytes,
    mac_text,
    message,
    nested,
    string,
    text,
)

NEWLINK, DELLINK, GETLINK = 16, 17, 18
IFF_UP = 0x1
SKIP_STATISTICS = 1 << 3  # RTEXT_FILTER_SKIP_STATS

ADDRESS, MTU, LINK, MASTER, LINKINFO, IFALIAS, AF_SPEC, EXT_MASK = 1, 4, 5, 10, 18, 20, 26, 29
INFO_KIND, INFO_DATA, INFO_SLAVE_KIND, INFO_SLAVE_DATA = 1, 2, 4, 5
NET_NS_FD, LINK_NETNSID = 28, 37
AF_INET6, INET6_ADDR_GEN_MODE = 10, 8

#: Kind -> its model; all other kinds are interfaces that exist without us.
_MODELS: dict = {kind.name: kind.model for kind in KINDS.values() if kind.group == GROUP and kind.model is not Interface}
_FLAGS = (LINK_FLAG, NO_LINK_FLAG)
#: Where a row is written: in the flags of a message, among what all links have, or among what its kind has.
FLAG, COMMON, DATA = "flag", "common", "data"
_LINK_ROWS = frozenset(row.name for row in ETHERNET)
#: The type of an attribute and those of what it is nested in, outermost first; where its payload begins and ends; the payloads.
Path = Tuple[int, ...]
Place = Tuple[Path, int, int]
Found = Mapping[Path, bytes]
#: Kind of a link, kind of port that it is, and where the attributes that matter stand.
Structure = Tuple[str, str, List[Place]]


@functools.lru_cache(maxsize=None)
def _rows(model: Any) -> Tuple[Tuple[Attribute, ...], ...]:
    """The rows of a model: flags of the link, attributes of any link, and attributes of the kind."""
    rows = model.attributes.values()
    flags = tuple(row for row in rows if row.form in _FLAGS)
    common = tuple(row for row in rows if row.name in _LINK_ROWS and row not in flags and row.number)
    return flags, common, tuple(row for row in rows if row.name not in _LINK_ROWS)


@functools.lru_cache(maxsize=None)
def _writers(model: Any) -> Tuple[Dict[str, Any], Tuple[str, ...], Callable[[Any], Any]]:
    """Name of a row -> the row, where it is written, and what encodes it; the names of those that are fields, and what gets
    their values.
    """
    flags, common, _details = _rows(model)
    writers = {}
    for name, row in model.attributes.items():
        where = FLAG if row in flags else COMMON if row in common else DATA
        writers[name] = row, where, None if where is FLAG else codec(row).encode
    own = tuple(name for name in writers if name in model.__dataclass_fields__)
    values_of = itemgetter(*own) if len(own) > 1 else lambda values: tuple(map(values.__getitem__, own))
    return writers, own, values_of


def _numbers(rows: Iterable[Attribute]) -> Set[int]:
    """What netlink calls the attributes of rows."""
    return {number for row in rows for number in codec(row).numbers}


def dump_request() -> DumpRequest:
    """What to ask for: everything but counters."""
    return GETLINK, IFINFO.pack(0, 0, 0, 0, 0) + attribute(EXT_MASK, U32.pack(SKIP_STATISTICS))


class Links:
    """A dump of links: models by name, bridge ports, and the numbers of interfaces."""

    def __init__(self, bodies: Iterable[bytes]) -> None:
        layouts = _Layouts()
        raw = list(map(layouts.read, bodies))
        del bodies  # which are the most of what a host with thousands of links takes to be read
        self.numbers = {string(name): number for number, _alike, (name, *_others) in raw}
        # A dump may have a link that goes beside another of its name that comes.
        names = {number: string(name) for number, _alike, (name, *_others) in raw}
        self.models = {}
        self.ports = {}
        for number, alike, own in raw:
            name = names[number]
            self.models[name], port = alike.decode(name, own, names)
            if port:
                self.ports[name] = port


class _Layouts:
    """How the messages of links are laid out: those of one kind are alike.

    Where the attributes that matter are is found out once for each layout, by going through all of them.
    """

    def __init__(self) -> None:
        self._known: Dict[Tuple[int, bytes], List[_Layout]] = {}

    def read(self, body: bytes) -> Tuple[int, _Alike, Sequence[bytes]]:
        """Number of the link that a message is about, what it has in common with others, and what it has for itself."""
        _family, _type, number, flags, _change = IFINFO.unpack_from(body)
        # Where the length and the first attribute, the name, are as long as those of another, most often all else is, too.
        layouts = self._known.setdefault((len(body), body[IFINFO.size : IFINFO.size + 4]), [])
        for layout in layouts:
            values = layout.fields.unpack_from(body)
            alike = layout.known.get((flags, layout.common(values)))
            if alike is not None:
                return number, alike, layout.own(values)
        structure = _structure(body)
        for layout in layouts:
            if layout.structure == structure:
                break
        else:
            layout = _Layout(len(body), *structure)
            layouts.append(layout)
        values = layout.fields.unpack_from(body)
        alike = layout.known[flags, layout.common(values)] = _Alike(layout, flags, body)
        return number, alike, layout.own(values)


def _structure(body: bytes) -> Structure:
    """Kind of a link, kind of port that it is, and where the attributes that matter stand in its message."""
    places = list(_places(body, IFINFO.size, len(body)))
    kinds = {path: body[start:end] for path, start, end in places if path in (_KIND, _SLAVE_KIND)}
    kind, slave = (string(kinds.get(path, b"")) for path in (_KIND, _SLAVE_KIND))
    read = _paths_read(kind, slave)
    return kind, slave, [place for place in places if place[0] in read]


class _Layout:
    """Where the attributes that matter stand in a message, and what those say that have them there.

    Links that are alike in all but what is each one's own (:data:`_OWN`) are common: the rest of them is decoded once, and
    then compared as bytes, in as few pieces as the attributes that matter form.
    """

    def __init__(self, size: int, kind: str, slave: str, places: Sequence[Place]) -> None:
        self.structure = kind, slave, places
        pieces: list = []  # where each begins and ends, and what it is if it is a link's own
        for path, start, end in places:
            is_own = path == _NAME or _OWN.get(path, (None,))[0] in (kind, "")
            # What announces an attribute, its type and length, is common in any case.
            shared = start if is_own else min((end + 3) & ~3, size)
            if pieces and pieces[-1][1:] == [start - 4, None]:
                pieces[-1][1] = shared
            else:
                pieces.append([start - 4, shared, None])
            if is_own:
                pieces.append([start, end, path])
        starts = (0, *(end for _start, end, _path in pieces))
        self.fields = Struct(
            "=" + "".join("%dx%ds" % (start - at, end - start) for at, (start, end, _p) in zip(starts, pieces))
        )
        self.common = itemgetter(*(number for number, piece in enumerate(pieces) if piece[2] is None))
        own = {path: number for number, (_start, _end, path) in enumerate(pieces) if path}
        # One more than needed, so that there are always several.
        self.own = itemgetter(own.pop(_NAME), *own.values(), 0)
        self.decoders = [_OWN[path][1:] for path in own]
        self.known: dict = {}


class _Alike:
    """What some links have in common, which is decoded once."""

    def __init__(self, layout: _Layout, flags: int, body: bytes) -> None:
        self.layout = layout
        self.flags = flags
        self.body = body
        self.model: Any = None
        self.port: Optional[Port] = None
        self.decoders: List[Tuple[Any, ...]] = []

    def decode(self, name: str, own: Sequence[bytes], names: Names) -> Tuple[Any, Optional[Port]]:
        """The model of a link, and of its bridge port if it is one.

        ``own`` is what the message has for itself, ``names`` maps interface numbers to names.
        """
        if self.model is None:
            kind, slave, places = self.layout.structure
            found = {path: self.body[start:end] for path, start, end in places}
            self.model = _model(name, kind, slave, self.flags, found, names)
            self.port = Port(name, _of_port(found, names)) if slave == "bridge" else None
            decoders = enumerate(self.layout.decoders, 1)
            self.decoders = [(place, *each) for place, each in decoders if getattr(self.model, each[0]) is not None]
        made = _made(type(self.model), self.model.__dict__, name)
        for place, field, decoded_own in self.decoders:
            made.__dict__[field] = decoded_own(own[place], names)
        return made, self.port and _made(Port, self.port.__dict__, name, "dev")


def _places(body: bytes, at: int, end: int, above: Path = ()) -> Iterator[Place]:
    """Every attribute between two offsets: (path, start, end), the path being its type and those of what it is nested in."""
    while at + 4 <= end:
        length, kind = ATTRIBUTE.unpack_from(body, at)
        if length < 4:
            return
        path = (*above, kind & 0x3FFF)
        yield path, at + 4, at + length
        if path in _CONTAINERS:
            yield from _places(body, at + 4, at + length, path)
        at += (length + 3) & ~3


_NAME, _KIND, _SLAVE_KIND = (IFNAME,), (LINKINFO, INFO_KIND), (LINKINFO, INFO_SLAVE_KIND)
_GENERATION = (AF_SPEC, AF_INET6, INET6_ADDR_GEN_MODE)
_DETAILS, _PORT = (LINKINFO, INFO_DATA), (LINKINFO, INFO_SLAVE_DATA)
_CONTAINERS = {(LINKINFO,), _DETAILS, _PORT, (AF_SPEC,), (AF_SPEC, AF_INET6)}
#: What each link has for itself, besides its name: where it is, kind of link ("": any), attribute, what decodes it.
_OWN: dict = {
    (ADDRESS,): ("", "mac", lambda payload, names: mac_text(payload) if len(payload) == 6 else None),
    (MASTER,): ("", "master", lambda payload, names: names.get(U32.unpack(payload)[0], "")),
    **{(*_DETAILS, number): (kind, *each) for kind, peculiar in LINK_KINDS.items() for number, each in peculiar.own.items()},
}
_split_alias = functools.lru_cache(maxsize=None)(split_alias)


@functools.lru_cache(maxsize=None)
def _paths_read(kind: str, slave: str) -> Set[Path]:
    """Where the attributes are that matter of a kind of link that is a port of something, or of nothing."""
    _flags, common, details = _rows(_MODELS.get(kind, Interface))
    return {
        *((number,) for number in (ADDRESS, IFNAME, MTU, LINK, MASTER, IFALIAS, LINK_NETNSID, *_numbers(common))),
        *(_KIND, _SLAVE_KIND, _GENERATION),
        *((*_DETAILS, number) for number in _numbers(details)),
        *((*_DETAILS, number) for number in link_kind(kind).reads),
        *((*_PORT, number) for number in _numbers(Port.attributes.values()) if slave == "bridge"),
    }


def _model(name: str, kind: str, slave: str, flags: int, found: Found, names: Names) -> Any:
    """A link as a model object; ``names`` maps interface numbers to names."""
    description, owned, held = _split_alias(string(found.get((IFALIAS,), b"")))
    mac, generation = found.get((ADDRESS,), b""), found.get(_GENERATION)
    values = {
        "name": name,
        "description": description,
        "mtu": _number(found, (MTU,)),
        "owned": owned,
        "held": held,
        "mac": mac_text(mac) if len(mac) == 6 else None,
        "master": names.get(_number(found, (MASTER,)), ""),
        "master_kind": slave,
        # Without IPv6 on the link there is no such thing.
        "link_local": None if generation is None else generation != b"\1",
        "up": bool(flags & IFF_UP),
    }
    model = _MODELS.get(kind, Interface)
    flag_rows, common, details = _rows(model)
    said: Dict[str, Any] = {row.name: bool(flags & row.number) == (row.form == LINK_FLAG) for row in flag_rows}
    said["addrgenmode"] = OTHER_GENERATIONS.get(generation or b"")
    said.update(decoded(common, {path[0]: payload for path, payload in found.items() if len(path) == 1}, names))
    payloads = {path[2]: payload for path, payload in found.items() if path[:2] == _DETAILS}
    said.update(decoded(details, payloads, names))
    said.update(link_kind(kind).corrected(said, details, payloads))
    own = model.__dataclass_fields__
    values.update((name, value) for name, value in said.items() if name in own)
    values["settings"] = {name: value for name, value in said.items() if name not in own}
    lower = "" if (LINK_NETNSID,) in found else names.get(_number(found, (LINK,)), "")
    if model is Interface:
        values.update(type=kind, below=lower)
    elif model.linked:
        values[model.linked] = lower
    return _made(model, values, name)


def _made(model: Any, values: Mapping[str, Any], name: str, field: str = "name") -> Any:
    """An object of a frozen dataclass from all of its fields, with another name, at a third of the time of its constructor."""
    made = object.__new__(model)
    made.__dict__.update(values)
    made.__dict__[field] = name
    return made


def _of_port(found: Found, names: Names) -> Dict[str, Any]:
    """The settings of a link as a port of its bridge."""
    return decoded(Port.attributes.values(), {path[2]: payload for path, payload in found.items() if path[:2] == _PORT}, names)


def _number(found: Found, kind: Path) -> int:
    payload = found.get(kind)
    return U32.unpack(payload)[0] if payload else 0


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
