#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: macvlan
short_description: One macvlan device
version_added: 0.1.0
description:
  - Makes, changes or removes a macvlan device.
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
  mode:
    description: What the devices on one interface may do with each other's packets.
    type: str
    choices: [private, vepa, bridge, passthru]
    default: bridge
seealso:
  - module: evpn.fabric.dataplane
"""

EXAMPLES = r"""
- name: A second MAC address on a port
  evpn.fabric.macvlan:
    name: mv0
    link: eth3
    mac: 02:00:00:00:01:01
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import COMMON, MACVLAN
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single


def main():
    module = AnsibleModule(argument_spec={**MACVLAN, **COMMON}, supports_check_mode=True)
    run_single(module, "macvlans", MACVLAN)


if __name__ == "__main__":
    main()
