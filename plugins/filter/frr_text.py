# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `frr_text`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"frr_text": frr_text}
