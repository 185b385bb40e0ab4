#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dataplane_info
short_description: The actual data plane of a host, as a document for dataplane
version_added: 0.1.0
description:
  - Reports the VRFs, bridges, VXLAN devices, other links, addresses, forwarding entries, neighbors, routes and rules that the
    kernel has, in the options of M(evpn.fabric.dataplane).
  - Fed back as it is, the document changes nothing on that host but the marks of ownership. This is the way to adopt a host
    that was built by hand. Applied to another host, it makes the same there.
  - The document has only attributes that differ from a new device's. RV(not_adopted) lists what it cannot have, object by
    object.
  - What the kernel or a routing daemon makes by itself is in neither. These are connected routes and those of daemons,
    learned forwarding entries and neighbors, a bridge's own MAC addresses, the loopback addresses of lo, and the link-local
    addresses that the kernel derives. The kernel's own rules are in the document, and as C(absent) those of them that
    somebody has removed.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes.info
options:
  gather:
    description: Sections of the document to report.
    type: list
    elements: str
    choices: [vrfs, bridges, vxlans, veths, dummies, vlans, macvlans, interfaces, bridge_vlans, vnis,
      fdb, addresses, routes, neighbors, rules]
    default: [vrfs, bridges, vxlans, veths, dummies, vlans, macvlans, interfaces, bridge_vlans, vnis,
      fdb, addresses, routes, neighbors, rules]
  netns:
    description:
      - Name of the network namespace to work in, as C(ip netns) lists it. This needs root and pyroute2
        0.7.2 or newer.
      - The host's own where this is not given.
    type: str
notes:
  - Sysctls, queueing disciplines, traffic filters, nftables and what is below a network device (such as C(ethtool) settings)
    are not looked at.
  - What the document leaves out stays as it is when the document is applied.
  - A link that its own section cannot describe, such as a bond or a veth whose peer is in another network namespace, is among
    C(interfaces). MAC addresses are not reported there, nor are those that a device has from the one below it.
  - On a port that was given no VLAN by the bridge it is in, C(bridge_vlans) has the bridge's C(vlan_default_pvid) as C(absent).
  - The kernel does not tell the flood entries of zebra from those of people. Entries for V(00:00:00:00:00:00) are left out on a
    VXLAN device on which zebra has made any other entry. Leave V(fdb) out of O(gather) where FRR alone keeps them.
seealso:
  - module: evpn.fabric.dataplane
  - module: evpn.fabric.evpn_info
"""

EXAMPLES = r"""
- name: See what the host has
  evpn.fabric.dataplane_info:
  register: present

- name: See what the document leaves out
  ansible.builtin.debug:
    var: present.not_adopted

- name: See that applying it would only mark what is there
  evpn.fabric.dataplane:
    vrfs: "{{ present.dataplane.vrfs }}"
    bridges: "{{ present.dataplane.bridges }}"
    vxlans: "{{ present.dataplane.vxlans }}"
    addresses: "{{ present.dataplane.addresses }}"
    max_disruption: hitless
  check_mode: true
  diff: true

- name: Only bridges and their VXLAN devices, in a network namespace
  evpn.fabric.dataplane_info:
    gather: [bridges, vxlans]
    netns: blue
"""

RETURN = r"""
dataplane:
  description:
    - The document, a list for each section that was asked for, each entry as M(evpn.fabric.dataplane) takes it.
    - Empty texts are left out. Consecutive VLANs and VNIs are written as ranges.
  returned: success
  type: dict
  sample:
    bridges:
      - {name: br10100, mtu: 1450, mac: "02:00:5e:00:01:01", vrf: tenant-a}
    vrfs:
      - {name: tenant-a, table: 50001}
    addresses:
      - {dev: br10100, address: 10.1.0.1/24}
not_adopted:
  description:
    - What the host has and the document cannot have, of the sections that were asked for.
    - An entry is either about an object as a whole, and has a C(reason), or about an C(attribute) of an object that is in the
      document, and has its C(value).
    - Entries of multicast databases are listed with C(fdb), nexthop objects with C(routes).
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object, for devices what the kernel calls it.
      type: str
      sample: bridge
    name:
      description: Name of the object.
      type: str
      sample: br10100
    attribute:
      description: What the document does not say of the object.
      type: str
      sample: mst_enabled
    value:
      description: The attribute's value.
      type: raw
      sample: true
    reason:
      description: Why the object is not in the document, or not as what it is.
      type: str
      sample: has encapsulation
owned:
  description:
    - Names of the objects that carry the mark of this collection, a list for each section whose objects have marks. Interfaces
      are those that it holds settings of.
    - VLANs of ports, VNIs and forwarding entries have no mark of their own; they are ours where their link is.
    - Addresses, routes, neighbors and rules have the names that the results of M(evpn.fabric.dataplane) call them by.
  returned: success
  type: dict
  sample:
    bridges: [br10100]
    vrfs: []
    addresses: ["10.1.0.1/24 on br10100"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.present import OPTIONS, run


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
