# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLANs of bridge ports and VNIs of VXLAN devices on the wire (include/uapi/linux/if_bridge.h, if_link.h).

Private to this collection.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Collection, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from ..model.document import Document
from ..model.kind import State
from ..model.membership import BRIDGE_VLAN, VNI, BridgeVlan, Vni, filters
from .codec import Codec, Host, Message, dumped, is_there
from .wire import (
    ATTRIBUTE,
    U16,
    U32,
    DumpRequest,
    Names,
    NumberOf,
    address_bytes,
    address_text,
    attribute,
    attributes,
    message,
    nested,
)

GETLINK, SETLINK, DELLINK = 18, 19, 17
NEWTUNNEL, DELTUNNEL, GETTUNNEL = 120, 121, 122
AF_BRIDGE = 7
IFLA_AF_SPEC, IFLA_EXT_MASK = 26, 29
FILTER_VLANS = 1 << 1  # RTEXT_FILTER_BRVLAN
BRIDGE_FLAGS, BRIDGE_VLAN_INFO, BRIDGE_VLAN_TUNNEL_INFO = 0, 2, 3
FLAG_MASTER, FLAG_SELF = 1, 2
TUNNEL_ID, TUNNEL_VID, TUNNEL_FLAGS = 1, 2, 3
RANGE_END = 1 << 4
VLAN_PVID, VLAN_UNTAGGED = 1 << 1, 1 << 2
FILTER_ENTRY, ENTRY_START, ENTRY_GROUP, ENTRY_GROUP6 = 1, 1, 3, 4

_ifinfo = Struct("=BxHiII")
_vlan_info = Struct("=HH")
_tunnel = Struct("=BBHI")


def vlan_dump_request() -> DumpRequest:
    """What to ask for: the VLANs of all bridges and their ports."""
    return GETLINK, _ifinfo.pack(AF_BRIDGE, 0, 0, 0, 0) + attribute(IFLA_EXT_MASK, U32.pack(FILTER_VLANS))


def decode_vlans(bodies: Iterable[bytes], names: Names, links: Mapping[str, Any]) -> Dict[Any, BridgeVlan]:
    """VLANs by key. ``names`` maps interface numbers to names, ``links`` names to links.

    Those of a bridge that does not filter mean nothing and are left out.
    """
    made = {}
    for body in bodies:
        family, _type, number, _flags, _change = _ifinfo.unpack_from(body)
        dev = names.get(number)
        if family != AF_BRIDGE or dev is None or not filters(dev, links):
            continue
        spec = attributes(body, 16, len(body)).get(IFLA_AF_SPEC, b"")
        owned = bool(links[dev].owned or links[dev].held)
        vnis: dict[int, int] = {}
        first = 0
        for kind, payload in each(spec):
            if kind == BRIDGE_VLAN_TUNNEL_INFO:
                found = attributes(payload, 0, len(payload))
                last, vni = U16.unpack(found[TUNNEL_VID])[0], U32.unpack(found[TUNNEL_ID])[0]
                if not U16.unpack(found[TUNNEL_FLAGS])[0] & RANGE_END:
                    first = last
                # A range comes as its two ends.
                vnis.update((vlan, vni - last + vlan) for vlan in range(first, last + 1))
        for kind, payload in each(spec):
            if kind == BRIDGE_VLAN_INFO:
                flags, vlan = _vlan_info.unpack(payload)
                entry = BridgeVlan(dev, vlan, bool(flags & VLAN_PVID), bool(flags & VLAN_UNTAGGED), vnis.get(vlan, 0), owned)
                made[entry.key] = entry
    return made


def each(data: bytes) -> Iterator[Tuple[int, bytes]]:
    """The attributes of a list in which types recur: pairs of type and payload."""
    at = 0
    while at + 4 <= len(data):
        length, kind = ATTRIBUTE.unpack_from(data, at)
        if length < 4:
            return
        yield kind & 0x3FFF, data[at + 4 : at + length]
        at += (length + 3) & ~3


def set_vlan(before: Optional[BridgeVlan], after: BridgeVlan, number_of: NumberOf, bridges: Collection[str]) -> List[Message]:
    """Messages that add a VLAN to a port, or change it. ``bridges`` are the names of links that are bridges themselves."""
    flags = (VLAN_PVID if after.pvid else 0) | (VLAN_UNTAGGED if after.untagged else 0)
    made = []
    if before is None or (bool(before.pvid), bool(before.untagged)) != (bool(after.pvid), bool(after.untagged)):
        made.append(
            _vlan_message(SETLINK, after, number_of, bridges, attribute(BRIDGE_VLAN_INFO, _vlan_info.pack(flags, after.vlan)))
        )
    had = before.vni if before else 0
    if had and had != after.vni:
        made.append(_vlan_message(DELLINK, after, number_of, bridges, _tunnel_info(after.vlan, had)))
    if after.vni and had != after.vni:
        made.append(_vlan_message(SETLINK, after, number_of, bridges, _tunnel_info(after.vlan, after.vni)))
    return made


def delete_vlan(entry: BridgeVlan, number_of: NumberOf, bridges: Collection[str]) -> List[Message]:
    """Messages that take a VLAN from a port; what stands for it goes with it."""
    info = attribute(BRIDGE_VLAN_INFO, _vlan_info.pack(0, entry.vlan))
    return [_vlan_message(DELLINK, entry, number_of, bridges, info)]


def _tunnel_info(vlan: int, vni: int) -> bytes:
    return nested(BRIDGE_VLAN_TUNNEL_INFO, attribute(TUNNEL_ID, U32.pack(vni)), attribute(TUNNEL_VID, U16.pack(vlan)))


def _vlan_message(kind: int, entry: BridgeVlan, number_of: NumberOf, bridges: Collection[str], info: bytes) -> Message:
    where = attribute(BRIDGE_FLAGS, U16.pack(FLAG_SELF if entry.dev in bridges else FLAG_MASTER))
    return message(kind, 0, _ifinfo.pack(AF_BRIDGE, 0, number_of(entry.dev), 0, 0) + nested(IFLA_AF_SPEC, where, info))


def vni_dump_request() -> DumpRequest:
    """What to ask for: the VNIs of all devices that filter them."""
    return GETTUNNEL, _tunnel.pack(AF_BRIDGE, 0, 0, 0)


def decode_vnis(bodies: Iterable[bytes], names: Names, links: Mapping[str, Any]) -> Dict[Any, Vni]:
    """VNIs by key; a range comes as one entry with two ends."""
    made = {}
    for body in bodies:
        _family, _flags, _reserved, number = _tunnel.unpack_from(body)
        dev = names.get(number)
        if dev is None:
            continue
        owned = bool(links[dev].owned or links[dev].held)
        for kind, payload in each(body[8:]):
            if kind == FILTER_ENTRY:
                found = attributes(payload, 0, len(payload))
                first = U32.unpack(found[ENTRY_START])[0]
                last = U32.unpack(found[2])[0] if 2 in found else first
                group = found.get(ENTRY_GROUP) or found.get(ENTRY_GROUP6)
                shown = address_text(group) if group else ""
                for vni in range(first, last + 1):
                    made[(dev, vni)] = Vni(dev, vni, shown, owned)
    return made


def add_vni(entry: Vni, number_of: NumberOf) -> List[Message]:
    """Messages that let a device take a VNI."""
    return [_vni_message(NEWTUNNEL, entry, number_of)]


def delete_vni(entry: Vni, number_of: NumberOf) -> List[Message]:
    """Messages that stop it from taking a VNI."""
    return [_vni_message(DELTUNNEL, entry._replace(group=""), number_of)]


def _vni_message(kind: int, entry: Vni, number_of: NumberOf) -> Message:
    parts = [attribute(ENTRY_START, U32.pack(entry.vni))]
    if entry.group:
        parts.append(attribute(ENTRY_GROUP6 if ":" in entry.group else ENTRY_GROUP, address_bytes(entry.group)))
    return message(kind, 0, _tunnel.pack(AF_BRIDGE, 0, 0, number_of(entry.dev)) + nested(FILTER_ENTRY, *parts))


def _vlan_messages(before: Any, after: Optional[BridgeVlan], host: Host) -> List[Message]:
    if after is None:
        return delete_vlan(before, host.number, host.bridges)
    return set_vlan(before, after, host.number, host.bridges)


def _read_vnis(host: Host, document: Document) -> State:
    """VNIs, where a device filters them: an older kernel does not know what that is."""
    filtering = any(getattr(link, "vnifilter", None) for link in host.links.values())
    return _dump_vnis(host, document) if filtering else {VNI.group: {}}


def _vni_messages(before: Any, after: Optional[Vni], host: Host) -> List[Message]:
    return delete_vni(before, host.number) if after is None else add_vni(after, host.number)


_dump_vnis = dumped(
    VNI.group,
    [vni_dump_request()],
    lambda bodies, host: decode_vnis(bodies, host.names, host.links),
)
VLANS = Codec(
    BRIDGE_VLAN.group,
    dumped(
        BRIDGE_VLAN.group,
        [vlan_dump_request()],
        lambda bodies, host: decode_vlans(bodies, host.names, host.links),
    ),
    _vlan_messages,
)
VNIS = Codec(VNI.group, _read_vnis, _vni_messages, is_done_anyway=is_there)
