#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: routes
short_description: Static kernel routes
version_added: 0.1.0
description:
  - Adds, changes and removes routes of the kernel's tables, all of them in one plan. A route that changes is replaced
    in one step.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
options:
  routes:
    description: Routes. Family, table, network, metric and type of service identify a route.
    type: list
    elements: dict
    required: true
    suboptions:
      dst:
        description: Network, as V(10.0.0.0/8).
        type: str
        required: true
      type:
        description: What becomes of packets.
        type: str
        choices: [unicast, blackhole, unreachable, prohibit, throw]
        default: unicast
      via: &via
        description: Gateway.
        type: str
      dev: &dev
        description: Interface.
        type: str
      onlink: &onlink
        description: Whether the gateway is on the interface even if no subnet says so.
        type: bool
        default: false
      nexthops:
        description: Several gateways to share the packets.
        type: list
        elements: dict
        suboptions:
          via: *via
          dev: *dev
          onlink: *onlink
          weight:
            description: Share of the packets. From 1 to 256.
            type: int
            default: 1
      table:
        description: Routing table, a number or V(main). The default is V(main).
        type: str
      metric:
        description: Of routes to one network the one with the smallest is taken. From 0 to 4294967295.
        type: int
      tos:
        description: Type of service that an IPv4 route is for; 0 for any. From 0 to 255.
        type: int
      src:
        description: Source address for packets of the host's own.
        type: str
      metrics:
        description: Metrics of the route for TCP and other protocols. The kernel chooses those that are
          not given.
        type: dict
        suboptions:
          mtu:
            description: MTU of the path in bytes. From 0 to 4294967295.
            type: int
          window:
            description: Largest window in bytes. From 0 to 4294967295.
            type: int
          ssthresh:
            description: Slow start threshold in packets. From 0 to 4294967295.
            type: int
          cwnd:
            description: Largest congestion window in packets. From 0 to 4294967295.
            type: int
          advmss:
            description: MSS that is announced, in bytes. From 0 to 4294967295.
            type: int
          reordering:
            description: Packets that may overtake each other. From 0 to 4294967295.
            type: int
          hoplimit:
            description: Hop limit. From 0 to 4294967295.
            type: int
          initcwnd:
            description: First congestion window in packets. From 0 to 4294967295.
            type: int
          rto_min:
            description: Shortest time before a packet is sent again, in ms. From 0 to 4294967295.
            type: int
          initrwnd:
            description: First receive window in packets. From 0 to 4294967295.
            type: int
          quickack:
            description: Whether acknowledgements are sent at once, 1 for yes. From 0 to 4294967295.
            type: int
          lock:
            description: Those that hold whatever the network says, such as V(mtu).
            type: list
            elements: str
            choices: [mtu, window, ssthresh, cwnd, advmss, reordering, hoplimit, initcwnd, rto_min, initrwnd,
              quickack]
      pref:
        description: Which routers are preferred, of IPv6 routes alike.
        type: str
        choices: [low, medium, high]
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  purge:
    description: Whether routes of this collection that are not listed are removed.
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
- name: A default route of a VRF's table, and a network that is dropped
  evpn.fabric.routes:
    routes:
      - {dst: 0.0.0.0/0, via: 10.9.0.1, dev: eth5, onlink: true, table: "50001"}
      - {dst: 10.66.0.0/16, type: blackhole}

- name: Two gateways that share the packets
  evpn.fabric.routes:
    routes:
      - dst: 10.20.0.0/16
        nexthops:
          - {via: 10.254.0.1}
          - {via: 10.254.0.3, weight: 2}
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.entries import ROUTE
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_kernel

OPTIONS = {
    "routes": listed(ROUTE, "Routes. Family, table, network, metric and type of service identify a route.", required=True),
    **purge("Whether routes of this collection that are not listed are removed."),
    **COMMON,
}


def main():
    module = AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True)
    run_kernel(module, {"routes": module.params["routes"], "purge": module.params["purge"]})


if __name__ == "__main__":
    main()
