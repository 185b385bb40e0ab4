# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a document cannot be applied to a host as it is. Private to this collection."""

from __future__ import annotations

from itertools import filterfalse
from operator import attrgetter

from ..._core.errors import Problem
from ..model.link import MTU_OF_IPV6
from ..model.membership import filters
from .compare import lacks_ipv6, merged, replaced
from .entries import removal
from .loss import ATTACHED, is_of_ipv6

#: The remedy where IPv6 does not fit.
_LARGER = "Write an mtu of %d or more, or leave it out" % MTU_OF_IPV6


def conflicts(desired, actual, deleted, renewed, gone):
    """Every conflict between a document and the host's state, as a list of problems.

    ``deleted``, ``renewed`` and ``gone`` are the names of links that go for good, that must be made anew, and that go at least
    for a moment.
    """
    return [
        *_taken_names(desired, actual),
        *_unowned(desired, actual, renewed, gone),
        *_missing(desired, actual, deleted),
        *_foreign_ports(desired, actual, deleted),
        *_kept_by_daemons(desired, actual),
        *_vlans(desired, actual, deleted),
        *_unknown_sysctls(desired, actual),
        *_without_ipv6(desired, actual),
        *_lockout(desired, actual),
    ]


def _taken_names(desired, actual):
    for wanted in (*desired.present["link"].values(), *desired.absent["link"].values()):
        present = actual["link"].get(wanted.name)
        if wanted.kind == "interface":
            if present is None and wanted.name in desired.present["link"]:
                yield Problem(
                    "interface %s" % wanted.name,
                    "does not exist on this host",
                    "Correct the name, or plug the interface in; `ip link` shows what there is",
                )
        elif present is not None and present.kind != wanted.kind:
            yield Problem(
                "%s %s" % (wanted.kind, wanted.name),
                "the name is taken by a %s" % _called(present),
                "Choose another name, or remove that device yourself: ip link del %s" % wanted.name,
            )


def _called(link):
    if link.kind == "interface":
        return "%s device" % link.type if link.type else "physical interface"
    return "%s device" % link.kind


def _unowned(desired, actual, renewed, gone):
    for name, reason in renewed.items():
        if not actual["link"][name].owned:
            yield Problem(
                "%s %s" % (actual["link"][name].kind, name),
                "exists, is not ours, and cannot be changed in place (%s)" % reason,
                "Write what it has, choose another name, or remove it yourself: ip link del %s" % name,
            )
    for name in sorted(gone - set(renewed)):
        link = actual["link"][name]
        if not link.owned and name not in desired.present["link"] and name not in desired.absent["link"]:
            yield Problem(
                "%s %s" % (link.kind, name),
                "is not ours and would go with the device it stands on",
                "Remove it yourself: ip link del %s" % name,
            )


def _foreign_ports(desired, actual, deleted):
    for link in actual["link"].values():
        if link.master in deleted and not link.owned and not link.held and link.name not in desired.present["link"]:
            yield Problem(
                "%s %s" % (actual["link"][link.master].kind, link.master),
                "still has the port %s, which is not ours" % link.name,
                "Take the port out (ip link set %s nomaster), or keep the device in the document" % link.name,
            )


def _missing(desired, actual, deleted):
    """References to links that will not be there."""
    there = (set(actual["link"]) - deleted) | set(desired.present["link"])
    for wanted in desired.present["link"].values():
        lower = wanted.lower or getattr(actual["link"].get(wanted.name), "lower", None)
        for option, name in (("bridge or vrf", wanted.master), ("lower device", lower)):
            if name and name not in there:
                yield Problem(
                    "%s %s" % (wanted.kind, wanted.name),
                    "its %s %s does not exist and is not in the document" % (option, name),
                    "Add %s to the document, or correct the name" % name,
                )
    for group in (*ATTACHED, "sysctl"):
        for dev, made in _users(group, desired.present[group]).items():
            if dev and dev not in there:
                yield Problem(
                    "%s %s" % (made.kind, made.name),
                    "the interface %s does not exist and is not in the document" % dev,
                    "Add %s to the document, or correct the name" % dev,
                )
    for wanted in desired.present["port"].values():
        master = desired.present["link"][wanted.dev].master
        kind = getattr(desired.present["link"].get(master) or actual["link"].get(master), "kind", "bridge")
        if kind != "bridge":
            yield Problem("port %s" % wanted.dev, "%s is a %s, not a bridge" % (master, kind), "Name a bridge")


def _users(group, objects):
    """The interfaces that objects of a group stand on, each with one object that does."""
    if group == "route":
        return {hop.dev: made for made in objects.values() for hop in made.nexthops or ()}
    return dict(zip(map(attrgetter("dev"), objects.values()), objects.values()))


def _kept_by_daemons(desired, actual):
    """What a routing daemon has put there is not ours to change: it would put it back, or lose track of it."""
    for group in ("fdb", "route", "neighbor"):
        present = actual[group]
        if not any(map(attrgetter("daemon"), present.values())):
            continue
        for key, wanted in (*desired.present[group].items(), *desired.absent[group].items()):
            daemon = getattr(present.get(key), "daemon", "")
            if daemon:
                yield Problem(
                    "%s %s" % (wanted.kind, wanted.name),
                    "is kept by %s on this host" % daemon,
                    "Leave it out here, or take it out of that daemon's configuration",
                )


def _vlans(desired, actual, deleted):
    """VLANs on ports of bridges that take no notice of them, and entries without VLAN on those that do."""
    carriers = _users("bridge_vlan", desired.present["bridge_vlan"])
    stations = list(filterfalse(attrgetter("dst"), desired.present["fdb"].values()))
    if not carriers and not stations:
        return
    links = {name: replaced(link, master="") if link.master in deleted else link for name, link in actual["link"].items()}
    for name, wanted in desired.present["link"].items():
        present = links.get(name)
        links[name] = merged(wanted, present) if present is not None and present.kind == wanted.kind else wanted
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


def _unknown_sysctls(desired, actual):
    for path in desired.present["sysctl"]:
        if path not in actual["sysctl"]:
            yield Problem(
                "sysctl %s" % path,
                "does not exist on this kernel",
                "Correct the name, or load the module that provides it",
            )


def _without_ipv6(desired, actual):
    """What is of IPv6 on links whose MTU is too small for that."""
    links = {**actual["link"], **desired.present["link"]}
    small = {name for name in links if lacks_ipv6(desired.present["link"].get(name), actual["link"].get(name))}
    if not small:
        return
    for name, wanted in desired.present["link"].items():
        if name in small and wanted.link_local:
            yield Problem("%s %s" % (wanted.kind, name), "ipv6_link_local is on, but its mtu is too small for IPv6", _LARGER)
    for group in ("address", "route", "neighbor", "sysctl"):
        for made in desired.present[group].values():
            if made.dev in small and is_of_ipv6(made):
                yield Problem("%s %s" % (made.kind, made.name), "the mtu of %s is too small for IPv6" % made.dev, _LARGER)


def _lockout(desired, actual):
    """Rules whose loss would cut the host off: without a look-up of local and main it neither receives nor answers."""
    going = [rule for key, rule in actual["rule"].items() if removal(desired, "rule", key, rule)]
    for table, word in ((255, "local"), (254, "main")):
        for family in sorted({rule.family for rule in going if rule.table == table}):
            staying = [
                rule
                for rule in (*actual["rule"].values(), *desired.present["rule"].values())
                if rule.family == family and rule.table == table and rule not in going and rule.is_general
            ]
            if not staying:
                yield Problem(
                    "rules",
                    "no %s rule would be left that looks up the table %s, which cuts the host off" % (family, word),
                    "Add {priority: %d, family: %s, table: %s}" % (2000 if word == "local" else 32766, family, word),
                )
