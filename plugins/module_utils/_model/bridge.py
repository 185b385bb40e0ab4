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
    """A bridge; ``stp`` is the kernel's own spanning tree."""

    kind: ClassVar[str] = "bridge"

    vlan_filtering: Optional[bool] = None
    stp: Optional[bool] = None


def from_params(check):
    """A bridge from module options."""
    return Bridge(vlan_filtering=check.entry.get("vlan_filtering"), stp=check.entry.get("stp"), **common(check))
