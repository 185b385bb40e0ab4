# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which the entries of a list are written. Pure. Private to this collection.

FRR replaces the entry of a number that is written again, and ignores an entry that the list has under another number (of prefix
lists, only FRR 8.4 does). So an entry is written once the list has it under no other number.
"""

from __future__ import annotations

from collections import Counter
from typing import Dict, List, Optional, Tuple

_PERMIT, _DENY = "permit ", "deny "


def steps(actual: Dict[int, str], desired: Dict[int, str]) -> List[Tuple[int, Optional[str]]]:
    """``(number, entry)`` pairs, in order, after which the list ``actual`` has all entries of ``desired``; the entry is None
    where one is removed before. Entries that ``desired`` lacks may remain.

    Both map numbers to entries without their number ("permit 10.0.0.0/8"). The list is never without an entry, unless the only
    one that it has is a "deny" that changes its number: without it all is denied as well.
    """
    state: Dict[int, str] = dict(actual)
    found: List[Tuple[int, Optional[str]]] = []
    elsewhere = {number: entry for number, entry in actual.items() if desired.get(number) != entry}
    misplaced = Counter(elsewhere.values())
    waiting: dict[str, list[int]] = {}
    for number, entry in sorted(desired.items()):
        if actual.get(number) != entry:
            waiting.setdefault(entry, []).append(number)
    free = [entry for entry in reversed(waiting) if not misplaced[entry]]

    def write(number: int, entry: Optional[str]) -> None:
        before = state.pop(number, None)
        if before is not None:
            misplaced[before] -= 1
            if before in waiting and not misplaced[before]:
                free.append(before)
        if entry is not None:
            state[number] = entry
        found.append((number, entry))

    # Those that have to go anyway make way first: often no other has to.
    in_turn = iter(sorted(elsewhere, key=lambda number: (number in desired, number)))
    while waiting:
        if not free:
            number = next(
                number for number in in_turn if state.get(number) == elsewhere[number] and elsewhere[number] in waiting
            )
            entry = state[number]
            if len(state) == 1 and entry.startswith(_PERMIT):  # its opposite, which is another entry, keeps the list
                write(waiting[entry][0], _DENY + entry[len(_PERMIT) :])
            write(number, None)
        else:
            entry = free.pop()
            for number in waiting.pop(entry):
                write(number, entry)
    return found
