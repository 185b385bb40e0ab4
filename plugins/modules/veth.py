#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veth
short_description: One end of a veth pair
version_added: 0.1.0
description:
  - Makes, changes or removes one end of a veth pair. The other end is made with it, and goes with it.
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
  bridge:
    description: Bridge that the interface is a port of. An empty string takes it out.
    type: str
  vrf:
    description: VRF that the interface belongs to. An empty string takes it out.
    type: str
  port_learning:
    description: Whether the bridge learns MAC addresses on this port.
    type: bool
    aliases: [learning]
  neigh_suppress:
    description: Whether the bridge answers ARP and ND for this port from what it knows.
    type: bool
  isolated:
    description: Whether the port is kept apart from other isolated ports.
    type: bool
  hairpin:
    description: Whether frames may leave by the port they came in.
    type: bool
  guard:
    description: Whether the port is blocked when it receives BPDUs.
    type: bool
  vlan_tunnel:
    description: Whether VLANs of this port stand for VNIs, for a VXLAN device that carries many.
    type: bool
  flood:
    description: Whether packets to unknown stations leave by this port.
    type: bool
  mcast_flood:
    description: Whether packets to unknown multicast groups leave by this port.
    type: bool
  bcast_flood:
    description: Whether broadcast leaves by this port.
    type: bool
  mcast_to_unicast:
    description: Whether multicast leaves as a packet for each receiver.
    type: bool
  mcast_router:
    description: Whether multicast routers are behind this port, 0 for never, 1 for those that show themselves,
      2 for always. From 0 to 2.
    type: int
  mcast_fast_leave:
    description: Whether a multicast group is left at once, because there is one host behind this port.
    type: bool
  mcast_max_groups:
    description: Multicast groups that hosts behind this port can join; 0 for any number. From 0 to 4294967295.
    type: int
  neigh_vlan_suppress:
    description: Whether each VLAN says by itself if the bridge answers ARP and ND. From Linux 6.4.
    type: bool
  proxy_arp:
    description: Whether the bridge answers ARP on this port for stations at others.
    type: bool
  group_fwd_mask:
    description: Which addresses C(01:80:c2:00:00:0X) this port forwards, as the sum of 2 to the power
      of each X. From 0 to 65535.
    type: int
  locked:
    description: Whether only stations with a forwarding entry may send by this port. From Linux 5.18.
    type: bool
  mab:
    description: Whether a locked port notes the stations that would send. From Linux 6.2.
    type: bool
  cost:
    description: Cost of the port for the spanning tree. The kernel's own choice follows its speed. From
      0 to 65535.
    type: int
  priority:
    description: Priority of the port for the spanning tree, 0 to 63; 32 for a new port. From 0 to 63.
    type: int
  root_block:
    description: Whether the port cannot lead to the root of the spanning tree.
    type: bool
  backup_port:
    description: Port of the same bridge that packets leave by when this one has no carrier; an empty
      string for none.
    type: str
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
  peer:
    description: Name of the other end.
    type: str
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
- name: A pair, one end of it a port of a bridge
  evpn.fabric.veth:
    name: veth1
    peer: veth1-host
    bridge: br10100
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.links import VETH
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_single

OPTIONS = {**VETH, **COMMON}


def main():
    module = AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True)
    run_single(module, "veths", VETH)


if __name__ == "__main__":
    main()
