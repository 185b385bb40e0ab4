# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order hosts are changed, and which of them at the same time. Pure. Private to this collection.

Hosts of one batch fail together if a change is wrong, so a batch is what a fabric can do without: one spine, because the
others carry its traffic; a few VTEPs; one gateway, because the others stand by. Spines come first: what is wrong on one of
them has a way around it. Gateways come last.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem

from .fabric import Fabric
from .section import shown

#: The most VTEPs in a batch, but for the first one, which is a VTEP by itself: this part of all of them, and no more than that.
PART_OF_VTEPS, MOST_VTEPS = 4, 50

#: What to do about a host in two batches.
REMEDY = "Write each host into one batch"

Batches = list[list[str]]


def batches(fabric: Fabric, spines: Collection[str], hosts: Collection[str], written: Iterable[Iterable[str]] = ()) -> Batches:
    """The batches in which ``hosts`` are changed, in their order; none is empty, and each host is in one.

    ``spines`` are the names of the group. ``written`` are the batches that a user asks for, by names of hosts (:func:`read`);
    hosts that none of them names come afterwards.
    """
    asked = [[name for name in batch if name in hosts] for batch in written]
    placed = {name for batch in asked for name in batch}
    others = [name for name in fabric.hosts if name in hosts and name not in placed]
    return [batch for batch in (*asked, *_by_failure_domain(fabric, spines, others)) if batch]


def read(value: Any, groups: Mapping[str, Iterable[str]], problems: list[Problem]) -> Batches:
    """The batches that ``fabric_rollout`` says, by names of hosts; each element is a name of a host or group, or several.

    Text, as a command line gives it, is YAML, or names with commas between them. Notes a :class:`Problem` for each name that
    is neither, and for each host that is in two batches.
    """
    hosts = dict.fromkeys(groups.get("fabric", ()))
    given = _from_text(value) if isinstance(value, str) else value
    elements = [] if given is None else given if isinstance(given, (list, tuple)) else [given]
    found: Batches = []
    places: dict[str, int] = {}
    for number, element in enumerate(elements):
        path = f"fabric_rollout[{number}]"
        members: dict[str, None] = {}
        for name in element if isinstance(element, (list, tuple)) else [element]:
            if isinstance(name, str) and name in {**hosts, **groups}:
                members.update(dict.fromkeys([name] if name in hosts else [host for host in groups[name] if host in hosts]))
            else:
                close = difflib.get_close_matches(str(name), [*hosts, *groups], 1)
                remedy = f"Write {close[0]}" if close else "Write names of hosts of the group fabric, or of groups"
                problems.append(Problem(path, f"{shown(name)} is neither a host of the fabric nor a group", remedy))
        twice = [host for host in members if places.setdefault(host, number) != number]
        problems += [Problem(path, f"{host} is in fabric_rollout[{places[host]}] too", REMEDY) for host in twice]
        found.append(list(members))
    return found


def _from_text(text: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError:
            return text
    return [name.strip() for name in text.split(",") if name.strip()]


def _by_failure_domain(fabric: Fabric, spines: Collection[str], names: list[str]) -> Batches:
    kinds: dict[str, list[str]] = {"gateway": [], "spine": [], "vtep": []}
    for name in names:
        host = fabric.hosts[name]
        kinds["gateway" if host.gateway else "spine" if name in spines or host.vtep is None else "vtep"].append(name)
    # Every gateway serves, or stands by for, the VNIs of all others: a central network is on each of them.
    one_by_one = {kind: [[name] for name in kinds[kind]] for kind in ("spine", "gateway")}
    return [*one_by_one["spine"], *_of_vteps(fabric, kinds["vtep"]), *one_by_one["gateway"]]


def _of_vteps(fabric: Fabric, names: list[str]) -> Batches:
    """One VTEP, on which a mistake shows, then several at a time."""
    every = sum(host.vtep is not None and host.gateway is None for host in fabric.hosts.values())
    size = min(max(every // PART_OF_VTEPS, 1), MOST_VTEPS)
    return [names[:1], *(names[place : place + size] for place in range(1, len(names), size))]
