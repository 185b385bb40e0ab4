# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which the steps of operations are safe. Private to this collection."""

from __future__ import annotations

from typing import Iterable, List

from ..._core.operation import Operation
from ..model.kinds import KINDS
from ..model.step import Step

_OF_LINKS = [kind for kind in KINDS.values() if kind.is_of_link]
#: The order of steps. Rules that let traffic through come before those that take it away go; removals come in reverse
#: order of dependence; links are raised when all below and above them is in place, because FRR takes an L3VNI whose
#: bridge is not in its VRF yet for another (FRRouting issues 17342, 17430).
PHASES = (
    "add rule",
    "nd_suppression",
    *("remove " + kind.name for kind in reversed(_OF_LINKS)),
    "lose",
    "release port",
    "remove link",
    "link",
    "sysctl",
    "port",
    *(kind.name for kind in _OF_LINKS if not kind.needs_raised_link),
    "raise link",
    *(kind.name for kind in _OF_LINKS if kind.needs_raised_link),
    "remove rule",
)
PHASE = {name: number for number, name in enumerate(PHASES)}


def in_order(operations: Iterable[Operation]) -> List[Step]:
    """Every step of every operation, in the order in which they are safe."""
    return sorted((step for operation in operations for step in operation.steps), key=lambda step: step[:2])
