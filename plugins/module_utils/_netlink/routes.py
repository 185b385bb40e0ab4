# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes on the wire (include/uapi/linux/rtnetlink.h). Private to this collection."""

from __future__ import annotations

from struct import Struct

from .wire import U32, address_bytes, attribute, attributes

GETROUTE = 26
DST, OIF, TABLE = 1, 4, 15
UNICAST, LOCAL = 1, 2
AF_INET, AF_INET6 = 2, 10

_rtmsg = Struct("=BBBBBBBBI")


def lookup_request(address, vrf_number):
    """A request for the route that a packet to ``address`` takes in a VRF (0: in none)."""
    packed = address_bytes(address)
    family = AF_INET6 if len(packed) == 16 else AF_INET
    body = _rtmsg.pack(family, len(packed) * 8, 0, 0, 0, 0, 0, 0, 0) + attribute(DST, packed)
    return GETROUTE, body + (attribute(OIF, U32.pack(vrf_number)) if vrf_number else b"")


def found_by_lookup(body):
    """(table, interface number) of a route that leads somewhere, None for one that leads nowhere."""
    kind, found = _rtmsg.unpack_from(body)[7], attributes(body, 12, len(body))
    if kind not in (UNICAST, LOCAL):
        return None
    return tuple(U32.unpack(found[number])[0] if number in found else 0 for number in (TABLE, OIF))
