# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on what belongs to links: rules, sysctls, port options, addresses. Private to this collection.

``remaining`` is the state that remains once removed links are gone, ``changed`` are the operations on links by name.
"""

from __future__ import annotations

from itertools import repeat
from operator import attrgetter
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Set

from ..._core.operation import ABSENT, CREATED, DISRUPTIONS, HITLESS, PURGED, SESSION, Operation
from ..model.document import Document, State
from ..model.fdb import FLOOD
from ..model.nd_suppression import ARP_ANSWERING, NdSuppression
from ..model.port import FRESH, Port
from ..model.rule import USUAL_TABLES
from ..model.step import Step
from ..model.sysctl import SETS_ALL
from .compare import FIXED, Found, differences, disruption, in_words, merged, replaced, unlike
from .loss import is_of_ipv6
from .order import PHASE


def rules(document: Document, state: State) -> List[Operation]:
    """Rules are added and removed, never changed: all of a rule identifies it. One that exists is taken as it is."""
    made = [
        Operation("create", None, rule, _of_new_rule(rule), CREATED, (Step(PHASE["add rule"], 0, None, rule),))
        for key, rule in document.present["rule"].items()
        if key not in state["rule"]
    ]
    going = {key: removal(document, "rule", key, rule) for key, rule in state["rule"].items()}
    staying = [rule for key, rule in {**state["rule"], **document.present["rule"]}.items() if not going.get(key)]
    for key, rule in state["rule"].items():
        reason = going[key]
        if reason:
            spare = rule.is_general and any(other.is_general and _same_look_up(other, rule) for other in staying)
            disturbs = HITLESS if spare else SESSION
            made.append(Operation("delete", rule, None, disturbs, reason, (Step(PHASE["remove rule"], 0, rule, None),)))
    return made


def _of_new_rule(rule: Any) -> str:
    """What a new rule disturbs: one that looks up what every host does, or a VRF's own table, leads no packet elsewhere."""
    usual = rule.l3mdev or rule.table in USUAL_TABLES
    return HITLESS if rule.action == "lookup" and usual else SESSION


def _same_look_up(one: Any, other: Any) -> bool:
    return (one.family, one.action, one.table) == (other.family, other.action, other.table)


def nd_suppressions(document: Document, state: State) -> List[Operation]:
    """Answers to ARP and ND are suppressed where another gateway answers, or sent again."""
    made = []
    for name, desired in document.present["nd_suppression"].items():
        actual = state["nd_suppression"].get(name, NdSuppression(name))
        after = merged(desired, actual)
        if after != actual:
            action = "change" if actual.suppresses else "create"
            made.append(_nd_suppression(action, actual, after, "another gateway answers"))
    for name, actual in state["nd_suppression"].items():
        if actual.suppresses and removal(document, "nd_suppression", name, actual):
            arp_ignore = actual.arp_ignore if actual.arp_ignore in (None, *ARP_ANSWERING) else 0
            after = replaced(actual, arp_ignore=arp_ignore, nd=False)
            made.append(_nd_suppression("delete", actual, after, "this host answers"))
    return made


def _nd_suppression(action: str, actual: Any, after: Any, reason: str) -> Operation:
    step = Step(PHASE["nd_suppression"], 0, actual, after)
    before, shown = actual if action != "create" else None, after if action != "delete" else None
    return Operation(action, before, shown, HITLESS, reason, (step,))


def sysctls(document: Document, remaining: State, setting_all: Mapping[str, str]) -> List[Operation]:
    """Sysctls change; a new interface starts with the default.

    One that sets those of all interfaces (``setting_all``, as :func:`setters` finds them) is written before theirs, which are
    put back.
    """
    made = []
    for path, desired in document.present["sysctl"].items():
        actual, after = remaining["sysctl"][path], merged(desired, remaining["sysctl"][path])
        overwriting = setting_all.get(actual.common) if actual.dev else None
        if after == actual and not overwriting:
            continue
        steps = [Step(PHASE["sysctl"], 1 if actual.dev else 0, actual, after)]
        if overwriting:
            steps.append(_overwritten(actual))
        elif path in setting_all.values():
            others = (other for other in remaining["sysctl"].values() if other.dev and other.common == SETS_ALL[path])
            steps += [_overwritten(other) for other in others if other.path not in document.present["sysctl"]]
        reason = in_words(differences(desired, actual), desired, actual) or "put back: %s sets it" % overwriting
        if desired.found is not None:
            reason = "no longer in the document: " + reason
        disturbs = disruption(actual, "value", after.value)
        made.append(Operation("change" if after != actual else "recreate", actual, after, disturbs, reason, tuple(steps)))
    return made


def setters(document: Document, state: State) -> Dict[str, str]:
    """Sysctls of all interfaces that a document changes, by what those of the interfaces have in common."""
    return {
        SETS_ALL[path]: path
        for path, desired in document.present["sysctl"].items()
        if path in SETS_ALL and path in state["sysctl"] and state["sysctl"][path].value != desired.value
    }


def _overwritten(sysctl: Any) -> Step:
    """The step that stands for what the sysctl of all interfaces does to that of one."""
    return Step(PHASE["lose"], 0, sysctl, None, silent=True)


def ports(document: Document, state: State, remaining: State, changed: Mapping[str, Operation]) -> List[Operation]:
    """Port options; a link that joins a bridge starts with fresh ones, and has in the one it was in those that it had."""
    made = []
    listed = document.present["port"]
    staying = [dev for dev in listed if dev in remaining["port"] and dev not in changed]
    differing = unlike([listed[dev] for dev in staying], [remaining["port"][dev] for dev in staying])
    settled = set(staying).difference(desired.dev for desired, _actual in differing)
    for dev in [*(dev for dev in state["port"] if dev not in listed), *(dev for dev in listed if dev not in settled)]:
        before, desired = state["port"].get(dev), listed.get(dev)
        actual = kept = remaining["port"].get(dev)
        if actual is None or joins(changed.get(dev)):
            actual = Port(dev, FRESH)
            kept = before if before and _comes_back(changed.get(dev)) else actual
        after = merged(desired, kept) if desired else kept
        if after != actual or after != kept:
            reason = desired and in_words(differences(desired, kept), desired, kept)
            made.append(
                Operation(
                    "change" if before else "create",
                    before,
                    after,
                    HITLESS,
                    reason or "put back on %s" % dev,
                    (Step(PHASE["port"], 0, actual, after),),
                )
            )
    return made


def with_losses(operation: Operation, state: State, remaining: State, fragile: Mapping[str, List[Any]]) -> Operation:
    """A link's operation with what the link loses by it: no operation shows that, but reverting this one brings it back.

    ``fragile`` is what a link loses only if its operation is reverted, by name.
    """
    before, after, name = operation.before, operation.after, operation.object.name
    if before is None:
        return operation
    lost = list(fragile.get(name, ()))
    port = state["port"].get(name)
    if port and (name not in remaining["port"] or after is None or before.master != after.master or joins(operation)):
        lost.append(port)
    if name not in remaining["link"]:
        lost += [sysctl for sysctl in state["sysctl"].values() if sysctl.dev == name]
    steps = tuple(Step(PHASE["lose"], 0, what, None, silent=True) for what in lost)
    return operation._replace(steps=(*operation.steps, *steps))


def joins(operation: Optional[Operation]) -> bool:
    """Whether a link's operation makes it a new port of a bridge."""
    if operation is None or operation.after is None:
        return False
    return (
        operation.before is None
        or operation.action == "recreate"
        or operation.before.master != operation.after.master
        or any(step.phase == PHASE["release port"] for step in operation.steps)
    )


def _comes_back(operation: Optional[Operation]) -> bool:
    """Whether a port is in the bridge again, after its link's operation, that it was in before."""
    return operation is not None and operation.after is not None and operation.after.master == operation.before.master


def attached(
    group: str, document: Document, state: State, remaining: State, changed: Mapping[str, Operation]
) -> List[Operation]:
    """What belongs to links is added, changed and removed, and put back on links that lose it."""
    before, staying, desired = state[group], remaining[group], document.present[group]
    if staying is before and (staying is desired or staying == desired):
        return []
    actual = list(map(staying.get, desired))
    missing = actual.count(None)
    turns = _turns(before) if group == "address" else {}
    made: List[Operation] = []
    if missing:
        new = [made for made, there in zip(desired.items(), actual) if there is None]
        made += _created(group, [entry for key, entry in new if key not in before])
        made += [_put_back(group, before[key], merged(entry, before[key])) for key, entry in new if key in before]
    for entry, there in unlike(list(desired.values()), actual):
        found = differences(entry, there)
        if found:
            made.append(_changed(group, entry, there, found, turns))
    if len(staying) > len(desired) - missing or len(staying) < len(before):
        made += _unlisted(group, document, before, staying, changed)
    return _with_first_addresses(made, state) if group == "address" else made


def _turns(addresses: Dict[Any, Any]) -> Dict[Any, int]:
    """Key -> rank of an address that is made anew, below 0: those of a link keep their order, primary ones first."""
    counts: dict[str, int] = {}
    turns = {}
    for key in addresses:
        counts[key[0]] = counts.get(key[0], 0) + 1
        turns[key] = counts[key[0]] - 1 - len(addresses)
    return turns


def _changed(group: str, desired: Any, actual: Any, found: Iterable[Found], turns: Mapping[Any, int]) -> Operation:
    """The operation for an entry that differs; ``found`` are its differences."""
    after, reason = merged(desired, actual), in_words(found, desired, actual)
    kinds = {disruption(actual, name, value) for name, _was, value in found}
    if FIXED in kinds:
        # It goes last and comes first, before what is put back, also if all is reverted.
        turn = turns[actual.key]
        steps = (Step(PHASE["remove " + group], -turn, actual, None), Step(PHASE[group], turn, None, after))
        who = "FRR notices" if any(name == "metric" for name, _was, _value in found) else "the kernel takes"
        reason += "; %s it on a new address only" % who
        return Operation("recreate", actual, after, SESSION, reason, steps)
    step = Step(PHASE[group], _rank(after), actual, after)
    return Operation("change", actual, after, max(kinds, key=DISRUPTIONS.index), reason, (step,))


def _unlisted(
    group: str, document: Document, before: Dict[Any, Any], staying: Dict[Any, Any], changed: Mapping[str, Operation]
) -> List[Operation]:
    """Operations on what belongs to links and is not in the document."""
    made, desired = [], document.present[group]
    purged = document.purge and group in document.scope
    looked_at = before if purged or document.absent[group] or len(staying) < len(before) else {}
    # Addresses in reverse: reverted, they are in the order again in which a link had them.
    for key, entry in reversed(looked_at.items()) if group == "address" else looked_at.items():
        if key in desired or (key not in document.absent[group] and _is_a_daemons(entry)):
            continue
        is_lost = key not in staying
        reason = removal(document, group, key, entry) or (is_lost and _parting(group, entry, changed.get(entry.dev)))
        if reason:
            step = Step(PHASE["remove " + group], -_rank(entry), entry, None, silent=is_lost)
            made.append(Operation("delete", entry, None, SESSION, reason, (step,)))
        elif is_lost:
            made.append(_put_back(group, entry, entry))
    # What the kernel gives to a link that joins a bridge.
    for key in staying.keys() - before.keys() - desired.keys() if group == "bridge_vlan" else ():
        reason = removal(document, group, key, staying[key])
        if reason:
            step = Step(PHASE[group], 0, staying[key], None)
            made.append(Operation("delete", staying[key], None, HITLESS, reason, (step,)))
    return made


def _with_first_addresses(made: List[Operation], state: State) -> List[Operation]:
    """Operations on addresses with what is lost if the first IPv4 address that a link is given is reverted."""
    bare = first_addresses((operation.after for operation in made if operation.action == "create"), state)
    lost: dict[str, list[Step]] = {}
    for group in ("route", "neighbor") if bare else ():
        for entry in reversed(state[group].values()):
            if entry.dev in bare and ":" not in (entry.dst if group == "route" else entry.ip):
                lost.setdefault(entry.dev, []).append(Step(PHASE["lose"], 0, entry, None, silent=True))
    return [
        operation._replace(steps=(*operation.steps, *lost.pop(operation.object.dev)))
        if operation.object.dev in lost
        else operation
        for operation in made
    ]


def first_addresses(entries: Iterable[Any], state: State) -> Set[str]:
    """Names of the links that are there and have no IPv4 address, of those that entries give one to."""
    given = {entry.dev for entry in entries if ":" not in entry.address and entry.dev in state["link"]}
    return given and given - {dev for dev, address in state["address"] if ":" not in address}


def _is_a_daemons(entry: Any) -> bool:
    """Whether a daemon sees to an entry, at any time: also to flood lists that are not ours, which zebra does not mark."""
    return getattr(entry, "daemon", None) or (entry.kind == "fdb" and entry.mac == FLOOD and not entry.owned)


def _parting(group: str, entry: Any, owner: Optional[Operation]) -> Optional[str]:
    """Why an entry that its link loses does not come back, or None if it does."""
    if owner is None:
        return None
    if owner.after is None:
        return "goes with %s" % entry.dev
    if group in ("bridge_vlan", "fdb") and not _comes_back(owner):
        return "%s leaves %s" % (entry.dev, owner.before.master)
    if group in ("route", "neighbor") and owner.after.up is False:
        return "%s goes down" % entry.dev
    if owner.after.is_too_small_for_ipv6 and group in ("address", "route", "neighbor") and is_of_ipv6(entry):
        return "%s has no IPv6 with its mtu" % entry.dev
    return None


def _rank(entry: Any) -> int:
    """A route by a gateway comes after those that say where gateways are."""
    return _hops_rank(entry.nexthops) if entry.kind == "route" else 0


def _hops_rank(nexthops: Any) -> int:
    return int(any(hop.via for hop in nexthops or ()))


def _created(group: str, entries: List[Any]) -> Iterator[Operation]:
    """Operations for entries that are new, all of them made in a few calls: there may be a hundred thousand."""
    ranks: Iterable[int] = repeat(0)
    if group == "route":
        hops = list(map(attrgetter("nexthops"), entries))
        ranks = map({each: _hops_rank(each) for each in set(hops)}.__getitem__, hops)
    steps = map(tuple.__new__, repeat(Step), zip(repeat(PHASE[group]), ranks, repeat(None), entries, repeat(False)))
    parts = zip(repeat("create"), repeat(None), entries, repeat(HITLESS), repeat(CREATED), zip(steps))
    return map(tuple.__new__, repeat(Operation), parts)


def _put_back(group: str, before: Any, after: Any) -> Operation:
    """An entry of a link that loses it."""
    steps = (Step(PHASE["remove " + group], 0, before, None, silent=True), Step(PHASE[group], _rank(after), None, after))
    reason = "put back: the kernel drops it with the change to %s" % after.dev
    return Operation("recreate", before, after, SESSION, reason, steps)


def renewed_addresses(document: Document, state: State) -> Set[Any]:
    """Keys of the addresses that a document takes away to add them as it lists them."""
    both = ((key, desired, state["address"].get(key)) for key, desired in document.present["address"].items())
    return {
        key
        for key, desired, actual in both
        if actual and any(disruption(actual, name, value) == FIXED for name, _was, value in differences(desired, actual))
    }


def leaving_addresses(document: Document, state: State) -> Set[Any]:
    """Keys of the addresses that a document takes away for good."""
    if not document.absent["address"] and not (document.purge and "address" in document.scope):
        return set()
    return {key for key, address in state["address"].items() if removal(document, "address", key, address)}


def removal(document: Document, group: str, key: Any, actual: Any) -> Optional[str]:
    """Why an object goes, or None if it stays."""
    if key in document.absent[group]:
        return ABSENT
    if document.purge and actual.kind in document.scope and actual.owned and key not in document.present[group]:
        return PURGED
    return None
