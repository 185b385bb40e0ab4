#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bridge
short_description: One bridge, with its addresses
version_added: 0.1.0
description:
  - Makes, changes or removes a bridge. In a fabric each network has one; the bridge is the network's SVI too.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
  - evpn.fabric.dataplane.link
  - evpn.fabric.dataplane.ethernet
options:
  vlan_filtering:
    description: Whether the bridge tells VLANs apart.
    type: bool
  stp:
    description: Whether the kernel's own spanning tree runs.
    type: bool
  addresses:
    description:
      - Addresses with prefix length. IPv6 addresses are added without duplicate address detection, because a gateway's
        address is the same on every VTEP.
      - Other addresses of the bridge stay. M(evpn.fabric.dataplane) can remove those that are not listed.
    type: list
    elements: str
seealso:
  - module: evpn.fabric.dataplane
"""

EXAMPLES = r"""
- name: The bridge of a routed network
  evpn.fabric.bridge:
    name: br10100
    mac: 02:00:5e:00:01:01
    mtu: 1450
    vrf: tenant-a
    addresses:
      - 10.1.0.1/24
      - 2001:db8:1::1/64

- name: A bridge that only switches
  evpn.fabric.bridge:
    name: br10400
    ipv6_link_local: false
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import BRIDGE, COMMON
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single


def main():
    addresses = {"addresses": {"type": "list", "elements": "str"}}
    module = AnsibleModule(argument_spec={**BRIDGE, **addresses, **COMMON}, supports_check_mode=True)
    run_single(module, "bridges", BRIDGE)


if __name__ == "__main__":
    main()
