# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that modules of the data plane share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of data plane modules."""

    DOCUMENTATION = r"""
options:
  netns:
    description:
      - Name of the network namespace to work in, as C(ip netns) lists it.
      - The host's own where this is not given.
    type: str
  max_disruption:
    description:
      - The task fails, before anything is touched, if it would have to do something more disruptive than this.
      - V(hitless) allows only what no packet notices; V(session) allows to reset neighbours and to take forwarding state away;
        V(link) allows to take a link down or to make it anew; V(daemon) allows all.
    type: str
    choices: [hitless, session, link, daemon]
    default: daemon
  lock_timeout:
    description: Seconds to wait for another run in the same network namespace before the task fails.
    type: int
    default: 60
requirements:
  - with O(netns), pyroute2 0.7.2 or newer on the managed host (package python3-pyroute2 on Debian, Ubuntu and Fedora)
notes:
  - What is not specified is left alone.
  - Links that this collection makes carry C([evpn.fabric]) at the end of their alias; rules and addresses carry the protocol
    number 213. Nothing that lacks the mark is ever removed unless a task names it.
  - A link that exists and fits is marked and kept; an address or rule that exists is kept as it is.
  - FRR before 10 can overlook an address that comes at once with its interface. Where it runs, a task that made addresses ends
    when FRR knows them; those it has overlooked are announced to it again. Not in another network namespace.
"""

    LINK = r"""
options:
  name:
    description: Name of the network interface, at most 15 bytes.
    type: str
    required: true
  description:
    description: Text for people. It becomes the interface's alias, followed by the mark C([evpn.fabric]).
    type: str
  mtu:
    description: MTU in bytes.
    type: int
  up:
    description: Whether the interface is up.
    type: bool
    default: true
  state:
    description: Whether the interface exists.
    type: str
    choices: [present, absent]
    default: present
"""

    SETTINGS = r"""
options:
  txqlen:
    description: Packets that wait to be sent at most; 1000 for a new device.
    type: int
  promisc:
    description: Whether it takes all packets, whomever they are for.
    type: bool
  allmulticast:
    description: Whether it takes all multicast packets.
    type: bool
"""

    ARP = r"""
options:
  arp:
    description: Whether it uses ARP and ND.
    type: bool
"""

    ETHERNET = r"""
options:
  mac:
    description: MAC address. Given at creation, so that nothing else assigns one.
    type: str
  ipv6_link_local:
    description:
      - Whether the kernel derives an IPv6 link-local address. Without one, interfaces are made several times faster.
      - An address that an interface has already stays until the interface goes down.
    type: bool
  vrf:
    description: VRF that the interface belongs to. An empty string takes it out.
    type: str
"""

    PORT = r"""
options:
  bridge:
    description: Bridge that the interface is a port of. An empty string takes it out.
    type: str
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
    description: Whether multicast routers are behind this port, 0 for never, 1 for those that show themselves, 2 for always.
    type: int
  mcast_fast_leave:
    description: Whether a multicast group is left at once, because there is one host behind this port.
    type: bool
  mcast_max_groups:
    description: Multicast groups that hosts behind this port can join; 0 for any number.
    type: int
  neigh_vlan_suppress:
    description: Whether the bridge answers ARP and ND for those VLANs only that are told to. From Linux 6.4.
    type: bool
  proxy_arp:
    description: Whether the bridge answers ARP on this port for stations at others.
    type: bool
  group_fwd_mask:
    description: Which addresses C(01:80:c2:00:00:0X) this port forwards, as the sum of 2 to the power of each X.
    type: int
  locked:
    description: Whether only stations with a forwarding entry may send by this port. From Linux 5.18.
    type: bool
  mab:
    description: Whether a locked port notes the stations that would send. From Linux 6.2.
    type: bool
  cost:
    description: Cost of the port for the spanning tree. The kernel's own choice follows its speed.
    type: int
  priority:
    description: Priority of the port for the spanning tree, 0 to 63; 32 for a new port.
    type: int
  root_block:
    description: Whether the port cannot lead to the root of the spanning tree.
    type: bool
  backup_port:
    description: Port of the same bridge that packets leave by when this one has no carrier; an empty string for none.
    type: str
"""

    LEARNING = r"""
options:
  port_learning:
    description: Whether the bridge learns MAC addresses on this port.
    type: bool
    aliases: [learning]
"""
