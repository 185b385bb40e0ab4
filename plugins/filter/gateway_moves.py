# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `gateway_moves`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import moves, owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ranges import as_text
from ansible_collections.evpn.fabric.plugins.plugin_utils._gateway import requested


def gateway_moves(before, after):
    """Which VNIs go from whom to whom between two states of the gateways."""
    states = requested(before, "before"), requested(after, "after")
    return [
        {"from": move.before or None, "to": move.after or None, "count": len(move.vnis), "vnis": as_text(move.vnis)}
        for move in moves(*map(owners, states))
    ]


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"gateway_moves": gateway_moves}
