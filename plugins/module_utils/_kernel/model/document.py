# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `dataplane` document: what a host's data plane shall be. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, NamedTuple, Optional

from ..._core.errors import Problem, ValidationError
from ..._core.values import Checker, Columns
from . import (
    address,
    bridge,
    dummy,
    fdb,
    link,
    macvlan,
    membership,
    neighbor,
    port,
    route,
    rule,
    sysctl,
    veth,
    vlan,
    vrf,
    vxlan,
)
from .silence import Silence

#: The groups of objects; within a group a key is unique.
GROUPS = ("link", "port", "sysctl", "bridge_vlan", "vni", "fdb", "address", "route", "neighbor", "rule", "silence")


class Section(NamedTuple):
    """A list of the document: the group its objects go to, their kind, and what makes them.

    ``make`` takes the :class:`~..._core.values.Columns` of the list and what has been made so far; it returns objects and, for
    each, the place of its entry.
    """

    group: str
    kind: str
    make: Callable


def _each(from_params):
    """What makes one object of each entry."""
    return lambda columns, present: ([from_params(check) for check in columns.rows()], range(len(columns.entries)))


def _ranges(from_params):
    """What makes several objects of each entry."""

    def make(columns, present):
        made = [(each, place) for place, check in enumerate(columns.rows()) for each in from_params(check)]
        return [each for each, _place in made], [place for _each, place in made]

    return make


def _many(from_columns):
    """What makes one object of each entry, of which there may be a hundred thousand."""
    return lambda columns, present: (from_columns(columns, present), range(len(columns.entries)))


#: Option of the module -> what it lists.
SECTIONS = {
    "vrfs": Section("link", "vrf", _each(vrf.from_params)),
    "bridges": Section("link", "bridge", _each(bridge.from_params)),
    "vxlans": Section("link", "vxlan", _each(vxlan.from_params)),
    "veths": Section("link", "veth", _each(veth.from_params)),
    "dummies": Section("link", "dummy", _each(dummy.from_params)),
    "vlans": Section("link", "vlan", _each(vlan.from_params)),
    "macvlans": Section("link", "macvlan", _each(macvlan.from_params)),
    "interfaces": Section("link", "interface", _each(link.interface_from_params)),
    "bridge_vlans": Section("bridge_vlan", "bridge_vlan", _ranges(membership.vlans_from_params)),
    "vnis": Section("vni", "vni", _ranges(membership.vnis_from_params)),
    "fdb": Section("fdb", "fdb", _many(fdb.from_columns)),
    "addresses": Section("address", "address", _each(address.from_params)),
    "routes": Section("route", "route", _many(route.from_columns)),
    "neighbors": Section("neighbor", "neighbor", _many(neighbor.from_columns)),
    "rules": Section("rule", "rule", _each(rule.from_params)),
}
#: Kinds of which there may be very many: their keys are made all at once.
_KEYS = {"fdb": fdb.keys, "route": route.keys, "neighbor": neighbor.keys}

_SECTION_OF = {section.kind: option for option, section in SECTIONS.items()}
_ONE_OF_A_NAME = "A host has one interface of a name: give each its own"

#: Objects of a host by group and key; what `_kernel/netlink` reads and `_plan` compares.
State = Dict[str, Dict[Any, Any]]


@dataclass(frozen=True)
class Document:
    """``present`` and ``absent`` map group and key to objects; ``scope`` names the kinds the document speaks of.

    With ``purge``, objects of those kinds that are ours and are not listed as present go. ``gateway`` says whether the host is
    one: where it is False, what gateways keep in the kernel is ours as well; where it is None, nobody knows.
    """

    present: State
    absent: State
    scope: FrozenSet[str]
    purge: bool = False
    gateway: Optional[bool] = None

    @classmethod
    def from_params(cls, params):
        """The document in module options. Raises :class:`ValidationError` with every problem of it."""
        problems: list[Problem] = []
        present, absent = empty(), empty()
        for option, section in SECTIONS.items():
            listed = params.get(option) or ()
            states = [entry.get("state", "present") for entry in listed]
            known_states = set(states)
            for target, state in ((present, "present"), (absent, "absent")):
                if state in known_states:
                    numbers = [number for number, one in enumerate(states) if one == state] if len(known_states) > 1 else None
                    columns = Columns(problems, option, listed, numbers)
                    known = len(problems)
                    made, places = section.make(columns, present)
                    if section.kind not in _KEYS or len(problems) == known:
                        _add(target[section.group], made, places, columns)
                    if section.group == "link" and target is present and section.kind not in port.NEVER_PORTS:
                        ports = filter(None, map(port.from_params, columns.rows()))
                        present["port"].update((made.key, made) for made in ports)
        for name, value in (params.get("sysctls") or {}).items():
            check = Checker(problems, "sysctls[%s]" % name, {"name": name, "value": value})
            setting = sysctl.from_params(check)
            if setting.key in present["sysctl"]:
                check.wrong("", "%s is listed twice" % setting.name, "Keep one of the two entries")
            present["sysctl"][setting.key] = setting
        _complete_pairs(present["link"])
        problems += _contradictions(present, absent)
        if problems:
            raise ValidationError(problems)
        scope = {section.kind for option, section in SECTIONS.items() if params.get(option) is not None}
        if params.get("sysctls") is not None:
            scope.add("sysctl")
        gateway = params.get("gateway")
        if gateway is False:
            scope.add(Silence.kind)
        return cls(present, absent, frozenset(scope), bool(params.get("purge")), gateway)


def empty():
    """A state without objects."""
    return {group: {} for group in GROUPS}


def _add(objects, made, places, columns):
    """Adds objects to those of their group, and notes those that are listed twice; ``places`` are their entries'."""
    keys = _KEYS[made[0].kind](made) if made and made[0].kind in _KEYS else [each.key for each in made]
    before = len(objects)
    known = {key: objects[key].kind for key in keys if key in objects} if before else {}
    objects.update(zip(keys, made))
    if len(objects) - before < len(keys):
        for key, each, place in zip(keys, made, places):
            if key in known and known[key] != each.kind:
                columns.wrong((place,), Problem("", "%s is in %s, too" % (each.name, _SECTION_OF[known[key]]), _ONE_OF_A_NAME))
            elif key in known:
                columns.wrong((place,), Problem("", "%s is listed twice" % each.name, "Keep one of the two entries"))
            known[key] = each.kind


def _complete_pairs(links):
    """Adds the end of a veth pair that the document does not list, so that each end is an object of its own."""
    for end in [made for made in links.values() if made.kind == "veth" and made.peer]:
        links.setdefault(end.peer, veth.Veth(name=end.peer, peer=end.name, owned=True))


def _contradictions(present, absent):
    """Problems that only show when all objects are seen together."""
    for group, leaving in absent.items():
        for key in [key for key in leaving if key in present[group]]:
            yield Problem(
                "%s %s" % (leaving[key].kind, leaving[key].name),
                "is listed as present and as absent",
                "Keep one of the two entries",
            )
    yield from _shared(present["link"], "vxlan", "vni", lambda made: (made.vni, made.dstport, made.is_over_ipv6))
    yield from _shared(present["link"], "vrf", "table", lambda made: made.table)
    for made in present["link"].values():
        other = present["link"].get(made.peer) if made.kind == "veth" else None
        if other is not None and other.kind != "veth":
            yield Problem(made.name, "its peer %s is in %s, too" % (other.name, _SECTION_OF[other.kind]), _ONE_OF_A_NAME)
        elif made.kind == "veth" and getattr(other, "peer", None) != made.name:
            yield Problem(
                made.name,
                "its peer %s is not a veth whose peer is %s" % (made.peer, made.name),
                "Let the two entries name each other",
            )
        circle = _circle(made, present["link"])
        if circle:
            yield Problem(made.name, "stands on itself: %s" % " -> ".join(circle), "Break the circle of bridge, vrf and link")


def _shared(links, kind, option, value):
    seen: dict[object, Any] = {}
    for made in links.values():
        if made.kind == kind and getattr(made, option) is not None:
            other = seen.setdefault(value(made), made)
            if other is not made:
                yield Problem(
                    made.name,
                    "has the same %s as %s: %s" % (option, other.name, getattr(made, option)),
                    "Give each %s its own" % kind,
                )


def _circle(made, links):
    """The names on the way from a link back to itself, or None."""
    trail, below = [made.name], [name for name in (made.master, made.lower) if name]
    while below:
        name = below.pop()
        if name == made.name:
            return [*trail, name]
        if name not in trail and name in links:
            trail.append(name)
            below += [other for other in (links[name].master, links[name].lower) if other]
    return None
