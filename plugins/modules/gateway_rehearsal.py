#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gateway_rehearsal
short_description: What the death and the drain of a gateway cost, tried in network namespaces
version_added: 0.1.0
description:
  - Builds gateways in network namespaces with real FRR, each brought to its documents by the same code as on a real host, and
    around them the spines that they link to, a leaf with a tenant in each sampled VNI, and a router outside.
  - Sends numbered packets both ways while a gateway dies silently (all of its links stay up and carry nothing), and while one
    is drained and taken in again; returns for each sampled VNI how long no packet arrived and how many were lost.
  - Nothing of the host's own network or FRR is touched; everything is gone when the module ends, however it ends.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes.info
options:
  gateways:
    description: The gateways.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name that the gateway has in O(gateways[].options).
        type: str
        required: true
      dataplane:
        description: The options of M(evpn.fabric.dataplane) on it.
        type: dict
        required: true
      frr:
        description: FRR's configuration on it, as M(evpn.fabric.frr_config) gets it.
        type: str
        required: true
      options:
        description: The options of M(evpn.fabric.gateway_failover) on it.
        type: dict
        required: true
  kill:
    description: Those that die silently, one after the other. All if it is not given.
    type: list
    elements: str
  standbys:
    description:
      - What the others know when one dies. V(cold) ones have no neighbor entries of tenants, V(warm)
        ones what they have seen.
      - Each is a trial of its own.
    type: list
    elements: str
    choices: [cold, warm]
    default: [cold]
  drain:
    description: Those that are drained and taken in again, one after the other. The first if it is not
      given.
    type: list
    elements: str
  sample:
    description: The most VNIs that have a tenant and are watched, from all evenly spread.
    type: int
    default: 16
  interval:
    description: Milliseconds between two packets of a VNI in one direction.
    type: int
    default: 10
  settle:
    description: Seconds between the phases of a drain.
    type: int
    default: 3
  takeover:
    description:
      - Seconds after a death until M(evpn.fabric.gateway_failover) runs on the others, for which the
        dead gateway has failed.
      - If it is not given, the fabric has to help itself, which it cannot in the mode V(exclusive).
    type: float
  repeat:
    description: How often everything is tried.
    type: int
    default: 1
  time_limit:
    description: Seconds after which the rehearsal is ended, and the task fails.
    type: int
    default: 900
requirements:
  - FRR and iproute2 on the host where it runs, whose FRR need not run
notes:
  - A trial takes about half a minute. Thousands of VNIs take a minute to build, and the kernel minutes after the end to take
    their devices away; until then it makes no other network namespaces.
  - Times are those of this host. One that is busy makes them longer.
  - Gateways have to have their EVPN sessions on the links to their spines, and routers outside to be in one AS.
seealso:
  - module: evpn.fabric.gateway_failover
"""

EXAMPLES = r"""
- name: Try what happens when gw1 dies
  evpn.fabric.gateway_rehearsal:
    gateways:
      - name: gw1
        dataplane: "{{ lookup('ansible.builtin.file', 'gw1-dataplane.json') | from_json }}"
        frr: "{{ lookup('ansible.builtin.file', 'gw1-frr.conf') }}"
        options: "{{ lookup('ansible.builtin.file', 'gw1-gateway.json') | from_json }}"
      - name: gw2
        dataplane: "{{ lookup('ansible.builtin.file', 'gw2-dataplane.json') | from_json }}"
        frr: "{{ lookup('ansible.builtin.file', 'gw2-frr.conf') }}"
        options: "{{ lookup('ansible.builtin.file', 'gw2-gateway.json') | from_json }}"
    kill: [gw1]
    sample: 100
"""

RETURN = r"""
trials:
  description: What was tried, in order; nothing in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: C(drain), C(undrain) or C(silent death) with what standbys knew.
      type: str
      sample: silent death, standbys cold
    gateway:
      description: Whose.
      type: str
      sample: gw1
    seconds:
      description: How long a drain took, phases and waiting together.
      type: float
      sample: 6.5
    changes:
      description: How many operations the gateways needed for a drain.
      type: int
      sample: 14
    vnis:
      description:
        - Each sampled VNI with its C(owner) and both ways, C(out) and C(back), as seen from its tenant.
        - A way has C(outage), the longest time in milliseconds for which no packet arrived (none if that lasted to the end),
          and packets C(sent) and C(lost).
      type: list
      elements: dict
      sample: [{vni: 10100, owner: gw1, out: {outage: 340.2, sent: 500, lost: 33}, back: {outage: 352.9, sent: 500, lost: 9}}]
table:
  description: The same as lines for people.
  returned: success
  type: list
  elements: str
  sample: ["silent death, standbys cold of gw1", "  out: median 340 ms, at most 340 ms; 33 of 500 packets lost"]
"""

from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.quiet import QuietModule
from ansible_collections.evpn.fabric.plugins.module_utils._module.rehearsal import run

OPTIONS = {
    "gateways": Key(
        "list",
        "The gateways.",
        required=True,
        elements="dict",
        options={
            "name": Key("str", "The name that the gateway has in O(gateways[].options).", required=True),
            "dataplane": Key("dict", "The options of M(evpn.fabric.dataplane) on it.", required=True),
            "frr": Key("str", "FRR's configuration on it, as M(evpn.fabric.frr_config) gets it.", required=True),
            "options": Key("dict", "The options of M(evpn.fabric.gateway_failover) on it.", required=True),
        },
    ),
    "kill": Key("list", "Those that die silently, one after the other. All if it is not given.", elements="str"),
    "standbys": Key(
        "list",
        (
            (
                "What the others know when one dies. V(cold) ones have no neighbor entries of tenants, V(warm) ones what "
                "they have seen."
            ),
            "Each is a trial of its own.",
        ),
        default=("cold",),
        choices=("cold", "warm"),
        elements="str",
    ),
    "drain": Key(
        "list",
        ("Those that are drained and taken in again, one after the other. The first if it is not given."),
        elements="str",
    ),
    "sample": Key("int", "The most VNIs that have a tenant and are watched, from all evenly spread.", default=16),
    "interval": Key("int", "Milliseconds between two packets of a VNI in one direction.", default=10),
    "settle": Key("int", "Seconds between the phases of a drain.", default=3),
    "takeover": Key(
        "float",
        (
            (
                "Seconds after a death until M(evpn.fabric.gateway_failover) runs on the others, for which the dead "
                "gateway has failed."
            ),
            ("If it is not given, the fabric has to help itself, which it cannot in the mode V(exclusive)."),
        ),
    ),
    "repeat": Key("int", "How often everything is tried.", default=1),
    "time_limit": Key("int", "Seconds after which the rehearsal is ended, and the task fails.", default=900),
}


def main():
    module = QuietModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True)
    run(module)


if __name__ == "__main__":
    main()
