# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each host should see of the fabric, if all is well. Private to this collection."""

from __future__ import annotations

import ipaddress
from typing import Any

from .fabric import Fabric, Host, Network, Vrf
from .names import l3vni_bridge, l3vni_vxlan

#: Lookups per pair of VRFs: enough to find a leak, few enough for hundreds of networks.
LOOKUPS_PER_VRF = 2


def expectations(fabric: Fabric, host: Host) -> dict[str, Any]:
    """What the checks of :mod:`.checks` compare with what the host sees, and what to gather for it."""
    ebgp = fabric.underlay.protocol == "ebgp"
    networks = fabric.networks_of[host.name] if host.vtep else []
    vrfs = fabric.vrfs_of[host.name] if host.vtep else []
    devices = {name: network.mtu for network in networks for name in (network.bridge, network.vxlan)}
    room = fabric.underlay.mtu - fabric.overhead
    devices.update({name: room for vrf in vrfs if vrf.l3vni for name in (l3vni_bridge(vrf.l3vni), l3vni_vxlan(vrf.l3vni))})
    expected: dict[str, Any] = {
        "sessions": _ebgp_sessions(fabric, host) if ebgp else _ibgp_sessions(fabric, host),
        "bfd": [link.interface for link in host.links] if fabric.underlay.bfd else [],
        "ospf": [] if ebgp else [link.interface for link in host.links],
        "interfaces": {**{link.interface: fabric.underlay.mtu for link in host.links}, **devices},
        "vnis": [_l2vni(fabric, host, network) for network in networks],
        "l3vnis": [_l3vni(host, vrf) for vrf in vrfs if vrf.l3vni],
        "prefixes": [
            _prefix(fabric, host, vrf, network, gateway)
            for vrf in vrfs
            if vrf.l3vni
            for network in fabric.networks.values()
            if network.vrf == vrf.name
            for gateway in network.gateways
        ],
        "isolation": [vrf.name for vrf in vrfs],
        "lookups": [],
        "owners": [],
    }
    for vrf, address, owner in _lookups(fabric, vrfs):
        expected["lookups"].append({"vrf": vrf, "address": address})
        expected["owners"].append(owner)
    expected["gather"] = [
        kind
        for kind, needed in (
            ("sessions", expected["sessions"]),
            ("bfd", expected["bfd"]),
            ("ospf", expected["ospf"]),
            ("interfaces", True),
            *((kind, networks) for kind in ("vnis", "macs", "neighbors", "routes", "forwarding", "rules")),
        )
        if needed
    ]
    return expected


def _ebgp_sessions(fabric: Fabric, host: Host) -> list[dict[str, str]]:
    families = ["ipv4_unicast", *(["ipv6_unicast"] if fabric.ipv6_vteps else []), "l2vpn_evpn"]
    names = [(link.peer_address.split("/")[0] if link.peer_address else link.interface, link.peer) for link in host.links]
    return [{"neighbor": name, "peer": peer, "family": family} for name, peer in names for family in families]


def _ibgp_sessions(fabric: Fabric, host: Host) -> list[dict[str, str]]:
    reflectors = set(fabric.overlay.route_reflectors)
    others = [
        other
        for other in fabric.hosts.values()
        if other is not host
        and ((other.name in reflectors and (host.vtep or host.name in reflectors)) or (host.name in reflectors and other.vtep))
    ]
    return [{"neighbor": other.loopback, "peer": other.name, "family": "l2vpn_evpn"} for other in others]


def _l2vni(fabric: Fabric, host: Host, network: Network) -> dict[str, Any]:
    return {
        "vni": network.vni,
        "vrf": network.vrf or "default",
        "vxlan": network.vxlan,
        "vtep": host.vtep,
        "remote_vteps": sorted(str(fabric.hosts[name].vtep) for name in network.vteps if name != host.name),
        "imports": list(network.route_targets.imports),
    }


def _l3vni(host: Host, vrf: Vrf) -> dict[str, Any]:
    return {"vni": vrf.l3vni, "vrf": vrf.name, "vxlan": l3vni_vxlan(vrf.l3vni or 0), "vtep": host.vtep}


def _prefix(fabric: Fabric, host: Host, vrf: Vrf, network: Network, gateway: str) -> dict[str, Any]:
    return {
        "prefix": str(ipaddress.ip_interface(gateway).network),
        "vrf": vrf.name,
        "l3vni": vrf.l3vni,
        "imports": list(vrf.route_targets.imports),
        "vteps": sorted(str(fabric.hosts[name].vtep) for name in network.vteps if name != host.name),
    }


def _lookups(fabric: Fabric, vrfs: list[Vrf]) -> list[tuple[str, str, str]]:
    """Addresses of other VRFs that must not be reached: (VRF or "" for none, address, the VRF that has it)."""
    subnets = {
        vrf.name: [
            ipaddress.ip_interface(gateway)
            for network in fabric.networks.values()
            if network.vrf == vrf.name
            for gateway in network.gateways
        ]
        for vrf in vrfs
    }
    found = []
    for vrf in [*(vrf.name for vrf in vrfs), ""]:
        for other, gateways in subnets.items():
            if other != vrf:
                apart = [
                    gateway
                    for gateway in gateways
                    if not any(
                        gateway.ip.version == own.ip.version and gateway.ip in own.network for own in subnets.get(vrf, ())
                    )
                ]
                found += [(vrf, str(gateway.ip), other) for gateway in apart[:LOOKUPS_PER_VRF]]
    return found
