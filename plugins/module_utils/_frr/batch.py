# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes as the files that vtysh reads. Pure. Private to this collection.

How a batch reaches FRR decides its cost: each "exit" ends a transaction of the northbound, after which FRR 8.4 validates
all there is, and a line that goes to all daemons is handled by each of them. So contexts are left by entering the next
one, except where FRR would stay in them, and what concerns one daemon goes to that one only.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, Optional, Set, Tuple

from . import commands
from .configuration import Configuration, Path
from .difference import Change, Negations, difference

#: What ends a transaction of the northbound and does nothing else.
_COMMIT = ("line vty", "exit")
_CLOSING = {"address-family": "exit-address-family", "vni": "exit-vni", "vrf": "exit-vrf"}
#: Contexts that the one entered next leaves. What stands at the top is not left to vtysh: many lines mean something else in an
#: interface or a VRF.
_LEFT_BY_THE_NEXT = ("router bgp ", "router ospf", "route-map ", "interface ", "vrf ", "bfd", "key chain ")


def planned(
    desired: Configuration,
    actual: Configuration,
    own: Dict[str, Configuration],
    negations: Optional[Negations] = None,
    piecemeal: bool = False,
) -> Dict[Optional[str], Tuple[Change, ...]]:
    """The changes that turn what runs into what is desired, by the daemon that reads them: its name, or None for lines that
    belong to any daemon.

    ``own`` maps daemons to the lines that each has itself. Every daemon has copies of all route-maps and lists once it has read
    its startup file, so each gets changes of its own for those. What bgpd alone uses is written to bgpd alone; from the others
    only wrong copies of it are removed. ``negations`` and ``piecemeal`` are :func:`.difference.difference`'s.
    """
    desired_policies, desired_lines = policies_and_others(desired)
    changes_of: Dict[Optional[str], Tuple[Change, ...]] = {
        None: difference(desired_lines, policies_and_others(actual)[1], negations, piecemeal)
    }
    alone = commands.policies_of_bgpd(desired) if "bgpd" in own else frozenset()
    for daemon, all_lines in own.items():
        copies = policies_and_others(all_lines)[0]
        goal = {
            path: None
            for path in desired_policies
            if daemon == "bgpd" or path in copies or not commands.is_policy_of(path[0], alone)
        }
        changes_of[daemon] = difference(goal, copies, negations, piecemeal)
    return changes_of


def policies_and_others(lines: Configuration) -> Tuple[Configuration, Configuration]:
    """The lines of route-maps and lists, and all others."""
    policies = {path: None for path in lines if commands.policy_name(path[0])}
    return policies, {path: None for path in lines if path not in policies}


def batches(changes_of: Dict[Optional[str], Tuple[Change, ...]]) -> List[Tuple[Optional[str], str]]:
    """``(daemon or None, text)`` pairs in the order in which they are to be read; None is for all daemons.

    ``changes_of`` is what :func:`planned` returns; the changes below None are distributed to daemons here. A phase of the
    changes is over for all daemons before the next one begins.
    """
    queue = [
        (change.phase, daemon or commands.daemon((*change.added, *change.removed)[0]), change)
        for daemon, changes in changes_of.items()
        for change in changes
    ]
    made: List[Tuple[Optional[str], List[Change]]] = []
    for phase in sorted({entry[0] for entry in queue}):
        of_daemon: Dict[Optional[str], List[Change]] = {}
        for other, daemon, change in queue:
            if other == phase:
                of_daemon.setdefault(daemon, []).append(change)
        if made and made[-1][0] in of_daemon:  # one file where a daemon's changes follow each other
            made[-1][1].extend(of_daemon.pop(made[-1][0]))
        made += of_daemon.items()
    return [(daemon, written(changes)) for daemon, changes in made]


def written(changes: Iterable[Change]) -> str:
    """Changes as text, each command in its context."""
    lines: List[str] = []
    place: Path = ()
    gone: Set[Tuple[str, str]] = set()
    for change in changes:
        lines += moving(place, change.context)
        place = change.context
        # In one transaction, FRR 8.4 may write an entry under its new number before it takes it away under the old one, and its
        # route-maps match it no more (github.com/FRRouting/frr/pull/14472).
        if not gone.isdisjoint(_prefixes(change.added)):
            lines += _COMMIT
            gone.clear()
        gone |= _prefixes(change.removed)
        if change.command:
            lines.append(" " * len(place) + change.command)
    return "\n".join(lines) + "\n"


def _prefixes(paths: Iterable[Path]) -> Set[Tuple[str, str]]:
    """What entries of prefix lists are about: lists, each with a prefix."""
    entries = [commands.list_entry(path[0]) for path in paths if " prefix-list " in path[0]]
    return {(entry[0], entry[2].split(" ")[1]) for entry in entries if entry}


def moving(place: Path, target: Path) -> List[str]:
    """The lines that lead from one context to another."""
    same = 0
    while same < min(len(place), len(target)) and place[same] == target[same]:
        same += 1
    if target and not same and place and place[0].startswith(_LEFT_BY_THE_NEXT):
        return [" " * depth + line for depth, line in enumerate(target)]
    leaving = [" " * depth + _CLOSING.get(place[depth].split(" ")[0], "exit") for depth in range(len(place) - 1, same - 1, -1)]
    return leaving + [" " * depth + target[depth] for depth in range(same, len(target))]
