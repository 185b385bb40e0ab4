#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gateway_failover
short_description: Which gateway serves which VNI
version_added: 0.1.0
description:
  - Brings one gateway to what it owns of some VNIs. Who owns what follows from the options alone, as the filter
    P(evpn.fabric.gateway_owners#filter) says it; every gateway is given the same ones, but for O(self).
  - In the mode V(anycast), VNIs hash into buckets. Each bucket has a VTEP address that all gateways carry; underlay routes to
    it are preferred by the rank of the gateway. FRR's lines grow with the buckets, not with the VNIs.
  - In the mode V(exclusive), only the owner of a VNI advertises its EVPN routes and answers ARP and ND for its bridge. An owner
    that takes over announces its addresses (gratuitous ARP, unsolicited neighbor advertisements).
  - What moves is never written to FRR's startup file, so a gateway that restarts attracts nothing until this module has run.
  - A run is one transaction over the kernel and FRR. If a stage of it fails, or a signal ends it, all stages are reverted, or
    the error says what could not be. An announcement that hosts have heard cannot.
  - Bridges, VXLAN devices and FRR's route-map have to be there; the module says what is missing, all of it at once.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
options:
  gateways:
    description: The gateways.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name, from which scores follow. Another name is another gateway.
        type: str
        required: true
      weight:
        description: How much it carries compared with others, from 0.001 to 999999.999, at most three
          decimals.
        type: raw
        default: 1
      state:
        description: Only those that are V(active) own or stand by for anything.
        type: str
        choices: [active, drained, failed]
        default: active
      uids:
        description:
          - Its points on the ring, the numbers that wmgwd was started with (C(-uids)). Required with
            O(placement=ring).
          - The more of them, the more it carries.
        type: list
        elements: raw
  self:
    description: Which of the gateways this host is.
    type: str
    required: true
  vnis:
    description: Numbers and ranges such as C(10000-10999); a text with commas or a list.
    type: list
    elements: str
    required: true
  buckets:
    description:
      - The number of buckets; needed in the mode V(anycast). From 1 to 4096.
      - In the mode V(exclusive), ownership is by bucket where this is given, and by VNI elsewhere. With
        buckets, what is advertised outside can follow their ranks, see O(route_map).
    type: int
  pins:
    description: What a gateway is given whatever the scores. While it is not active, scores decide.
    type: list
    elements: dict
    suboptions:
      vnis:
        description: Numbers and ranges, without O(buckets). Of a range, those in O(vnis) are meant.
        type: list
        elements: str
      buckets:
        description: Numbers and ranges from 0 on, with O(buckets).
        type: list
        elements: str
      gateway:
        description: The name of the gateway.
        type: str
        required: true
  standbys:
    description: How many gateways stand by. Where there are fewer, rankings are shorter. From 0 to 255.
    type: int
    default: 1
  placement:
    description:
      - How owners are found.
      - V(rendezvous) moves only what a gateway that comes or goes gains or loses.
      - V(bounded) gives no gateway more than its share, rounded up, which balances few buckets best;
        when one comes or goes, a few other VNIs move as well.
      - V(ring) places as wmgwd does, with O(gateways[].uids).
    type: str
    choices: [rendezvous, bounded, ring]
    default: rendezvous
  allow_none_active:
    description: Whether to accept that no gateway is active; nobody owns anything then.
    type: bool
    default: false
  mode:
    description: How others are kept from what this gateway owns. P(evpn.fabric.gateway_owners#filter)
      is the same for both.
    type: str
    required: true
    choices: [exclusive, anycast]
  phase:
    description:
      - For moves without loss, V(acquire) on all gateways first, which only acquires what a gateway newly
        owns or ranks better for; then V(release) on all, which only releases.
      - In the mode V(exclusive), these two are about the fabric; then V(redirect) on all, which only
        acquires the way back.
      - V(all) does what remains.
    type: str
    choices: [all, acquire, release, redirect]
    default: all
  route_map:
    description:
      - The route-map in FRR's configuration that makes the difference.
      - In the mode V(anycast), it has an entry for each rank, which matches the prefix-list C(evpn-gateway-rank-0)
        for the owner, C(evpn-gateway-rank-1) for the first standby and so on; connected routes are redistributed
        by it.
      - In the mode V(exclusive), every EVPN neighbor uses it C(out). It has one entry that matches the
        extcommunity-list C(evpn-gateway-served); or it is the C(filter-vni) of wmgwd, which gets an entry
        for each VNI.
      - With a better entry that matches C(evpn-gateway-new), type-5 routes of a new owner are preferred
        from V(acquire) on. Of type-2 routes to the same MAC address it takes those of the lowest VTEP
        address, whatever the route-map.
      - With O(buckets), where an entry of any route-map matches a community-list C(evpn-gateway-rank-0),
        C(evpn-gateway-rank-1) and so on, that list is kept too, with C(65534:N) for bucket N.
    type: str
    default: evpn-gateway
  ospf:
    description:
      - In the mode V(exclusive), whether the bridges of served VNIs get the OSPF cost 100 and others
        65535, as wmgwd does. That is a line for each bridge; FRR 8.4 takes half a minute for 4,000.
      - In the mode V(anycast), whether ranks are OSPF costs instead of lists. Each bucket then has an
        interface of its own, see O(vtep_interface), with the cost 1000 for the owner, 1000 more for each
        standby, 1 for a gateway that takes the bucket up, and 65535 for others; O(route_map) and prefix-lists
        are not used.
    type: bool
    default: false
  vtep_prefix:
    description: The IPv4 addresses of the buckets, in their order; needed in the mode V(anycast), and
      only there.
    type: str
  vtep_interface:
    description:
      - The interface that carries them, in the mode V(anycast).
      - With O(ospf), the beginning of the names of the buckets' interfaces, such as V(vtep) for C(vtep0),
        C(vtep1) and so on; C(dummy) devices will do. OSPF advertises them, and FRR's configuration gives
        them the cost 65535, so that a gateway that restarts is the last choice.
    type: str
    default: lo
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
  pathspace:
    description: Name of the FRR instance, as in C(vtysh -N). The host's own where this is not given.
    type: str
requirements:
  - nft on the managed host (package nftables), in the mode V(exclusive)
  - pyroute2 0.7.2 or newer on the managed host, with O(netns)
notes:
  - Prefix-lists, community-lists and extcommunity-lists whose names begin with C(evpn-gateway-) are runtime state.
    M(evpn.fabric.frr_config) leaves them alone unless its configuration names them, and wmgwd's entries and costs likewise.
  - Addresses of buckets carry the protocol number 214. M(evpn.fabric.dataplane) purges them only where its
    O(evpn.fabric.dataplane#module:gateway) is V(false).
  - After a change of O(mode), bridges answer again with O(phase=acquire), and what only the other mode has goes with
    O(phase=release), addresses of buckets and lists. The mode V(exclusive) refuses VXLAN devices whose C(local) is the address
    of a bucket.
  - In the mode V(anycast) the module sets the C(local) of VXLAN devices; leave it out elsewhere.
  - FRR acts on changed lists after C(bgp route-map delay-timer), 5 seconds unless it is configured.
  - Tested with FRR 8.4 and 10.3.
seealso:
  - plugin: evpn.fabric.gateway_owners
    plugin_type: filter
  - module: evpn.fabric.frr_config
"""

EXAMPLES = r"""
- name: Serve the buckets that this gateway ranks for
  evpn.fabric.gateway_failover:
    gateways: "{{ gateways }}"
    self: "{{ inventory_hostname }}"
    vnis: [10000-13999]
    mode: anycast
    buckets: 64
    placement: bounded
    vtep_prefix: 192.0.2.0/26

- name: Acquire what this gateway newly owns, before others release it
  evpn.fabric.gateway_failover:
    gateways:
      - {name: gw1}
      - {name: gw2, state: drained}
    self: gw1
    vnis: [10000-10099]
    mode: exclusive
    phase: acquire
"""

RETURN = r"""
owned:
  description: The VNIs that this gateway served before, as numbers and ranges.
  returned: success
  type: str
  sample: 10000-10003,10007
holds:
  description: Whether it was ranked for anything, as owner or standby. A gateway that has restarted is not.
  returned: success
  type: bool
  sample: true
sessions:
  description: Its EVPN sessions.
  returned: success
  type: dict
  contains:
    configured:
      description: How many there are.
      type: int
      sample: 2
    established:
      description: How many are up.
      type: int
      sample: 2
    youngest:
      description: For how many seconds the last of them has been up; 0 if none is.
      type: int
      sample: 3600
maintenance:
  description: The maintenance that the host is in, as M(evpn.fabric.maintenance) returns it; none if it is in none.
  returned: success
  type: dict
  sample:
  version_added: 0.2.0
operations:
  description:
    - What was done, or in check mode what would be done, one entry an object, in order.
    - Empty if all is as it should be.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: C(frr), C(address), C(vxlan) or C(nd_suppression).
      type: str
      sample: frr
    name:
      description: The list, route-map or context of FRR, or the object.
      type: str
      sample: ip prefix-list evpn-gateway-rank-0
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
      sample: 3 buckets change their rank
    before:
      description: The object before; for a change only what differs.
      type: dict
      sample:
        name: ip prefix-list evpn-gateway-rank-0
        lines: []
    after:
      description: The object afterwards; for a change only what differs.
      type: dict
      sample:
        name: ip prefix-list evpn-gateway-rank-0
        lines:
          - ip prefix-list evpn-gateway-rank-0 seq 1 permit 192.0.2.0/32
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.gateway import OPTIONS, run


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
