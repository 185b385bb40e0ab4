# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way: from variables to problems and documents. Private to this collection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem

from . import consistency, dataplane, frr, gateways, inventory, rollout
from .bfd import hosts_to_look_at, links_without_bfd
from .expectations import Subnets, expectations
from .fabric import Fabric, Host

#: The oldest FRR that is tested.
FRR_OLDEST = (8, 4)
#: The version of the documents: another one where a module of an older release would read them wrongly.
VERSION = 1
#: The sections of a `dataplane` document that list links.
LINKS = ("vrfs", "bridges", "vxlans", "vlans", "interfaces")
#: The kernel modules that the devices of a `dataplane` document come from, by its sections.
KERNEL_MODULES = {"bridges": "bridge", "vxlans": "vxlan", "vrfs": "vrf", "vlans": "8021q"}


class Derived(Mapping[str, dict[str, Any]]):
    """Something of each host, by name, derived when it is asked for: that of a thousand hosts at once is much memory."""

    def __init__(self, hosts: Mapping[str, Host], derive: Callable[[Host], dict[str, Any]]):
        self._hosts = hosts
        self._derive = derive

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self._derive(self._hosts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._hosts)

    def __len__(self) -> int:
        return len(self._hosts)


class Built(NamedTuple):
    """Problems, or where there are none, each host's document and what it should see of the fabric.

    ``notes`` are what one should know although nothing is wrong. ``unseen`` are hosts that have to be looked at before the
    documents of others can be as they should. ``batches`` tells in which batches hosts of these names are changed.
    """

    problems: list[Problem]
    notes: list[str]
    unseen: list[str]
    documents: Mapping[str, dict[str, Any]]
    expectations: Mapping[str, dict[str, Any]]
    batches: Callable[[Collection[str]], rollout.Batches]


def build(
    groups: Mapping[str, Iterable[str]],
    variables: Mapping[str, Mapping[str, Any]],
    facts: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Built:
    """Reads, checks and derives.

    ``groups`` maps group names to host names, ``variables`` host names to their variables ``fabric_*``. ``facts`` are what the
    module `host_info` found, by host, without those that have not been looked at. Nothing else decides what the documents say.
    """
    intent = inventory.read(groups, variables, facts)
    problems = intent.problems + (consistency.check(intent.fabric) if intent.fabric else [])
    asked = rollout.read(_shared(variables).get("fabric_rollout"), groups, problems)
    if problems or intent.fabric is None:
        return Built(list(dict.fromkeys(problems)), [], [], {}, {}, lambda names: [])
    fabric = intent.fabric
    parted = list(links_without_bfd(fabric))
    without_bfd = frozenset(end for link in parted for end in link.ends)
    subnets = Subnets(fabric)
    return Built(
        [],
        list(map(str, parted)),
        list(hosts_to_look_at(fabric)),
        Derived(fabric.hosts, lambda host: _documents(fabric, host, without_bfd)),
        Derived(fabric.hosts, lambda host: expectations(fabric, host, subnets, without_bfd)),
        lambda names: rollout.batches(fabric, frozenset(groups.get("spines", ())), frozenset(names), asked),
    )


def _shared(variables: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The variables that are the same for all hosts, as those of the first."""
    return next(iter(variables.values()), {})


def _documents(fabric: Fabric, host: Host, without_bfd: frozenset[tuple[str, str]]) -> dict[str, Any]:
    oldest = consistency.FRR_WITH_IPV6_VTEPS if fabric.ipv6_vteps else FRR_OLDEST
    kernel = dataplane.document(fabric, host)
    return {
        "version": VERSION,
        "system": {
            "frr_minimum": ".".join(map(str, oldest)),
            "kernel_modules": [module for section, module in KERNEL_MODULES.items() if kernel[section]],
            "interfaces": ["lo", *(link["name"] for section in LINKS for link in kernel[section])],
            "rules": gateways.rules(host),
        },
        "kernel": kernel,
        "frr": frr.document(fabric, host, without_bfd),
        "gateway": gateways.document(fabric, host),
    }
