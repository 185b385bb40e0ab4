# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which the steps of operations are safe. Private to this collection."""

from __future__ import annotations

from typing import Iterable, List

from ..._core.operation import Operation
from ..model.step import Step

#: The order of steps. Rules that let traffic through come before those that take it away go; removals come in reverse
#: order of dependence; links are raised when all below and above them is in place, because FRR takes an L3VNI whose
#: bridge is not in its VRF yet for another (FRRouting issues 17342, 17430).
PHASES = (
    "add rule",
    "nd_suppression",
    "remove neighbor",
    "remove route",
    "remove address",
    "remove fdb",
    "remove vni",
    "remove bridge_vlan",
    "lose",
    "release port",
    "remove link",
    "link",
    "sysctl",
    "port",
    "bridge_vlan",
    "vni",
    "fdb",
    "address",
    "raise link",
    "route",
    "neighbor",
    "remove rule",
)
PHASE = {name: number for number, name in enumerate(PHASES)}


def in_order(operations: Iterable[Operation]) -> List[Step]:
    """Every step of every operation, in the order in which they are safe."""
    return sorted((step for operation in operations for step in operation.steps), key=lambda step: step[:2])
