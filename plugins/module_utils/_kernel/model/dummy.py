# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dummy devices: addresses without a wire, as loopbacks of a VRF are. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from ..._core.values import Checker
from .link import Link, common, kind_of_link


@dataclass(frozen=True)
class Dummy(Link):
    """A device that takes packets and drops them."""

    kind: ClassVar[str] = "dummy"
    port_costs: ClassVar[Tuple[int, ...]] = (100,)


def from_params(check: Checker) -> Dummy:
    """A dummy device from module options."""
    return Dummy.made(common(check, Dummy))


KIND = kind_of_link(Dummy, "dummies", from_params, provider=("CONFIG_DUMMY", "dummy"))
