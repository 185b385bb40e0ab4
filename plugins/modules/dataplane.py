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
    place. If the kernel refuses something, what was done is taken back.
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
      name:
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description:
        description: Text for people, which becomes the alias.
        type: str
      mtu:
        description: MTU in bytes.
        type: int
      up:
        description: Whether the interface is up.
        type: bool
        default: true
      table:
        description: Number of the routing table.
        type: int
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  bridges:
    description: Bridges. See M(evpn.fabric.bridge).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description:
        description: Text for people, which becomes the alias.
        type: str
      mtu:
        description: MTU in bytes.
        type: int
      up:
        description: Whether the interface is up.
        type: bool
        default: true
      mac:
        description: MAC address.
        type: str
      ipv6_link_local:
        description: Whether the kernel derives an IPv6 link-local address.
        type: bool
      vrf:
        description: VRF that the interface belongs to; an empty string takes it out.
        type: str
      vlan_filtering:
        description: Whether the bridge tells VLANs apart.
        type: bool
      stp:
        description: Whether the kernel's own spanning tree runs.
        type: bool
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  vxlans:
    description: VXLAN devices. See M(evpn.fabric.vxlan).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description:
        description: Text for people, which becomes the alias.
        type: str
      mtu:
        description: MTU in bytes.
        type: int
      up:
        description: Whether the interface is up.
        type: bool
        default: true
      mac:
        description: MAC address.
        type: str
      ipv6_link_local:
        description: Whether the kernel derives an IPv6 link-local address.
        type: bool
      bridge:
        description: Bridge that the interface is a port of; an empty string takes it out.
        type: str
      vrf:
        description: VRF that the interface belongs to; an empty string takes it out.
        type: str
      learning:
        description: Whether the bridge learns MAC addresses on this port.
        type: bool
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
      vni:
        description: VXLAN network identifier, 1 to 16777215.
        type: int
      local:
        description: Source address of the tunnel.
        type: str
      remote:
        description: Address of the one other end.
        type: str
      group:
        description: Multicast group that unknown destinations are reached by.
        type: str
      dev:
        description: Interface that packets leave by.
        type: str
      dstport:
        description: UDP port.
        type: int
        default: 4789
      ttl:
        description: Time to live of the outer packets; 0 lets the kernel choose.
        type: int
      external:
        description: Whether the device carries many VNIs, those that VLANs of its port stand for.
        type: bool
      vnifilter:
        description: Whether an external device takes only the VNIs it is told to.
        type: bool
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  veths:
    description: Ends of veth pairs. An end that is not listed is made with its peer. See M(evpn.fabric.veth).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description:
        description: Text for people, which becomes the alias.
        type: str
      mtu:
        description: MTU in bytes.
        type: int
      up:
        description: Whether the interface is up.
        type: bool
        default: true
      mac:
        description: MAC address.
        type: str
      ipv6_link_local:
        description: Whether the kernel derives an IPv6 link-local address.
        type: bool
      bridge:
        description: Bridge that the interface is a port of; an empty string takes it out.
        type: str
      vrf:
        description: VRF that the interface belongs to; an empty string takes it out.
        type: str
      learning:
        description: Whether the bridge learns MAC addresses on this port.
        type: bool
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
      peer:
        description: Name of the other end.
        type: str
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  vlans:
    description: 802.1Q VLAN devices. See M(evpn.fabric.vlan).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description:
        description: Text for people, which becomes the alias.
        type: str
      mtu:
        description: MTU in bytes.
        type: int
      up:
        description: Whether the interface is up.
        type: bool
        default: true
      mac:
        description: MAC address.
        type: str
      ipv6_link_local:
        description: Whether the kernel derives an IPv6 link-local address.
        type: bool
      bridge:
        description: Bridge that the interface is a port of; an empty string takes it out.
        type: str
      vrf:
        description: VRF that the interface belongs to; an empty string takes it out.
        type: str
      learning:
        description: Whether the bridge learns MAC addresses on this port.
        type: bool
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
      link:
        description: Interface that it stands on.
        type: str
      vlan:
        description: VLAN, 1 to 4094.
        type: int
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  dummies:
    description: Dummy devices. See M(evpn.fabric.dummy).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description:
        description: Text for people, which becomes the alias.
        type: str
      mtu:
        description: MTU in bytes.
        type: int
      up:
        description: Whether the interface is up.
        type: bool
        default: true
      mac:
        description: MAC address.
        type: str
      ipv6_link_local:
        description: Whether the kernel derives an IPv6 link-local address.
        type: bool
      bridge:
        description: Bridge that the interface is a port of; an empty string takes it out.
        type: str
      vrf:
        description: VRF that the interface belongs to; an empty string takes it out.
        type: str
      learning:
        description: Whether the bridge learns MAC addresses on this port.
        type: bool
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
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  macvlans:
    description: macvlan devices. See M(evpn.fabric.macvlan).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description:
        description: Text for people, which becomes the alias.
        type: str
      mtu:
        description: MTU in bytes.
        type: int
      up:
        description: Whether the interface is up.
        type: bool
        default: true
      mac:
        description: MAC address.
        type: str
      ipv6_link_local:
        description: Whether the kernel derives an IPv6 link-local address.
        type: bool
      bridge:
        description: Bridge that the interface is a port of; an empty string takes it out.
        type: str
      vrf:
        description: VRF that the interface belongs to; an empty string takes it out.
        type: str
      learning:
        description: Whether the bridge learns MAC addresses on this port.
        type: bool
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
      link:
        description: Interface that it stands on.
        type: str
      mode:
        description: What the devices on one interface may do with each other's packets.
        type: str
        choices: [private, vepa, bridge, passthru]
        default: bridge
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  interfaces:
    description: Interfaces that exist without this collection, such as physical ports. They are never made or removed; one that
      is no longer listed is let go with O(purge). See M(evpn.fabric.interface).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the interface, at most 15 bytes.
        type: str
        required: true
      description:
        description: Text for people, which becomes the alias.
        type: str
      mtu:
        description: MTU in bytes.
        type: int
      up:
        description: Whether the interface is up.
        type: bool
      mac:
        description: MAC address.
        type: str
      ipv6_link_local:
        description: Whether the kernel derives an IPv6 link-local address.
        type: bool
      bridge:
        description: Bridge that the interface is a port of; an empty string takes it out.
        type: str
      vrf:
        description: VRF that the interface belongs to; an empty string takes it out.
        type: str
      learning:
        description: Whether the bridge learns MAC addresses on this port.
        type: bool
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
        description: On an external VXLAN device the VNI, or as large a range of VNIs, that it stands for.
        type: str
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  vnis:
    description: VNIs that external VXLAN devices with a filter take.
    type: list
    elements: dict
    suboptions:
      dev:
        description: VXLAN device with O(vxlans[].vnifilter).
        type: str
        required: true
      vni:
        description: VNI or range of VNIs, as V(10100) or V(10100-10199).
        type: str
        required: true
      group:
        description: Address that its broadcast goes to.
        type: str
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  fdb:
    description: Static forwarding entries. See M(evpn.fabric.fdb).
    type: list
    elements: dict
    suboptions:
      dev:
        description: VXLAN device, or port of a bridge.
        type: str
        required: true
      mac:
        description: MAC address; V(00:00:00:00:00:00) is for what no other entry is for, listed once for each V(dst).
        type: str
        required: true
      dst:
        description: Address of the VTEP that has it. Without, the entry is one of the bridge that the interface is a port of.
        type: str
      vlan:
        description: VLAN of a bridge's entry.
        type: int
      vni:
        description: VNI to send with, if not that of the device.
        type: int
      src_vni:
        description: VNI that the entry is for, on an external device.
        type: int
      port:
        description: UDP port to send to, if not that of the device.
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
  addresses:
    description: Addresses of interfaces, also of those that are not in the document.
    type: list
    elements: dict
    suboptions:
      dev:
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
          - The metric of that route, from 0 to 4294967295; 0 is the kernel's own choice. FRR redistributes it with the route.
          - An address whose metric changes is taken away and added again, because FRR does not notice the change.
        type: int
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
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
        choices: [unicast, blackhole, unreachable, prohibit]
        default: unicast
      via:
        description: Gateway.
        type: str
      dev:
        description: Interface.
        type: str
      onlink:
        description: Whether the gateway is on the interface even if no subnet says so.
        type: bool
        default: false
      nexthops:
        description: Several gateways to share the packets.
        type: list
        elements: dict
        suboptions:
          via:
            description: Gateway.
            type: str
          dev:
            description: Interface.
            type: str
          onlink:
            description: Whether the gateway is on the interface even if no subnet says so.
            type: bool
            default: false
          weight:
            description: Share of the packets, 1 to 256.
            type: int
            default: 1
      table:
        description: Routing table, a number or V(main). The default is V(main).
        type: str
      metric:
        description: Of routes to one network the one with the smallest is taken.
        type: int
      src:
        description: Source address for packets of the host's own.
        type: str
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
      vrf:
        description: VRF of the document, in whose table the route is.
        type: str
  neighbors:
    description: Permanent ARP and ND entries. See M(evpn.fabric.neighbors).
    type: list
    elements: dict
    suboptions:
      dev:
        description: Interface.
        type: str
        required: true
      ip:
        description: IP address.
        type: str
        required: true
      mac:
        description: Its MAC address.
        type: str
      proxy:
        description: Whether the host answers for the address itself; then without O(neighbors[].mac).
        type: bool
        default: false
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  rules:
    description: Routing policy rules. See M(evpn.fabric.ip_rules).
    type: list
    elements: dict
    suboptions:
      priority:
        description: Rules of lower numbers come first.
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
        description: Routing table to look up, a number or V(main), V(local) or V(default). For the action V(lookup).
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
      state:
        description: Whether the rule exists.
        type: str
        choices: [present, absent]
        default: present
  sysctls:
    description:
      - Network sysctls, name to value. Use slashes where the name of an interface has a dot, as in
        C(net/ipv4/conf/eth0.100/forwarding).
      - Those of an interface are set before it goes up.
    type: dict
  purge:
    description: Whether objects of this collection that are not listed are removed. Only of kinds that are listed; an empty
      list will do.
    type: bool
    default: false
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
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import COMMON, DATAPLANE
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run


def main():
    module = AnsibleModule(argument_spec={**DATAPLANE, **COMMON}, supports_check_mode=True)
    run(module, module.params)


if __name__ == "__main__":
    main()
