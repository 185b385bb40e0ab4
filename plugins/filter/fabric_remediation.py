# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_remediation`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.filter.strictest import strictest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key
from ansible_collections.evpn.fabric.plugins.plugin_utils import _remediation
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import FACTS, variable
from ansible_collections.evpn.fabric.plugins.plugin_utils._run_variables import converted
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import REMEDIATE

LIMITS = {name.removeprefix("remediate_"): key for name, key in REMEDIATE.items() if name != "remediate_fail"}
OPTIONS = {
    "_input": Key(
        "dict",
        "The variable C(hostvars), with what M(evpn.fabric.drift_info) has told of each host as C(__host_info).",
        required=True,
    ),
    "groups": Key("dict", "The variable C(groups).", required=True),
    "report": Key("dict", "The report that M(evpn.fabric.drift_report) returned.", required=True),
    "memory": Key("str", "What P(evpn.fabric.fabric_repairs#filter) last returned. Empty where there was none.", required=True),
    **LIMITS,
}
#: Groups of which no two hosts are repaired at once: what one of them cannot carry, the others do.
APART = ("spines", "gateways")


def fabric_remediation(
    hostvars: Mapping[str, Any],
    groups: Mapping[str, Collection[str]],
    report: Mapping[str, Any],
    memory: str,
    **limits: Any,
) -> dict[str, Any]:
    """Which hosts of drift's report are repaired now, and why others are not."""
    if unknown := limits.keys() - LIMITS.keys():
        raise AnsibleFilterError(f"fabric_remediation: {', '.join(unknown)}: no such limit. Write {', '.join(LIMITS)}")
    looks = {name: variable(hostvars, name, FACTS) or {} for name in groups["fabric"]}
    states = {name: variable(hostvars, name, "fabric_gateway_state", "active") for name in groups.get("gateways", ())}
    try:
        values = {name: converted(f"remediate_{name}", limits.get(name, LIMITS[name].default)) for name in LIMITS}
        strictest([values["max_disruption"]])
        decided = _remediation.Decision(
            report,
            _remediation.read_memory(memory),
            _remediation.Limits(**values),
            _remediation.at_work(looks, states),
            [groups.get(group, ()) for group in APART],
        )
    except ValidationError as error:
        raise AnsibleFilterError(str(error)) from error
    return {
        "lines": decided.lines,
        "all_well": decided.all_well,
        "batches": [[repair.host for repair in batch] for batch in decided.batches],
        "moves": [repair.host for repair in decided.moves],
        "earlier": _remediation.written(decided.earlier),
        "steps": [_remediation.written(step) for step in decided.steps],
    }


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file by name."""
        return {"fabric_remediation": fabric_remediation}
