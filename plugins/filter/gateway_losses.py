# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `gateway_losses`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._gateway.explain import losses
from ansible_collections.evpn.fabric.plugins.plugin_utils._gateway import requested


def gateway_losses(request):
    """What the gateways carry when any one and any two of them are lost."""
    return [
        {**loss._asdict(), "lost": list(loss.lost), "highest": round(loss.highest, 3)} for loss in losses(requested(request))
    ]


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"gateway_losses": gateway_losses}
