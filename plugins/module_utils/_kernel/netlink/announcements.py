# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames that announce an address: gratuitous ARP (RFC 5227, section 3) and unsolicited neighbor advertisements (RFC 4861,
section 7.2.6). Private to this collection."""

from __future__ import annotations

import socket
import struct
import time
from typing import Iterable, Sequence, Tuple

from ..._core.errors import KernelError
from .wire import address_bytes, mac_bytes

#: Frames get lost: each is sent so often, with so many seconds between.
ROUNDS, PAUSE = 3, 0.1
ETHERTYPE_ARP, ETHERTYPE_IPV6 = 0x0806, 0x86DD
ARP_REPLY = 2
ICMPV6, NEIGHBOR_ADVERTISEMENT = 58, 136
#: Sent by a router, overrides what is cached.
FLAGS = 0xA0000000
TARGET_LINK_ADDRESS = 2
_ALL_NODES = address_bytes("ff02::1")


def frame(mac: str, address: str) -> bytes:
    """The frame that announces on a link that ``address`` (IPv4 or IPv6, text) is at ``mac`` (text): bytes."""
    own, ip = mac_bytes(mac), address_bytes(address)
    if len(ip) == 4:
        header = b"\xff" * 6 + own + struct.pack(">H", ETHERTYPE_ARP)
        return header + struct.pack(">HHBBH", 1, 0x0800, 6, 4, ARP_REPLY) + own + ip + bytes(6) + ip
    body = struct.pack(">BBHI", NEIGHBOR_ADVERTISEMENT, 0, 0, FLAGS) + ip + struct.pack(">BB", TARGET_LINK_ADDRESS, 1) + own
    pseudo = ip + _ALL_NODES + struct.pack(">II", len(body), ICMPV6)
    body = body[:2] + struct.pack(">H", _checksum(pseudo + body)) + body[4:]
    packet = struct.pack(">IHBB", 6 << 28, len(body), ICMPV6, 255) + ip + _ALL_NODES + body
    return b"\x33\x33" + _ALL_NODES[-4:] + own + struct.pack(">H", ETHERTYPE_IPV6) + packet


def _checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071) of an even number of bytes."""
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def announce(addresses: Iterable[Tuple[str, str, str]]) -> None:
    """Sends the frames for (interface, mac, address) triples. Raises :class:`KernelError`."""
    frames = [(dev, frame(mac, address)) for dev, mac, address in addresses]
    for number in range(ROUNDS if frames else 0):
        if number:
            time.sleep(PAUSE)
        _send(frames)


def _send(frames: Sequence[Tuple[str, bytes]]) -> None:
    dev = frames[0][0]
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            for dev, content in frames:
                sender.sendto(content, (dev, 0))
    except OSError as error:
        raise KernelError("announcing addresses on %s: %s" % (dev, error.strerror), error.errno or 0) from error
