#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neighbors
short_description: Permanent ARP and ND entries
version_added: 0.1.0
description:
  - Adds, changes and removes permanent neighbor entries, and addresses that the host answers for, all of them in one
    plan.
  - Entries that the kernel or zebra learned are never touched.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
options:
  entries:
    description: Entries.
    type: list
    elements: dict
    required: true
    suboptions:
      dev:
        description: Interface.
        type: str
        required: true
      ip:
        description: IP address.
        type: str
        required: true
      mac:
        description: Its MAC address.
        type: str
      proxy:
        description: Whether the host answers for the address itself; then without C(mac).
        type: bool
        default: false
      router:
        description: Whether the neighbor is a router, for IPv6.
        type: bool
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  purge:
    description: Whether entries of this collection that are not listed are removed.
    type: bool
    default: false
  netns:
    description:
      - Name of the network namespace to work in, as C(ip netns) lists it. This needs root and pyroute2
        0.7.2 or newer.
      - The host's own where this is not given.
    type: str
  max_disruption:
    description:
      - The task fails, before anything is touched, if it would have to do something more disruptive than
        this.
      - V(hitless) allows only what no packet notices; V(session) allows to reset routing sessions, to
        withdraw routes and to take forwarding state away; V(link) allows to take a link down or to make
        it anew; V(daemon) allows to restart FRR.
    type: str
    choices: [hitless, session, link, daemon]
    default: daemon
  lock_timeout:
    description: Seconds to wait for another run in the same network namespace before the task fails.
    type: int
    default: 60
seealso:
  - module: evpn.fabric.dataplane
"""

EXAMPLES = r"""
- name: Hosts that need no ARP or ND
  evpn.fabric.neighbors:
    entries:
      - {dev: br10100, ip: 10.1.0.11, mac: "02:00:00:00:00:11"}
      - {dev: br10100, ip: "2001:db8:1::11", mac: "02:00:00:00:00:11"}
"""

RETURN = r"""
operations:
  description:
    - What was done, or in check mode what would be done, one entry an object.
    - Empty if all is as it should be.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
      sample: vxlan
    name:
      description: Name of the object.
      type: str
      sample: vxlan10100
    action:
      description: One of C(create), C(change), C(recreate), C(delete).
      type: str
      sample: change
    disruption:
      description: One of C(hitless), C(session), C(link), C(daemon).
      type: str
      sample: hitless
    reason:
      description: Why, in words.
      type: str
      sample: mtu 1500 -> 1450
    before:
      description: The object before; for a change only what differs.
      type: dict
      sample:
        name: vxlan10100
        mtu: 1500
    after:
      description: The object afterwards; for a change only what differs.
      type: dict
      sample:
        name: vxlan10100
        mtu: 1450
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec, listed
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.common import COMMON, purge
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.entries import NEIGHBOR
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_kernel

OPTIONS = {
    "entries": listed(NEIGHBOR, "Entries.", required=True),
    **purge("Whether entries of this collection that are not listed are removed."),
    **COMMON,
}


def main():
    module = AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True)
    run_kernel(module, {"neighbors": module.params["entries"], "purge": module.params["purge"]})


if __name__ == "__main__":
    main()
