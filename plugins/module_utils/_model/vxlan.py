# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VXLAN devices (RFC 7348, drivers/net/vxlan). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

from .link import Link, common
from .values import VNI_LAST

#: Bytes that encapsulation adds: outer IP header, UDP 8, VXLAN 8, inner Ethernet 14 (RFC 7348, section 5).
OVERHEAD = {"ipv4": 50, "ipv6": 70}


@dataclass(frozen=True)
class Vxlan(Link):
    """A VXLAN device. ``local`` is the source address, ``remote`` a unicast or ``group`` a multicast default destination.

    ``ttl`` 0 means that the kernel inherits it. ``dev`` is the name of the device that packets leave by. An ``external`` device
    carries many VNIs: those that VLANs of its bridge port stand for, and with ``vnifilter`` only those it is told to take.
    """

    kind: ClassVar[str] = "vxlan"

    vni: Optional[int] = None
    local: Optional[str] = None
    remote: Optional[str] = None
    group: Optional[str] = None
    dev: Optional[str] = None
    dstport: Optional[int] = None
    ttl: Optional[int] = None
    learning: Optional[bool] = None
    external: Optional[bool] = None
    vnifilter: Optional[bool] = None

    @property
    def lower(self):
        return self.dev or None

    @property
    def is_over_ipv6(self):
        """Whether its packets go over IPv6: devices of both families can have the same VNI."""
        return ":" in (self.local or self.remote or self.group or "")


def from_params(check):
    """A VXLAN device from module options."""
    entry = check.entry
    vni, external = check.number("vni", 1, VNI_LAST, "a VNI"), bool(entry.get("external"))
    if external:
        for option in ("vni", "remote", "group"):
            if entry.get(option) is not None:
                check.wrong(option, "is given, but an external device takes it from each packet", "Remove it, or external")
    elif entry.get("vni") is None and entry.get("state", "present") == "present":
        check.wrong("vni", "is missing", "Write a number from 1 to %d, or external: true for a device of many" % VNI_LAST)
    if entry.get("vnifilter") and not external:
        check.wrong("vnifilter", "is for external devices", "Add external: true, or remove it")
    local, remote, group = check.address("local", False), check.address("remote", False), check.address("group", True)
    if remote and group:
        check.wrong("group", "is given together with remote", "Keep the one that is meant")
    if group and not entry.get("dev"):
        check.wrong("dev", "is missing", "A multicast group needs the device that joins it: name it")
    other = remote or group
    if local and other and (":" in local) != (":" in other):
        check.wrong("local", "%s and %s are of different address families" % (local, other), "Write both in one family")
    return Vxlan(
        vni=vni,
        local=local,
        remote=remote,
        group=group,
        dev=check.interface("dev"),
        dstport=check.number("dstport", 1, 65535, "a UDP port"),
        ttl=check.number("ttl", 0, 255, "a TTL"),
        learning=entry.get("learning"),
        external=entry.get("external"),
        vnifilter=entry.get("vnifilter"),
        **common(check),
    )
