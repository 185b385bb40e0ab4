# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `dataplane` document: the desired state of a host's data plane. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple

from ..._core.errors import Problem, ValidationError
from ..._core.values import Columns
from . import nd_suppression, port
from .kind import LINK, Kind, State, keys_of
from .kinds import KINDS

#: The groups of objects; within a group a key is unique.
GROUPS = tuple(dict.fromkeys(kind.group for kind in KINDS.values()))
#: The options that list objects which `dataplane_info` reports, too.
SECTIONS = {kind.section: kind for kind in KINDS.values() if kind.section and kind.is_described}

_ONE_OF_A_NAME = "A host has one interface of a name: give each its own"


@dataclass(frozen=True)
class Document:
    """``present`` and ``absent`` map group and key to objects; ``scope`` names the kinds the document speaks of.

    With ``purge``, objects of those kinds that are ours and are not listed as present go. ``gateway`` says whether the host is
    one: where it is False, what gateways keep in the kernel is ours as well; where it is None, nobody knows. What a host was
    (``as_it_was``) may be what nobody should ask for: the kernel had it.
    """

    present: State
    absent: State
    scope: FrozenSet[str]
    purge: bool = False
    gateway: Optional[bool] = None
    as_it_was: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Document:
        """The document in module options. Raises :class:`ValidationError` with every problem of it."""
        problems: List[Problem] = []
        present, absent = empty(), empty()
        listed = [(kind, params[kind.section]) for kind in KINDS.values() if params.get(kind.section) is not None]
        for kind, option in listed:
            _read(kind, option, present, absent, problems)
        problems += [*_implied(present), *_contradictions(present, absent)]
        if problems:
            raise ValidationError(problems)
        scope = {kind.name for kind, _option in listed}
        gateway = params.get("gateway")
        if gateway is False:
            scope.add(nd_suppression.KIND.name)
        return cls(present, absent, frozenset(scope), bool(params.get("purge")), gateway)


def empty() -> State:
    """A state without objects."""
    return {group: {} for group in GROUPS}


def _read(kind: Kind, option: Any, present: Dict[str, Any], absent: Dict[str, Any], problems: List[Problem]) -> None:
    """Adds the objects of a section, which is a list of entries, or maps names to values."""
    labels: Optional[List[Any]] = None
    entries = option
    if isinstance(option, Mapping):
        labels, entries = list(option), [{"name": name, "value": value} for name, value in option.items()]
    states = [entry.get("state", "present") for entry in entries]
    known_states = set(states)
    for target, state in ((present, "present"), (absent, "absent")):
        if state not in known_states:
            continue
        numbers = [number for number, one in enumerate(states) if one == state] if len(known_states) > 1 else labels
        columns = Columns(problems, kind.section, entries, numbers)
        whole = kind.at_once(columns) if not target[kind.group] else None
        if whole is not None:
            target[kind.group] = whole
            continue
        known = len(problems)
        made, places = kind.make(columns, present)
        # The keys of many objects are made all at once, which only those without a problem have.
        if kind.keys is keys_of or len(problems) == known:
            _add(target[kind.group], made, places, kind, columns)
        if target is present and kind.group == LINK and kind.model.may_be_port:
            ports = filter(None, map(port.from_params, columns.rows()))
            present[port.KIND.group].update((made.key, made) for made in ports)


def _add(objects: Dict[Any, Any], made: List[Any], places: Sequence[int], kind: Kind, columns: Columns) -> None:
    """Adds objects to those of their group, and notes those that are listed twice; ``places`` are their entries'."""
    keys = kind.keys(made)
    before = len(objects)
    known = {key: objects[key].kind for key in keys if key in objects} if before else {}
    objects.update(zip(keys, made))
    if len(objects) - before < len(keys):
        for key, each, place in zip(keys, made, places):
            if key in known and known[key] != each.kind:
                message = "%s is in %s, too" % (each.name, KINDS[known[key]].section)
                columns.wrong((place,), Problem("", message, _ONE_OF_A_NAME))
            elif key in known:
                columns.wrong((place,), Problem("", "%s is listed twice" % each.name, "Keep one of the two entries"))
            known[key] = each.kind


def _implied(present: State) -> Iterable[Problem]:
    """Adds what objects bring along and the document does not list; problems of those whose name is taken."""
    for kind in KINDS.values():
        for cause, made in kind.implied(present):
            other = present[kind.group].setdefault(made.key, made)
            if other.kind != made.kind:
                message = "its %s %s is in %s, too" % (cause.linked, other.name, KINDS[other.kind].section)
                yield Problem(cause.name, message, _ONE_OF_A_NAME)


def _contradictions(present: State, absent: State) -> Iterable[Problem]:
    """Problems that only show when all objects are seen together."""
    for group, leaving in absent.items():
        for key in [key for key in leaving if key in present[group]]:
            yield Problem(
                "%s %s" % (leaving[key].kind, leaving[key].name),
                "is listed as present and as absent",
                "Keep one of the two entries",
            )
    for kind in KINDS.values():
        yield from kind.contradictions(present)
    below = {name for made in present[LINK].values() for name in (made.master, made.lower)}
    for made in present[LINK].values():
        circle = made.name in below and _circle(made, present[LINK])
        if circle:
            yield Problem(made.name, "stands on itself: %s" % " -> ".join(circle), "Break the circle of bridge, vrf and link")


def _circle(made: Any, links: Dict[str, Any]) -> Optional[Tuple[str, ...]]:
    """The names on the way from a link back to itself, or None."""
    trail, below = [made.name], [name for name in (made.master, made.lower) if name]
    while below:
        name = below.pop()
        if name == made.name:
            return (*trail, name)
        if name not in trail and name in links:
            trail.append(name)
            below += [other for other in (links[name].master, links[name].lower) if other]
    return None
