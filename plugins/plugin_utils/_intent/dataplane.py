# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's `dataplane` document. Private to this collection."""

from __future__ import annotations

import re
from typing import Any

from .fabric import Fabric, Host, Network
from .names import central_mac, l3vni_bridge, l3vni_vxlan, router_mac, subnet_metric, tagged_interface

#: How a gateway asks for hosts, by mode. While VNIs move, hosts may answer to another gateway than to the one that asks and
#: still gets packets for them: it goes on with what it knows for 6 s, or, where moves take a controller's time, for 60 s. One
#: that takes over has never seen the hosts, and first answers may go to the other: it asks again after 60 or 200 ms instead of
#: 1 s, in which more packets come than wait for an answer. (Whole numbers of jiffies on every kernel: they read as written.)
ASKING = {
    "anycast": {"retrans_time_ms": 60, "mcast_solicit": 20, "ucast_solicit": 100},
    "exclusive": {"retrans_time_ms": 200, "mcast_solicit": 15, "ucast_solicit": 300},
}


def document(fabric: Fabric, host: Host) -> dict[str, Any]:
    """The options of the module `dataplane` that bring ``host`` to its desired state."""
    networks, vrfs = fabric.networks_of[host.name], fabric.vrfs_of[host.name]
    interfaces = [_uplink(fabric, link.interface, link.peer) for link in host.links]
    addresses = [
        {"dev": "lo", "address": _host_prefix(address)} for address in dict.fromkeys(filter(None, (host.loopback, host.vtep)))
    ]
    addresses += [{"dev": link.interface, "address": link.address} for link in host.links if link.address]
    north = host.gateway.north if host.gateway else ()
    interfaces += [
        {"name": name, "up": True, "description": "outside"} for name in dict.fromkeys(each.interface for each in north)
    ]
    # Several routers may be in one subnet.
    outside = dict.fromkeys((each.interface, each.address) for each in north)
    addresses += [{"dev": interface, "address": address} for interface, address in outside]
    made: dict[str, Any] = {
        "vrfs": [{"name": vrf.name, "table": vrf.table} for vrf in vrfs],
        "bridges": [],
        "vxlans": [],
        "vlans": [],
        "interfaces": interfaces,
        "addresses": addresses,
        "sysctls": {},
        "gateway": host.gateway is not None,
        "purge": True,
    }
    if host.vtep:
        for network in networks:
            _add_network(made, fabric, network, host, host.vtep)
        for vrf in vrfs:
            if vrf.l3vni:
                _add_l3vni(made, vrf.name, vrf.l3vni, host.vtep, fabric.underlay.mtu - fabric.overhead)
        for port in host.ports:
            entry: dict[str, Any] = {"name": port.interface, "up": True}
            if port.untagged:
                entry["bridge"] = fabric.networks[port.untagged].bridge
            made["interfaces"].append(entry)
            made["vlans"] += [_tagged(fabric.networks[name], port.interface) for name in port.tagged]
    return made


def _uplink(fabric: Fabric, interface: str, peer: str) -> dict[str, Any]:
    return {"name": interface, "up": True, "mtu": fabric.underlay.mtu, "description": f"to {peer}"}


def _host_prefix(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"


def _knows_untracked_na(release: str | None) -> bool:
    """Whether a kernel has the sysctl accept_untracked_na, which came with Linux 5.19; an unknown one is taken to."""
    numbers = re.match(r"(\d+)\.(\d+)", release or "")
    return not numbers or (int(numbers[1]), int(numbers[2])) >= (5, 19)


def _add_network(made: dict[str, Any], fabric: Fabric, network: Network, host: Host, vtep: str) -> None:
    routed = bool(network.gateways) and (not network.central or host.gateway is not None)
    over_ipv6 = routed and any(":" in gateway for gateway in network.gateways)
    bridge: dict[str, Any] = {
        "name": network.bridge,
        "description": network.description or network.name,
        "mtu": network.mtu,
        "stp": False,
        # Or it has that of one of its ports, and keeps the gateways' where it has been routed.
        "mac": router_mac(vtep),
        # Gateways announce every address of their bridges as an EVPN route: none that nobody has asked for.
        "ipv6_link_local": over_ipv6,
    }
    if routed:
        bridge["mac"] = central_mac(fabric.anycast_mac) if network.central else fabric.anycast_mac
        if network.vrf:
            bridge["vrf"] = network.vrf
        # A silent host answers the VTEP next to it, whoever asked, because all have the gateway's MAC address: that VTEP
        # has to learn from an answer to a question it did not ask, and to tell the others.
        made["sysctls"][f"net/ipv4/conf/{network.bridge}/arp_accept"] = 1
        if over_ipv6:
            if _knows_untracked_na(host.kernel):
                made["sysctls"][f"net/ipv6/conf/{network.bridge}/accept_untracked_na"] = 1
            # Every VTEP has the same gateway addresses: none of them may think that it has found a duplicate.
            made["sysctls"][f"net/ipv6/conf/{network.bridge}/accept_dad"] = 0
        if network.central and fabric.gateways:
            for family in ("ipv4", "ipv6") if over_ipv6 else ("ipv4",):
                for name, value in ASKING[fabric.gateways.mode].items():
                    made["sysctls"][f"net/{family}/neigh/{network.bridge}/{name}"] = value
        made["addresses"] += [
            {"dev": network.bridge, "address": gateway, **({"nodad": True} if ":" in gateway else {}), **_mark(fabric, network)}
            for gateway in network.gateways
        ]
    made["bridges"].append(bridge)
    made["vxlans"].append(
        {
            "name": network.vxlan,
            "vni": network.vni,
            "local": fabric.tunnel_source(host, network),
            "mtu": network.mtu,
            "bridge": network.bridge,
            "learning": False,
            "neigh_suppress": True,
            "ipv6_link_local": False,
        }
    )


def _mark(fabric: Fabric, network: Network) -> dict[str, int]:
    """The metric by which FRR recognizes the bucket of a central network's subnet, when it redistributes connected routes."""
    return {"metric": subnet_metric(fabric.gateways.bucket(network))} if network.central and fabric.gateways else {}


def _add_l3vni(made: dict[str, Any], vrf: str, l3vni: int, vtep: str, mtu: int) -> None:
    bridge = l3vni_bridge(l3vni)
    made["bridges"].append(
        {
            "name": bridge,
            "description": f"L3VNI of {vrf}",
            "mac": router_mac(vtep),
            "mtu": mtu,
            "vrf": vrf,
            "stp": False,
            "ipv6_link_local": True,
        }
    )
    made["vxlans"].append(
        {
            "name": l3vni_vxlan(l3vni),
            "vni": l3vni,
            "local": vtep,
            "mtu": mtu,
            "bridge": bridge,
            "learning": False,
            "neigh_suppress": False,
            "ipv6_link_local": False,
        }
    )
    made["sysctls"][f"net/ipv6/conf/{bridge}/accept_dad"] = 0


def _tagged(network: Network, interface: str) -> dict[str, Any]:
    vlan = network.vlan or 0
    return {
        "name": tagged_interface(interface, vlan),
        "link": interface,
        "vlan": vlan,
        "bridge": network.bridge,
        "ipv6_link_local": False,
    }
