# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the phases of a move do to one line of runtime state. Pure. Private to this collection."""

from __future__ import annotations

#: ``acquire`` only takes up, ``release`` only gives up, ``all`` does both. Where the way back moves after the fabric's side,
#: ``redirect`` takes it up; what is left of ``release`` it does as well.
PHASES = ("all", "acquire", "release", "redirect")
ALL, ACQUIRE, RELEASE, REDIRECT = PHASES
#: The rank of a bucket that a gateway takes up while its owner still has it: better than the owner's.
NEW = -1


def moving(wanted, present, phase):
    """The ranks of buckets in a phase: those that this gateway takes up are :data:`NEW` until others have given them up.

    ``wanted`` and ``present`` are dicts from buckets to ranks. Two gateways of equal rank would both be used, and what a host
    answers to one of them would reach the other.
    """
    return {bucket: NEW if rank == 0 and _takes_up(present.get(bucket), phase) else rank for bucket, rank in wanted.items()}


def _takes_up(present, phase):
    """Whether a bucket that is to be owned in the end is one that is being taken up."""
    return phase != ALL and (present == NEW or (phase == ACQUIRE and present != 0))


def settled(wanted, present, phase):
    """What there is after a phase: a dict from keys to sets of marks.

    A mark is a tuple whose first member is a rank: 0 for the owner, more for standbys. ``wanted`` has at most one mark for each
    key, ``present`` those that are there, of which the best counts. To take up is to have a better rank than before, or another
    mark of the same rank; to give up is all else.
    """
    after = {}
    for key in {**present, **wanted}:
        there = present.get(key, set())
        mark = wanted.get(key)
        goal = set() if mark is None else {mark}
        if there != goal and phase != ALL:
            takes_up = mark is not None and mark not in there and (not there or mark[0] <= min(there)[0])
            if takes_up != (phase == ACQUIRE):
                goal = there
        if goal:
            after[key] = goal
    return after
