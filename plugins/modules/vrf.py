#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vrf
short_description: One VRF device
version_added: 0.1.0
description:
  - Makes, changes or removes a VRF device, which has a routing table of its own.
  - Without rules such as those of the role P(evpn.fabric.host#role), packets that find no route in a VRF's table are looked up
    in the main table. See M(evpn.fabric.ip_rules).
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
  - evpn.fabric.dataplane.link
  - evpn.fabric.dataplane.settings
options:
  table:
    description:
      - Number of the routing table. Needed unless O(state=absent).
      - It cannot change on a live device, so that the device is made anew if it differs.
    type: int
seealso:
  - module: evpn.fabric.dataplane
"""

EXAMPLES = r"""
- name: A tenant's VRF
  evpn.fabric.vrf:
    name: tenant-a
    table: 50001

- name: Take it away again, if that takes down no link
  evpn.fabric.vrf:
    name: tenant-a
    state: absent
    max_disruption: link
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import COMMON, VRF
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single


def main():
    module = AnsibleModule(argument_spec={**VRF, **COMMON}, supports_check_mode=True)
    run_single(module, "vrfs", VRF)


if __name__ == "__main__":
    main()
