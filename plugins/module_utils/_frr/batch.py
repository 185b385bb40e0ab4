# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes as the files that vtysh reads: one a daemon. Pure. Private to this collection.

How a batch reaches FRR decides its cost: each "exit" ends a transaction of the northbound, after which FRR 8.4 validates
all there is, and a line that goes to all daemons is handled by each of them. So contexts are left by entering the next
one, except where BGP needs it, and what concerns one daemon goes to that one only.
"""

from __future__ import annotations

from . import commands

_CLOSING = {"address-family": "exit-address-family", "vni": "exit-vni"}


def batches(changes, wanted, running, everywhere=False):
    """``(daemon or None, text)`` pairs in the order in which they are to be read; None is for all daemons.

    With ``everywhere``, policies go to all daemons, whoever uses them.
    """
    shared = commands.policies_elsewhere(wanted) | commands.policies_elsewhere(running)
    if everywhere:
        shared = shared.union(*(change.top.split(" ") for change in changes))
    end = len(changes)
    while end and not changes[end - 1].added and commands.policy_name(changes[end - 1].top):
        end -= 1  # policies that go last, after all that used them
    first: dict[str | None, list] = {None: []}
    last: dict[str | None, list] = {}
    gone = {_vrf_of(path[0]) for change in changes for path in change.removed if len(path) == 1}
    for place, change in enumerate(changes):
        daemon = _daemon(change, shared)
        # What all daemons hear comes first, but for what goes after its users, and for an L3VNI, which a VRF can have only when
        # the BGP instance it had with another AS number has gone.
        late = daemon is None and (place >= end or any(path[0] in gone for path in change.added))
        (last if late else first).setdefault(daemon, []).append(change)
    return [(daemon, _text(members)) for made in (first, last) for daemon, members in made.items() if members]


def _vrf_of(instance):
    """The VRF's own context, "vrf red", of the BGP instance "router bgp 65001 vrf red"; None for any other line."""
    words = instance.split(" ")
    return " ".join(words[3:]) if words[:2] == ["router", "bgp"] and words[3:4] == ["vrf"] else None


def _daemon(change, shared):
    return commands.daemon((*change.added, *change.removed)[0], shared)


def _text(changes):
    lines, place = [], ()
    for change in changes:
        lines += _moving(place, change.context)
        place = change.context
        if change.command:
            lines.append(" " * len(place) + change.command)
    return "\n".join(lines) + "\n"


def _moving(place, target):
    """The lines that lead from one context to another."""
    same = 0
    while same < min(len(place), len(target)) and place[same] == target[same]:
        same += 1
    if same < len(place) and same == 0:
        # The next line at the top leaves whatever is open, but for lines that a VRF would take for its own: static routes.
        leaving = ["exit-vrf"] if not target and place[0].startswith("vrf ") else []
    else:
        leaving = [
            " " * depth + _CLOSING[place[depth].split(" ")[0]]
            for depth in range(len(place) - 1, same - 1, -1)
            if place[depth].split(" ")[0] in _CLOSING
        ]
    return leaving + [" " * depth + target[depth] for depth in range(same, len(target))]
