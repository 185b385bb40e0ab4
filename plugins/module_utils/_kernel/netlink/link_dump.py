# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump of links: from messages to models (include/uapi/linux/if_link.h). Private to this collection."""

from __future__ import annotations

import functools
from operator import itemgetter
from struct import Struct
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..model.attribute import LINK_FLAG, NO_LINK_FLAG, Attribute
from ..model.kind import LINK as GROUP
from ..model.kinds import KINDS
from ..model.link import ETHERNET, OTHER_GENERATIONS, Interface, split_alias
from ..model.port import Port
from .attributes import codec, decoded
from .link_kinds import IFINFO, IFNAME, LINK_KINDS, link_kind
from .wire import ATTRIBUTE, U32, DumpRequest, Names, attribute, mac_text, string

GETLINK = 18
IFF_UP = 0x1
SKIP_STATISTICS = 1 << 3  # RTEXT_FILTER_SKIP_STATS

ADDRESS, MTU, LINK, MASTER, LINKINFO, IFALIAS, AF_SPEC, EXT_MASK = 1, 4, 5, 10, 18, 20, 26, 29
INFO_KIND, INFO_DATA, INFO_SLAVE_KIND, INFO_SLAVE_DATA = 1, 2, 4, 5
LINK_NETNSID = 37
AF_INET6, INET6_ADDR_GEN_MODE = 10, 8

#: Kind -> its model; all other kinds are interfaces that exist without us.
_MODELS: dict = {kind.name: kind.model for kind in KINDS.values() if kind.group == GROUP and kind.model is not Interface}
_FLAGS = (LINK_FLAG, NO_LINK_FLAG)
_LINK_ROWS = frozenset(row.name for row in ETHERNET)
#: The type of an attribute and those of what it is nested in, outermost first; where its payload begins and ends; the payloads.
Path = Tuple[int, ...]
Place = Tuple[Path, int, int]
Found = Mapping[Path, bytes]
#: Kind of a link, kind of port that it is, and where the attributes that matter stand.
Structure = Tuple[str, str, List[Place]]


@functools.lru_cache(maxsize=None)
def rows_of(model: Any) -> Tuple[Tuple[Attribute, ...], ...]:
    """The rows of a model: flags of the link, attributes of any link, and attributes of the kind."""
    rows = model.attributes.values()
    flags = tuple(row for row in rows if row.form in _FLAGS)
    common = tuple(row for row in rows if row.name in _LINK_ROWS and row not in flags and row.number)
    return flags, common, tuple(row for row in rows if row.name not in _LINK_ROWS)


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
        made = self.model.made(self.model.__dict__, name=name)
        for place, field, decoded_own in self.decoders:
            made.__dict__[field] = decoded_own(own[place], names)
        return made, self.port and Port.made(self.port.__dict__, dev=name)


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
    _flags, common, details = rows_of(_MODELS.get(kind, Interface))
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
    flag_rows, common, details = rows_of(model)
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
    return model.made(values, name=name)


def _of_port(found: Found, names: Names) -> Dict[str, Any]:
    """The settings of a link as a port of its bridge."""
    return decoded(Port.attributes.values(), {path[2]: payload for path, payload in found.items() if path[:2] == _PORT}, names)


def _number(found: Found, kind: Path) -> int:
    payload = found.get(kind)
    return U32.unpack(payload)[0] if payload else 0
