# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_drift`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.host_kernel import host_kernel
from ansible_collections.evpn.fabric.plugins.plugin_utils._drift import Gateways, parts, report
from ansible_collections.evpn.fabric.plugins.plugin_utils._host_options import frr_section
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import FACTS, fabric_variables, variable
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import RUN

#: The variable that a second look at a gateway is registered as.
AGAIN = "__drift_again"


def fabric_drift(
    hostvars: Mapping[str, Any],
    groups: Mapping[str, Iterable[str]],
    hosts: Iterable[str],
    at: str,
    decision: Mapping[str, Any] | None = None,
) -> str:
    """What `drift_info` has found on hosts, and whether the inventory has changed since they were confirmed, as JSON text."""
    read = fabric_variables(hostvars, groups)
    built = build(groups, *read)

    def derive(name: str) -> dict[str, str] | None:
        seen = read.facts.get(name, {})
        if name not in built.documents or "frr_version" not in seen:
            return None
        document = built.documents[name]
        own = {key: variable(hostvars, name, key, RUN[key].default) for key in ("host_sysctls", "host_rules", "frr_keep")}
        frr = {"config": frr_text(document["frr"]), "daemons": document["frr"]["daemons"]}
        kernel = json.loads(host_kernel(document, seen, own["host_sysctls"], own["host_rules"]))
        return parts(kernel, frr_section(frr, own["frr_keep"]))

    looks = {name: variable(hostvars, name, FACTS) for name in hosts}
    gateways = None
    if decision:
        names = list(groups.get("gateways", ()))
        again = {name: look for name in names if (look := variable(hostvars, name, AGAIN)) and "findings" in look}
        gateways = Gateways(decision, names, again)
    return json.dumps(report(at, looks, derive, built.unseen, gateways))


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_drift": fabric_drift}
