#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vlan
short_description: One VLAN device
version_added: 0.1.0
description:
  - Makes, changes or removes a VLAN device.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
  - evpn.fabric.dataplane.link
  - evpn.fabric.dataplane.ethernet
  - evpn.fabric.dataplane.port
  - evpn.fabric.dataplane.settings
  - evpn.fabric.dataplane.arp
  - evpn.fabric.dataplane.learning
options:
  link:
    description: Interface that it stands on.
    type: str
  vlan:
    description: VLAN, 1 to 4094.
    type: int
  protocol:
    description: Which tag the device has. It cannot change on a live device.
    type: str
    choices: ["802.1Q", "802.1ad"]
  reorder_hdr:
    description: Whether packets that come in are shown without tag.
    type: bool
  gvrp:
    description: Whether the VLAN is registered by GVRP.
    type: bool
  mvrp:
    description: Whether the VLAN is registered by MVRP.
    type: bool
  loose_binding:
    description: Whether the device is up while the one below it is not.
    type: bool
  bridge_binding:
    description: Whether the device is up only while a port of the bridge below it carries its VLAN and is up.
    type: bool
  ingress_qos_map:
    description: Priorities of tags and what they become in the host, as C(0:1 5:2).
    type: str
  egress_qos_map:
    description: Priorities of packets in the host and what they become in tags, as C(0:1 5:2).
    type: str
seealso:
  - module: evpn.fabric.dataplane
"""

EXAMPLES = r"""
- name: Tagged packets of a port go to a network's bridge
  evpn.fabric.vlan:
    name: eth3.100
    link: eth3
    vlan: 100
    bridge: br10100
"""

RETURN = r"""
operations:
  description:
    - What was done, or in check mode what would be done, one entry an object.
    - Empty if the host is as it should be.
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
      sample: {name: vxlan10100, mtu: 1500}
    after:
      description: The object afterwards; for a change only what differs.
      type: dict
      sample: {name: vxlan10100, mtu: 1450}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import COMMON, VLAN
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single


def main():
    module = AnsibleModule(argument_spec={**VLAN, **COMMON}, supports_check_mode=True)
    run_single(module, "vlans", VLAN)


if __name__ == "__main__":
    main()
