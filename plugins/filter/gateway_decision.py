# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `gateway_decision`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.plugin_utils._gateway_decision import Decision


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
