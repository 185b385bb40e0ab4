# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The difference between two FRR configurations, as commands in a safe order. Pure. Private to this collection."""

from __future__ import annotations

from typing import Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from .._core.operation import HITLESS, SESSION
from . import commands, lists
from .configuration import Configuration, Path, contexts

#: Path of a line -> the command that negates it, None where FRR knows none.
Negations = Mapping[Path, Optional[str]]

#: The phases of a change. What uses a policy or a profile goes before it and comes after it, so that nothing refers to what is
#: not there: FRR takes an undefined route-map for one that denies all. Lines that go from a route-map entry that stays go in
#: between: "no match as-path A" would take a new "match as-path B" away.
LEAVE, MAKE_WAY, DEFINE, USE, CLEAR = range(5)
#: How a line begins by which a BGP instance takes the routes of another.
IMPORT = "import vrf "


class Change(NamedTuple):
    """One command. ``context`` is where it is entered; ``command`` is "" to open the context only.

    ``removed`` and ``added`` are the paths of the lines that it takes away and brings; ``phase`` is when.
    """

    context: Path
    command: str
    removed: Tuple[Path, ...]
    added: Tuple[Path, ...]
    disruption: str
    phase: int

    @property
    def top(self) -> str:
        """The top-level line or context that it concerns."""
        return (*self.added, *self.removed)[0][0]


def difference(
    desired: Configuration, running: Configuration, negations: Optional[Negations] = None, piecemeal: bool = False
) -> Tuple[Change, ...]:
    """Changes that turn the configuration ``running`` into ``desired``, in the order in which they are safe.

    ``negations`` maps paths of running lines to the command that negates each, or to None where FRR knows none: such a line
    has no change. Lines that it does not have are negated as :mod:`.commands` knows. Contexts go with all that is in them,
    or ``piecemeal``, their lines first.
    """
    return _Difference(desired, running, negations or {}, piecemeal).changes()


class _Difference:
    def __init__(self, desired: Configuration, running: Configuration, negations: Negations, piecemeal: bool) -> None:
        self.desired, self.piecemeal = desired, piecemeal
        self.in_use = commands.referred_to(running)
        turned = _turned_entries(desired, running)
        self.turns = [self._turn(old, new, running) for old, new in sorted(turned.items())]
        # All other changes start from entries that have been turned.
        self.running = {_turned(path, turned): None for path in running}
        self.negations = {_turned(path, turned): command for path, command in negations.items()}

    def changes(self) -> Tuple[Change, ...]:
        takedowns = [*self._contexts_taken_down(), *self._neighbors_taken_down()]
        takedowns += [*self._l3vnis_taken_out(takedowns), *self._imports_taken_out(takedowns)]
        entries = [change for name, pair in sorted(self._lists().items()) for change in self._entries_written(name, *pair)]
        covered = {path for change in takedowns for path in change.removed}
        listed = {path for change in entries for path in (*change.removed, *change.added)}
        added = [path for path in self.desired if (path not in self.running or path in covered) and path not in listed]
        removed = [path for path in self.running if path not in self.desired and path not in covered and path not in listed]
        replaced = _replaced(added, removed)
        overwritten = {path for paths in replaced.values() for path in paths}
        filled_before, filled_after = contexts(self.running), contexts(self.desired)
        single = [path for path in removed if path not in overwritten and path not in filled_before]
        removals = takedowns + [self._removal(path, (path,)) for path in single if self._command(path)]
        additions = entries + [
            change
            for path in added
            if path not in filled_after
            for change in (
                *_stale_distinguisher_overwritten(path, replaced, self.running),
                self._addition(path, replaced.get(path, ()), covered),
            )
        ]
        rewritten = {commands.map_entry(change.top) for change in additions} - {None}
        removals = [
            change._replace(phase=MAKE_WAY) if commands.map_entry(change.top) in rewritten else change for change in removals
        ]
        return tuple(_in_order(self.turns, removals, additions))

    def _command(self, path: Path) -> Optional[str]:
        """The command that negates a line; None if FRR knows none."""
        return self.negations[path] if path in self.negations else commands.negated(path[-1])

    def _removal(self, path: Path, lines: Sequence[Path]) -> Change:
        phase = LEAVE if commands.rank(path[0]) >= commands.USERS_RANK else CLEAR
        command = self._command(path) or commands.negated(path[-1])
        return Change(path[:-1], command, tuple(lines), (), self._disruption(path, commands.removal_disrupts), phase)

    def _disruption(self, path: Path, of_line: Callable[[Path], str]) -> str:
        """What a change of a line disturbs: of a policy, what those that use it do by it."""
        if commands.policy_name(path[0]):
            return SESSION if commands.is_policy_of(path[0], self.in_use) else HITLESS
        return of_line(path)

    def _turn(self, old: str, new: str, running: Configuration) -> Change:
        """Writes an entry of a route-map with its other action: FRR changes it in place, and keeps what is in it."""
        removed = tuple(path for path in running if path[0] == old)
        added = tuple(path for path in ((new, *path[1:]) for path in removed) if path in self.desired)
        return Change((new,), "", removed, added, self._disruption((new,), commands.addition_disrupts), MAKE_WAY)

    def _lists(self) -> Dict[str, Tuple[Dict[int, str], Dict[int, str]]]:
        """The lists whose entries differ, and that are to have some: name -> (entries by number now, then)."""
        found: Dict[str, Tuple[Dict[int, str], Dict[int, str]]] = {}
        for place, lines in enumerate((self.running, self.desired)):
            for entry in (commands.list_entry(path[0]) for path in lines if len(path) == 1):
                if entry:
                    found.setdefault(entry[0], ({}, {}))[place][entry[1]] = entry[2]
        return {name: (before, after) for name, (before, after) in found.items() if after and before != after}

    def _entries_written(self, name: str, before: Dict[int, str], after: Dict[int, str]) -> Iterator[Change]:
        """The changes after which a list has all entries that it is to have."""
        state = dict(before)
        for number, entry in lists.steps(before, after):
            gone = [("%s seq %d %s" % (name, number, state[number]),)] if number in state else []
            if entry is None:
                del state[number]
                yield self._removal(gone[0], gone)._replace(phase=DEFINE)
            else:
                state[number] = entry
                yield self._addition(("%s seq %d %s" % (name, number, entry),), gone, ())

    def _contexts_taken_down(self) -> List[Change]:
        """Contexts that "no" removes with all that is in them."""
        taken: Set[Path] = set()
        for path in self.running:
            if (
                path not in self.desired
                and self._goes_whole(path)
                and not any(path[:length] in taken for length in range(1, len(path)))
            ):
                taken.add(path)
        below: Dict[Path, List[Path]] = {path: [] for path in taken}
        for path in self.running:
            for length in range(1, len(path) + 1):
                if path[:length] in below:
                    below[path[:length]].append(path)
        return [self._removal(path, lines) for path, lines in below.items()]

    def _goes_whole(self, path: Path) -> bool:
        if self.piecemeal:
            return False
        if path in self.negations:
            return self.negations[path] is not None and path in contexts(self.running)
        return bool(commands.removable(path[-1]))

    def _l3vnis_taken_out(self, takedowns: Iterable[Change]) -> Iterator[Change]:
        """L3VNIs that stay, but whose VRF's BGP instance goes, as it does with another AS number: FRR refuses to remove the
        instance while the VRF has its L3VNI."""
        for change in takedowns:
            vrf = None if change.context else commands.vrf_of_instance(change.removed[0][0])
            for path in self.running if vrf else ():
                if path[0] == "vrf %s" % vrf and path[-1].startswith("vni ") and path in self.desired:
                    yield Change(path[:1], commands.negated(path[-1]), (path,), (), SESSION, LEAVE)

    def _imports_taken_out(self, takedowns: Iterable[Change]) -> Iterator[Change]:
        """Imports from one BGP instance into another, where one of the two goes: bgpd 10.7 dies if an instance goes that others
        import from, and 10.3 keeps what it had for one that comes."""
        gone = {change.removed[0][0] for change in takedowns if not change.context}
        if any(top.startswith("router bgp ") for top in gone):
            for path in self.running:
                if path[-1].startswith(IMPORT) and path[0].startswith("router bgp ") and path[0] in gone:
                    yield Change(path[:-1], "no " + path[-1], (path,), (), SESSION, LEAVE)

    def _neighbors_taken_down(self) -> Iterator[Change]:
        """BGP neighbours that go, or that have to be made anew because what defines them is of another form."""
        before, after = _neighbors(self.running), _neighbors(self.desired)
        for (instance, name), lines in before.items():
            if (instance,) not in self.desired:
                continue  # goes with its instance
            old = commands.definition(name, [path[-1] for path in lines if len(path) == 2])
            new = commands.definition(name, [path[-1] for path in after.get((instance, name), ()) if len(path) == 2])
            if old and old != new and (new is None or commands.slot(old) is None or commands.slot(old) != commands.slot(new)):
                command = self._command((instance, old)) or commands.negated(old)
                yield Change((instance,), command, tuple(lines), (), SESSION, LEAVE)

    def _addition(self, path: Path, replaced: Iterable[Path], covered: Iterable[Path]) -> Change:
        """The command that writes a line, or that opens an empty context."""
        phase = DEFINE if commands.rank(path[0]) < commands.USERS_RANK else USE
        known = (path[0],) in self.running and (path[0],) not in covered and not self._is_of_new_neighbor(path, covered)
        known = known or bool(commands.policy_name(path[0]))
        disruption = self._disruption(path, commands.addition_disrupts) if known else HITLESS
        if commands.opens(path):
            return Change(path, "", (), (path,), disruption, phase)
        return Change(path[:-1], path[-1], tuple(replaced), (path,), disruption, phase)

    def _is_of_new_neighbor(self, path: Path, covered: Iterable[Path]) -> bool:
        name = commands.neighbor(path[-1])
        return bool(name) and not any(
            commands.neighbor(other[-1]) == name and other[0] == path[0] and other not in covered for other in self.running
        )


def _neighbors(lines: Iterable[Path]) -> Dict[Tuple[str, str], List[Path]]:
    """Paths by (BGP instance, neighbour)."""
    found: Dict[Tuple[str, str], List[Path]] = {}
    for path in lines:
        name = commands.neighbor(path[-1])
        if name and path[0].startswith("router bgp "):
            found.setdefault((path[0], name), []).append(path)
    return found


def _turned_entries(desired: Configuration, running: Configuration) -> Dict[str, str]:
    """The entries of route-maps that turn from permit to deny or back: line now -> line then."""
    tops = {commands.map_entry(path[0]): path[0] for path in desired if len(path) == 1}
    turned = ((path[0], tops.get(commands.map_entry(path[0]))) for path in running if len(path) == 1 and path not in desired)
    return {old: new for old, new in turned if new and commands.map_entry(old)}


def _turned(path: Path, turned: Mapping[str, str]) -> Path:
    return (turned.get(path[0], path[0]), *path[1:])


def _replaced(added: Iterable[Path], removed: Iterable[Path]) -> Dict[Path, Tuple[Path, ...]]:
    """Added path -> the removed path whose value it overwrites, in a tuple."""
    by_slot = {(path[:-1], commands.slot(path[-1])): (path,) for path in removed if commands.slot(path[-1])}
    return {
        path: by_slot[(path[:-1], commands.slot(path[-1]))] for path in added if (path[:-1], commands.slot(path[-1])) in by_slot
    }


def _stale_distinguisher_overwritten(
    path: Path, replaced: Mapping[Path, Tuple[Path, ...]], running: Configuration
) -> Iterator[Change]:
    """Another distinguisher, written before one that a context is to have that had none.

    FRR remembers the one that was removed, or has derived one; given the same one, it does nothing, and does not keep it as
    configured (bgp_evpn_vrf_rd_matches_existing in bgpd/bgp_evpn_vty.c).
    """
    if path[-1].startswith("rd ") and path not in replaced and path[:-1] in running:
        start, _colon, number = path[-1].rpartition(":")
        yield Change(path[:-1], "%s:%d" % (start, int(number) ^ 1), (path,), (), SESSION, USE)


def _in_order(turns: Iterable[Change], removals: Iterable[Change], additions: Iterable[Change]) -> Iterator[Change]:
    yield from _taken_down([change for change in removals if change.phase == LEAVE])
    yield from turns
    yield from _taken_down([change for change in removals if change.phase == MAKE_WAY])
    yield from sorted(additions, key=lambda change: commands.rank(change.top))
    yield from _taken_down([change for change in removals if change.phase == CLEAR])


def _taken_down(removals: Iterable[Change]) -> List[Change]:
    """Removals, users first, in an order that does not depend on that of FRR's listing.

    VRFs come before all, because an L3VNI leaves its VRF before the VRF's BGP instance can go, and so do imports from other
    instances; members of a peer group come before the group. Otherwise the longer line comes first: what qualifies another line
    goes before it.
    """
    backwards = sorted(removals, key=lambda change: change.removed[0], reverse=True)
    return sorted(
        backwards,
        key=lambda change: (
            commands.rank(change.top) != commands.VRF_RANK and not change.removed[0][-1].startswith(IMPORT),
            -commands.rank(change.top),
            commands.is_group(change.removed[0][-1]),
        ),
    )
