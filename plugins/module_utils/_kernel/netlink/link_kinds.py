# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is peculiar to kinds of links on the wire (include/uapi/linux/if_link.h). Private to this collection.

All else that a kind has is in the table of its model, and :mod:`.links` reads and writes that for all kinds alike.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Callable, Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..model.attribute import Attribute
from ..model.bridge import Bridge
from ..model.link import MTU_LAST
from ..model.veth import Veth
from ..model.vlan import Vlan
from ..model.vxlan import Vxlan
from .wire import U32, attribute, nested, text

IFNAME = 3
BRIDGE_ROOT_PORT, BRIDGE_TOPOLOGY_CHANGE = 12, 14
VETH_PEER, VLAN_FLAGS = 1, 2

IFINFO = Struct("=BxHiII")

#: Payloads of the attributes of a kind by number.
Payloads = Mapping[int, bytes]


class LinkKind(NamedTuple):
    """What is peculiar to a kind of link; the defaults are those of a kind that has nothing of the sort.

    - ``reads``: numbers of attributes that matter although the model's table lacks them.
    - ``own``: attributes that differ between links that are alike in all else: number -> name and what decodes it.
    - ``corrected(said, rows, payloads)``: attributes that are not as the kernel sends them: name -> value.
    - ``as_made(link)``: a link as it is to be made, with what nobody specified.
    - ``mtu_before(link)``: the MTU to make it with, or to give it before its own.
    - ``details(link, data)``: what its kind has in the message that makes it, given what the table says of that.
    - ``is_made(link)``: whether another link brings it along.
    - ``first(before, data)``: numbers of attributes that are set in a message before the others.
    - ``repeats(before, after)``: names of attributes that have to be set although they do not change.
    """

    reads: Tuple[int, ...] = ()
    own: Mapping[int, Tuple[str, Callable[[bytes, Mapping[int, str]], Any]]] = {}
    corrected: Callable[[Dict[str, Any], Sequence[Attribute], Payloads], Dict[str, Any]] = lambda said, rows, payloads: {}
    as_made: Callable[[Any], Any] = lambda link: link
    mtu_before: Callable[[Any], Optional[int]] = lambda link: link.mtu
    details: Callable[[Any, List[bytes]], List[bytes]] = lambda link, data: data
    is_made: Callable[[Any], bool] = lambda link: False
    first: Callable[[Any, Collection[int]], Collection[int]] = lambda before, data: ()
    repeats: Callable[[Any, Any], Collection[str]] = lambda before, after: ()


def _not_its_own(said: Dict[str, Any], rows: Sequence[Attribute], payloads: Payloads) -> Dict[str, Any]:
    """Attributes of a bridge that the kernel does not send as they are configured."""
    hidden: Dict[str, Any] = {}
    if payloads.get(BRIDGE_TOPOLOGY_CHANGE) != b"\0":  # what it sends is twice the forward delay
        hidden["ageing"] = None
    if payloads.get(BRIDGE_ROOT_PORT, b"\0\0") != b"\0\0":  # these are the root's
        hidden.update(dict.fromkeys(("forward_delay", "hello_time", "max_age")))
    return hidden


def _with_default_vlan(link: Bridge) -> Bridge:
    """A bridge that filters VLANs has none for its ports, unless that is asked for."""
    made: Bridge = link.having(default_vlan=0) if link.vlan_filtering and link.default_vlan is None else link
    return made


def _other_mtu(link: Bridge) -> Optional[int]:
    """An MTU that is not the desired one.

    Until the MTU of a bridge that exists is changed, it follows the smallest of its ports (br_mtu_auto_adjust in
    net/bridge/br_if.c).
    """
    return link.mtu and (link.mtu - 1 if link.mtu == MTU_LAST else link.mtu + 1)


def _stp_that_ends(before: Bridge, data: Collection[int]) -> Collection[int]:
    """br_changelink() in net/bridge/br_netlink.c looks at the forward delay before STP: while that is on, it refuses one that
    only a bridge without can have. So STP that is turned off is so first.
    """
    number = Bridge.attributes["stp"].number
    return (number,) if before.stp and number in data else ()


def _forgotten(before: Bridge, after: Bridge) -> Collection[str]:
    """__br_set_topology_change() in net/bridge/br_stp.c shortens how long a bridge remembers, and does not restore it without
    STP.
    """
    return ("ageing",) if before.stp and not after.stp else ()


def _without_flags(said: Dict[str, Any], rows: Sequence[Attribute], payloads: Payloads) -> Dict[str, Any]:
    """Flags of a VLAN device that the kernel does not tell: it does so only where it has one (vlan_fill_info in
    net/8021q/vlan_netlink.c).
    """
    return {} if VLAN_FLAGS in payloads else {row.name: False for row in rows if row.number == VLAN_FLAGS}


def _vni_of_one(said: Dict[str, Any], rows: Sequence[Attribute], payloads: Payloads) -> Dict[str, Any]:
    """A device that carries many VNIs has none of its own."""
    return {"vni": None} if said["external"] else {}


def _peer(link: Veth, _data: List[bytes]) -> List[bytes]:
    return [nested(VETH_PEER, IFINFO.pack(0, 0, 0, 0, 0), attribute(IFNAME, text(link.peer or "")))]


#: Kind -> what is peculiar to it, for those that have something of the sort.
LINK_KINDS: Dict[str, LinkKind] = {
    Bridge.kind: LinkKind(
        reads=(BRIDGE_ROOT_PORT, BRIDGE_TOPOLOGY_CHANGE),
        corrected=_not_its_own,
        as_made=_with_default_vlan,
        mtu_before=_other_mtu,
        first=_stp_that_ends,
        repeats=_forgotten,
    ),
    Veth.kind: LinkKind(details=_peer, is_made=lambda link: not link.leads),
    Vlan.kind: LinkKind(corrected=_without_flags),
    Vxlan.kind: LinkKind(
        own={Vxlan.attributes["vni"].number: ("vni", lambda payload, names: U32.unpack(payload)[0])},
        corrected=_vni_of_one,
    ),
}
_ORDINARY = LinkKind()


def link_kind(name: str) -> LinkKind:
    """What is peculiar to the kind of this name."""
    return LINK_KINDS.get(name, _ORDINARY)
