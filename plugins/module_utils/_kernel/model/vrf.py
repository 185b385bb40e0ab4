# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRF devices: one routing table each (Documentation/networking/vrf.rst). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Dict, Iterable, Optional

from ..._core.disruption import FIXED
from ..._core.errors import Problem
from ..._core.values import Checker
from .attribute import NUMBER32, Attribute, by_name
from .kind import State
from .link import COMMON, Link, common, kind_of_link, shared

#: Tables that the kernel keeps for itself: unspec, default, main, local (include/uapi/linux/rtnetlink.h).
RESERVED_TABLES = (0, 253, 254, 255)


@dataclass(frozen=True)
class Vrf(Link):
    """A VRF device; ``table`` is the number of its routing table, fixed for its life."""

    kind: ClassVar[str] = "vrf"
    attributes: ClassVar[Dict[str, Attribute]] = by_name(*COMMON, Attribute("table", 1, NUMBER32, None, FIXED))

    may_be_port: ClassVar[bool] = False

    table: Optional[int] = None


def from_params(check: Checker) -> Vrf:
    """A VRF from module options."""
    table = check.number("table", 1, Vrf.attributes["table"].largest, "a routing table")
    if table in RESERVED_TABLES:
        check.wrong("table", "%d is one of the kernel's own tables" % table, "Write another, such as the VRF's L3VNI")
    if table is None and check.entry.get("state", "present") == "present" and check.entry.get("table") is None:
        check.wrong("table", "is missing", "Write the number of the VRF's routing table")
    return Vrf.made(common(check, Vrf), table=table)


def _contradictions(present: State) -> Iterable[Problem]:
    return shared(present, Vrf, "table", lambda made: made.table)


KIND = kind_of_link(Vrf, "vrfs", from_params, provider=("CONFIG_NET_VRF", "vrf"), contradictions=_contradictions)
