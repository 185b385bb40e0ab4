#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vxlan
short_description: One VXLAN device and its bridge port
version_added: 0.1.0
description:
  - Makes, changes or removes a VXLAN device, makes it a port of a bridge and sets the port's options.
  - With O(learning=false) and FRR's C(advertise-all-vni), EVPN fills its forwarding table.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
  - evpn.fabric.dataplane.link
  - evpn.fabric.dataplane.ethernet
  - evpn.fabric.dataplane.port
options:
  vni:
    description:
      - VXLAN network identifier, 1 to 16777215. Needed unless O(state=absent).
      - It cannot change on a live device, and neither can O(dstport), O(remote), O(group) and O(dev), so that the device is
        made anew if one of them differs.
    type: int
  local:
    description: Source address of the tunnel. A change makes FRR advertise the routes with the new next hop.
    type: str
  remote:
    description: Address of the one other end, for a point-to-point tunnel.
    type: str
  group:
    description: Multicast group that unknown destinations are reached by. Needs O(dev).
    type: str
  dev:
    description: Interface that packets leave by.
    type: str
  dstport:
    description: UDP port. The kernel's own default would be 8472.
    type: int
    default: 4789
  ttl:
    description: Time to live of the outer packets; 0 lets the kernel choose.
    type: int
  external:
    description: Whether the device carries many VNIs, those that VLANs of its port stand for.
    type: bool
  vnifilter:
    description: Whether an external device takes only the VNIs it is told to. See O(evpn.fabric.dataplane#module:vnis).
    type: bool
seealso:
  - module: evpn.fabric.dataplane
"""

EXAMPLES = r"""
- name: The VXLAN device of a network under EVPN
  evpn.fabric.vxlan:
    name: vxlan10100
    vni: 10100
    local: 10.255.0.11
    bridge: br10100
    learning: false
    neigh_suppress: true
    ipv6_link_local: false
    mtu: 1450

- name: One over multicast, without EVPN
  evpn.fabric.vxlan:
    name: vxlanff01
    vni: 65281
    group: ff05::ff01
    dev: eth1
    ttl: 5
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import COMMON, VXLAN
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single


def main():
    module = AnsibleModule(argument_spec={**VXLAN, **COMMON}, supports_check_mode=True)
    run_single(module, "vxlans", VXLAN)


if __name__ == "__main__":
    main()
