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
options:
  name:
    description: Name of the interface, at most 15 bytes.
    type: str
    required: true
  description:
    description: Text for people. It becomes the interface's alias, followed by the mark C([evpn.fabric]).
    type: str
  mtu:
    description: MTU in bytes. From 68 to 65535.
    type: int
  up:
    description: Whether the interface is up.
    type: bool
    default: true
  txqlen:
    description: Packets that wait to be sent at most; 1000 for a new device. From 0 to 4294967295.
    type: int
  promisc:
    description: Whether it takes all packets, whomever they are for.
    type: bool
  allmulticast:
    description: Whether it takes all multicast packets.
    type: bool
  table:
    description:
      - Number of the routing table. Needed unless C(state) is V(absent). From 1 to 4294967295.
      - It cannot change on a live device, so that the device is made anew if it differs.
    type: int
  state:
    description: Whether it exists.
    type: str
    choices: [present, absent]
    default: present
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

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.common import COMMON
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.links import VRF
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single

OPTIONS = {**VRF, **COMMON}


def main():
    module = AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True)
    run_single(module, "vrfs", VRF)


if __name__ == "__main__":
    main()
