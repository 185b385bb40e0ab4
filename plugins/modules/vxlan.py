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
  - With O(learning=false) and FRR's C(advertise-all-vni), EVPN fills its forwarding table and that of its bridge.
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
options:
  vni:
    description:
      - VXLAN network identifier, 1 to 16777215. Needed unless O(state=absent).
      - It cannot change on a live device, and neither can O(dstport), O(srcport), O(remote), O(group), O(dev), O(ttl_inherit),
        O(maxaddress), O(proxy), O(rsc), O(l2miss), O(l3miss), O(gbp), O(gpe) and what is about checksums, so that the device is
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
  srcport:
    description: UDP source ports as V(40000-50000), of which each flow has one. V(0-0), the kernel's own choice, for a new
      device.
    type: str
  learning:
    description: Whether the device learns which VTEP a MAC address is at, and its bridge port MAC addresses, unless
      C(port_learning) is given.
    type: bool
  port_learning:
    description: Whether the bridge learns MAC addresses on this port. Where this is not given, it is as C(learning) says.
    type: bool
  ageing:
    description: Seconds after which a MAC address that was learned is forgotten; 300 for a new device.
    type: int
  maxaddress:
    description: Forwarding entries at most; 0 for any number.
    type: int
  ttl:
    description: Time to live of the outer packets; 0 lets the kernel choose.
    type: int
  ttl_inherit:
    description: Whether it is that of the inner packets.
    type: bool
  tos:
    description: Type of service of the outer packets; 1 for that of the inner ones.
    type: int
  df:
    description: Whether the outer packets may not be fragmented, or may if the inner ones may.
    type: str
    choices: [unset, set, inherit]
  flowlabel:
    description: Flow label of outer packets over IPv6.
    type: int
  proxy:
    description: Whether the device answers ARP and ND from the host's neighbors.
    type: bool
  rsc:
    description: Whether packets to a router's MAC address take a short cut to where its neighbors say.
    type: bool
  l2miss:
    description: Whether the kernel tells of MAC addresses without a forwarding entry.
    type: bool
  l3miss:
    description: Whether the kernel tells of IP addresses without a neighbor.
    type: bool
  udpcsum:
    description: Whether outer packets over IPv4 have UDP checksums.
    type: bool
  udp6zerocsumtx:
    description: Whether outer packets over IPv6 are sent without UDP checksums.
    type: bool
  udp6zerocsumrx:
    description: Whether outer packets over IPv6 are taken without UDP checksums.
    type: bool
  gbp:
    description: Whether packets carry group policies.
    type: bool
  gpe:
    description: Whether the device is for the generic protocol extension, without Ethernet inside.
    type: bool
  localbypass:
    description: Whether packets to a VTEP of this host do not leave it. From Linux 6.4.
    type: bool
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
