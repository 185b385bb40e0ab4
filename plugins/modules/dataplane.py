#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dataplane
short_description: The whole data plane of a host, in one plan
version_added: 0.1.0
description:
  - Brings a host's VRFs, bridges, VXLAN devices, other links, addresses, forwarding entries, neighbors, routes, rules and
    sysctls to a document.
  - The whole document is one plan. Removals come first, then creations from the ground up, and links are raised when all is in
    place. If the kernel refuses something, what was done is reverted.
  - Only kinds that the document lists are compared, and only they are purged.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
options:
  vrfs:
    description: VRF devices. See M(evpn.fabric.vrf).
    type: list
    elements: dict
    suboptions:
      name: &name
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description: &description
        description: Text for people. It becomes the interface's alias, followed by the mark C([evpn.fabric]).
        type: str
      mtu: &mtu
        description: MTU in bytes. From 68 to 65535.
        type: int
      up: &up
        description: Whether the interface is up.
        type: bool
        default: true
      txqlen: &txqlen
        description: Packets that wait to be sent at most; 1000 for a new device. From 0 to 4294967295.
        type: int
      promisc: &promisc
        description: Whether it takes all packets, whomever they are for.
        type: bool
      allmulticast: &allmulticast
        description: Whether it takes all multicast packets.
        type: bool
      table:
        description:
          - Number of the routing table. Needed unless C(state) is V(absent). From 1 to 4294967295.
          - It cannot change on a live device, so that the device is made anew if it differs.
        type: int
      state: &state
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  bridges:
    description: Bridges. See M(evpn.fabric.bridge).
    type: list
    elements: dict
    suboptions:
      name: *name
      description: *description
      mtu: *mtu
      up: *up
      mac: &mac
        description: MAC address. Given at creation, so that nothing else assigns one.
        type: str
      ipv6_link_local: &ipv6_link_local
        description:
          - Whether the kernel derives an IPv6 link-local address. Without one, interfaces are made several
            times faster.
          - An address that an interface has already stays until the interface goes down.
        type: bool
      txqlen: *txqlen
      promisc: *promisc
      allmulticast: *allmulticast
      arp: &arp
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
        description: Hundredths of a second that a port listens and learns for; 1500 for a new bridge.
          From 0 to 4294967295.
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
        description: VLAN of untagged packets that a port is given when it joins, and the bridge itself;
          0 for none. Where VLAN filtering is turned on and this is not given, it becomes 0. From 0 to
          4094.
        type: int
      vlan_stats_enabled:
        description: Whether packets are counted for each VLAN.
        type: bool
      vlan_stats_per_port:
        description: Whether they are counted for each VLAN of a port. The kernel changes this only while
          no port has a VLAN.
        type: bool
      group_fwd_mask:
        description: Which addresses C(01:80:c2:00:00:0X) the bridge forwards, as the sum of 2 to the
          power of each X. From 0 to 65535.
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
        description: Whether the bridge is a multicast router, 0 for never, 1 for when it shows itself,
          2 for always. From 0 to 2.
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
        description: Hundredths of a second between questions about a group that a member leaves. From
          0 to 18446744073709551615.
        type: int
      mcast_membership_interval:
        description: Hundredths of a second after which a member that has not answered is forgotten. From
          0 to 18446744073709551615.
        type: int
      mcast_querier_interval:
        description: Hundredths of a second after which another querier that is silent is given up. From
          0 to 18446744073709551615.
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
      vrf: &vrf
        description: VRF that the interface belongs to. An empty string takes it out.
        type: str
      state: *state
  vxlans:
    description: VXLAN devices. See M(evpn.fabric.vxlan).
    type: list
    elements: dict
    suboptions:
      name: *name
      description: *description
      mtu: *mtu
      up: *up
      mac: *mac
      ipv6_link_local: *ipv6_link_local
      bridge: &bridge
        description: Bridge that the interface is a port of. An empty string takes it out.
        type: str
      vrf: *vrf
      port_learning:
        description: Whether the bridge learns MAC addresses on this port. Where this is not given, it
          is as C(learning) says.
        type: bool
      neigh_suppress: &neigh_suppress
        description: Whether the bridge answers ARP and ND for this port from what it knows.
        type: bool
      isolated: &isolated
        description: Whether the port is kept apart from other isolated ports.
        type: bool
      hairpin: &hairpin
        description: Whether frames may leave by the port they came in.
        type: bool
      guard: &guard
        description: Whether the port is blocked when it receives BPDUs.
        type: bool
      vlan_tunnel: &vlan_tunnel
        description: Whether VLANs of this port stand for VNIs, for a VXLAN device that carries many.
        type: bool
      flood: &flood
        description: Whether packets to unknown stations leave by this port.
        type: bool
      mcast_flood: &mcast_flood
        description: Whether packets to unknown multicast groups leave by this port.
        type: bool
      bcast_flood: &bcast_flood
        description: Whether broadcast leaves by this port.
        type: bool
      mcast_to_unicast: &mcast_to_unicast
        description: Whether multicast leaves as a packet for each receiver.
        type: bool
      mcast_router: &mcast_router
        description: Whether multicast routers are behind this port, 0 for never, 1 for those that show
          themselves, 2 for always. From 0 to 2.
        type: int
      mcast_fast_leave: &mcast_fast_leave
        description: Whether a multicast group is left at once, because there is one host behind this
          port.
        type: bool
      mcast_max_groups: &mcast_max_groups
        description: Multicast groups that hosts behind this port can join; 0 for any number. From 0 to
          4294967295.
        type: int
      neigh_vlan_suppress: &neigh_vlan_suppress
        description: Whether each VLAN says by itself if the bridge answers ARP and ND. From Linux 6.4.
        type: bool
      proxy_arp: &proxy_arp
        description: Whether the bridge answers ARP on this port for stations at others.
        type: bool
      group_fwd_mask: &group_fwd_mask
        description: Which addresses C(01:80:c2:00:00:0X) this port forwards, as the sum of 2 to the power
          of each X. From 0 to 65535.
        type: int
      locked: &locked
        description: Whether only stations with a forwarding entry may send by this port. From Linux 5.18.
        type: bool
      mab: &mab
        description: Whether a locked port notes the stations that would send. From Linux 6.2.
        type: bool
      cost: &cost
        description: Cost of the port for the spanning tree. The kernel's own choice follows its speed.
          From 0 to 65535.
        type: int
      priority: &priority
        description: Priority of the port for the spanning tree, 0 to 63; 32 for a new port. From 0 to
          63.
        type: int
      root_block: &root_block
        description: Whether the port cannot lead to the root of the spanning tree.
        type: bool
      backup_port: &backup_port
        description: Port of the same bridge that packets leave by when this one has no carrier; an empty
          string for none.
        type: str
      txqlen: *txqlen
      promisc: *promisc
      allmulticast: *allmulticast
      arp: *arp
      vni:
        description:
          - VXLAN network identifier. Needed unless C(state) is V(absent). From 1 to 16777215.
          - It cannot change on a live device, and neither can C(dstport), C(srcport), C(remote), C(group),
            C(dev), C(ttl_inherit), C(maxaddress), C(proxy), C(rsc), C(l2miss), C(l3miss), C(gbp), C(gpe)
            and what is about checksums, so that the device is made anew if one of them differs.
        type: int
      local:
        description: Source address of the tunnel. A change makes FRR advertise the routes with the new
          next hop.
        type: str
      remote:
        description: Address of the one other end, for a point-to-point tunnel.
        type: str
      group:
        description: Multicast group that unknown destinations are reached by. Needs C(dev).
        type: str
      dev:
        description: Interface that packets leave by.
        type: str
      dstport:
        description: UDP port. The kernel's own default would be 8472. From 1 to 65535.
        type: int
        default: 4789
      external:
        description: Whether the device carries many VNIs, those that VLANs of its port stand for.
        type: bool
      vnifilter:
        description: Whether an external device accepts only the VNIs in C(vnis) of M(evpn.fabric.dataplane).
        type: bool
      ttl:
        description: Time to live of the outer packets; 0 lets the kernel choose. From 0 to 255.
        type: int
      ttl_inherit:
        description: Whether it is that of the inner packets.
        type: bool
      tos:
        description: Type of service of the outer packets; 1 for that of the inner ones. From 0 to 255.
        type: int
      df:
        description: Whether the outer packets may not be fragmented, or may if the inner ones may.
        type: str
        choices: [unset, set, inherit]
      flowlabel:
        description: Flow label of outer packets over IPv6. From 0 to 1048575.
        type: int
      srcport:
        description: UDP source ports as V(40000-50000), of which each flow has one. V(0-0), the kernel's
          own choice, for a new device.
        type: str
      learning:
        description: Whether the device learns which VTEP a MAC address is at, and its bridge port MAC
          addresses, unless C(port_learning) is given.
        type: bool
      ageing:
        description: Seconds after which a MAC address that was learned is forgotten; 300 for a new device.
          From 0 to 4294967295.
        type: int
      maxaddress:
        description: Forwarding entries at most; 0 for any number. From 0 to 4294967295.
        type: int
      proxy:
        description: Whether the device answers ARP and ND from the host's neighbors.
        type: bool
      rsc:
        description: Whether packets to a router's MAC address take a short cut to where its neighbors
          say.
        type: bool
      l2miss:
        description: Whether the kernel sends a notification for a MAC address without a forwarding entry.
        type: bool
      l3miss:
        description: Whether the kernel sends a notification for an IP address without a neighbor entry.
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
      state: *state
  veths:
    description: Ends of veth pairs. An end that is not listed is made with its peer. See M(evpn.fabric.veth).
    type: list
    elements: dict
    suboptions:
      name: *name
      description: *description
      mtu: *mtu
      up: *up
      mac: *mac
      ipv6_link_local: *ipv6_link_local
      bridge: *bridge
      vrf: *vrf
      port_learning: &port_learning
        description: Whether the bridge learns MAC addresses on this port.
        type: bool
        aliases: [learning]
      neigh_suppress: *neigh_suppress
      isolated: *isolated
      hairpin: *hairpin
      guard: *guard
      vlan_tunnel: *vlan_tunnel
      flood: *flood
      mcast_flood: *mcast_flood
      bcast_flood: *bcast_flood
      mcast_to_unicast: *mcast_to_unicast
      mcast_router: *mcast_router
      mcast_fast_leave: *mcast_fast_leave
      mcast_max_groups: *mcast_max_groups
      neigh_vlan_suppress: *neigh_vlan_suppress
      proxy_arp: *proxy_arp
      group_fwd_mask: *group_fwd_mask
      locked: *locked
      mab: *mab
      cost: *cost
      priority: *priority
      root_block: *root_block
      backup_port: *backup_port
      txqlen: *txqlen
      promisc: *promisc
      allmulticast: *allmulticast
      arp: *arp
      peer:
        description: Name of the other end.
        type: str
      state: *state
  vlans:
    description: VLAN devices. See M(evpn.fabric.vlan).
    type: list
    elements: dict
    suboptions:
      name: *name
      description: *description
      mtu: *mtu
      up: *up
      mac: *mac
      ipv6_link_local: *ipv6_link_local
      bridge: *bridge
      vrf: *vrf
      port_learning: *port_learning
      neigh_suppress: *neigh_suppress
      isolated: *isolated
      hairpin: *hairpin
      guard: *guard
      vlan_tunnel: *vlan_tunnel
      flood: *flood
      mcast_flood: *mcast_flood
      bcast_flood: *bcast_flood
      mcast_to_unicast: *mcast_to_unicast
      mcast_router: *mcast_router
      mcast_fast_leave: *mcast_fast_leave
      mcast_max_groups: *mcast_max_groups
      neigh_vlan_suppress: *neigh_vlan_suppress
      proxy_arp: *proxy_arp
      group_fwd_mask: *group_fwd_mask
      locked: *locked
      mab: *mab
      cost: *cost
      priority: *priority
      root_block: *root_block
      backup_port: *backup_port
      txqlen: *txqlen
      promisc: *promisc
      allmulticast: *allmulticast
      arp: *arp
      vlan:
        description: VLAN, 1 to 4094. From 1 to 4094.
        type: int
      protocol:
        description: Which tag the device has. It cannot change on a live device.
        type: str
        choices: [802.1Q, 802.1ad]
      reorder_hdr:
        description: Whether packets that come in are shown without tag.
        type: bool
      gvrp:
        description: Whether the VLAN is registered by GVRP.
        type: bool
      mvrp:
        description: Whether the VLAN is registered by MVRP.
        type: bool
      loose_binding:
        description: Whether the device is up while the one below it is not.
        type: bool
      bridge_binding:
        description: Whether the device is up only while a port of the bridge below it carries its VLAN
          and is up.
        type: bool
      ingress_qos_map:
        description: Priorities of tags and what they become in the host, as C(0:1 5:2).
        type: str
      egress_qos_map:
        description: Priorities of packets in the host and what they become in tags, as C(0:1 5:2).
        type: str
      link: &link
        description: Interface that it stands on.
        type: str
      state: *state
  dummies:
    description: Dummy devices. See M(evpn.fabric.dummy).
    type: list
    elements: dict
    suboptions:
      name: *name
      description: *description
      mtu: *mtu
      up: *up
      mac: *mac
      ipv6_link_local: *ipv6_link_local
      bridge: *bridge
      vrf: *vrf
      port_learning: *port_learning
      neigh_suppress: *neigh_suppress
      isolated: *isolated
      hairpin: *hairpin
      guard: *guard
      vlan_tunnel: *vlan_tunnel
      flood: *flood
      mcast_flood: *mcast_flood
      bcast_flood: *bcast_flood
      mcast_to_unicast: *mcast_to_unicast
      mcast_router: *mcast_router
      mcast_fast_leave: *mcast_fast_leave
      mcast_max_groups: *mcast_max_groups
      neigh_vlan_suppress: *neigh_vlan_suppress
      proxy_arp: *proxy_arp
      group_fwd_mask: *group_fwd_mask
      locked: *locked
      mab: *mab
      cost: *cost
      priority: *priority
      root_block: *root_block
      backup_port: *backup_port
      txqlen: *txqlen
      promisc: *promisc
      allmulticast: *allmulticast
      state: *state
  macvlans:
    description: macvlan devices. See M(evpn.fabric.macvlan).
    type: list
    elements: dict
    suboptions:
      name: *name
      description: *description
      mtu: *mtu
      up: *up
      mac: *mac
      ipv6_link_local: *ipv6_link_local
      bridge: *bridge
      vrf: *vrf
      port_learning: *port_learning
      neigh_suppress: *neigh_suppress
      isolated: *isolated
      hairpin: *hairpin
      guard: *guard
      vlan_tunnel: *vlan_tunnel
      flood: *flood
      mcast_flood: *mcast_flood
      bcast_flood: *bcast_flood
      mcast_to_unicast: *mcast_to_unicast
      mcast_router: *mcast_router
      mcast_fast_leave: *mcast_fast_leave
      mcast_max_groups: *mcast_max_groups
      neigh_vlan_suppress: *neigh_vlan_suppress
      proxy_arp: *proxy_arp
      group_fwd_mask: *group_fwd_mask
      locked: *locked
      mab: *mab
      cost: *cost
      priority: *priority
      root_block: *root_block
      backup_port: *backup_port
      txqlen: *txqlen
      promisc: *promisc
      allmulticast: *allmulticast
      arp: *arp
      mode:
        description: What the devices on one interface may do with each other's packets.
        type: str
        choices: [private, vepa, bridge, passthru]
        default: bridge
      link: *link
      state: *state
  interfaces:
    description: Interfaces that exist without this collection, such as physical ports. They are never
      made or removed; with C(purge) one that is no longer listed gets back what it had before. See M(evpn.fabric.interface).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the interface. It must exist.
        type: str
        required: true
      description:
        description: Text for people. It becomes the interface's alias, followed by the mark C([evpn.fabric
          port]).
        type: str
      mtu: *mtu
      up:
        description: Whether the interface is up. It is left as it is where this is not given.
        type: bool
      mac: *mac
      ipv6_link_local: *ipv6_link_local
      bridge: *bridge
      vrf: *vrf
      port_learning: *port_learning
      neigh_suppress: *neigh_suppress
      isolated: *isolated
      hairpin: *hairpin
      guard: *guard
      vlan_tunnel: *vlan_tunnel
      flood: *flood
      mcast_flood: *mcast_flood
      bcast_flood: *bcast_flood
      mcast_to_unicast: *mcast_to_unicast
      mcast_router: *mcast_router
      mcast_fast_leave: *mcast_fast_leave
      mcast_max_groups: *mcast_max_groups
      neigh_vlan_suppress: *neigh_vlan_suppress
      proxy_arp: *proxy_arp
      group_fwd_mask: *group_fwd_mask
      locked: *locked
      mab: *mab
      cost: *cost
      priority: *priority
      root_block: *root_block
      backup_port: *backup_port
      txqlen: *txqlen
      promisc: *promisc
      allmulticast: *allmulticast
  bridge_vlans:
    description: VLANs of bridge ports, for bridges that tell VLANs apart.
    type: list
    elements: dict
    suboptions:
      dev:
        description: Port of the bridge, or the bridge itself.
        type: str
        required: true
      vlan:
        description: VLAN or range of VLANs, as V(100) or V(100-199).
        type: str
        required: true
      pvid:
        description: Whether untagged packets that come in belong to it.
        type: bool
      untagged:
        description: Whether its packets leave without tag.
        type: bool
      vni:
        description: On an external VXLAN device the VNI, or as large a range of VNIs, that it stands
          for.
        type: str
      state: *state
  vnis:
    description: VNIs that external VXLAN devices with a filter take.
    type: list
    elements: dict
    suboptions:
      dev:
        description: VXLAN device with C(vnifilter).
        type: str
        required: true
      vni:
        description: VNI or range of VNIs, as V(10100) or V(10100-10199).
        type: str
        required: true
      group:
        description: Address that its broadcast goes to.
        type: str
      state: *state
  fdb:
    description: Static forwarding entries. See M(evpn.fabric.fdb).
    type: list
    elements: dict
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
      state: *state
  addresses:
    description: Addresses of interfaces, also of those that are not in the document.
    type: list
    elements: dict
    suboptions:
      dev: &dev_2
        description: Interface.
        type: str
        required: true
      address:
        description: Address with its prefix length.
        type: str
        required: true
      nodad:
        description: Whether to do without duplicate address detection, for an IPv6 address.
        type: bool
      noprefixroute:
        description: Whether to do without the route to the address's subnet.
        type: bool
      metric:
        description:
          - The metric of that route; 0 is the kernel's own choice. FRR redistributes it with the route.
            From 0 to 4294967295.
          - An address whose metric changes is taken away and added again, because FRR does not notice
            the change.
        type: int
      peer:
        description: Other end of a point-to-point link. The prefix length is that of its network.
        type: str
      scope:
        description: Where an IPv4 address is valid. V(host) for one of 127.0.0.0/8, V(global) for others
          where this is not given.
        type: str
        choices: [global, site, link, host]
      broadcast:
        description: Broadcast address of an IPv4 network.
        type: str
      label:
        description: Label of an IPv4 address, such as C(eth0:1).
        type: str
      home:
        description: Whether it is the home address of a mobile IPv6 host.
        type: bool
      mngtmpaddr:
        description: Whether the kernel makes temporary IPv6 addresses of its network.
        type: bool
      autojoin:
        description: Whether the host joins the multicast group that the address is.
        type: bool
      state: *state
  routes:
    description: Static routes. See M(evpn.fabric.routes).
    type: list
    elements: dict
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
      state: *state
      vrf:
        description: VRF of the document, in whose table the route is.
        type: str
  neighbors:
    description: Permanent ARP and ND entries. See M(evpn.fabric.neighbors).
    type: list
    elements: dict
    suboptions:
      dev: *dev_2
      ip:
        description: IP address.
        type: str
        required: true
      mac:
        description: Its MAC address.
        type: str
      proxy:
        description: Whether the host answers for the address itself; then without C(mac).
        type: bool
        default: false
      router:
        description: Whether the neighbor is a router, for IPv6.
        type: bool
      state: *state
  rules:
    description: Routing policy rules. See M(evpn.fabric.ip_rules).
    type: list
    elements: dict
    suboptions:
      priority:
        description: Rules of lower numbers come first. From 0 to 4294967295.
        type: int
        required: true
      family:
        description: Address family.
        type: str
        choices: [ipv4, ipv6]
        default: ipv4
      action:
        description: What happens to a packet that the rule selects.
        type: str
        choices: [lookup, blackhole, unreachable, prohibit]
        default: lookup
      table:
        description: Routing table to look up, a number or V(main), V(local) or V(default). For the action
          V(lookup).
        type: str
      l3mdev:
        description: Whether the rule is for packets of VRFs, and the table that of their VRF.
        type: bool
        default: false
      iif:
        description: Interface the packet came in by.
        type: str
      oif:
        description: Interface the packet is to leave by.
        type: str
      from:
        description: Network of the source.
        type: str
      to:
        description: Network of the destination.
        type: str
      fwmark:
        description: Mark of the packet, with an optional mask.
        type: str
      not:
        description: Whether the rule is for packets that the rest of it does not select.
        type: bool
      tos:
        description: Type of service of the packet. From 0 to 255.
        type: int
      ipproto:
        description: Protocol of the packet, a number or a name such as V(tcp).
        type: str
      sport:
        description: Source port of the packet, or a range of them, as V(1000-2000).
        type: str
      dport:
        description: Destination port of the packet, or a range of them.
        type: str
      uidrange:
        description: User that the packet comes from, or a range of them.
        type: str
      suppress_prefixlength:
        description: Routes count only if their prefix is longer than this. From 0 to 128.
        type: int
      state: *state
  sysctls:
    description:
      - Network sysctls, name to value. Use slashes where the name of an interface has a dot, such as
        C(net/ipv4/conf/eth0.100/forwarding).
      - Those of an interface are set before it goes up.
    type: dict
  gateway:
    description:
      - Whether the host is a gateway of M(evpn.fabric.gateway_failover).
      - If V(false), C(purge) also takes away what that module leaves in the kernel of a host that was
        one. These are addresses of buckets, if C(addresses) is listed, and what keeps bridges from answering
        ARP and ND, an C(arp_ignore) of 8 and the nftables table C(ip6 evpn_gateway). An C(arp_ignore)
        that C(sysctls) lists is not looked at.
      - If V(true), or not given, all of that stays as it is.
    type: bool
  purge:
    description:
      - Whether objects of this collection that are not listed are removed. Only of kinds that are listed;
        an empty list will do.
      - What is no longer said of an interface, and sysctls of interfaces that are not listed any more,
        return to what they were.
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
  - module: evpn.fabric.vrf
  - module: evpn.fabric.bridge
  - module: evpn.fabric.vxlan
  - module: evpn.fabric.fdb
  - module: evpn.fabric.neighbors
  - module: evpn.fabric.routes
  - module: evpn.fabric.ip_rules
  - module: evpn.fabric.dataplane_info
"""

EXAMPLES = r"""
- name: A VTEP with one routed network, all of it at once
  evpn.fabric.dataplane:
    vrfs:
      - {name: tenant-a, table: 50001}
    bridges:
      - {name: br10100, vrf: tenant-a, mac: "02:00:5e:00:01:01", mtu: 1450}
      - {name: br50001, vrf: tenant-a, mtu: 1450, description: L3VNI of tenant-a}
    vxlans:
      - {name: vxlan10100, vni: 10100, local: 10.255.0.11, bridge: br10100, mtu: 1450, learning: false, neigh_suppress: true}
      - {name: vxlan50001, vni: 50001, local: 10.255.0.11, bridge: br50001, mtu: 1450, learning: false}
    interfaces:
      - {name: eth3, bridge: br10100, up: true}
    addresses:
      - {dev: lo, address: 10.255.0.11/32}
      - {dev: br10100, address: 10.1.0.1/24}
    sysctls:
      net.ipv4.ip_forward: 1
    purge: true

- name: See what would change, and fail if that were more than a neighbour's reset
  evpn.fabric.dataplane:
    bridges: "{{ my_bridges }}"
    max_disruption: session
  check_mode: true
  diff: true
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.dataplane import OPTIONS, run


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
