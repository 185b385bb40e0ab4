#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: evpn_info
short_description: What FRR and the kernel see of the fabric
version_added: 0.1.0
description:
  - Reports sessions, VNIs, EVPN routes and forwarding entries in one form, whatever the version of FRR.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes.info
options:
  gather:
    description: What to report.
    type: list
    elements: str
    choices: [sessions, bfd, ospf, vnis, macs, neighbors, next_hops, routes, import_targets, interfaces,
      forwarding, rules]
    default: [sessions, vnis]
  lookups:
    description: Addresses to look up routes for. See RV(evpn.lookups).
    type: list
    elements: dict
    default: []
    suboptions:
      vrf:
        description: VRF to look up in; none where this is not given.
        type: str
        default: ""
      address:
        description: Destination address.
        type: str
        required: true
  pathspace:
    description: Name of the FRR instance, as in C(vtysh -N). The host's own where this is not given.
    type: str
seealso:
  - module: evpn.fabric.frr_config
"""

EXAMPLES = r"""
- name: Wait until all sessions are up
  evpn.fabric.evpn_info:
    gather: [sessions]
  register: result
  until: result.evpn.sessions | rejectattr('state', 'equalto', 'established') | length == 0
  retries: 20
  delay: 1
"""

RETURN = r"""
evpn:
  description: What is seen, one entry for each kind that was asked for.
  returned: success
  type: dict
  contains:
    sessions:
      description: BGP sessions, each with C(neighbor), C(family), C(state), C(description) and the prefixes C(received).
      type: list
      elements: dict
      sample: [{neighbor: eth1, family: l2vpn_evpn, state: established, description: spine1, received: 28}]
    bfd:
      description: BFD sessions, each with C(peer), C(interface), C(state) and its intervals in milliseconds.
      type: list
      elements: dict
    ospf:
      description: OSPF neighbours, each with C(router_id), C(interface) and C(state).
      type: list
      elements: dict
    vnis:
      description: VNIs, each with C(vni), C(type), C(vrf), C(vxlan), C(svi), C(vtep), C(state) and C(remote_vteps).
      type: list
      elements: dict
    macs:
      description: MAC addresses of L2VNIs, each with C(vni), C(mac), C(type), C(interface) or C(vtep), and C(duplicate).
      type: list
      elements: dict
    neighbors:
      description: Addresses of hosts, each with C(vni), C(ip), C(mac), C(type), C(vtep) and C(duplicate).
      type: list
      elements: dict
    next_hops:
      description: VTEPs whose router MAC addresses an L3VNI has, each with C(vni), C(vtep) and C(mac).
      type: list
      elements: dict
    routes:
      description: Best EVPN routes, each with C(type), C(rd), C(mac), C(ip), C(prefix), C(vtep), C(route_targets) and C(local).
      type: list
      elements: dict
    import_targets:
      description: Route targets that each VNI imports.
      type: dict
    interfaces:
      description: Network interfaces by name, each with C(mtu), C(up), C(kind) and C(master).
      type: dict
    forwarding:
      description: Entries of VXLAN devices that lead to other VTEPs, each with C(dev), C(mac), C(dst) and C(external).
      type: list
      elements: dict
    rules:
      description: Routing policy rules, as M(evpn.fabric.ip_rules) takes them.
      type: list
      elements: dict
    lookups:
      description: For each lookup its C(vrf) and C(address), the C(interface) a packet leaves by (empty if none) and the
        VRF that this interface is C(inside).
      type: list
      elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.evpn import OPTIONS, run


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
