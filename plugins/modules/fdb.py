#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fdb
short_description: Static forwarding entries of VXLAN devices and bridges
version_added: 0.1.0
description:
  - Adds, changes and removes static forwarding entries, all of them in one plan; a hundred thousand in about the time
    the kernel needs.
  - Entries that the kernel or zebra learned are never touched.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
options:
  entries:
    description: Entries. An address for a group has one entry for each destination, any other has one.
    type: list
    elements: dict
    required: true
    suboptions:
      dev:
        description: VXLAN device, port of a bridge, or a bridge itself.
        type: str
        required: true
      mac:
        description: MAC address; V(00:00:00:00:00:00) is for what no other entry is for, listed once
          for each V(dst).
        type: str
        required: true
      dst:
        description: Address of the VTEP that has it, or a multicast group for V(00:00:00:00:00:00). Without,
          the entry is one of the bridge that the interface is a port of; with V(local), it is an address
          of the host itself there, as an anycast gateway has one.
        type: str
      vlan:
        description: VLAN of a bridge's entry. From 1 to 4094.
        type: int
      vni:
        description: VNI to send with, if not that of the device. From 1 to 16777215.
        type: int
      src_vni:
        description: VNI that the entry is for, on an external device. From 1 to 16777215.
        type: int
      port:
        description: UDP port to send to, if not that of the device. From 1 to 65535.
        type: int
      via:
        description: Interface to send by.
        type: str
      sticky:
        description: Whether a bridge keeps the address on this port, whatever it sees elsewhere.
        type: bool
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  purge:
    description: Whether static entries on interfaces of this collection that are not listed are removed.
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
- name: Stations behind other VTEPs, and where broadcast goes
  evpn.fabric.fdb:
    entries:
      - {dev: vxlan10100, mac: "02:00:00:00:00:01", dst: 10.255.0.12}
      - {dev: vxlan10100, mac: "00:00:00:00:00:00", dst: 10.255.0.12}
      - {dev: vxlan10100, mac: "00:00:00:00:00:00", dst: 10.255.0.13}
    purge: true

- name: A station that stays on its port
  evpn.fabric.fdb:
    entries:
      - {dev: eth3, mac: "02:00:00:00:00:02", sticky: true}
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.entries import FDB
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_kernel

OPTIONS = {
    "entries": listed(
        FDB, "Entries. An address for a group has one entry for each destination, any other has one.", required=True
    ),
    **purge("Whether static entries on interfaces of this collection that are not listed are removed."),
    **COMMON,
}


def main():
    module = AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True)
    run_kernel(module, {"fdb": module.params["entries"], "purge": module.params["purge"]})


if __name__ == "__main__":
    main()
