#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: drift_report
short_description: Keeps and writes the report of drift, on the control host
version_added: 0.2.0
description:
  - Goes on from the last report, so that it is known since when each thing differs, and writes it as JSON, as JUnit and as
    metrics for Prometheus. Each file is written in one step.
  - The playbook C(evpn.fabric.drift) runs it on the control host, with what the filter P(evpn.fabric.fabric_drift#filter) makes
    of what hosts have told. Nothing of it is on the fabric's hosts.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes.info
attributes:
  check_mode:
    description: Can run in check mode; tells there what it would write.
    support: full
  platform:
    description: Any control host with Python 3.9 or newer.
    platforms: posix
    support: full
options:
  current:
    description: What the filter P(evpn.fabric.fabric_drift#filter) returns.
    type: json
    required: true
    version_added: 0.2.0
  fabric:
    description: 'The names of all hosts of the fabric: what the last report says of others is dropped.'
    type: list
    elements: str
    required: true
    version_added: 0.2.0
  state_directory:
    description: Where the last report is kept, C(drift.json), in C(evpn-fabric) below C(XDG_STATE_HOME)
      (C(~/.local/state)) if this is empty. It is made if need be.
    type: str
    default: ""
    version_added: 0.2.0
  report_directory:
    description: Where C(drift.json), C(drift.xml) (JUnit) and C(drift.prom) (Prometheus) are written
      besides; nowhere if this is empty.
    type: str
    default: ""
    version_added: 0.2.0
seealso:
  - module: evpn.fabric.drift_info
  - plugin: evpn.fabric.fabric_drift
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep what was found
  evpn.fabric.drift_report:
    current: "{{ hostvars | evpn.fabric.fabric_drift(groups, ansible_play_hosts_all, my_time) }}"
    fabric: "{{ groups.fabric }}"
    report_directory: /var/lib/node_exporter
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
report:
  description: The report, of all hosts of the fabric; docs/drift.md has its form.
  returned: success
  type: dict
table:
  description: The lines of a table for people, of the hosts in O(current).
  returned: success
  type: list
  elements: str
differing:
  description: How many of these hosts differ from their documents, or could not be looked at as a whole.
  returned: success
  type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.drift_report import run

OPTIONS = {
    "current": Key("json", "What the filter P(evpn.fabric.fabric_drift#filter) returns.", required=True, version_added="0.2.0"),
    "fabric": Key(
        "list",
        "The names of all hosts of the fabric: what the last report says of others is dropped.",
        elements="str",
        required=True,
        version_added="0.2.0",
    ),
    "state_directory": Key(
        "str",
        "Where the last report is kept, C(drift.json), in C(evpn-fabric) below C(XDG_STATE_HOME) (C(~/.local/state)) if this "
        "is empty. It is made if need be.",
        default="",
        version_added="0.2.0",
    ),
    "report_directory": Key(
        "str",
        "Where C(drift.json), C(drift.xml) (JUnit) and C(drift.prom) (Prometheus) are written besides; nowhere if this is "
        "empty.",
        default="",
        version_added="0.2.0",
    ),
}


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
