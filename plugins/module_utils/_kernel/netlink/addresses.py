# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses on the wire (include/uapi/linux/if_addr.h). Private to this collection."""

from __future__ import annotations

from struct import Struct
from typing import Any, Collection, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple

from ..model.address import KIND, SCOPES, Address, usual_scope
from ..model.document import Document
from ..model.kind import State
from .codec import Codec, Host, Message
from .wire import (
    CREATE,
    REPLACE,
    U8,
    U32,
    DumpRequest,
    Names,
    NumberOf,
    address_bytes,
    address_text,
    attribute,
    attributes,
    message,
    string,
    text,
)

NEWADDR, DELADDR, GETADDR = 20, 21, 22
ADDRESS, LOCAL, LABEL, BROADCAST, FLAGS, RT_PRIORITY, PROTO = 1, 2, 3, 4, 8, 9, 11
F_SECONDARY, F_NODAD, F_DADFAILED, F_TENTATIVE, F_PERMANENT, F_NOPREFIXROUTE = 0x01, 0x02, 0x08, 0x40, 0x80, 0x200
#: Flags that are attributes of the model.
FLAGS_OF = {"nodad": F_NODAD, "noprefixroute": F_NOPREFIXROUTE, "home": 0x10, "mngtmpaddr": 0x100, "autojoin": 0x400}
SCOPE_UNIVERSE = 0
#: Who put an address there (IFAPROT_*): the kernel itself, from router advertisements, or link-local.
KERNEL_PROTOCOLS = (2, 3)
LINK_LOCAL_PROTOCOL = KERNEL_PROTOCOLS[1]
#: The number on addresses that are runtime state of gateways. Kernels before 5.18 keep no such number (IFA_PROTO).
GATEWAY_PROTOCOL = 214
AF_INET, AF_INET6 = 2, 10

_ifaddr = Struct("=BBBBi")
_SCOPES = {number: word for word, number in SCOPES.items()}


def dump_request() -> DumpRequest:
    """What to ask for: the addresses of both families."""
    return GETADDR, _ifaddr.pack(0, 0, 0, 0, 0)


def decode(
    bodies: Iterable[bytes], names: Names, owners: Collection[int], of_others: Optional[Set[Tuple[str, str]]] = None
) -> Dict[Tuple[str, str], Address]:
    """Addresses by key, oldest first; those that the kernel made, but for lo, or that expire are left out.

    ``names`` maps interface numbers to names; what has one of the protocol numbers ``owners`` is ours. ``of_others`` is a set
    that gets the keys of all that is neither ours nor link-local, what expires included: kernels before 5.18 do not show which
    link-local addresses they have made.
    """
    made = {}
    # The kernel lists the newest IPv6 address of a link first (ipv6_link_dev_addr in net/ipv6/addrconf.c).
    older = [body for body in bodies if body[0] != AF_INET6]
    for body in (*older, *reversed([body for body in bodies if body[0] == AF_INET6])):
        family, scope, number, flags, found = read(body)
        if family not in (AF_INET, AF_INET6) or number not in names:
            continue  # its interface has come since the links were read
        protocol = found.get(PROTO, b"\0")[0]
        if of_others is not None and protocol not in owners and not (family == AF_INET6 and scope == SCOPES["link"]):
            of_others.add((names[number], text_of(body, found)))
        if not flags & F_PERMANENT or is_the_kernels(found):
            continue
        others: dict = {name: bool(flags & flag) for name, flag in FLAGS_OF.items()}
        of_ipv4: Dict[str, Any] = {
            "scope": _SCOPES.get(scope, "%d" % scope),
            "broadcast": address_text(found[BROADCAST]) if BROADCAST in found else "",
            "label": string(found.get(LABEL, b"")) or names[number],
        }
        address = Address(
            names[number],
            text_of(body, found),
            metric=U32.unpack(found[RT_PRIORITY])[0] if RT_PRIORITY in found else 0,
            peer=_peer(found),
            owned=protocol in owners,
            gateways=protocol == GATEWAY_PROTOCOL,
            **others,
            **(of_ipv4 if family == AF_INET else {}),
        )
        made[address.key] = address
    return made


def add(address: Address, number_of: NumberOf, owner: int) -> List[Message]:
    """Messages that add an address, or change the one that is there."""
    flags = F_PERMANENT | sum(flag for name, flag in FLAGS_OF.items() if getattr(address, name))
    extra = attribute(FLAGS, U32.pack(flags))
    extra += attribute(RT_PRIORITY, U32.pack(address.metric)) if address.metric else b""
    protocol = GATEWAY_PROTOCOL if address.gateways else owner if address.owned else None
    extra += attribute(PROTO, U8.pack(protocol)) if protocol else b""
    extra += attribute(BROADCAST, address_bytes(address.broadcast)) if address.broadcast else b""
    extra += attribute(LABEL, text(address.label)) if address.label else b""
    return [message(NEWADDR, CREATE | REPLACE, _body(address, number_of) + extra)]


def delete(address: Address, number_of: NumberOf) -> List[Message]:
    """Messages that remove an address."""
    return [message(DELADDR, 0, _body(address, number_of))]


def of_routers(bodies: Iterable[bytes]) -> Iterator[Tuple[int, str, bytes]]:
    """The addresses that a routing daemon advertises subnets of: (number of the interface, address with length, body) triples.

    Left out are link-local and loopback addresses, those that duplicate address detection has not passed yet, and further
    addresses of a subnet.
    """
    for body in bodies:
        family, scope, number, flags, found = read(body)
        if family in (AF_INET, AF_INET6) and scope == SCOPE_UNIVERSE and not flags & (F_SECONDARY | F_DADFAILED | F_TENTATIVE):
            yield number, text_of(body, found), body


def is_the_kernels(found: Mapping[int, bytes]) -> bool:
    """Whether the kernel has put an address there, from its attributes."""
    return found.get(PROTO, b"\0")[0] in KERNEL_PROTOCOLS


def read(body: bytes) -> Tuple[int, int, int, int, Dict[int, bytes]]:
    """Family, scope, number of the interface, flags and attributes of an address in a dump."""
    family, _length, _flags, scope, number = _ifaddr.unpack_from(body)
    found = attributes(body, 8, len(body))
    return family, scope, number, U32.unpack(found[FLAGS])[0] if FLAGS in found else 0, found


def _peer(found: Mapping[int, bytes]) -> str:
    """The other end of a point-to-point address, "" if it is none."""
    own, other = found.get(LOCAL), found.get(ADDRESS)
    return address_text(other) if own and other and own != other else ""


def text_of(body: bytes, found: Mapping[int, bytes]) -> str:
    """An address in CIDR notation; of a point-to-point one it is our end that counts."""
    return "%s/%d" % (address_text(found.get(LOCAL) or found[ADDRESS]), body[1])


def repeated(body: bytes) -> Message:
    """The message that sets an address of a dump once more as it is, so that the kernel announces it to all who listen."""
    return message(NEWADDR, REPLACE, body)


def _body(address: Address, number_of: NumberOf) -> bytes:
    value, _slash, length = address.address.partition("/")
    packed = address_bytes(value)
    family = AF_INET6 if len(packed) == 16 else AF_INET
    scope = SCOPES[address.scope or usual_scope(value)] if family == AF_INET else SCOPE_UNIVERSE
    header = _ifaddr.pack(family, int(length), 0, scope, number_of(address.dev))
    return header + attribute(LOCAL, packed) + attribute(ADDRESS, address_bytes(address.peer) if address.peer else packed)


def _read(host: Host, document: Document) -> State:
    """Addresses, and under ``of_others`` the keys of all that are neither ours nor link-local."""
    owners = {host.protocol, GATEWAY_PROTOCOL} if document.gateway is False else {host.protocol}
    of_others: Set[Tuple[str, str]] = set()
    bodies = host.channel.dump(*dump_request())
    found: Dict[str, Any] = {KIND.group: decode(bodies, host.names, owners, of_others), "of_others": of_others}
    return found


def _messages(before: Any, after: Optional[Address], host: Host) -> List[Message]:
    return delete(before, host.number) if after is None else add(after, host.number, host.protocol)


CODEC = Codec(KIND.group, _read, _messages)
