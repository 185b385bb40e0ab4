# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and numbers that follow from others. Private to this collection."""

from __future__ import annotations

import functools
import hashlib
import ipaddress

#: The routing table of a gateway's routes from outside, which are the only ones that its tenants' packets follow.
OUTSIDE_TABLE = 210


def tagged_interface(interface: str, vlan: int) -> str:
    """The VLAN device on a port."""
    return f"{interface}.{vlan}"


def automatic_target(asn: int, vni: int) -> str:
    """The route target that FRR derives for a VNI: the last two bytes of the AS number, and the VNI (RFC 8365, 5.1.2.1)."""
    return f"{asn & 0xFFFF}:{vni}"


@functools.lru_cache(maxsize=4096)  # for each network of a VTEP the same
def router_mac(vtep: str) -> str:
    """A VTEP's own MAC address on its L3VNIs: locally administered, and derived from its address so that it stays."""
    address = ipaddress.ip_address(vtep)
    tail = address.packed if address.version == 4 else hashlib.sha256(address.packed).digest()[:4]
    return "02:45:" + tail.hex(":")


def central_mac(anycast_mac: str) -> str:
    """The gateways' MAC address on central networks, the one after that of VTEPs.

    VTEPs must not have it: bgpd takes no route to a MAC address of its own host.
    """
    head, _colon, last = anycast_mac.rpartition(":")
    return f"{head}:{(int(last, 16) + 1) % 256:02x}"


def liveness_prefix(loopback: str) -> str:
    """The IPv6 prefix by which others see that a host is up, although it may have no IPv6 address of its own.

    It is in the discard-only block 100::/64 (RFC 6666): nothing is ever sent to it.
    """
    return f"{ipaddress.IPv6Address((0x100 << 112) + int(ipaddress.IPv4Address(loopback)))}/128"


def l3vni_bridge(l3vni: int) -> str:
    """The bridge of an L3VNI."""
    return f"br{l3vni}"


def l3vni_vxlan(l3vni: int) -> str:
    """The VXLAN device of an L3VNI."""
    return f"vxlan{l3vni}"


def route_distinguisher(rd: str, router_id: str) -> str:
    """A route distinguisher as FRR writes it; a number alone goes with the router id (RFC 4364, type 1)."""
    return f"{router_id}:{rd}" if rd.isdigit() else rd


def subnet_metric(bucket: int) -> int:
    """The metric of a central network's subnet, from which FRR knows its bucket; 0 is what other routes have."""
    return 1000 + bucket
