#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: interface
short_description: One interface that exists without this collection
version_added: 0.1.0
description:
  - Changes settings of an interface that this collection neither makes nor removes, such as a physical port or a bond, and puts
    it into a bridge or a VRF.
  - The interface is taken in hand, which a mark in its alias tells. M(evpn.fabric.dataplane) with C(purge) lets it go,
    and gives it back what it had before.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
  - evpn.fabric.dataplane.ethernet
  - evpn.fabric.dataplane.port
  - evpn.fabric.dataplane.settings
  - evpn.fabric.dataplane.learning
options:
  name:
    description: Name of the network interface. It must exist.
    type: str
    required: true
  description:
    description: Text for people. It becomes the interface's alias, followed by the mark C([evpn.fabric port]).
    type: str
  mtu:
    description: MTU in bytes.
    type: int
  up:
    description: Whether the interface is up. It is left as it is where this is not given.
    type: bool
  mac:
    description: MAC address.
    type: str
seealso:
  - module: evpn.fabric.dataplane
"""

EXAMPLES = r"""
- name: A port of a bridge, apart from other isolated ports
  evpn.fabric.interface:
    name: eth3
    description: to web1
    bridge: br10100
    isolated: true
    up: true

- name: A link to a spine that carries large packets
  evpn.fabric.interface:
    name: eth1
    mtu: 9216
    up: true

- name: Take a port out of its bridge
  evpn.fabric.interface:
    name: eth3
    bridge: ""
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
      sample: interface
    name:
      description: Name of the object.
      type: str
      sample: eth3
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
      sample: {name: eth3, mtu: 1500}
    after:
      description: The object afterwards; for a change only what differs.
      type: dict
      sample: {name: eth3, mtu: 1450}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import COMMON, INTERFACE
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single


def main():
    module = AnsibleModule(argument_spec={**INTERFACE, **COMMON}, supports_check_mode=True)
    run_single(module, "interfaces", INTERFACE)


if __name__ == "__main__":
    main()
