# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runtime state of gateways among FRR's lines: which it is, and what it is to be. Pure. Private to this collection.

What is fixed (route-maps, neighbors) is the configuration's; what moves stands in lists whose names are reserved, or in
the lines that wmgwd writes. Nothing of it belongs into a startup file, so a gateway that
restarts serves nothing.
"""

from __future__ import annotations

import re
from typing import (
    Any,
    Collection,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
)

from .._gateway.phases import NEW, Mark
from .configuration import Configuration, Path

#: The marks of VNIs or buckets, by the number of the line that stands for each.
Marks = Mapping[Any, Set[Mark]]

#: The lists of the route targets that an exclusive gateway serves, and of those that it acquires while another still serves
#: them; the lists of buckets by rank: prefix-lists of their addresses, community-lists of their communities, the number of
#: the bucket behind 65534.
SERVED, ACQUIRED = "evpn-gateway-served", "evpn-gateway-new"
RANK = "evpn-gateway-rank-%s"
#: OSPF costs that wmgwd gives the bridge of a VNI that it serves, and of one that it does not.
OSPF_COST, OSPF_COST_WITHDRAWN = 100, 65535
#: OSPF costs of the interface of a bucket: that of one that is acquired, and how much the owner's and each standby's add.
COST_NEW, COST_A_RANK = 1, 1000
#: The highest number of a route-map entry.
LAST_ENTRY = 65535

_SERVED_LINE = re.compile(r"bgp extcommunity-list standard (%s|%s) seq (\d+) permit " % (SERVED, ACQUIRED))
#: Kinds of lists. Those of addresses are the mode anycast's, those of targets the mode exclusive's.
PREFIXES, TARGETS, _COMMUNITIES = "ip prefix-list", "bgp extcommunity-list standard", "bgp community-list standard"
#: What a line calls a list that it refers to.
_KINDS = {"prefix-list": PREFIXES, "extcommunity": TARGETS, "community": _COMMUNITIES, "comm-list": _COMMUNITIES}
_RANK_LINE = re.compile(r"(%s|%s) evpn-gateway-rank-(\d+|new) seq (\d+) permit " % (PREFIXES, _COMMUNITIES))
_RANK_MATCH = re.compile(r"match community (evpn-gateway-rank-(?:\d+|new))(?: |\Z)")
_LIST = re.compile(r"(%s|%s|%s) (evpn-gateway-\S+) " % (PREFIXES, TARGETS, _COMMUNITIES))
_ENTRY = re.compile(r"route-map (\S+) permit (\d+)\Z")
_VNI = re.compile(r"match evpn vni (\d+)\Z")
GOTO = re.compile(r"on-match goto (\d+)\Z")
_WMGWD_BRIDGE = re.compile(r"interface br\d+\Z")
_COST = "ip ospf cost "
_COST_LINE = re.compile(_COST + r"(\d+)\Z")
_WMGWD_COSTS = {_COST + str(cost) for cost in (OSPF_COST, OSPF_COST_WITHDRAWN)}


def without_runtime(running: Configuration, desired: Configuration) -> Configuration:
    """The lines of a running configuration without the runtime state of gateways that ``desired`` does not speak of.

    That is: lists named evpn-gateway-... that ``desired`` refers to; entries that match one VNI, of a route-map that
    begins as wmgwd's does; the OSPF costs of wmgwd on bridges named after a VNI, where ``desired`` is an exclusive gateway's
    and has no cost; those of ranks on passive interfaces that are to have 65535. All else belongs to a gateway of another
    mode, or to a host that is no gateway any more.
    """
    referred_to = set(_references(desired))
    costs = {path[0] for path in desired if len(path) == 2 and path[1].startswith(_COST)}
    withdrawn = [
        path for path in desired if path[1:] == (_COST + str(OSPF_COST_WITHDRAWN),) and (path[0], "ip ospf passive") in desired
    ]
    ranked: Dict[Path, Path] = {(path[0], _COST + str(cost)): path for path in withdrawn for cost in _RANK_OF_COST}
    running = {ranked.get(path, path): None for path in running}
    openings = [_ENTRY.match(path[0]) for path in desired if len(path) == 2 and GOTO.match(path[1])]
    maps = {opening[1] for opening in openings if opening}
    entries = {path[:1] for name in maps for path, _vni in _vni_entries(running, name).values()}
    is_exclusive = bool(maps) or (TARGETS, SERVED) in referred_to

    def is_cost(path: Path) -> bool:
        return len(path) == 2 and path[1] in _WMGWD_COSTS and path[0] not in costs and bool(_WMGWD_BRIDGE.match(path[0]))

    def is_runtime(path: Path) -> bool:
        found = _LIST.match(path[0])
        return (found is not None and found.groups() in referred_to) or path[:1] in entries or (is_exclusive and is_cost(path))

    gone = {path for path in running if path not in desired and is_runtime(path)}
    if not gone:
        return running
    filled = {path[:-1] for path in running if path not in gone}
    emptied = {path[:-1] for path in gone} - filled - desired.keys()
    return {path: None for path in running if path not in gone and path not in emptied}


def _references(lines: Configuration) -> Iterator[Tuple[str, str]]:
    """What lines below others refer to: pairs of the kind of a list and its name."""
    for path in lines:
        words = path[-1].split(" ") if len(path) > 1 else ()
        yield from ((_KINDS[word], name) for word in words if word in _KINDS for name in words)


def _vni_entries(lines: Configuration, name: str) -> Dict[int, Tuple[Path, int]]:
    """The entries of a route-map that do nothing but match one VNI: number -> (path of the match, VNI)."""
    contents: dict[int, list] = {}
    for path in lines:
        entry = _ENTRY.match(path[0])
        if entry and entry[1] == name:
            contents.setdefault(int(entry[2]), []).extend([path] if len(path) > 1 else [])
    found = {}
    for number, members in contents.items():
        match = _VNI.match(members[0][1]) if len(members) == 1 else None
        if match:
            found[number] = members[0], int(match[1])
    return found


class State(Protocol):
    """One of the ways to tell FRR what a gateway serves or ranks for."""

    def actual(self, running: Configuration) -> Dict[Any, Set[Mark]]:
        """The marks that a configuration has."""

    def desired(self, ranks: Mapping[int, int], running: Configuration) -> Dict[Any, Mark]:
        """The mark of each VNI or bucket by its rank."""

    def lines(self, marks: Marks) -> List[Path]:
        """The lines that stand for marks."""


class Served(NamedTuple):
    """The state that marks VNIs as served by their route targets, in lists that a route-map entry each matches."""

    #: VNI -> the route target that is its own
    targets: Mapping[int, str]

    def actual(self, running: Configuration) -> Dict[int, Set[Mark]]:
        """VNI (the number of its line) -> marks."""
        found: Dict[int, Set[Mark]] = {}
        for path in running:
            line = _SERVED_LINE.match(path[0])
            if line:
                found.setdefault(int(line[2]), set()).add((NEW if line[1] == ACQUIRED else 0, path[0]))
        return found

    def desired(self, ranks: Mapping[int, int], running: Configuration) -> Dict[int, Mark]:
        """The marks of VNIs that are served, by their rank."""
        line = "bgp extcommunity-list standard %s seq %d permit rt %s"
        return {
            vni: (rank, line % (ACQUIRED if rank == NEW else SERVED, vni, self.targets[vni])) for vni, rank in ranks.items()
        }

    @staticmethod
    def lines(marks: Marks) -> List[Path]:
        """The lines that stand for marks."""
        return [(line,) for members in marks.values() for _rank, line in sorted(members)]


class Entries(NamedTuple):
    """The state that marks VNIs as served by an entry of a route-map for each, as wmgwd does, from the number ``first`` on.

    Entries of other VNIs than ``vnis`` are not its own.
    """

    route_map: str
    first: int
    vnis: FrozenSet[int]

    def actual(self, running: Configuration) -> Dict[int, Set[Mark]]:
        """VNI -> marks."""
        found: Dict[int, Set[Mark]] = {}
        for number, (_path, vni) in _vni_entries(running, self.route_map).items():
            if vni in self.vnis:
                found.setdefault(vni, set()).add((0, number))
        return found

    def desired(self, ranks: Iterable[int], running: Configuration) -> Dict[int, Mark]:
        """The marks of VNIs that are served, whatever their rank: an entry that exists stays, others get the first free
        numbers.

        Raises :class:`ValueError` with the number of entries that there is room for if there are not enough numbers.
        """
        actual = self.actual(running)
        made = {vni: min(actual[vni]) for vni in ranks if vni in actual}
        used = {int(path[0].rsplit(" ", 1)[1]) for path in running if is_entry_of(path[0], self.route_map)}
        free = iter([number for number in range(self.first, LAST_ENTRY + 1) if number not in used])
        for vni in ranks:
            if vni not in made:
                number = next(free, None)
                if number is None:
                    raise ValueError(LAST_ENTRY + 1 - self.first)
                made[vni] = (0, number)
        return made

    def lines(self, marks: Marks) -> List[Path]:
        """The lines that stand for marks."""
        return [
            path
            for vni, members in marks.items()
            for _rank, number in sorted(members)
            for top in ["route-map %s permit %d" % (self.route_map, number)]
            for path in ((top,), (top, "match evpn vni %d" % vni))
        ]


def without_lists(running: Configuration, kind: str) -> Configuration:
    """The configuration without the lists of gateways of one kind, :data:`PREFIXES` or :data:`TARGETS`."""
    lists = ((path, _LIST.match(path[0])) for path in running)
    return {path: None for path, found in lists if found is None or found[1] != kind}


def prefers_what_is_new(running: Configuration, route_map: str) -> bool:
    """Whether a route-map has an entry for VNIs that are being acquired, by which they are better than their owner's."""
    return any(is_entry_of(path[0], route_map) and path[-1] == "match extcommunity %s" % ACQUIRED for path in running)


def served(running: Configuration, route_map: str, vnis: Collection[int]) -> Set[int]:
    """Those of some VNIs that an exclusive gateway serves, in either way: a set."""
    return (set(vnis) & set(Served({}).actual(running))) | set(Entries(route_map, 0, frozenset(vnis)).actual(running))


def rank_list(rank: int) -> str:
    """The name of the lists of a rank."""
    return RANK % ("new" if rank == NEW else rank)


class Ranks(NamedTuple):
    """The state that ranks buckets: lists for each rank, each matched by a route-map entry.

    With ``addresses``, those of the buckets, these are prefix-lists. Community-lists are kept beside them, or alone, as far as
    the configuration matches them.
    """

    addresses: Sequence[str]

    def actual(self, running: Configuration) -> Dict[Tuple[str, int], Set[Mark]]:
        """(kind of list, number of the line, the bucket's plus one) -> marks."""
        found: Dict[Tuple[str, int], Set[Mark]] = {}
        for path in running:
            line = _RANK_LINE.match(path[0])
            if line and (self.addresses or line[1] == _COMMUNITIES):
                found.setdefault((line[1], int(line[3])), set()).add((NEW if line[2] == "new" else int(line[2]), path[0]))
        return found

    def desired(self, ranks: Mapping[int, int], running: Configuration) -> Dict[Tuple[str, int], Mark]:
        """The marks of buckets by their rank."""
        matched = {found[1] for found in (_RANK_MATCH.match(path[-1]) for path in running) if found}
        entries = [(PREFIXES, bucket, rank, self.addresses[bucket] + "/32") for bucket, rank in ranks.items() if self.addresses]
        entries += [
            (_COMMUNITIES, bucket, rank, "65534:%d" % bucket) for bucket, rank in ranks.items() if rank_list(rank) in matched
        ]
        line = "%s %s seq %d permit %s"
        return {
            (kind, bucket + 1): (rank, line % (kind, rank_list(rank), bucket + 1, content))
            for kind, bucket, rank, content in entries
        }

    def ranks(self, running: Configuration) -> Dict[int, int]:
        """Bucket -> its best rank."""
        found: Dict[int, int] = {}
        for (_kind, number), marks in self.actual(running).items():
            found[number - 1] = min(min(marks)[0], found.get(number - 1, LAST_ENTRY))
        return found

    @staticmethod
    def lines(marks: Marks) -> List[Path]:
        """The lines that stand for marks."""
        return Served.lines(marks)


def with_marks(state: State, running: Configuration, marks: Marks) -> Configuration:
    """The configuration in which the marks of a state are those given, and all else is as it runs."""
    before = set(state.lines(state.actual(running)))
    after = state.lines(marks)
    kept = set(after)
    lines = {path: None for path in running if path not in before or path in kept}
    lines.update(dict.fromkeys(after))
    return lines


def with_costs(running: Configuration, costs: Mapping[str, int]) -> Configuration:
    """The configuration in which interfaces have these OSPF costs, and all else is as it runs."""
    tops = {"interface %s" % name: cost for name, cost in costs.items()}
    lines = {path: None for path in running if not (len(path) == 2 and path[0] in tops and path[1].startswith(_COST))}
    for top, cost in tops.items():
        lines[(top,)] = None
        lines[(top, _COST + str(cost))] = None
    return lines


def ospf_costs(running: Configuration) -> Dict[str, int]:
    """Interface -> the OSPF cost that is configured."""
    found = ((path[0], _COST_LINE.match(path[1])) for path in running if len(path) == 2 and path[0].startswith("interface "))
    return {top[len("interface ") :]: int(cost[1]) for top, cost in found if cost}


def rank_cost(rank: Optional[int]) -> int:
    """The OSPF cost of the interface of a bucket of which a gateway has this rank; of None, which it has none of."""
    if rank is None:
        return OSPF_COST_WITHDRAWN
    return COST_NEW if rank == NEW else COST_A_RANK * (rank + 1)


#: OSPF cost -> the rank that it stands for. Costs go up to 65535, so there are 63 standbys at most.
_RANK_OF_COST = {rank_cost(rank): rank for rank in range(NEW, OSPF_COST_WITHDRAWN // COST_A_RANK - 1)}
#: The most standbys that there are OSPF costs for.
MOST_OSPF_STANDBYS = max(_RANK_OF_COST.values())


def cost_ranks(running: Configuration, carriers: Sequence[str]) -> Dict[int, int]:
    """Bucket -> its rank, as the OSPF costs of their interfaces say it; ``carriers`` are these, in the order of the buckets."""
    costs = ospf_costs(running)
    ranks = ((bucket, _RANK_OF_COST.get(costs.get(name, OSPF_COST_WITHDRAWN))) for bucket, name in enumerate(carriers))
    return {bucket: rank for bucket, rank in ranks if rank is not None}


def is_entry_of(top: str, route_map: str) -> bool:
    words = top.split(" ")
    return len(words) == 4 and words[:2] == ["route-map", route_map]
