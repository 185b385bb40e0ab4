# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink on the wire: headers and attributes (include/uapi/linux/netlink.h). Private to this collection.

Numbers are in the byte order of the host ("=" in formats), but for those that the network sees, which are big-endian (">"). So
all here holds on hosts of either order.
"""

from __future__ import annotations

import socket
from struct import Struct
from typing import Callable, Dict, Mapping, Tuple

#: A request without its length and number, as :func:`message` makes it: type, flags, body.
Message = Tuple[int, int, bytes]
#: What to ask for: type of the dump, and the body of the request.
DumpRequest = Tuple[int, bytes]
#: Number of an interface -> its name.
Names = Mapping[int, str]
#: The number of the interface of a name. Raises :class:`KernelError` if there is none.
NumberOf = Callable[[str], int]

REQUEST, ACK, DUMP = 0x1, 0x4, 0x300
REPLACE, EXCL, CREATE, APPEND = 0x100, 0x200, 0x400, 0x800
#: Set in the messages of a dump that something changed while it was made.
DUMP_INTR = 0x10
#: An error carries attributes with the kernel's own words.
ACK_TLVS = 0x200
NOOP, ERROR, DONE, OVERRUN = 1, 2, 3, 4
NESTED = 0x8000

HEADER = Struct("=IHHII")
ATTRIBUTE = Struct("=HH")
U8, U16, U32, U64, I32 = Struct("=B"), Struct("=H"), Struct("=I"), Struct("=Q"), Struct("=i")
BE16, BE32 = Struct(">H"), Struct(">I")

_attribute = ATTRIBUTE.unpack_from
_to_text, _to_bytes = socket.inet_ntop, socket.inet_pton
#: As plain numbers: looking members of an enumeration up takes longer than the conversion.
_IPV4, _IPV6 = int(socket.AF_INET), int(socket.AF_INET6)
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")


def attributes(data: bytes, at: int, end: int) -> Dict[int, bytes]:
    """The attributes between two offsets, as a dict: type without flags -> bytes of the payload."""
    found = {}
    while at + 4 <= end:
        length, kind = _attribute(data, at)
        if length < 4:
            break
        found[kind & 0x3FFF] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return found


def attribute(kind: int, payload: bytes) -> bytes:
    """One attribute, padded to four bytes."""
    length = 4 + len(payload)
    return ATTRIBUTE.pack(length, kind) + payload + _PADDING[length & 3]


def nested(kind: int, *parts: bytes) -> bytes:
    """An attribute that holds attributes."""
    payload = b"".join(parts)
    return ATTRIBUTE.pack(4 + len(payload), kind | NESTED) + payload


def text(value: str) -> bytes:
    """A string as the kernel reads one, closed by a zero."""
    return value.encode("utf-8", "surrogateescape") + b"\0"


def string(payload: bytes) -> str:
    """The string in an attribute."""
    return payload.rstrip(b"\0").decode("utf-8", "surrogateescape")


def message(kind: int, flags: int, body: bytes) -> Message:
    """A request without its length and sequence number being final: :meth:`~.channel.Channel.send` fills those in."""
    return kind, flags | REQUEST, body


def mac_bytes(value: str) -> bytes:
    """A MAC address as six bytes."""
    return bytes.fromhex(value.replace(":", ""))


def mac_text(payload: bytes) -> str:
    """Six bytes as a MAC address."""
    return payload.hex(":")


def address_bytes(value: str) -> bytes:
    """An IP address as four or sixteen bytes."""
    return _to_bytes(_IPV6 if ":" in value else _IPV4, value)


def address_text(payload: bytes) -> str:
    """Four or sixteen bytes as an IP address."""
    return _to_text(_IPV6 if len(payload) == 16 else _IPV4, payload)
