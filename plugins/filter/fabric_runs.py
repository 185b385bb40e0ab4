# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_runs`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.plugin_utils._page.runs import remembered


def fabric_runs(before, hostvars, hosts, variables, at, playbook):
    """The runs that are remembered, with this one in front."""
    raw_get = getattr(hostvars, "raw_get", hostvars.__getitem__)
    results = {}
    for name in hosts:
        raw = raw_get(name)
        results[name] = [raw[variable] for variable in variables if variable in raw]
    return remembered(before, at, playbook, results)


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_runs": fabric_runs}
