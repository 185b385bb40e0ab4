# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_report`."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import FACTS
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent import report

FORMATS = {"table": report.table, "json": report.as_json, "junit": report.junit}


def fabric_report(hostvars, hosts, form="table"):
    """The checks of hosts as a table (a list of lines), as JSON or as JUnit."""
    if form not in FORMATS:
        raise AnsibleFilterError(f"fabric_report: {form!r} is not a format: write {', '.join(FORMATS)}")
    maintenance = {host: (hostvars[host].get(FACTS) or {}).get("maintenance") for host in hosts}
    until = {host: found["until"] for host, found in maintenance.items() if found}
    return FORMATS[form](report.collect({host: hostvars[host].get("__verify_checks") for host in hosts}, until))


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_report": fabric_report}
