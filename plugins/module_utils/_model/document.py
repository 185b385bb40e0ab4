# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `dataplane` document: what a host's data plane shall be. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, NamedTuple

from .._errors import Problem, ValidationError
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
from .values import Checker

#: The groups of objects; within a group a key is unique.
GROUPS = ("link", "port", "sysctl", "bridge_vlan", "vni", "fdb", "address", "route", "neighbor", "rule")


class Section(NamedTuple):
    """A list of the document: the group its objects go to, their kind, and what makes an entry's objects, a list of them."""

    group: str
    kind: str
    from_params: Callable


def _one(from_params):
    """What makes the one object of an entry."""
    return lambda check, wanted: (from_params(check),)


def _routes(check, wanted):
    tables = {made.name: made.table for made in wanted["link"].values() if made.kind == "vrf"}
    return (route.from_params(check, tables),)


#: Option of the module -> what it lists.
SECTIONS = {
    "vrfs": Section("link", "vrf", _one(vrf.from_params)),
    "bridges": Section("link", "bridge", _one(bridge.from_params)),
    "vxlans": Section("link", "vxlan", _one(vxlan.from_params)),
    "veths": Section("link", "veth", _one(veth.from_params)),
    "dummies": Section("link", "dummy", _one(dummy.from_params)),
    "vlans": Section("link", "vlan", _one(vlan.from_params)),
    "macvlans": Section("link", "macvlan", _one(macvlan.from_params)),
    "interfaces": Section("link", "interface", _one(link.interface_from_params)),
    "bridge_vlans": Section("bridge_vlan", "bridge_vlan", lambda check, wanted: membership.vlans_from_params(check)),
    "vnis": Section("vni", "vni", lambda check, wanted: membership.vnis_from_params(check)),
    "fdb": Section("fdb", "fdb", _one(fdb.from_params)),
    "addresses": Section("address", "address", _one(address.from_params)),
    "routes": Section("route", "route", _routes),
    "neighbors": Section("neighbor", "neighbor", _one(neighbor.from_params)),
    "rules": Section("rule", "rule", _one(rule.from_params)),
}

#: Objects of a host by group and key; what `_netlink` reads and `_plan` compares.
State = Dict[str, Dict[Any, Any]]


@dataclass(frozen=True)
class Document:
    """``wanted`` and ``absent`` map group and key to objects; ``scope`` names the kinds the document speaks of.

    With ``purge``, objects of those kinds that are ours and not wanted go.
    """

    wanted: State
    absent: State
    scope: FrozenSet[str]
    purge: bool = False

    @classmethod
    def from_params(cls, params):
        """The document in module options. Raises :class:`ValidationError` with every problem of it."""
        problems: list[Problem] = []
        wanted, absent = empty(), empty()
        for option, section in SECTIONS.items():
            for number, entry in enumerate(params.get(option) or ()):
                check = Checker(problems, "%s[%d]" % (option, number), entry)
                target = absent if entry.get("state") == "absent" else wanted
                for made in section.from_params(check, wanted):
                    _add(target[section.group], made, check)
                if section.group == "link" and target is wanted:
                    options = port.from_params(check)
                    if options:
                        target["port"][options.key] = options
        for name, value in (params.get("sysctls") or {}).items():
            check = Checker(problems, "sysctls[%s]" % name, {"name": name, "value": value})
            _add(wanted["sysctl"], sysctl.from_params(check), check)
        _complete_pairs(wanted["link"])
        problems += _contradictions(wanted)
        if problems:
            raise ValidationError(problems)
        scope = {section.kind for option, section in SECTIONS.items() if params.get(option) is not None}
        return cls(wanted, absent, frozenset(scope), bool(params.get("purge")))


def empty():
    """A state without objects."""
    return {group: {} for group in GROUPS}


def _add(objects, made, check):
    if made.key in objects:
        check.wrong("", "%s is listed twice" % made.name, "Keep one of the two entries")
    objects[made.key] = made


def _complete_pairs(links):
    """Adds the end of a veth pair that the document does not list, so that each end is an object of its own."""
    for end in [made for made in links.values() if made.kind == "veth" and made.peer]:
        links.setdefault(end.peer, veth.Veth(name=end.peer, peer=end.name, owned=True))


def _contradictions(wanted):
    """Problems that only show when all objects are seen together."""
    yield from _shared(wanted["link"], "vxlan", "vni", lambda made: (made.vni, made.dstport, ":" in (made.local or "")))
    yield from _shared(wanted["link"], "vrf", "table", lambda made: made.table)
    for made in wanted["link"].values():
        if made.kind == "veth" and getattr(wanted["link"].get(made.peer), "peer", None) != made.name:
            yield Problem(
                made.name,
                "its peer %s is not a veth whose peer is %s" % (made.peer, made.name),
                "Let the two entries name each other",
            )
        circle = _circle(made, wanted["link"])
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
