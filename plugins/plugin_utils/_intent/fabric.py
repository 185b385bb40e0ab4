# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fabric as one object: what the inventory says, checked and completed. Private to this collection."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import bucket_of
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.vteps import vtep_addresses
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vxlan import OVERHEAD


@dataclasses.dataclass(frozen=True)
class Bfd:
    """BFD timers in milliseconds, and after how many missing packets a session is down (RFC 5880)."""

    transmit_interval: int
    receive_interval: int
    detect_multiplier: int


@dataclasses.dataclass(frozen=True)
class Underlay:
    """How hosts reach each other's loopbacks. ``mtu`` is that of the links, in bytes."""

    protocol: str = "ebgp"
    unnumbered: bool = True
    mtu: int = 1500
    area: str = "0.0.0.0"
    bfd: Bfd | None = None
    password: str | None = None


@dataclasses.dataclass(frozen=True)
class Overlay:
    """How EVPN routes travel. ``asn`` is the one of all hosts, for iBGP."""

    protocol: str = "ebgp"
    asn: int | None = None
    route_reflectors: tuple[str, ...] = ()
    password: str | None = None


@dataclasses.dataclass(frozen=True)
class RouteTargets:
    """Explicit route targets, ``("65000:100", ...)``; empty means that FRR derives them."""

    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Vrf:
    """A tenant. ``rd`` is a route distinguisher or a number to go with each VTEP's router id; ``path`` where it is written."""

    name: str
    table: int
    l3vni: int | None = None
    rd: str | None = None
    route_targets: RouteTargets = RouteTargets()
    vteps: tuple[str, ...] = ()
    path: str = ""


@dataclasses.dataclass(frozen=True)
class Network:
    """An L2VNI, with gateways if it is routed. ``gateways`` are addresses with prefix length; ``vteps`` where it is.

    ``central`` says that its gateways are on the hosts of the group gateways, and not on each VTEP. ``path`` is where it is
    written, ``gateway_paths`` where each of its gateways is.
    """

    name: str
    vni: int
    mtu: int
    vlan: int | None = None
    vrf: str | None = None
    gateways: tuple[str, ...] = ()
    description: str | None = None
    rd: str | None = None
    route_targets: RouteTargets = RouteTargets()
    vteps: tuple[str, ...] = ()
    central: bool = False
    path: str = ""
    gateway_paths: tuple[str, ...] = ()

    @property
    def bridge(self) -> str:
        """The name of its bridge, which is its SVI too."""
        return f"br{self.vni}"

    @property
    def vxlan(self) -> str:
        """The name of its VXLAN device."""
        return f"vxlan{self.vni}"


@dataclasses.dataclass(frozen=True)
class Port:
    """An interface towards tenants, with networks by name; ``path`` is where it is written."""

    interface: str
    untagged: str | None = None
    tagged: tuple[str, ...] = ()
    path: str = ""


@dataclasses.dataclass(frozen=True)
class Link:
    """One end of an underlay link: the own interface, the other host, addresses with prefix length if it is numbered.

    ``path`` is where the link is written.
    """

    interface: str
    peer: str
    peer_interface: str = ""
    address: str | None = None
    peer_address: str | None = None
    path: str = ""


@dataclasses.dataclass(frozen=True)
class North:
    """A session of a gateway with a router outside: the own interface and address with prefix length, the router's address.

    ``path`` is where it is written.
    """

    interface: str
    address: str
    peer: str
    asn: int
    password: str | None = None
    bfd: bool = False
    path: str = ""

    @property
    def family(self) -> str:
        """ "ipv4" or "ipv6"."""
        return "ipv6" if ":" in self.peer else "ipv4"


@dataclasses.dataclass(frozen=True)
class Gateway:
    """What is particular to one gateway. ``weight`` and ``state`` are as written, and checked with all others."""

    weight: Any = 1
    state: Any = "active"
    north: tuple[North, ...] = ()


@dataclasses.dataclass(frozen=True)
class Rules:
    """When gateways come back, and when one that cannot be reached counts as failed.

    ``failback_delay`` is in seconds; ``quorum`` how many others have to be reached, None for never; ``fencing`` a command for
    the controller that makes sure that a gateway is dead, ``{gateway}`` in it the name.
    """

    failback: str = "auto"
    failback_delay: int = 0
    quorum: int | None = None
    fencing: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Gateways:
    """How central networks are spread over the gateways; ``accept`` are the prefixes that they take from outside.

    ``accept_paths`` are the places where they are written. ``placement``, ``standbys`` and ``pins`` are as written, for
    :mod:`.._gateway.request`.
    """

    mode: str = "anycast"
    buckets: int = 64
    vtep_prefix: str | None = None
    accept: tuple[str, ...] = ()
    placement: Any = "bounded"
    standbys: Any = 1
    pins: Any = ()
    rules: Rules = Rules()
    accept_paths: tuple[str, ...] = ()

    @property
    def anycast(self) -> bool:
        """Whether gateways share an address for each bucket."""
        return self.mode == "anycast"

    @functools.cached_property
    def addresses(self) -> list[str]:
        """The VTEP address of each bucket, in the mode anycast."""
        return vtep_addresses(self.vtep_prefix, self.buckets)

    def bucket(self, network: Network) -> int:
        """The bucket of a network."""
        return int(bucket_of(network.vni, self.buckets))


@dataclasses.dataclass(frozen=True)
class Host:
    """A spine, VTEP or gateway. ``loopback`` is its router id; ``vtep`` its tunnel source, None for a host that has none.

    ``frr_version``, ``kernel``, whether ``networkd`` runs, whether it is in ``maintenance``, and ``default_routes``, the
    interfaces of the host's own default routes, are known once the host has been looked at.
    """

    name: str
    asn: int
    loopback: str
    vtep: str | None = None
    links: tuple[Link, ...] = ()
    ports: tuple[Port, ...] = ()
    frr_version: str | None = None
    kernel: str | None = None
    networkd: bool = False
    gateway: Gateway | None = None
    default_routes: frozenset[str] = frozenset()
    maintenance: bool = False

    @property
    def frr_numbers(self) -> tuple[int, int, int] | None:
        """The three numbers of FRR's version, if it is known; "10.3" is 10.3.0."""
        found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", self.frr_version or "")
        return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None

    @property
    def frr_release(self) -> tuple[int, int] | None:
        """The first two numbers of FRR's version, if it is known."""
        return self.frr_numbers and self.frr_numbers[:2]


@dataclasses.dataclass(frozen=True)
class Fabric:
    """Everything. Dictionaries are by name, in the inventory's order; what lacks a name of its own is there by its path."""

    underlay: Underlay
    overlay: Overlay
    hosts: dict[str, Host]
    vrfs: dict[str, Vrf]
    networks: dict[str, Network]
    anycast_mac: str
    gateways: Gateways | None = None

    @functools.cached_property
    def ipv6_vteps(self) -> bool:
        """Whether tunnels run over IPv6."""
        return any(":" in (host.vtep or "") for host in self.hosts.values())

    @functools.cached_property
    def ipv6_outside(self) -> bool:
        """Whether a gateway has a router outside to which it announces IPv6 subnets."""
        return any(north.family == "ipv6" for host in self.hosts.values() if host.gateway for north in host.gateway.north)

    @property
    def underlay_families(self) -> list[str]:
        """What the underlay's BGP sessions carry. A host without an address of a family carries the others' all the same."""
        return ["ipv4", *(["ipv6"] if self.ipv6_vteps or self.ipv6_outside else [])]

    @property
    def overhead(self) -> int:
        """Bytes that the encapsulation adds to a tenant's packet."""
        return OVERHEAD["ipv6" if self.ipv6_vteps else "ipv4"]

    @functools.cached_property
    def networks_of(self) -> dict[str, list[Network]]:
        """Host -> the networks that are on it."""
        found: dict[str, list[Network]] = {name: [] for name in self.hosts}
        for network in self.networks.values():
            for vtep in network.vteps:
                found[vtep].append(network)
        return found

    @functools.cached_property
    def vrfs_of(self) -> dict[str, list[Vrf]]:
        """Host -> the VRFs that are on it: those of its networks, and those that name it."""
        present = {(vtep, network.vrf) for network in self.networks.values() for vtep in network.vteps if network.vrf}
        present |= {(vtep, vrf.name) for vrf in self.vrfs.values() for vtep in vrf.vteps}
        return {host: [vrf for vrf in self.vrfs.values() if (host, vrf.name) in present] for host in self.hosts}

    @functools.cached_property
    def non_transit(self) -> frozenset[str]:
        """Hosts that carry no packets from one neighbor to another, and announce their own routes only: leaves below spines.

        BGP would try paths down to a leaf and up again, which lead nowhere, before the longer path of a standby (path hunting,
        RFC 7938 section 5.2.1). A fabric that needs such paths has no hosts of this kind: one where two hosts with tunnels have
        fewer than two spines in common, and not the same ones.
        """
        tunnels = {name for name, host in self.hosts.items() if host.vtep is not None}
        leaves = {name for name in tunnels if not any(link.peer in tunnels for link in self.hosts[name].links)}
        part = _parts({name: host.links for name, host in self.hosts.items() if name not in leaves})
        reached = {frozenset(part[link.peer] for link in self.hosts[name].links) for name in leaves}
        reached |= {frozenset([part[name]]) for name in tunnels - leaves}
        spared = all(len(one & other) > 1 for one, other in itertools.combinations(reached, 2))
        return frozenset(leaves if spared else ())

    def tunnel_source(self, host: Host, network: Network) -> str:
        """The address from which a host's tunnels of a network start: of the host, or of the network's bucket."""
        if host.gateway and self.gateways and self.gateways.anycast:
            return self.gateways.addresses[self.gateways.bucket(network)]
        return host.vtep or ""


def _parts(links_of: dict[str, tuple[Link, ...]]) -> dict[str, str]:
    """Host -> one host that stands for all which it reaches by links between these hosts."""
    part: dict[str, str] = {}
    for first in links_of:
        found = [first]
        while found:
            name = found.pop()
            if name not in part:
                part[name] = first
                found += [link.peer for link in links_of[name] if link.peer in links_of]
    return part
