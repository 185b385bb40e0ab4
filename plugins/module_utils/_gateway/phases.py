# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the phases of a move do to one line of runtime state. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict, Hashable, Mapping, Optional, Set, Tuple, TypeVar

#: ``acquire`` only acquires, ``release`` only releases, ``all`` does both. Where the way back moves after the fabric's side,
#: ``redirect`` acquires it; what is left of ``release`` it does as well.
PHASES = ("all", "acquire", "release", "redirect")
ALL, ACQUIRE, RELEASE, REDIRECT = PHASES
#: The rank of a bucket that a gateway acquires while its owner still has it: better than the owner's.
NEW = -1

#: What stands for a VNI or bucket in FRR: its rank, 0 for the owner and more for standbys, and what identifies its line.
Mark = Tuple[Any, ...]
Key = TypeVar("Key", bound=Hashable)


def moving(desired: Mapping[int, int], actual: Mapping[int, int], phase: str) -> Dict[int, int]:
    """The ranks of buckets in a phase: those that this gateway acquires are :data:`NEW` until others have released them.

    ``desired`` and ``actual`` map buckets to ranks. Two gateways of equal rank would both be used, and what a host answers to
    one of them would reach the other.
    """
    return {bucket: NEW if rank == 0 and _acquires(actual.get(bucket), phase) else rank for bucket, rank in desired.items()}


def _acquires(rank: Optional[int], phase: str) -> bool:
    """Whether a bucket that is to be owned in the end, of this actual rank, is one that is being acquired."""
    return phase != ALL and (rank == NEW or (phase == ACQUIRE and rank != 0))


def settled(desired: Mapping[Key, Mark], actual: Mapping[Key, Set[Mark]], phase: str) -> Dict[Key, Set[Mark]]:
    """The marks after a phase, by key.

    ``desired`` has at most one mark for each key, ``actual`` all that there are, of which the best counts. To acquire is to
    have a better rank than before, or another mark of the same rank; to release is all else.
    """
    after = {}
    for key in {**actual, **desired}:
        marks = actual.get(key, set())
        mark = desired.get(key)
        goal = set() if mark is None else {mark}
        if marks != goal and phase != ALL:
            acquires = mark is not None and mark not in marks and (not marks or mark[0] <= min(marks)[0])
            if acquires != (phase == ACQUIRE):
                goal = marks
        if goal:
            after[key] = goal
    return after
