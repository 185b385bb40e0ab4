# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The difference between two FRR configurations, as commands in a safe order. Pure. Private to this collection."""

from __future__ import annotations

from typing import NamedTuple, Tuple

from .._plan.operation import HITLESS, SESSION
from . import commands
from .configuration import contexts


class Change(NamedTuple):
    """One command. ``context`` is where it is entered, ``command`` what FRR is told: "" to open the context only.

    ``removed`` and ``added`` are the paths of the lines that it takes away and brings.
    """

    context: Tuple[str, ...]
    command: str
    removed: Tuple[Tuple[str, ...], ...]
    added: Tuple[Tuple[str, ...], ...]
    disruption: str

    @property
    def top(self):
        """The top-level line or context that it concerns."""
        return (*self.added, *self.removed)[0][0]


def difference(wanted, running):
    """Changes that turn the configuration ``running`` into ``wanted``, in the order in which they are safe.

    What uses a policy or a profile goes before it and comes after it, so that nothing refers to what is not there: FRR takes
    an undefined route-map for one that denies all. The one exception: an entry that turns from permit to deny or back is
    removed and written again, and if it is the only one, the policy is gone for that moment of the batch.
    """
    takedowns = [*_contexts_taken_down(wanted, running), *_neighbors_taken_down(wanted, running)]
    takedowns += _l3vnis_taken_out(takedowns, wanted, running)
    covered = {path for change in takedowns for path in change.removed}
    added = [path for path in wanted if path not in running or path in covered]
    removed = [path for path in running if path not in wanted and path not in covered]
    replaced = _replaced(added, removed)
    filled_before, filled_after = contexts(running), contexts(wanted)
    removals = takedowns + [
        Change(path[:-1], commands.negated(path[-1]), (path,), (), commands.removal_disrupts(path))
        for path in removed
        if path not in replaced.values() and path not in filled_before
    ]
    additions = [
        change
        for path in added
        if path not in filled_after
        for change in (
            *_stale_distinguisher_overwritten(path, replaced, running),
            _addition(path, replaced.get(path), running, covered),
        )
    ]
    return tuple(_in_order(removals, additions))


def _contexts_taken_down(wanted, running):
    """Contexts that "no" removes with all that is in them."""
    taken: set[tuple[str, ...]] = set()
    for path in running:
        if (
            path not in wanted
            and commands.removable(path[-1])
            and not any(path[:length] in taken for length in range(1, len(path)))
        ):
            taken.add(path)
    below: dict[tuple[str, ...], list[tuple[str, ...]]] = {path: [] for path in taken}
    for path in running:
        for length in range(1, len(path) + 1):
            if path[:length] in below:
                below[path[:length]].append(path)
    return [
        Change(path[:-1], commands.negated(path[-1]), tuple(lines), (), commands.removal_disrupts(path))
        for path, lines in below.items()
    ]


def _l3vnis_taken_out(takedowns, wanted, running):
    """L3VNIs that stay, but whose VRF's BGP instance goes, as it does with another AS number: FRR wants them out before."""
    for instance in [change.removed[0][0].split(" ") for change in takedowns if not change.context]:
        if instance[:2] == ["router", "bgp"] and instance[3:4] == ["vrf"]:
            vrf = "vrf " + instance[4]
            for path in running:
                if path[0] == vrf and path[-1].startswith("vni ") and path in wanted:
                    yield Change((vrf,), commands.negated(path[-1]), (path,), (), SESSION)


def _neighbors_taken_down(wanted, running):
    """BGP neighbours that go, or that have to be made anew because what defines them is of another form."""
    before, after = _neighbors(running), _neighbors(wanted)
    for (instance, name), lines in before.items():
        if (instance,) not in wanted:
            continue  # goes with its instance
        old = commands.definition(name, [path[-1] for path in lines if len(path) == 2])
        new = commands.definition(name, [path[-1] for path in after.get((instance, name), ()) if len(path) == 2])
        if old and old != new and (new is None or commands.slot(old) is None or commands.slot(old) != commands.slot(new)):
            yield Change((instance,), commands.negated(old), tuple(lines), (), SESSION)


def _neighbors(lines):
    """Paths by (BGP instance, neighbour)."""
    found: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for path in lines:
        name = commands.neighbor(path[-1])
        if name and path[0].startswith("router bgp "):
            found.setdefault((path[0], name), []).append(path)
    return found


def _replaced(added, removed):
    """Added path -> the removed path whose value it overwrites."""
    by_slot = {(path[:-1], commands.slot(path[-1])): path for path in removed if commands.slot(path[-1])}
    return {
        path: by_slot[(path[:-1], commands.slot(path[-1]))] for path in added if (path[:-1], commands.slot(path[-1])) in by_slot
    }


def _stale_distinguisher_overwritten(path, replaced, running):
    """Another distinguisher, written before one that a context is to have that had none.

    FRR remembers the one that was removed, or has derived one; told the same, it does nothing, and does not keep it as
    configured (bgp_evpn_vrf_rd_matches_existing in bgpd/bgp_evpn_vty.c).
    """
    if path[-1].startswith("rd ") and path not in replaced and path[:-1] in running:
        start, _colon, number = path[-1].rpartition(":")
        yield Change(path[:-1], "%s:%d" % (start, int(number) ^ 1), (path,), (), SESSION)


def _addition(path, replaced, running, covered):
    """The command that writes a line, or that opens an empty context."""
    name = commands.neighbor(path[-1])
    known = (
        (path[0],) in running
        and (path[0],) not in covered
        and not (
            name
            and not any(
                commands.neighbor(other[-1]) == name and other[0] == path[0] and other not in covered for other in running
            )
        )
    )
    disruption = commands.addition_disrupts(path) if known else HITLESS
    if commands.opens(path):
        return Change(path, "", (), (path,), disruption)
    return Change(path[:-1], path[-1], (replaced,) if replaced else (), (path,), disruption)


def _in_order(removals, additions):
    users = [change for change in removals if commands.rank(change.top) >= commands.USERS_RANK]
    policies = [change for change in removals if commands.rank(change.top) < commands.USERS_RANK]
    rewritten = {commands.map_entry(change.top) for change in additions} - {None}
    early = [change for change in policies if commands.map_entry(change.top) in rewritten]
    late = [change for change in policies if commands.map_entry(change.top) not in rewritten]
    yield from _taken_down(users)
    yield from _taken_down(early)
    yield from sorted(additions, key=lambda change: commands.rank(change.top))
    yield from _taken_down(late)


def _taken_down(removals):
    """Removals, users first, in an order that does not depend on that of FRR's listing.

    VRFs come before all, because an L3VNI leaves its VRF before the VRF's BGP instance can go; members of a peer group
    come before the group. Otherwise the longer line comes first: what qualifies another line goes before it.
    """
    backwards = sorted(removals, key=lambda change: change.removed[0], reverse=True)
    return sorted(
        backwards,
        key=lambda change: (
            commands.rank(change.top) != commands.VRF_RANK,
            -commands.rank(change.top),
            commands.is_group(change.removed[0][-1]),
        ),
    )
