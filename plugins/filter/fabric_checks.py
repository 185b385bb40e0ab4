# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_checks`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.checks import checks


def fabric_checks(seen, expected):
    """What a host sees against what it should see: a list of checks."""
    return [check._asdict() for check in checks(expected, seen)]


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_checks": fabric_checks}
