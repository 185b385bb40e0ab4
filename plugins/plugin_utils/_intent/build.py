# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way: from variables to problems and documents. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem

from . import consistency, dataplane, frr, gateways, inventory
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


class Built(NamedTuple):
    """Problems, or where there are none, each host's document and what it should see of the fabric.

    ``notes`` are what one should know although nothing is wrong. ``unseen`` are hosts that have to be looked at before the
    documents of others can be as they should.
    """

    problems: list[Problem]
    notes: list[str]
    unseen: list[str]
    documents: dict[str, dict[str, Any]]
    expectations: dict[str, dict[str, Any]]


def build(
    groups: Mapping[str, Iterable[str]], hostvars: Mapping[str, Mapping[str, Any]], *, with_expectations: bool = False
) -> Built:
    """Reads, checks and derives. ``groups`` and ``hostvars`` are Ansible's."""
    intent = inventory.read(groups, hostvars)
    problems = intent.problems + (consistency.check(intent.fabric) if intent.fabric else [])
    if problems or intent.fabric is None:
        return Built(list(dict.fromkeys(problems)), [], [], {}, {})
    fabric = intent.fabric
    parted = list(links_without_bfd(fabric))
    without_bfd = frozenset(end for link in parted for end in link.ends)
    documents = {name: _documents(fabric, host, without_bfd) for name, host in fabric.hosts.items()}
    expected = {}
    if with_expectations:
        subnets = Subnets(fabric)
        expected = {name: expectations(fabric, host, subnets, without_bfd) for name, host in fabric.hosts.items()}
    return Built([], list(map(str, parted)), list(hosts_to_look_at(fabric)), documents, expected)


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
