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
  mac:
    description: MAC address. Given at creation, so that nothing else assigns one.
    type: str
  ipv6_link_local:
    description:
      - Whether the kernel derives an IPv6 link-local address. Without one, interfaces are made several
        times faster.
      - An address that an interface has already stays until the interface goes down.
    type: bool
  txqlen:
    description: Packets that wait to be sent at most; 1000 for a new device. From 0 to 4294967295.
    type: int
  promisc:
    description: Whether it takes all packets, whomever they are for.
    type: bool
  allmulticast:
    description: Whether it takes all multicast packets.
    type: bool
  arp:
    description: Whether it uses ARP and ND.
    type: bool
  ageing_time:
    description: Hundredths of a second after which a MAC address is forgotten; 30000 for a new bridge.
      From 0 to 4294967295.
    type: int
  stp:
    description: Whether the kernel's own spanning tree runs.
    type: bool
  priority:
    description: Priority for the spanning tree; 32768 for a new bridge. From 0 to 65535.
    type: int
  forward_delay:
    description: Hundredths of a second that a port listens and learns for; 1500 for a new bridge. From
      0 to 4294967295.
    type: int
  hello_time:
    description: Hundredths of a second between BPDUs; 200 for a new bridge. From 0 to 4294967295.
    type: int
  max_age:
    description: Hundredths of a second after which a silent root is given up; 2000 for a new bridge.
      From 0 to 4294967295.
    type: int
  vlan_filtering:
    description: Whether the bridge filters frames by VLAN.
    type: bool
  vlan_protocol:
    description: Which tags are VLANs.
    type: str
    choices: [802.1Q, 802.1ad]
  vlan_default_pvid:
    description: VLAN of untagged packets that a port is given when it joins, and the bridge itself; 0
      for none. Where VLAN filtering is turned on and this is not given, it becomes 0. From 0 to 4094.
    type: int
  vlan_stats_enabled:
    description: Whether packets are counted for each VLAN.
    type: bool
  vlan_stats_per_port:
    description: Whether they are counted for each VLAN of a port. The kernel changes this only while
      no port has a VLAN.
    type: bool
  group_fwd_mask:
    description: Which addresses C(01:80:c2:00:00:0X) the bridge forwards, as the sum of 2 to the power
      of each X. From 0 to 65535.
    type: int
  no_linklocal_learn:
    description: Whether the bridge learns nothing from packets to link-local groups.
    type: bool
  fdb_max_learned:
    description: MAC addresses that the bridge learns at most; 0 for any number. From Linux 6.7. From
      0 to 4294967295.
    type: int
  mcast_snooping:
    description: Whether the bridge learns where the members of multicast groups are.
    type: bool
  mcast_vlan_snooping:
    description: Whether it does so for each VLAN. From Linux 5.15.
    type: bool
  mcast_router:
    description: Whether the bridge is a multicast router, 0 for never, 1 for when it shows itself, 2
      for always. From 0 to 2.
    type: int
  mcast_querier:
    description: Whether the bridge asks for the members of groups.
    type: bool
  mcast_query_use_ifaddr:
    description: Whether it asks with its own address.
    type: bool
  mcast_igmp_version:
    description: Version of IGMP, 2 or 3. From 0 to 255.
    type: int
  mcast_mld_version:
    description: Version of MLD, 1 or 2. From 0 to 255.
    type: int
  mcast_hash_max:
    description: Multicast groups at most; 4096 for a new bridge. From 0 to 4294967295.
    type: int
  mcast_stats_enabled:
    description: Whether IGMP and MLD are counted.
    type: bool
  nf_call_iptables:
    description: Whether IPv4 packets go through iptables.
    type: bool
  nf_call_ip6tables:
    description: Whether IPv6 packets go through ip6tables.
    type: bool
  nf_call_arptables:
    description: Whether ARP packets go through arptables.
    type: bool
  mcast_last_member_count:
    description: Questions that are asked before a group is given up. From 0 to 4294967295.
    type: int
  mcast_startup_query_count:
    description: Questions that are asked at the start. From 0 to 4294967295.
    type: int
  mcast_last_member_interval:
    description: Hundredths of a second between questions about a group that a member leaves. From 0 to
      18446744073709551615.
    type: int
  mcast_membership_interval:
    description: Hundredths of a second after which a member that has not answered is forgotten. From
      0 to 18446744073709551615.
    type: int
  mcast_querier_interval:
    description: Hundredths of a second after which another querier that is silent is given up. From 0
      to 18446744073709551615.
    type: int
  mcast_query_interval:
    description: Hundredths of a second between questions. From 0 to 18446744073709551615.
    type: int
  mcast_query_response_interval:
    description: Hundredths of a second within which members answer. From 0 to 18446744073709551615.
    type: int
  mcast_startup_query_interval:
    description: Hundredths of a second between questions at the start. From 0 to 18446744073709551615.
    type: int
  vrf:
    description: VRF that the interface belongs to. An empty string takes it out.
    type: str
  state:
    description: Whether it exists.
    type: str
    choices: [present, absent]
    default: present
  addresses:
    description:
      - Addresses with prefix length. IPv6 addresses are added without duplicate address detection, because
        a gateway's address is the same on every VTEP.
      - Other addresses of the bridge stay. M(evpn.fabric.dataplane) can remove those that are not listed.
    type: list
    elements: str
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

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.common import COMMON
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.links import BRIDGE
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single

OPTIONS = {
    **BRIDGE,
    "addresses": Key(
        "list",
        (
            "Addresses with prefix length. IPv6 addresses are added without duplicate address detection, because a gateway's "
            "address is the same on every VTEP.",
            "Other addresses of the bridge stay. M(evpn.fabric.dataplane) can remove those that are not listed.",
        ),
        elements="str",
    ),
    **COMMON,
}


def main():
    module = AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True)
    run_single(module, "bridges", BRIDGE)


if __name__ == "__main__":
    main()
