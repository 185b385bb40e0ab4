# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `fabric_host` that bring a host to what `fabric_documents` has derived. Private to this collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.confirm_within import confirm_within
from ansible_collections.evpn.fabric.plugins.filter.host_kernel import host_kernel
from ansible_collections.evpn.fabric.plugins.filter.run_variable import run_variable
from ansible_collections.evpn.fabric.plugins.filter.strictest import strictest

from ._given_document import GivenDocument, tree
from ._hostvars import FACTS
from ._schema.run import RUN

#: What `fabric_documents` has derived for all hosts.
INTENT = "__fabric_intent"
#: Of these limits the strictest counts, as in the variable ``__host_limit`` of the role `host`.
LIMITS = ("fabric_max_disruption", "host_max_disruption", "dataplane_max_disruption", "frr_max_disruption")


def host_options(variables: Mapping[str, Any], template: Callable[[Any], Any]) -> dict[str, Any]:
    """The options, out of the variables of a task on that host as they are written.

    ``template`` resolves the templates in a value. Raises AnsibleFilterError for a variable of the run that it cannot be.
    """

    def read(name: str) -> Any:
        return template(variables[name]) if name in variables else RUN[name].default

    host, intent = variables["inventory_hostname"], variables[INTENT]
    return {
        "kernel": host_kernel(intent["documents"][host], variables[FACTS], read("host_sysctls"), read("host_rules")),
        "frr": frr_section(intent["frr"][host], read("frr_keep")),
        "max_disruption": strictest([read(name) for name in LIMITS]),
        "persist": run_variable(read("fabric_boot"), "fabric_boot"),
        "confirm_timeout": confirm_within(
            read("fabric_confirm_timeout"), len(variables["ansible_play_batch"]), variables["ansible_forks"]
        ),
        "revision": intent["revisions"][host],
    }


def frr_section(frr: GivenDocument, keep: Any) -> dict[str, Any]:
    """What `fabric_documents` derives for FRR, with the beginnings of lines to keep (``frr_keep``)."""
    return {**tree(frr), "keep": run_variable(keep, "frr_keep")}
