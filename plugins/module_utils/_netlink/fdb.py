# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding entries on the wire (include/uapi/linux/neighbour.h). Private to this collection."""

from __future__ import annotations

from struct import Struct

from .wire import U32, address_text, attributes, mac_text

GETNEIGH = 30
DST, LLADDR, VNI = 1, 2, 7
AF_BRIDGE = 7
NTF_SELF, NTF_EXT_LEARNED = 0x02, 0x10
NUD_PERMANENT = 0x80

_ndmsg = Struct("=BxxxiHBB")


def dump_request():
    """What to ask for: the forwarding entries of all devices."""
    return GETNEIGH, _ndmsg.pack(AF_BRIDGE, 0, 0, 0, 0)


def remote_entries(bodies, names):
    """Entries of VXLAN devices that lead to other VTEPs: a list of dev, mac, dst, and who learned it."""
    found = []
    for body in bodies:
        family, number, state, flags, _type = _ndmsg.unpack_from(body)
        attrs = attributes(body, 12, len(body))
        if family == AF_BRIDGE and flags & NTF_SELF and DST in attrs and number in names:
            found.append(
                {
                    "dev": names[number],
                    "mac": mac_text(attrs[LLADDR]),
                    "dst": address_text(attrs[DST]),
                    "external": bool(flags & NTF_EXT_LEARNED),
                    "permanent": bool(state & NUD_PERMANENT),
                    "vni": U32.unpack(attrs[VNI])[0] if VNI in attrs else None,
                }
            )
    return found
