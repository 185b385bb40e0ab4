# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each host should see of the fabric, if all is well. Private to this collection."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterator
from typing import Any, Union

from . import gateways
from .fabric import Fabric, Host, Network, Port, Vrf
from .names import l3vni_bridge, l3vni_vxlan, tagged_interface

Interface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]
#: Lookups per pair of VRFs: enough to find a leak, few enough for hundreds of networks.
LOOKUPS_PER_VRF = 2


def expectations(
    fabric: Fabric, host: Host, subnets: Subnets, without_bfd: frozenset[tuple[str, str]] = frozenset()
) -> dict[str, Any]:
    """What the checks of :mod:`.checks` compare with what the host sees, and what to gather for it.

    Networks share sets of VTEPs: each set is listed once, in ``vtep_sets``, and referred to by its place there.
    """
    sets = _VtepSets(fabric, host)
    ebgp = fabric.underlay.protocol == "ebgp"
    networks = fabric.networks_of[host.name] if host.vtep else []
    vrfs = fabric.vrfs_of[host.name] if host.vtep else []
    if host.gateway:
        families = {"ipv4": "ipv4_unicast", "ipv6": "ipv6_unicast"}
        north = [
            {"neighbor": each.peer, "peer": "outside", "family": families[each.family], "accepts": True}
            for each in host.gateway.north
        ]
    else:
        north = []
    devices = {name: network.mtu for network in networks for name in (network.bridge, network.vxlan)}
    room = fabric.underlay.mtu - fabric.overhead
    devices.update({name: room for vrf in vrfs if vrf.l3vni for name in (l3vni_bridge(vrf.l3vni), l3vni_vxlan(vrf.l3vni))})
    expected: dict[str, Any] = {
        "sessions": [*(_ebgp_sessions(fabric, host) if ebgp else _ibgp_sessions(fabric, host)), *north],
        "bfd": [link.interface for link in host.links if (host.name, link.interface) not in without_bfd]
        if fabric.underlay.bfd
        else [],
        "ospf": [] if ebgp else [link.interface for link in host.links],
        "interfaces": {**{link.interface: fabric.underlay.mtu for link in host.links}, **devices},
        "ports": [port for each in host.ports for port in _port(fabric, each)],
        "vnis": [_l2vni(host, network, sets) for network in networks],
        "l3vnis": [_l3vni(host, vrf) for vrf in vrfs if vrf.l3vni],
        "prefixes": [
            _prefix(vrf, network, gateway, sets) for vrf in vrfs if vrf.l3vni for network, gateway in subnets.gateways[vrf.name]
        ],
        "isolation": [vrf.name for vrf in vrfs],
        "vtep_sets": sets.listed,
        "lookups": [],
        "owners": [],
    }
    for vrf, address, owner in subnets.lookups(vrfs):
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
            ("next_hops", expected["l3vnis"]),
        )
        if needed
    ]
    return expected


def _ebgp_sessions(fabric: Fabric, host: Host) -> list[dict[str, str]]:
    families = [*(f"{family}_unicast" for family in fabric.underlay_families), "l2vpn_evpn"]
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


def _port(fabric: Fabric, port: Port) -> Iterator[dict[str, Any]]:
    """The ports of bridges that a port towards tenants is: itself, and a VLAN device for each network that is tagged."""
    for name in (port.untagged, *port.tagged):
        if name:
            network = fabric.networks[name]
            interface = port.interface if name == port.untagged else tagged_interface(port.interface, network.vlan or 0)
            yield {"interface": interface, "network": name, "mtu": network.mtu}


class _VtepSets:
    """The other VTEPs of networks, as one host sees them: equal ones once."""

    def __init__(self, fabric: Fabric, host: Host):
        self.fabric = fabric
        self.host = host
        self.ranks = gateways.ranks(fabric)
        self.listed: list[list[str]] = []
        self.places: dict[tuple[tuple[str, ...], int | None], int] = {}

    def place(self, network: Network) -> int:
        """Where in ``listed`` the other VTEPs of a network stand."""
        settings = self.fabric.gateways if network.central else None
        key = (network.vteps, settings.bucket(network) if settings else None)
        if key not in self.places:
            self.places[key] = len(self.listed)
            others = {self._vtep(name) for name in network.vteps if name != self.host.name}
            others.add(self._gateway(network) if settings else None)
            others.discard(self.fabric.tunnel_source(self.host, network))
            self.listed.append(sorted(filter(None, others)))
        return self.places[key]

    def _vtep(self, name: str) -> str | None:
        """The address of a VTEP; None for a gateway, which is seen by the address of its owner only."""
        host = self.fabric.hosts[name]
        return None if host.gateway else host.vtep

    def _gateway(self, network: Network) -> str | None:
        """The address of the gateway of a network; None if nobody owns it."""
        names = self.ranks[self.fabric.gateways.bucket(network)] if self.fabric.gateways else ()
        return self.fabric.tunnel_source(self.fabric.hosts[names[0]], network) if names else None


def _l2vni(host: Host, network: Network, sets: _VtepSets) -> dict[str, Any]:
    return {
        "vni": network.vni,
        "vrf": network.vrf or "default",
        "vxlan": network.vxlan,
        "vtep": sets.fabric.tunnel_source(host, network),
        "remote_vteps": sets.place(network),
        "imports": list(network.route_targets.imports),
        "exports": list(network.route_targets.exports),
    }


def _l3vni(host: Host, vrf: Vrf) -> dict[str, Any]:
    return {
        "vni": vrf.l3vni,
        "vrf": vrf.name,
        "vxlan": l3vni_vxlan(vrf.l3vni or 0),
        "vtep": host.vtep,
        "imports": list(vrf.route_targets.imports),
    }


def _prefix(vrf: Vrf, network: Network, gateway: Interface, sets: _VtepSets) -> dict[str, Any]:
    return {
        "prefix": str(gateway.network),
        "vrf": vrf.name,
        "l3vni": vrf.l3vni,
        "imports": list(vrf.route_targets.imports),
        "vteps": sets.place(network),
    }


class Subnets:
    """The subnets of all VRFs of a fabric, and what of one VRF must not be reached from another."""

    def __init__(self, fabric: Fabric):
        self.gateways: dict[str, list[tuple[Network, Interface]]] = {name: [] for name in fabric.vrfs}
        for network in fabric.networks.values():
            if network.vrf:
                found = [(network, ipaddress.ip_interface(gateway)) for gateway in network.gateways]
                self.gateways.setdefault(network.vrf, []).extend(found)
        self._apart: dict[tuple[str, str], list[str]] = {}

    def lookups(self, vrfs: list[Vrf]) -> list[tuple[str, str, str]]:
        """Addresses of other VRFs that must not be reached: (VRF or "" for none, address, the VRF that has it)."""
        return [
            (name, address, other.name)
            for name in [*(vrf.name for vrf in vrfs), ""]
            for other in vrfs
            if other.name != name
            for address in self._not_in(name, other.name)
        ]

    def _not_in(self, name: str, other: str) -> list[str]:
        """A few gateways of the VRF ``other`` whose addresses are in no subnet of the VRF ``name``."""
        if (name, other) not in self._apart:
            own = [subnet.network for _network, subnet in self.gateways.get(name, ())]
            apart = (
                str(gateway.ip)
                for _network, gateway in self.gateways[other]
                if not any(gateway.version == subnet.version and gateway.ip in subnet for subnet in own)
            )
            self._apart[name, other] = list(itertools.islice(apart, LOOKUPS_PER_VRF))
        return self._apart[name, other]
