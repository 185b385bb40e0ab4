# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links on the wire (include/uapi/linux/if_link.h). Private to this collection."""

from __future__ import annotations

from struct import Struct

from .._model.bridge import Bridge
from .._model.link import MTU_LAST, Interface, split_alias
from .._model.port import Port
from .._model.veth import Veth
from .._model.vlan import Vlan
from .._model.vrf import Vrf
from .._model.vxlan import Vxlan
from .wire import (
    BE16,
    CREATE,
    EXCL,
    U8,
    U16,
    U32,
    address_bytes,
    address_text,
    attribute,
    attributes,
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
BRIDGE_STP_STATE, BRIDGE_VLAN_FILTERING = 5, 7
VLAN_ID = 1
VETH_PEER = 1
(VXLAN_ID, VXLAN_GROUP, VXLAN_LINK, VXLAN_LOCAL, VXLAN_TTL, VXLAN_LEARNING, VXLAN_PORT, VXLAN_GROUP6, VXLAN_LOCAL6) = (
    1,
    2,
    3,
    4,
    5,
    7,
    15,
    16,
    17,
)
#: Bridge port options by name (IFLA_BRPORT_*).
PORT_OPTIONS = {"hairpin": 4, "guard": 5, "learning": 8, "neigh_suppress": 32, "isolated": 33}

_ifinfo = Struct("=BxHiII")


def dump_request():
    """What to ask for: everything but counters."""
    return GETLINK, _ifinfo.pack(0, 0, 0, 0, 0) + attribute(EXT_MASK, U32.pack(SKIP_STATISTICS))


class Links:
    """A dump of links: models by name, bridge ports, and the numbers of interfaces."""

    def __init__(self, bodies):
        raw = [_Raw(body) for body in bodies]
        self.numbers = {link.name: link.number for link in raw}
        names = {number: name for name, number in self.numbers.items()}
        self.models = {link.name: link.model(names) for link in raw}
        self.ports = {link.name: link.port() for link in raw if link.info.get(INFO_SLAVE_KIND) == b"bridge\0"}


class _Raw:
    """One link as the kernel tells it."""

    def __init__(self, body):
        _family, _type, self.number, self.flags, _change = _ifinfo.unpack_from(body)
        self.found = attributes(body, 16, len(body))
        self.name = string(self.found[IFNAME])
        info = self.found.get(LINKINFO, b"")
        self.info = attributes(info, 0, len(info))
        details = self.info.get(INFO_DATA, b"")
        self.details = attributes(details, 0, len(details))

    def model(self, names):
        """The link as a model object; ``names`` maps interface numbers to names."""
        found, details = self.found, self.details
        description, owned, held = split_alias(string(found.get(IFALIAS, b"")))
        common = {
            "name": self.name,
            "description": description,
            "mtu": U32.unpack(found[MTU])[0],
            "owned": owned,
            "held": held,
            "mac": mac_text(found[ADDRESS]) if len(found.get(ADDRESS, b"")) == 6 else None,
            "master": names.get(_number(found, MASTER), ""),
            "link_local": self._link_local(),
            "up": bool(self.flags & IFF_UP),
        }
        lower = "" if LINK_NETNSID in found else names.get(_number(found, LINK), "")
        kind = string(self.info.get(INFO_KIND, b""))
        if kind == "vrf":
            return Vrf(table=_number(details, VRF_TABLE), **common)
        if kind == "bridge":
            return Bridge(
                stp=bool(_number(details, BRIDGE_STP_STATE)),
                vlan_filtering=details.get(BRIDGE_VLAN_FILTERING, b"\0") != b"\0",
                **common,
            )
        if kind == "vxlan":
            return self._vxlan(names, common)
        if kind == "veth":
            return Veth(peer=lower, **common)
        if kind == "vlan":
            return Vlan(link=lower, vlan=U16.unpack(details[VLAN_ID])[0], **common)
        return Interface(type=kind, **common)

    def _vxlan(self, names, common):
        details = self.details
        other = details.get(VXLAN_GROUP) or details.get(VXLAN_GROUP6)
        other = address_text(other) if other else ""
        multicast = bool(other) and (other.startswith("ff") if ":" in other else 224 <= int(other.partition(".")[0]) <= 239)
        local = details.get(VXLAN_LOCAL) or details.get(VXLAN_LOCAL6)
        return Vxlan(
            vni=_number(details, VXLAN_ID),
            local=address_text(local) if local else "",
            remote="" if multicast else other,
            group=other if multicast else "",
            dev=names.get(_number(details, VXLAN_LINK), ""),
            dstport=BE16.unpack(details[VXLAN_PORT])[0],
            ttl=details[VXLAN_TTL][0],
            learning=details[VXLAN_LEARNING] != b"\0",
            **common,
        )

    def _link_local(self):
        """Whether the kernel derives a link-local address; None where the link has no IPv6."""
        spec = self.found.get(AF_SPEC, b"")
        inet6 = attributes(spec, 0, len(spec)).get(AF_INET6, b"")
        mode = attributes(inet6, 0, len(inet6)).get(INET6_ADDR_GEN_MODE)
        return None if mode is None else mode != b"\x01"

    def port(self):
        """The link as a port of its bridge."""
        slave = self.info.get(INFO_SLAVE_DATA, b"")
        options = attributes(slave, 0, len(slave))
        return Port(self.name, **{option: options.get(number, b"\0") != b"\0" for option, number in PORT_OPTIONS.items()})


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
    if link.kind == "vlan":
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
    """Messages that turn a link into another of the same name."""
    parts = [attribute(IFNAME, text(after.name))]
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
    if link.vlan_filtering is not None:
        data.append(attribute(BRIDGE_VLAN_FILTERING, U8.pack(link.vlan_filtering)))
    return data


def _vxlan_data(link, number_of):
    data = [attribute(VXLAN_ID, U32.pack(link.vni))]
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


_DATA = {"vrf": _vrf_data, "bridge": _bridge_data, "vxlan": _vxlan_data, "veth": _veth_data, "vlan": _vlan_data}


def _changed_data(before, after):
    """What changed of the attributes that only this kind of link has."""
    data = []
    if after.kind == "bridge":
        if after.stp != before.stp:
            data.append(attribute(BRIDGE_STP_STATE, U32.pack(after.stp)))
        if after.vlan_filtering != before.vlan_filtering:
            data.append(attribute(BRIDGE_VLAN_FILTERING, U8.pack(after.vlan_filtering)))
    if after.kind == "vxlan":
        if after.local != before.local and after.local:
            data.append(attribute(VXLAN_LOCAL6 if ":" in after.local else VXLAN_LOCAL, address_bytes(after.local)))
        if after.ttl != before.ttl:
            data.append(attribute(VXLAN_TTL, U8.pack(after.ttl)))
        if after.learning != before.learning:
            data.append(attribute(VXLAN_LEARNING, U8.pack(after.learning)))
    return data
