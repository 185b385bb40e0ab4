# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The BGP neighbors that a configuration has. Pure. Private to this collection."""

from __future__ import annotations

import contextlib
import ipaddress
from typing import Optional, Union

from .configuration import Configuration

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


def is_configured(lines: Configuration, vrf: str, neighbor: str) -> bool:
    """Whether a neighbor, an address or an interface, is configured in a VRF, or a range that bgpd listens to has it (FRR
    manual, "bgp listen range").
    """
    return any(_has(path[1].split(), neighbor) for path in lines if len(path) == 2 and _vrf(path[0]) == vrf)


def are_configured(lines: Configuration) -> bool:
    """Whether any neighbor, or range that bgpd listens to, is configured in any VRF."""
    return any(
        _vrf(path[0]) is not None and path[1].startswith(("neighbor ", "bgp listen range ")) for path in lines if len(path) == 2
    )


def _vrf(context: str) -> Optional[str]:
    """The VRF of a BGP instance; None for another context, and for a view, which has no sessions of a VRF."""
    words = context.split()
    if words[:2] != ["router", "bgp"] or "view" in words:
        return None
    return words[-1] if "vrf" in words else "default"


def _has(words: list[str], neighbor: str) -> bool:
    address = _address(neighbor)
    if words[0] == "neighbor" and len(words) > 1:
        return words[1] == neighbor or (address is not None and _address(words[1]) == address)
    if words[:3] == ["bgp", "listen", "range"] and len(words) > 3 and address is not None:
        with contextlib.suppress(ValueError):
            return address in ipaddress.ip_network(words[3], strict=False)
    return False


def _address(text: str) -> Optional[Address]:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(text)
    return None
