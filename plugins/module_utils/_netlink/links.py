# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links on the wire (include/uapi/linux/if_link.h). Private to this collection."""

from __future__ import annotations

import functools
from operator import itemgetter
from struct import Struct

from .._model.bridge import Bridge
from .._model.dummy import Dummy
from .._model.link import MTU_LAST, Interface, split_alias
from .._model.macvlan import MODES, Macvlan
from .._model.port import Port
from .._model.values import is_multicast
from .._model.veth import Veth
from .._model.vlan import Vlan
from .._model.vrf import Vrf
from .._model.vxlan import Vxlan
from .wire import (
    ATTRIBUTE,
    BE16,
    CREATE,
    EXCL,
    U8,
    U16,
    U32,
    address_bytes,
    address_text,
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

ADDRESS, IFNAME, MTU, LINK, MASTER, LINKINFO, IFALIAS, AF_SPEC, EXT_MASK = 1, 3, 4, 5, 10, 18, 20, 26, 29
INFO_KIND, INFO_DATA, INFO_SLAVE_KIND, INFO_SLAVE_DATA = 1, 2, 4, 5
LINK_NETNSID = 37
AF_INET6, INET6_ADDR_GEN_MODE = 10, 8
VRF_TABLE = 1
BRIDGE_AGEING_TIME, BRIDGE_STP_STATE, BRIDGE_VLAN_FILTERING, BRIDGE_TOPOLOGY_CHANGE, BRIDGE_VLAN_DEFAULT_PVID = 4, 5, 7, 14, 39
VLAN_ID = 1
MACVLAN_MODE = 1
VETH_PEER = 1
VXLAN_ID, VXLAN_GROUP, VXLAN_LINK, VXLAN_LOCAL, VXLAN_TTL, VXLAN_LEARNING = 1, 2, 3, 4, 5, 7
VXLAN_PORT, VXLAN_GROUP6, VXLAN_LOCAL6, VXLAN_EXTERNAL, VXLAN_VNIFILTER = 15, 16, 17, 25, 30
_BRIDGE = (BRIDGE_AGEING_TIME, BRIDGE_STP_STATE, BRIDGE_VLAN_FILTERING, BRIDGE_TOPOLOGY_CHANGE, BRIDGE_VLAN_DEFAULT_PVID)
_VXLAN = (
    *(VXLAN_ID, VXLAN_GROUP, VXLAN_LINK, VXLAN_LOCAL, VXLAN_TTL, VXLAN_LEARNING),
    *(VXLAN_PORT, VXLAN_GROUP6, VXLAN_LOCAL6, VXLAN_EXTERNAL, VXLAN_VNIFILTER),
)
#: Bridge port options by name (IFLA_BRPORT_*).
PORT_OPTIONS = {"hairpin": 4, "guard": 5, "learning": 8, "neigh_suppress": 32, "isolated": 33, "vlan_tunnel": 29}

_ifinfo = Struct("=BxHiII")


def dump_request():
    """What to ask for: everything but counters."""
    return GETLINK, _ifinfo.pack(0, 0, 0, 0, 0) + attribute(EXT_MASK, U32.pack(SKIP_STATISTICS))


class Links:
    """A dump of links: models by name, bridge ports, and the numbers of interfaces."""

    def __init__(self, bodies):
        layouts = _Layouts()
        raw = [(_ifinfo.unpack_from(body), *layouts.read(body)) for body in bodies]
        self.numbers = {string(values[layout.name]): header[2] for header, layout, values in raw}
        names = {number: name for name, number in self.numbers.items()}
        self.models = {}
        self.ports = {}
        for (_family, _type, number, flags, _change), layout, values in raw:
            name = names[number]
            self.models[name], port = layout.decode(name, flags, values, names)
            if port:
                self.ports[name] = port


class _Layouts:
    """How the messages of links are laid out: those of one kind are alike.

    Where the attributes that matter are is found out once for each layout, by going through all of them.
    """

    def __init__(self):
        self._known = {}

    def read(self, body):
        """The layout of a message, and the payloads of the attributes that matter."""
        # Where the length and the first attribute, the name, are as long as those of another, most often all else is, too.
        layouts = self._known.setdefault((len(body), body[_ifinfo.size : _ifinfo.size + 4]), [])
        for layout in layouts:
            values = layout.fields.unpack_from(body)
            if layout.fixed(values) == layout.announced:
                return layout, values[1::2]
        layouts.append(_Layout(body))
        return self.read(body)


class _Layout:
    """Where the attributes that matter stand in a message, what tells others that are laid out alike, and what they say.

    Links that are alike in all but what is each one's own (:data:`_OWN`) are common: the rest of them is decoded once.
    """

    def __init__(self, body):
        places = list(_places(body, _ifinfo.size, len(body)))
        kind = next((string(body[start:end]) for path, start, end in places if path == _KIND), "")
        read = {*_READ, *((LINKINFO, INFO_DATA, number) for number in _DETAILS_READ.get(kind, ()))}
        form, at, self.paths = "=", 0, []
        for path, start, end in places:
            if path in read:
                form += "%dx4s%ds" % (start - 4 - at, end - start)
                at = end
                self.paths.append(path)
        place_of = {path: number for number, path in enumerate(self.paths)}
        # Of each attribute there are two values: what announces it, its type and length, and its payload.
        self.fields = Struct(form)
        payloads = [2 * place_of[_KIND] + 1] if _KIND in place_of else []
        self.fixed = itemgetter(*range(0, 2 * len(self.paths), 2), *payloads)
        self.announced = self.fixed(self.fields.unpack_from(body))
        self.name = place_of[_NAME]
        own = {path: each for path, each in _OWN.items() if path in place_of and each[0] in (kind, "")}
        self._own = [(attribute, place_of[path], decoded) for path, (_kind, attribute, decoded) in own.items()]
        self._common = itemgetter(*(place for path, place in place_of.items() if path != _NAME and path not in own))
        self._known = {}

    def decode(self, name, flags, values, names):
        """The model of a link, and of its bridge port if it is one; ``names`` maps interface numbers to names."""
        key = flags, self._common(values)
        if key not in self._known:
            found = dict(zip(self.paths, values))
            model = _model(name, flags, found, names)
            port = _port(name, found) if found.get(_SLAVE_KIND) == b"bridge\0" else None
            self._known[key] = model, port, [each for each in self._own if getattr(model, each[0]) is not None]
            return model, port
        model, port, own = self._known[key]
        values_of_own = {attribute: decoded(values[place], names) for attribute, place, decoded in own}
        return _made(type(model), model.__dict__, name=name, **values_of_own), port and _made(Port, port.__dict__, dev=name)


def _places(body, at, end, above=()):
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
_CONTAINERS = {(LINKINFO,), (LINKINFO, INFO_DATA), (LINKINFO, INFO_SLAVE_DATA), (AF_SPEC,), (AF_SPEC, AF_INET6)}
_READ = {
    *((kind,) for kind in (ADDRESS, IFNAME, MTU, LINK, MASTER, IFALIAS, LINK_NETNSID)),
    *(_KIND, _SLAVE_KIND, _GENERATION),
    *((LINKINFO, INFO_SLAVE_DATA, kind) for kind in PORT_OPTIONS.values()),
}
#: Kind -> what is read of the attributes that only it has.
_DETAILS_READ = {"vrf": (VRF_TABLE,), "bridge": _BRIDGE, "vxlan": _VXLAN, "vlan": (VLAN_ID,), "macvlan": (MACVLAN_MODE,)}
#: What each link has for itself, besides its name: where it is, kind of link ("": any), attribute, what decodes it.
_OWN = {
    (ADDRESS,): ("", "mac", lambda payload, names: mac_text(payload) if len(payload) == 6 else None),
    (MASTER,): ("", "master", lambda payload, names: names.get(U32.unpack(payload)[0], "")),
    (LINKINFO, INFO_DATA, VXLAN_ID): ("vxlan", "vni", lambda payload, names: U32.unpack(payload)[0]),
}
_PORT_PATHS = {option: (LINKINFO, INFO_SLAVE_DATA, number) for option, number in PORT_OPTIONS.items()}
_split_alias = functools.lru_cache(maxsize=None)(split_alias)
_address_text = functools.lru_cache(maxsize=None)(address_text)


def _model(name, flags, found, names):
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
        "master_kind": string(found.get(_SLAVE_KIND, b"")),
        # Without IPv6 on the link there is no such thing.
        "link_local": None if generation is None else generation != b"\1",
        "up": bool(flags & IFF_UP),
    }
    lower = "" if (LINK_NETNSID,) in found else names.get(_number(found, (LINK,)), "")
    kind = string(found.get(_KIND, b""))
    if kind not in _KINDS:
        return _made(Interface, values, type=kind)
    model, read = _KINDS[kind]
    return _made(model, values, **read({path[2]: found[path] for path in found if path[:2] == _DETAILS}, lower, names))


_DETAILS = (LINKINFO, INFO_DATA)


def _made(model, values, **more):
    """An object of a frozen dataclass from all of its fields, at a third of the time that its own constructor takes."""
    made = object.__new__(model)
    made.__dict__.update(values, **more)
    return made


def _read_vxlan(details, _lower, names):
    other = details.get(VXLAN_GROUP) or details.get(VXLAN_GROUP6)
    other = _address_text(other) if other else ""
    multicast = bool(other) and is_multicast(other)
    local = details.get(VXLAN_LOCAL) or details.get(VXLAN_LOCAL6)
    external = details.get(VXLAN_EXTERNAL, b"\0") != b"\0"
    return {
        "vni": None if external else _number(details, VXLAN_ID),
        "local": _address_text(local) if local else "",
        "remote": "" if multicast else other,
        "group": other if multicast else "",
        "dev": names.get(_number(details, VXLAN_LINK), ""),
        "dstport": BE16.unpack(details[VXLAN_PORT])[0],
        "ttl": details[VXLAN_TTL][0],
        "learning": details[VXLAN_LEARNING] != b"\0",
        "external": external,
        "vnifilter": details.get(VXLAN_VNIFILTER, b"\0") != b"\0",
    }


def _read_bridge(details, _lower, _names):
    return {
        "stp": bool(_number(details, BRIDGE_STP_STATE)),
        "vlan_filtering": details.get(BRIDGE_VLAN_FILTERING, b"\0") != b"\0",
        # A kernel without VLAN filtering does not tell.
        "default_vlan": U16.unpack(details.get(BRIDGE_VLAN_DEFAULT_PVID, b"\0\0"))[0],
        # While the topology changes, what the kernel tells is twice the forward delay, not what is configured.
        "ageing": _number(details, BRIDGE_AGEING_TIME) if details.get(BRIDGE_TOPOLOGY_CHANGE) == b"\0" else None,
    }


def _read_macvlan(details, lower, _names):
    mode = _number(details, MACVLAN_MODE)
    return {"link": lower, "mode": next((word for word, number in MODES.items() if number == mode), "")}


#: Kind -> its model, and what reads the attributes that only it has.
_KINDS = {
    "vrf": (Vrf, lambda details, lower, names: {"table": _number(details, VRF_TABLE)}),
    "bridge": (Bridge, _read_bridge),
    "vxlan": (Vxlan, _read_vxlan),
    "veth": (Veth, lambda details, lower, names: {"peer": lower}),
    "dummy": (Dummy, lambda details, lower, names: {}),
    "vlan": (Vlan, lambda details, lower, names: {"link": lower, "vlan": U16.unpack(details[VLAN_ID])[0]}),
    "macvlan": (Macvlan, _read_macvlan),
}


def _port(name, found):
    """A link as a port of its bridge."""
    options = {option: found.get(path, b"\0") != b"\0" for option, path in _PORT_PATHS.items()}
    return _made(Port, {"dev": name}, **options)


def _number(found, kind):
    payload = found.get(kind)
    return U32.unpack(payload)[0] if payload else 0


def create(link, number_of):
    """Messages that make a link, each to be sent when the one before it is done.

    ``number_of`` maps the name of a link below it to its number.
    """
    parts = [attribute(IFNAME, text(link.name))]
    if link.mtu:
        parts.append(attribute(MTU, U32.pack(_other_mtu(link) if link.kind == "bridge" else link.mtu)))
    if link.mac:
        parts.append(attribute(ADDRESS, mac_bytes(link.mac)))
    if link.master:
        parts.append(attribute(MASTER, U32.pack(number_of(link.master))))
    if link.kind == "veth" and not link.leads:  # made together with its peer
        return [message(NEWLINK, 0, _ifinfo.pack(0, 0, 0, 0, 0) + b"".join(parts)), *_labelled(link)]
    if link.kind in ("vlan", "macvlan"):
        parts.append(attribute(LINK, U32.pack(number_of(link.link))))
    data = _DATA[link.kind](link, number_of)
    parts.append(nested(LINKINFO, attribute(INFO_KIND, link.kind.encode()), *([nested(INFO_DATA, *data)] if data else ())))
    made = message(NEWLINK, CREATE | EXCL, _ifinfo.pack(0, 0, 0, 0, 0) + b"".join(parts))
    return [made, *_labelled(link)]


def _other_mtu(bridge):
    """An MTU to make a bridge with that is not the one wanted.

    Until the MTU of a bridge that exists is changed, it follows the smallest of its ports (br_mtu_auto_adjust in
    net/bridge/br_if.c).
    """
    return bridge.mtu - 1 if bridge.mtu == MTU_LAST else bridge.mtu + 1


def _labelled(link):
    """What the kernel does not take at creation: the alias, the address generation mode, an MTU of a bridge that stays."""
    parts = [attribute(IFNAME, text(link.name)), attribute(IFALIAS, text(link.alias()))]
    if link.kind == "bridge" and link.mtu:
        parts.append(attribute(MTU, U32.pack(link.mtu)))
    if link.link_local is not None:
        parts.append(_address_generation(link.link_local))
    flags = IFF_UP if link.up else 0
    return [message(NEWLINK, 0, _ifinfo.pack(0, 0, 0, flags, flags) + b"".join(parts))]


def change(before, after, number_of):
    """Messages that turn a link into another of the same name, each to be sent when the one before it is done.

    A bridge that turns into itself is told the MTU that it has.
    """
    parts = [attribute(IFNAME, text(after.name))]
    if after == before:
        mtus = (_other_mtu(after), after.mtu)
        return [message(NEWLINK, 0, _ifinfo.pack(0, 0, 0, 0, 0) + parts[0] + attribute(MTU, U32.pack(mtu))) for mtu in mtus]
    flags = mask = 0
    if after.alias() != before.alias():
        parts.append(attribute(IFALIAS, text(after.alias())))
    if after.mtu != before.mtu:
        parts.append(attribute(MTU, U32.pack(after.mtu)))
    if after.mac != before.mac:
        parts.append(attribute(ADDRESS, mac_bytes(after.mac)))
    if after.link_local != before.link_local:
        parts.append(_address_generation(after.link_local))
    if (after.master or "") != (before.master or ""):
        parts.append(attribute(MASTER, U32.pack(number_of(after.master) if after.master else 0)))
    if after.up != before.up:
        flags, mask = (IFF_UP if after.up else 0), IFF_UP
    data = _changed_data(before, after)
    if data:
        parts.append(nested(LINKINFO, attribute(INFO_KIND, after.kind.encode()), nested(INFO_DATA, *data)))
    return [message(NEWLINK, 0, _ifinfo.pack(0, 0, 0, flags, mask) + b"".join(parts))]


def delete(link):
    """Messages that delete a link."""
    return [message(DELLINK, 0, _ifinfo.pack(0, 0, 0, 0, 0) + attribute(IFNAME, text(link.name)))]


def set_port(port):
    """Messages that set the options of a bridge port."""
    options = [
        attribute(number, U8.pack(getattr(port, option)))
        for option, number in PORT_OPTIONS.items()
        if getattr(port, option) is not None
    ]
    info = nested(LINKINFO, attribute(INFO_SLAVE_KIND, b"bridge"), nested(INFO_SLAVE_DATA, *options))
    return [message(NEWLINK, 0, _ifinfo.pack(0, 0, 0, 0, 0) + attribute(IFNAME, text(port.dev)) + info)]


def _address_generation(link_local):
    return nested(AF_SPEC, nested(AF_INET6, attribute(INET6_ADDR_GEN_MODE, U8.pack(0 if link_local else 1))))


def _vrf_data(link, number_of):
    return [attribute(VRF_TABLE, U32.pack(link.table))]


def _bridge_data(link, number_of):
    data = []
    if link.stp is not None:
        data.append(attribute(BRIDGE_STP_STATE, U32.pack(link.stp)))
    if link.vlan_filtering:  # off is what it starts with, and a kernel without VLAN filtering refuses to be told
        data.append(attribute(BRIDGE_VLAN_FILTERING, U8.pack(True)))
    default_vlan = 0 if link.default_vlan is None and link.vlan_filtering else link.default_vlan
    if default_vlan is not None:
        data.append(attribute(BRIDGE_VLAN_DEFAULT_PVID, U16.pack(default_vlan)))
    return data


def _vxlan_data(link, number_of):
    data = [attribute(VXLAN_EXTERNAL, U8.pack(1))] if link.external else [attribute(VXLAN_ID, U32.pack(link.vni))]
    if link.vnifilter:
        data.append(attribute(VXLAN_VNIFILTER, U8.pack(1)))
    other = link.remote or link.group
    for value, four, six in ((other, VXLAN_GROUP, VXLAN_GROUP6), (link.local, VXLAN_LOCAL, VXLAN_LOCAL6)):
        if value:
            data.append(attribute(six if ":" in value else four, address_bytes(value)))
    if link.dev:
        data.append(attribute(VXLAN_LINK, U32.pack(number_of(link.dev))))
    if link.dstport is not None:
        data.append(attribute(VXLAN_PORT, BE16.pack(link.dstport)))
    if link.ttl is not None:
        data.append(attribute(VXLAN_TTL, U8.pack(link.ttl)))
    if link.learning is not None:
        data.append(attribute(VXLAN_LEARNING, U8.pack(link.learning)))
    return data


def _veth_data(link, number_of):
    return [nested(VETH_PEER, _ifinfo.pack(0, 0, 0, 0, 0), attribute(IFNAME, text(link.peer)))]


def _vlan_data(link, number_of):
    return [attribute(VLAN_ID, U16.pack(link.vlan))]


def _macvlan_data(link, number_of):
    return [attribute(MACVLAN_MODE, U32.pack(MODES[link.mode]))] if link.mode else []


def _dummy_data(link, number_of):
    return []


_DATA = {
    "vrf": _vrf_data,
    "bridge": _bridge_data,
    "vxlan": _vxlan_data,
    "veth": _veth_data,
    "dummy": _dummy_data,
    "vlan": _vlan_data,
    "macvlan": _macvlan_data,
}


def _changed_data(before, after):
    """What changed of the attributes that only this kind of link has."""
    data = []
    if after.kind == "bridge":
        if after.stp != before.stp:
            data.append(attribute(BRIDGE_STP_STATE, U32.pack(after.stp)))
            # __br_set_topology_change() in net/bridge/br_stp.c shortens it, and does not restore it without STP.
            if not after.stp and after.ageing is not None:
                data.append(attribute(BRIDGE_AGEING_TIME, U32.pack(after.ageing)))
        if after.vlan_filtering != before.vlan_filtering:
            data.append(attribute(BRIDGE_VLAN_FILTERING, U8.pack(after.vlan_filtering)))
        if after.default_vlan != before.default_vlan:
            data.append(attribute(BRIDGE_VLAN_DEFAULT_PVID, U16.pack(after.default_vlan)))
    if after.kind == "vxlan":
        if after.local != before.local:
            local = after.local or ("::" if ":" in before.local else "0.0.0.0")  # none stands for any
            data.append(attribute(VXLAN_LOCAL6 if ":" in local else VXLAN_LOCAL, address_bytes(local)))
        if after.ttl != before.ttl:
            data.append(attribute(VXLAN_TTL, U8.pack(after.ttl)))
        if after.learning != before.learning:
            data.append(attribute(VXLAN_LEARNING, U8.pack(after.learning)))
    return data
