# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `gateway_decision`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key
from ansible_collections.evpn.fabric.plugins.plugin_utils._gateway_decision import Decision
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import ROLES

_ROLE = ROLES["gateway"]["main"]
OPTIONS = {
    "_input": _ROLE["gateway_document"],
    "looks": Key(
        "dict", "The result of M(evpn.fabric.gateway_failover) in check mode, by the name of the gateway.", required=True
    ),
    **{option: _ROLE[f"gateway_{option}"] for option in ("drain", "undrain", "fail")},
}


def gateway_decision(document, looks, drain=(), undrain=(), fail=()):
    """Which gateways count in a run of the playbooks, what moves, and why nothing may."""
    decision = Decision(document, looks, *([names] if isinstance(names, str) else names for names in (drain, undrain, fail)))
    return {
        "problems": [str(problem) for problem in decision.problems],
        "notes": decision.notes,
        "moves": decision.moves,
        "gateways": decision.gateways,
        "fence": decision.fenced,
        "left_out": decision.left_out,
    }


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"gateway_decision": gateway_decision}
