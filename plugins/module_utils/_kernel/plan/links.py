# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on links. Private to this collection."""

from __future__ import annotations

from dataclasses import replace
from typing import AbstractSet, Any, Dict, List, Mapping, Optional, Set, Tuple

from ..._core.operation import ABSENT, CREATED, DISRUPTIONS, HITLESS, LINK, PURGED, Operation
from ..model.document import Document, State
from ..model.step import Step
from .compare import ATTRIBUTES, FIXED, Found, differences, disruption, in_words, merged, unlike
from .loss import Shock, shock
from .order import PHASE

#: The MTU of a bridge that has no ports and for which none was set.
MTU_OF_NO_PORTS = 1500


def deleted(document: Document, state: State) -> Set[str]:
    """Names of links that the document takes away: listed as absent, or ours and purged."""
    names = {
        name
        for name, link in document.absent["link"].items()
        if link.kind != "interface" and getattr(state["link"].get(name), "kind", None) == link.kind
    }
    if document.purge:
        names |= {
            name
            for name, link in state["link"].items()
            if link.owned and link.kind in document.scope and name not in document.present["link"]
        }
    return names


def lost(document: Document, state: State, deleted: AbstractSet[str], gone: AbstractSet[str]) -> Set[str]:
    """Names of links that do not come back: those that are taken away, and what stands on them and is not listed."""
    names = set()
    waiting = {name for name in gone - deleted if name not in document.present["link"]}
    found = set(deleted)
    while found:
        names |= found
        waiting -= found
        found = {name for name in waiting if names.intersection(_below(state["link"][name]))}
    return names


def _below(link: Any) -> List[str]:
    """Names of the links that a link goes with."""
    return [name for name in (link.lower, getattr(link, "peer", None)) if name]


def differing(document: Document, state: State) -> Dict[str, List[Found]]:
    """Links that exist and are not as desired: name -> their differences, as :func:`.compare.differences` gives them.

    A link of another kind than desired is not among them, unless the document takes it as it is.
    """
    by_kind: dict[str, list] = {}
    for name, desired in document.present["link"].items():
        actual = state["link"].get(name)
        if actual is not None and desired.kind in (actual.kind, "interface"):
            by_kind.setdefault(desired.kind, []).append((desired, actual))
    found = {}
    for pairs in by_kind.values():
        for desired, actual in unlike(*map(list, zip(*pairs))):
            found[desired.name] = differences(desired, actual)
    return {name: each for name, each in found.items() if each}


def renewed(document: Document, differing_links: Dict[str, List[Found]], state: State) -> Dict[str, str]:
    """Links whose difference cannot be mended in place: name -> the reason in words."""
    reasons = {}
    for name, found in differing_links.items():
        fixed = [each for each in found if disruption(state["link"][name], each[0], each[2]) == FIXED]
        if fixed:
            reasons[name] = "%s cannot change on a live device" % in_words(
                fixed, document.present["link"][name], state["link"][name]
            )
    return reasons


def operations(
    document: Document,
    state: State,
    remaining: State,
    gone_for_good: AbstractSet[str],
    renewed_reasons: Mapping[str, str],
    differing_links: Dict[str, List[Found]],
) -> Tuple[List[Operation], Dict[str, Shock]]:
    """Operations on links, and by name the shocks that they give to what belongs to a link.

    ``remaining`` is the state once removed links are gone, ``gone_for_good`` are the names that do not come back.
    """
    made, shocks = [], {}
    known = {**document.present["link"], **state["link"]}
    depth, depth_now = _Depth(known, document.present["link"]), _Depth(state["link"], {})
    names = [name for name in state["link"] if name not in document.present["link"]] + list(document.present["link"])
    for name in names:
        before, between, desired = state["link"].get(name), remaining["link"].get(name), document.present["link"].get(name)
        between = between and _limited(between, document, state)
        if desired is not None and before is between and before is not None and name not in differing_links:
            continue
        if before is None:
            made.append(_create(desired, depth))
        elif name in gone_for_good:
            made.append(_delete(before, document, gone_for_good, depth_now))
        elif between is None:
            limit = _limited(before, document, state).mtu
            made.append(_gone_with_another(before, limit, desired, gone_for_good, renewed_reasons, depth, depth_now))
        else:
            after = _afterwards(before, between, desired, gone_for_good)
            if after != before or between != before:
                made.append(_change(before, between, after, desired, gone_for_good, depth))
                shocks[name] = shock(before, between, after, known)
    return _with_steady_mtus(made, document, state, depth), shocks


def _with_steady_mtus(made: List[Operation], document: Document, state: State, depth: _Depth) -> List[Operation]:
    """Operations on links, and what keeps the MTU of bridges that are there and listed with one.

    Until somebody sets a bridge's MTU, it follows the smallest of its ports, and nothing shows whether it does
    (br_mtu_auto_adjust in net/bridge/br_if.c). So it is set where its ports change and would lead to another.
    """
    listed = document.present["link"].values()
    bridges = {link.name for link in listed if link.kind == "bridge" and link.mtu and link.name in state["link"]}
    if not bridges or not made:
        return made
    changed = {operation.object.name: operation for operation in made}
    after = {**state["link"], **{name: operation.after for name, operation in changed.items()}}
    was, will_be = _mtus_of_ports(state["link"]), _mtus_of_ports(after)
    for name in sorted(bridges):
        link, operation = after[name], changed.get(name)
        if was.get(name) == will_be.get(name) or min(will_be.get(name, {"": MTU_OF_NO_PORTS}).values()) == link.mtu:
            continue
        step = Step(PHASE["raise link"], depth[name], link, link)
        if operation is None:
            made.append(Operation("change", link, link, HITLESS, "keeps its mtu when its ports change", (step,)))
        elif operation.action == "change":
            made[made.index(operation)] = operation._replace(steps=(*operation.steps, step))
    return made


def _mtus_of_ports(links: Dict[Any, Any]) -> Dict[str, Dict[str, int]]:
    """The MTU of each port, by bridge or VRF and name; 0 for one that is not known yet."""
    found: dict[str, dict[str, int]] = {}
    for name, link in links.items():
        if link and link.master:
            found.setdefault(link.master, {})[name] = link.mtu or 0
    return found


def _limited(link: Any, document: Document, state: State) -> Any:
    """A link with the MTU that it is left with: a VLAN or MACVLAN device follows one below that gets a smaller one
    (NETDEV_CHANGEMTU in net/8021q/vlan.c and drivers/net/macvlan.c).
    """
    below = state["link"].get(link.lower) if link.kind in ("vlan", "macvlan") else None
    if below is None:
        return link
    mtu = getattr(document.present["link"].get(below.name), "mtu", None) or _limited(below, document, state).mtu
    return replace(link, mtu=mtu) if mtu != below.mtu and mtu < link.mtu else link


def raises(operation: Operation) -> bool:
    """Whether an operation raises a link that is there and down."""
    return operation.action == "change" and operation.before.up is False and bool(operation.after.up)


class _Depth:
    """How many links a link stands on: what is below comes first, and goes last. ``desired`` are the document's links."""

    def __init__(self, links: Dict[Any, Any], desired: Dict[Any, Any]) -> None:
        self.links = links
        self.desired = desired
        self.known: Dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        if name not in self.known:
            self.known[name] = 0  # ends circles, which only a foreign veth pair across bridges can form
            below = list(filter(None, (self._specified(name, "master"), self._specified(name, "lower"))))
            link = self.links.get(name)
            if link and link.kind == "veth" and not link.leads:
                below.append(link.peer)
            self.known[name] = 1 + max(map(self.__getitem__, below)) if below else 0
        return self.known[name]

    def _specified(self, name: str, option: str) -> Optional[str]:
        """The desired or the actual master or lower device of a link."""
        value = getattr(self.desired.get(name), option, None)
        return getattr(self.links.get(name), option, None) if value is None else value


def _raising(link: Any, depth: _Depth) -> Step:
    """The step that raises a link, when all is in place."""
    return Step(PHASE["raise link"], depth[link.name], replace(link, up=False), link)


def _creating(after: Any, depth: _Depth) -> Tuple[Any, List[Step]]:
    """Steps that make a link: down, with all its attributes, and raised at the end."""
    up = after.up is not False
    after = replace(after, up=up)
    steps = [Step(PHASE["link"], depth[after.name], None, replace(after, up=False))]
    return after, steps + ([_raising(after, depth)] if up else [])


def _create(desired: Any, depth: _Depth) -> Operation:
    after, steps = _creating(desired, depth)
    return Operation("create", None, after, HITLESS, CREATED, tuple(steps))


def _removing(before: Any, depth: _Depth, silent: bool = False) -> Step:
    if before.kind == "veth":
        silent = not before.leads  # one end takes the other with it
    return Step(PHASE["remove link"], -depth[before.name], before, None, silent)


def _delete(before: Any, document: Document, gone_for_good: AbstractSet[str], depth: _Depth) -> Operation:
    """The operation for a link that goes for good: by itself, or with what it stands on."""
    if before.name in document.absent["link"]:
        reason = ABSENT
    elif document.purge and before.owned and before.kind in document.scope:
        reason = PURGED
    else:
        cause = next(name for name in _below(before) if name in gone_for_good)
        return Operation("delete", before, None, LINK, "goes with %s" % cause, (_removing(before, depth, True),))
    return Operation("delete", before, None, LINK, reason, (_removing(before, depth),))


def _gone_with_another(
    before: Any,
    mtu: Optional[int],
    desired: Any,
    gone_for_good: AbstractSet[str],
    reasons: Mapping[str, str],
    depth: _Depth,
    depth_now: _Depth,
) -> Operation:
    """The operation for a link that must be made anew, or that goes for a moment with one it stands on.

    ``mtu`` is the one that it can have again.
    """
    kept = replace(before, mtu=mtu, master="" if before.master in gone_for_good else before.master)
    after, steps = _creating(merged(desired, kept) if desired else kept, depth)
    if before.name in reasons:
        return Operation("recreate", before, after, LINK, reasons[before.name], (_removing(before, depth_now), *steps))
    cause = next((name for name in _below(before) if name not in gone_for_good), "what it stands on")
    reason = "put back: it goes while %s is made anew" % cause
    return Operation("recreate", before, after, LINK, reason, (_removing(before, depth_now, silent=True), *steps))


def _afterwards(before: Any, between: Any, desired: Any, gone_for_good: AbstractSet[str]) -> Any:
    """A link that stays, as it will be; ``between`` is what it is once a bridge or VRF that goes has let it go."""
    kept = between if before.master in gone_for_good else replace(between, master=before.master)
    if desired is not None:
        after = merged(desired, kept)
        filters = after.kind == "bridge" and after.vlan_filtering and not kept.vlan_filtering and desired.default_vlan is None
        return replace(after, default_vlan=0) if filters else after
    return kept


def _change(before: Any, between: Any, after: Any, desired: Any, gone_for_good: AbstractSet[str], depth: _Depth) -> Operation:
    """The operation that changes a link that stays."""
    steps, reasons = [], []
    limited = replace(before, mtu=between.mtu)
    if limited != before:
        steps.append(Step(PHASE["lose"], -depth[before.name], before, limited, silent=True))
        reasons.append("mtu %d -> %d with %s" % (before.mtu, between.mtu, before.lower))
    released = between != limited
    if released:
        steps.append(Step(PHASE["release port"], 0, limited, between, silent=True))
        reasons.append("%s %s" % (before.master, "goes" if before.master in gone_for_good else "is made anew"))
    settled = replace(after, up=between.up) if after.up and not between.up else after
    if settled != between:
        steps.append(Step(PHASE["link"], depth[before.name], between, settled))
    if settled != after:
        steps.append(_raising(after, depth))
    if desired is not None:
        reasons.append(in_words(differences(desired, between), desired, between))
    changed = [field for field in ATTRIBUTES[before.kind] if getattr(before, field) != getattr(after, field)] or ["master"]
    worst = max((disruption(before, field, getattr(after, field)) for field in changed), key=DISRUPTIONS.index)
    if released:
        worst = LINK
    return Operation("change", before, after, worst, "; ".join(filter(None, reasons)), tuple(steps))
