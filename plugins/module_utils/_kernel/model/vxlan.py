# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VXLAN devices (RFC 7348, drivers/net/vxlan). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Dict, Iterable, Optional

from ..._core.disruption import FIXED, SESSION
from ..._core.errors import Problem
from ..._core.values import PORT_LAST, VNI_LAST, Checker
from .attribute import (
    ADDRESS,
    INTERFACE,
    MULTICAST,
    NETWORK16,
    NETWORK32,
    NUMBER8,
    NUMBER32,
    PORTS,
    PRESENCE,
    SWITCH8,
    UNICAST,
    Attribute,
    by_name,
)
from .kind import State
from .link import ETHERNET, Link, common, kind_of_link, shared

#: Bytes that encapsulation adds: outer IP header, UDP 8, VXLAN 8, inner Ethernet 14 (RFC 7348, section 5).
OVERHEAD = {"ipv4": 50, "ipv6": 70}


@dataclass(frozen=True)
class Vxlan(Link):
    """A VXLAN device. ``local`` is the source address, ``remote`` a unicast or ``group`` a multicast default destination.

    ``dev`` is the name of the device that packets leave by. An ``external`` device carries many VNIs: those that VLANs of its
    bridge port stand for, and with ``vnifilter`` only those that it is configured to accept.
    """

    kind: ClassVar[str] = "vxlan"
    #: IFLA_VXLAN_*; what is fixed is what vxlan_nl2conf() in drivers/net/vxlan/vxlan_core.c refuses to change.
    attributes: ClassVar[Dict[str, Attribute]] = by_name(
        *ETHERNET,
        Attribute("vni", 1, NUMBER32, None, FIXED, last=VNI_LAST),
        Attribute("local", 4, ADDRESS, "", SESSION, number6=17),
        Attribute("remote", 2, UNICAST, "", FIXED, number6=16),
        Attribute("group", 2, MULTICAST, "", FIXED, number6=16),
        Attribute("dev", 3, INTERFACE, "", FIXED),
        Attribute("dstport", 15, NETWORK16, None, FIXED),
        Attribute("external", 25, SWITCH8, False, FIXED),
        Attribute("vnifilter", 30, SWITCH8, False, FIXED),
        Attribute("ttl", 5, NUMBER8, 0),
        Attribute("ttl_inherit", 28, PRESENCE, False, FIXED),
        Attribute("tos", 6, NUMBER8, 0),
        Attribute("df", 29, NUMBER8, "unset", words={"unset": 0, "set": 1, "inherit": 2}),
        Attribute("flowlabel", 26, NETWORK32, 0, last=(1 << 20) - 1),
        Attribute("srcport", 10, PORTS, "0-0", FIXED),
        Attribute("learning", 7, SWITCH8, True),
        Attribute("ageing", 8, NUMBER32, 300),
        Attribute("maxaddress", 9, NUMBER32, 0, FIXED),
        Attribute("proxy", 11, SWITCH8, False, FIXED),
        Attribute("rsc", 12, SWITCH8, False, FIXED),
        Attribute("l2miss", 13, SWITCH8, False, FIXED),
        Attribute("l3miss", 14, SWITCH8, False, FIXED),
        Attribute("udpcsum", 18, SWITCH8, True, FIXED),
        Attribute("udp6zerocsumtx", 19, SWITCH8, False, FIXED),
        Attribute("udp6zerocsumrx", 20, SWITCH8, False, FIXED),
        Attribute("gbp", 23, PRESENCE, False, FIXED),
        Attribute("gpe", 27, PRESENCE, False, FIXED),
        Attribute("localbypass", 31, SWITCH8, True),
        Attribute("remcsumtx", 21, SWITCH8, False, FIXED, sayable=False),
        Attribute("remcsumrx", 22, SWITCH8, False, FIXED, sayable=False),
        Attribute("label_policy", 32, NUMBER32, 0, sayable=False),
        Attribute("mc_route", 34, SWITCH8, False, sayable=False),
    )

    vni: Optional[int] = None
    local: Optional[str] = None
    remote: Optional[str] = None
    group: Optional[str] = None
    dev: Optional[str] = None
    dstport: Optional[int] = None
    external: Optional[bool] = None
    vnifilter: Optional[bool] = None

    @property
    def lower(self) -> Optional[str]:
        return self.dev or None

    @property
    def is_over_ipv6(self) -> bool:
        """Whether its packets go over IPv6: devices of both families can have the same VNI."""
        return ":" in (self.local or self.remote or self.group or "")


def from_params(check: Checker) -> Vxlan:
    """A VXLAN device from module options."""
    entry = check.entry
    vni, external = check.number("vni", 1, VNI_LAST, "a VNI"), bool(entry.get("external"))
    if external and entry.get("vni") is not None:
        check.wrong("vni", "is given, but an external device takes it from each packet", "Remove it, or external")
    elif not external and entry.get("vni") is None and entry.get("state", "present") == "present":
        check.wrong("vni", "is missing", "Write a number from 1 to %d, or external: true for a device of many" % VNI_LAST)
    if entry.get("vnifilter") and not external:
        check.wrong("vnifilter", "is for external devices", "Add external: true, or remove it")
    local, remote, group = check.address("local", False), check.address("remote", False), check.address("group", True)
    if remote and group:
        check.wrong("group", "is given together with remote", "Keep the one that is meant")
    if group and not entry.get("dev"):
        check.wrong("dev", "is missing", "A multicast group needs the device that joins it: name it")
    other = remote or group
    if entry.get("flowlabel") and ":" not in (local or other or ":"):
        check.wrong("flowlabel", "is given, but packets go over IPv4", "Remove it: only IPv6 has flow labels")
    if local and other and (":" in local) != (":" in other):
        check.wrong("local", "%s and %s are of different address families" % (local, other), "Write both in one family")
    return Vxlan.made(
        common(check, Vxlan),
        vni=vni,
        local=local,
        remote=remote,
        group=group,
        dev=check.interface("dev"),
        dstport=check.number("dstport", 1, PORT_LAST, "a UDP port"),
        external=entry.get("external"),
        vnifilter=entry.get("vnifilter"),
    )


def _contradictions(present: State) -> Iterable[Problem]:
    return shared(present, Vxlan, "vni", lambda made: (made.vni, made.dstport, made.is_over_ipv6))


def _change_of_local(actual: Vxlan, local: str) -> str:
    """vxlan_nl2conf() in drivers/net/vxlan/vxlan_core.c refuses an address of the other family."""
    return FIXED if local and (":" in local) != actual.is_over_ipv6 else SESSION


KIND = kind_of_link(
    Vxlan,
    "vxlans",
    from_params,
    {"local": _change_of_local},
    provider=("CONFIG_VXLAN", "vxlan"),
    contradictions=_contradictions,
)
