# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the phases of a move do to one line of runtime state. Pure. Private to this collection."""

from __future__ import annotations

#: ``acquire`` only takes up, ``release`` only gives up, ``all`` does both.
PHASES = ("all", "acquire", "release")
ALL, ACQUIRE, RELEASE = PHASES


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
