# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and subnets that meet where each has to be somewhere else. Private to this collection.

Each routing table is one space: the default one has loopbacks, links, what gateways have outside, central networks and the
addresses of buckets; each VRF has the subnets of its networks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem, some

from .fabric import Fabric, Host, North
from .names import central_mac, router_mac


class Claim(NamedTuple):
    """A block of addresses that somebody has: its ends as numbers, the place where it is written, how it is written.

    ``interface`` is the one outside that a subnet is on, with its gateway; ``accepted`` says that others announce it.
    """

    version: int
    first: int
    last: int
    path: str
    text: str
    interface: tuple[str, str] | None = None
    accepted: bool = False


def check(fabric: Fabric) -> Iterator[Problem]:
    """Every meeting in a fabric."""
    met: dict[Claim, list[Claim]] = {}
    for wider, narrower in meetings(_default_table(fabric), _may_meet):
        if narrower.accepted:
            message = f"{narrower.text} is in {wider.path} {wider.text}, which gateways have themselves"
            yield Problem(narrower.path, message, "Remove it, or accept a prefix of others")
        elif wider.first == wider.last:
            yield _twice(narrower.path, narrower.text, wider.path)
        else:
            met.setdefault(wider, []).append(narrower)
    for wider, narrower_ones in met.items():
        others = some([f"{each.path} {each.text}" for each in narrower_ones])
        yield Problem(wider.path, f"{wider.text} overlaps {others}", "Give each its own addresses")
    yield from _outside(fabric)
    yield from _in_vrfs(fabric)
    yield from _macs(fabric)


def meetings(claims: Iterable[Claim], may_meet: Callable[[Claim, Claim], bool]) -> Iterator[tuple[Claim, Claim]]:
    """The claims that meet another, each after the narrowest block around it that it must not be in.

    Blocks of addresses are nested or apart: a walk in their order, with those that are open on a stack, finds all.
    """
    around: list[Claim] = []
    for claim in sorted(claims, key=lambda each: (each.version, each.first, -each.last)):
        while around and (around[-1].version, around[-1].last) < (claim.version, claim.first):
            around.pop()
        wider = next((each for each in reversed(around) if not may_meet(each, claim)), None)
        if wider:
            yield wider, claim
        around.append(claim)


def _may_meet(one: Claim, other: Claim) -> bool:
    """Whether two blocks of the default table may overlap.

    Everything outside is apart from what another gateway has outside. On one interface, several routers are in one subnet.
    Prefixes that are accepted may have anything in them.
    """
    if one.accepted or (one.interface and other.accepted):
        return True
    if one.interface is None or other.interface is None:
        return False
    same_block = (one.first, one.last) == (other.first, other.last)
    return one.interface[0] != other.interface[0] or (one.interface == other.interface and same_block)


def _default_table(fabric: Fabric) -> Iterator[Claim]:
    for host in fabric.hosts.values():
        for option, address in (("fabric_loopback", host.loopback), ("fabric_vtep", host.vtep)):
            if address and not (option == "fabric_vtep" and address == host.loopback):
                yield _of_address(f"{host.name}.{option}", address)
        for link in host.links:
            if link.address and host.name < link.peer:
                yield _of_interface(f"{link.path}.subnet", link.address)
        for north in _north(host):
            yield _of_interface(f"{north.path}.address", north.address)._replace(interface=(host.name, north.interface))
    for network in fabric.networks.values():
        if network.central:
            yield from map(_of_interface, network.gateway_paths, network.gateways)
    if fabric.gateways:
        if fabric.gateways.vtep_prefix:
            yield _of_interface("fabric_gateways.vtep_prefix", fabric.gateways.vtep_prefix)
        for path, prefix in zip(fabric.gateways.accept_paths, fabric.gateways.accept):
            yield _of_interface(path, prefix)._replace(accepted=True)


def _of_address(path: str, address: str) -> Claim:
    read = ipaddress.ip_address(address)
    return Claim(read.version, int(read), int(read), path, address)


def _of_interface(path: str, interface: str) -> Claim:
    network = ipaddress.ip_interface(interface).network
    ends = int(network.network_address), int(network.broadcast_address)
    return Claim(network.version, *ends, path, str(network))


def _north(host: Host) -> tuple[North, ...]:
    return host.gateway.north if host.gateway else ()


def _twice(path: str, text: str, other: str) -> Problem:
    return Problem(path, f"{text} is {other} too", "Give each its own address")


def _outside(fabric: Fabric) -> Iterator[Problem]:
    """Addresses outside that two gateways have, or a gateway and a router. Of one router, several may be neighbors."""
    every = [(host, north, north.address.partition("/")[0]) for host in fabric.hosts.values() for north in _north(host)]
    owners: dict[str, tuple[str, str]] = {}
    for host, north, address in every:
        name, path = owners.setdefault(address, (host.name, f"{north.path}.address"))
        if name != host.name:
            yield _twice(f"{north.path}.address", address, path)
    for _host, north, _address in every:
        if north.peer in owners:
            yield _twice(f"{north.path}.peer", north.peer, owners[north.peer][1])


def _in_vrfs(fabric: Fabric) -> Iterator[Problem]:
    by_vrf: dict[str, list[Claim]] = {}
    for network in fabric.networks.values():
        if network.vrf and not network.central:
            by_vrf.setdefault(network.vrf, []).extend(map(_of_interface, network.gateway_paths, network.gateways))
    for vrf, claims in by_vrf.items():
        for wider, narrower in meetings(claims, lambda _one, _other: False):
            message = f"its subnet overlaps that of {wider.path} in the VRF {vrf}"
            yield Problem(narrower.path, message, "Give each network of a VRF its own subnet")


def _macs(fabric: Fabric) -> Iterator[Problem]:
    """The MAC addresses that follow from other variables: one that two have sends packets to the wrong one."""
    seen = {fabric.anycast_mac: "fabric_anycast_mac"}
    if any(network.central for network in fabric.networks.values()):
        seen[central_mac(fabric.anycast_mac)] = "fabric_anycast_mac"
    vteps = {host.vtep: host for host in fabric.hosts.values() if host.vtep}
    for vtep, host in vteps.items() if any(vrf.l3vni for vrf in fabric.vrfs.values()) else ():
        path = f"{host.name}.{'fabric_loopback' if vtep == host.loopback else 'fabric_vtep'}"
        other = seen.setdefault(router_mac(vtep), path)
        if other != path:
            message = f"{router_mac(vtep)}, the MAC address of its router, is that of {other} too"
            yield Problem(path, message, "Write another address, or another fabric_anycast_mac")
