# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bridges (Documentation/networking/bridge.rst). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

from .link import Link, common


@dataclass(frozen=True)
class Bridge(Link):
    """A bridge; ``stp`` is the kernel's own spanning tree.

    ``default_vlan`` is the VLAN that a port is given when it joins, 0 for none. Where we turn VLAN filtering on there is
    none: ports carry the VLANs that are listed for them. ``ageing`` says after how many hundredths of a second MAC addresses
    are forgotten, as it is configured; None where that is not known.
    """

    kind: ClassVar[str] = "bridge"

    vlan_filtering: Optional[bool] = None
    stp: Optional[bool] = None
    default_vlan: Optional[int] = None
    ageing: Optional[int] = None

    def to_output(self):
        output = super().to_output()
        for name in ("default_vlan", "ageing"):
            output.pop(name, None)
        return output


def from_params(check):
    """A bridge from module options."""
    return Bridge(vlan_filtering=check.entry.get("vlan_filtering"), stp=check.entry.get("stp"), **common(check))
