# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and subnets as an inventory writes them, and what no interface can have. Private to this collection.

Only texts are read: Python's ipaddress would take 1 for 0.0.0.1, and true as well.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Union

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Interface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

LINK_LOCAL = "link-local"
#: Blocks of which no interface has an address that others could reach, and what they are.
_SPECIAL = [
    (ipaddress.ip_network(block), what)
    for block, what in (
        ("0.0.0.0/8", "not an address of a host (RFC 1122)"),
        ("127.0.0.0/8", "a loopback address (RFC 1122)"),
        ("169.254.0.0/16", LINK_LOCAL),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "reserved (RFC 1112)"),
        ("::/128", "not an address of a host (RFC 4291)"),
        ("::1/128", "a loopback address (RFC 4291)"),
        ("::/96", "an IPv4-compatible address (RFC 4291)"),
        ("::ffff:0:0/96", "an IPv4-mapped address (RFC 4291)"),
        ("100::/64", "an address that leads nowhere (RFC 6666)"),
        ("fe80::/10", LINK_LOCAL),
        ("ff00::/8", "a multicast address"),
    )
]


def address(value: Any) -> Address | None:
    """An address without a zone; None for anything else."""
    return _read(ipaddress.ip_address, value)


def interface(value: Any) -> Interface | None:
    """An address with its prefix length, all of its bits where none is written; None for anything else."""
    return _read(ipaddress.ip_interface, value)


def _read(make: Any, value: Any) -> Any:
    if not isinstance(value, str) or "%" in value:
        return None
    try:
        return make(str(value))
    except ValueError:
        return None


def special(address: Address) -> str | None:
    """What an address is that others cannot reach, in words; None for an ordinary unicast address."""
    return next((what for block, what in _SPECIAL if address.version == block.version and address in block), None)


def special_within(network: Network) -> str | None:
    """Which end of a subnet is no ordinary unicast address, and what it is instead; None where both are."""
    for end in (network.network_address, network.broadcast_address):
        what = special(end)
        if what:
            return f"{end}, which is {what}"
    return None


def is_host(address: Address, network: Network) -> bool:
    """Whether an address in a subnet can be a host's: not the subnet's own, nor its broadcast address."""
    if network.num_addresses <= 2:  # RFC 3021, RFC 6164
        return True
    return address != network.network_address and (address.version == 6 or address != network.broadcast_address)
