# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a document cannot be applied to a host as it is. Private to this collection."""

from __future__ import annotations

from operator import attrgetter
from typing import AbstractSet, Any, Dict, Iterator, List, Mapping

from ..._core.errors import Problem
from ..model.document import Document, State
from ..model.fdb import devs_of, stations_of
from ..model.link import MTU_OF_IPV6
from ..model.membership import filters
from .compare import lacks_ipv6, merged, replaced
from .entries import removal
from .loss import ATTACHED, is_of_ipv6

#: The remedy where IPv6 does not fit.
_LARGER = "Write an mtu of %d or more, or leave it out" % MTU_OF_IPV6


def conflicts(
    document: Document, state: State, deleted: AbstractSet[str], renewed: Mapping[str, str], gone: AbstractSet[str]
) -> List[Problem]:
    """Every conflict between a document and the host's state, as a list of problems.

    ``deleted``, ``renewed`` and ``gone`` are the names of links that go for good, that must be made anew, and that go at least
    for a moment.
    """
    problems = [
        *_taken_names(document, state),
        *_unowned(document, state, renewed, gone),
        *_missing(document, state, deleted),
        *_foreign_ports(document, state, deleted),
        *_kept_by_daemons(document, state),
        *_unknown_sysctls(document, state),
    ]
    if not document.as_it_was:
        problems += [*_vlans(document, state, deleted), *_without_ipv6(document, state), *_lockout(document, state)]
    return problems


def _taken_names(document: Document, state: State) -> Iterator[Problem]:
    for desired in (*document.present["link"].values(), *document.absent["link"].values()):
        actual = state["link"].get(desired.name)
        if desired.kind == "interface":
            if actual is None and desired.name in document.present["link"]:
                yield Problem(
                    "interface %s" % desired.name,
                    "does not exist on this host",
                    "Correct the name, or plug the interface in; `ip link` shows what there is",
                )
        elif actual is not None and actual.kind != desired.kind:
            yield Problem(
                "%s %s" % (desired.kind, desired.name),
                "the name is taken by a %s" % _called(actual),
                "Choose another name, or remove that device yourself: ip link del %s" % desired.name,
            )


def _called(link: Any) -> str:
    if link.kind == "interface":
        return "%s device" % link.type if link.type else "physical interface"
    return "%s device" % link.kind


def _unowned(document: Document, state: State, renewed: Mapping[str, str], gone: AbstractSet[str]) -> Iterator[Problem]:
    for name, reason in renewed.items():
        if not state["link"][name].owned:
            yield Problem(
                "%s %s" % (state["link"][name].kind, name),
                "exists, is not ours, and cannot be changed in place (%s)" % reason,
                "Write what it has, choose another name, or remove it yourself: ip link del %s" % name,
            )
    for name in sorted(gone - set(renewed)):
        link = state["link"][name]
        if not link.owned and name not in document.present["link"] and name not in document.absent["link"]:
            yield Problem(
                "%s %s" % (link.kind, name),
                "is not ours and would go with the device it stands on",
                "Remove it yourself: ip link del %s" % name,
            )


def _foreign_ports(document: Document, state: State, deleted: AbstractSet[str]) -> Iterator[Problem]:
    for link in state["link"].values():
        if link.master in deleted and not link.owned and not link.held and link.name not in document.present["link"]:
            yield Problem(
                "%s %s" % (state["link"][link.master].kind, link.master),
                "still has the port %s, which is not ours" % link.name,
                "Take the port out (ip link set %s nomaster), or keep the device in the document" % link.name,
            )


def _missing(document: Document, state: State, deleted: AbstractSet[str]) -> Iterator[Problem]:
    """References to links that will not be there."""
    there = (set(state["link"]) - deleted) | set(document.present["link"])
    for desired in document.present["link"].values():
        lower = desired.lower or getattr(state["link"].get(desired.name), "lower", None)
        if (not desired.master or desired.master in there) and (not lower or lower in there):
            continue
        for option, name in (("bridge or vrf", desired.master), ("lower device", lower)):
            if name and name not in there:
                yield Problem(
                    "%s %s" % (desired.kind, desired.name),
                    "its %s %s does not exist and is not in the document" % (option, name),
                    "Add %s to the document, or correct the name" % name,
                )
    for group in (*ATTACHED, "sysctl"):
        objects = document.present[group]
        on_missing = group == "route" or not devs_of(objects) <= there  # of very many objects it is enough to know that
        for dev, made in _users(group, objects).items() if on_missing else ():
            if dev and dev not in there:
                yield Problem(
                    "%s %s" % (made.kind, made.name),
                    "the interface %s does not exist and is not in the document" % dev,
                    "Add %s to the document, or correct the name" % dev,
                )
    for desired in document.present["port"].values():
        master = document.present["link"][desired.dev].master
        kind = getattr(document.present["link"].get(master) or state["link"].get(master), "kind", "bridge")
        if kind != "bridge":
            yield Problem("port %s" % desired.dev, "%s is a %s, not a bridge" % (master, kind), "Name a bridge")


def _users(group: str, objects: Dict[Any, Any]) -> Dict[str, Any]:
    """The interfaces that objects of a group stand on, each with one object that does."""
    if group == "route":
        return {hop.dev: made for made in objects.values() for hop in made.nexthops or ()}
    return {made.dev: made for made in objects.values()}


def _kept_by_daemons(document: Document, state: State) -> Iterator[Problem]:
    """What a routing daemon has put there is not ours to change: it would put it back, or lose track of it."""
    for group in ("fdb", "route", "neighbor"):
        actual = state[group]
        if actual is document.present[group] or not any(map(attrgetter("daemon"), actual.values())):
            continue
        for key, desired in (*document.present[group].items(), *document.absent[group].items()):
            daemon = getattr(actual.get(key), "daemon", "")
            if daemon:
                yield Problem(
                    "%s %s" % (desired.kind, desired.name),
                    "is kept by %s on this host" % daemon,
                    "Leave it out here, or take it out of that daemon's configuration",
                )


def _vlans(document: Document, state: State, deleted: AbstractSet[str]) -> Iterator[Problem]:
    """VLANs on ports of bridges that take no notice of them, and entries without VLAN on those that do."""
    carriers = _users("bridge_vlan", document.present["bridge_vlan"])
    stations = stations_of(document.present["fdb"])
    if not carriers and not stations:
        return
    links = {name: replaced(link, master="") if link.master in deleted else link for name, link in state["link"].items()}
    for name, desired in document.present["link"].items():
        actual = links.get(name)
        links[name] = merged(desired, actual) if actual is not None and actual.kind == desired.kind else desired
    for dev, made in carriers.items():
        if dev in links and not filters(dev, links):
            yield Problem(
                "bridge_vlan %s" % made.name,
                "%s is not in a bridge with vlan_filtering" % dev,
                "Put it into a bridge that has vlan_filtering: true, or leave its VLANs out",
            )
    for made in stations:
        if made.dev in links and links[made.dev].kind == "bridge" and not made.local:
            yield Problem(
                "fdb %s" % made.name,
                "is on the bridge itself",
                "Write dst: local, or name the port that the station is at",
            )
        if made.dev in links and filters(made.dev, links) != bool(made.vlan):
            there = "has" if not made.vlan else "does not have"
            yield Problem(
                "fdb %s" % made.name,
                "its bridge %s vlan_filtering" % there,
                "Write the VLAN of the entry" if not made.vlan else "Remove vlan",
            )


def _unknown_sysctls(document: Document, state: State) -> Iterator[Problem]:
    for path in document.present["sysctl"]:
        if path not in state["sysctl"]:
            yield Problem(
                "sysctl %s" % path,
                "does not exist on this kernel",
                "Correct the name, or load the module that provides it",
            )


def _without_ipv6(document: Document, state: State) -> Iterator[Problem]:
    """What is of IPv6 on links whose MTU is too small for that."""
    links = {**state["link"], **document.present["link"]}
    small = {name for name in links if lacks_ipv6(document.present["link"].get(name), state["link"].get(name))}
    if not small:
        return
    for name, desired in document.present["link"].items():
        if name in small and desired.link_local:
            yield Problem("%s %s" % (desired.kind, name), "ipv6_link_local is on, but its mtu is too small for IPv6", _LARGER)
    for group in ("address", "route", "neighbor", "sysctl"):
        for made in document.present[group].values():
            if made.dev in small and is_of_ipv6(made):
                yield Problem("%s %s" % (made.kind, made.name), "the mtu of %s is too small for IPv6" % made.dev, _LARGER)


def _lockout(document: Document, state: State) -> Iterator[Problem]:
    """Rules whose loss would cut the host off: without a look-up of local and main it neither receives nor answers."""
    going = [rule for key, rule in state["rule"].items() if removal(document, "rule", key, rule)]
    for table, word in ((255, "local"), (254, "main")):
        for family in sorted({rule.family for rule in going if rule.table == table}):
            staying = [
                rule
                for rule in (*state["rule"].values(), *document.present["rule"].values())
                if rule.family == family and rule.table == table and rule not in going and rule.is_general
            ]
            if not staying:
                yield Problem(
                    "rules",
                    "no %s rule would be left that looks up the table %s, which cuts the host off" % (family, word),
                    "Add {priority: %d, family: %s, table: %s}" % (2000 if word == "local" else 32766, family, word),
                )
