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
from ansible_collections.evpn.fabric.plugins.plugin_utils._run_variables import converted
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import REMEDIATE

LIMITS = {name.removeprefix("remediate_"): key for name, key in REMEDIATE.items()}
OPTIONS = {
    "_input": Key("str", "The report of C(evpn.fabric.drift), the text of its file.", required=True),
    "memory": Key("str", "What the RV(_value.memory) of earlier runs was. Empty where there was none.", required=True),
    "busy": Key(
        "dict", "Hosts on which somebody is at work, each with what it is, such as V(is in maintenance).", required=True
    ),
    "apart": Key("list", "Lists of hosts of which no two are repaired at once.", required=True, elements="list"),
    **LIMITS,
}


def fabric_remediation(
    report: str, memory: str, busy: Mapping[str, str], apart: Collection[Collection[str]], **limits: Any
) -> dict[str, Any]:
    """Which hosts of drift's report are repaired now, and why others are not."""
    try:
        values = {name: converted(f"remediate_{name}", limits.get(name, LIMITS[name].default)) for name in LIMITS}
        strictest([values["max_disruption"]])
        decision = _remediation.Decision(
            _remediation.read_report(report),
            _remediation.read_memory(memory),
            _remediation.Limits(**values),
            busy,
            apart,
        )
    except ValidationError as error:
        raise AnsibleFilterError(str(error)) from error
    return {
        "lines": decision.lines,
        "batches": decision.batches,
        "moves": [repair.host for repair in decision.moves],
        "memory": _remediation.written(decision.memory),
    }


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file by name."""
        return {"fabric_remediation": fabric_remediation}
