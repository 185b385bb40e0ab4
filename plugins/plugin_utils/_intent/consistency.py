# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only shows when the whole fabric is seen at once. Private to this collection.

Each check yields problems; all of them are run, so that a user sees everything at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import MTU_OF_IPV6

from . import address_plan, device_names, gateways, targets
from .fabric import Fabric, Host, Network
from .names import OUTSIDE_TABLE

#: The first FRR whose EVPN carries IPv6 VTEP addresses (its release notes: "BGP IPv6 VTEP support").
FRR_WITH_IPV6_VTEPS = (10, 6)


def check(fabric: Fabric) -> list[Problem]:
    """Every inconsistency of a fabric."""
    checks = (
        _protocols,
        _asns,
        _vteps,
        _links,
        _vnis,
        _tables,
        _vlans,
        _network_references,
        _mtus,
        _ports,
        _frr_versions,
        address_plan.check,
        device_names.check,
        targets.check,
        gateways.check,
    )
    return [problem for function in checks for problem in function(fabric)]


def _protocols(fabric: Fabric) -> Iterator[Problem]:
    if (fabric.underlay.protocol, fabric.overlay.protocol) not in (("ebgp", "ebgp"), ("ospf", "ibgp")):
        yield Problem(
            "fabric_overlay.protocol",
            f"{fabric.overlay.protocol} does not go with an underlay of {fabric.underlay.protocol}",
            "Write ebgp for both, or ospf for the underlay and ibgp for the overlay",
        )
    if fabric.underlay.protocol == "ebgp" and fabric.overlay.password and fabric.underlay.password:
        yield Problem(
            "fabric_overlay.password",
            "is set beside fabric_underlay.password, but eBGP has one session for both",
            "Keep fabric_underlay.password",
        )


def _asns(fabric: Fabric) -> Iterator[Problem]:
    """With eBGP a VTEP drops routes that have its own number in their path, so VTEPs cannot share one."""
    if fabric.overlay.protocol != "ebgp":
        return
    seen: dict[int, str] = {}
    for host in fabric.hosts.values():
        if host.vtep and host.asn:
            other = seen.setdefault(host.asn, host.name)
            if other != host.name:
                yield Problem(
                    f"{host.name}.fabric_asn",
                    f"{host.asn} is the number of {other} too, and VTEPs with the same number drop each other's routes",
                    "Give each VTEP its own number",
                )
        for link in host.links:
            peer = fabric.hosts[link.peer]
            if peer.asn == host.asn and host.asn and host.name < peer.name:
                yield Problem(
                    f"{peer.name}.fabric_asn",
                    f"{host.asn} is the number of its neighbour {host.name} too, so their session is not eBGP",
                    "Give neighbours different numbers",
                )


def _vteps(fabric: Fabric) -> Iterator[Problem]:
    families = {":" in host.vtep for host in fabric.hosts.values() if host.vtep}
    if len(families) > 1:
        six = [host.name for host in fabric.hosts.values() if host.vtep and ":" in host.vtep]
        yield Problem(
            "fabric_vtep",
            f"is IPv6 on {', '.join(six[:5])} and IPv4 elsewhere",
            "Write all VTEP addresses in one family",
        )
    if True in families and fabric.underlay.protocol == "ospf":
        yield Problem(
            "fabric_vtep",
            "is IPv6, which an underlay of OSPFv2 does not carry",
            "Write fabric_underlay.protocol: ebgp, or IPv4 addresses",
        )


def _links(fabric: Fabric) -> Iterator[Problem]:
    for host in fabric.hosts.values():
        if not host.links and len(fabric.hosts) > 1:
            yield Problem("fabric_links", f"{host.name} has no link", "Add one, or take the host out of the group fabric")


def _vnis(fabric: Fabric) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for vrf in fabric.vrfs.values():
        if vrf.l3vni:
            yield from _once(seen, vrf.l3vni, f"{vrf.path}.l3vni", "VNI")
    for network in fabric.networks.values():
        if network.vni:
            yield from _once(seen, network.vni, f"{network.path}.vni", "VNI")


def _once(seen: dict[int, str], value: int, path: str, what: str) -> Iterator[Problem]:
    other = seen.setdefault(value, path)
    if other != path:
        yield Problem(path, f"{value} is {other} too", f"Give each its own {what}")


def _tables(fabric: Fabric) -> Iterator[Problem]:
    seen: dict[int, str] = {OUTSIDE_TABLE: "the table of routes from outside"} if fabric.gateways else {}
    for vrf in fabric.vrfs.values():
        if vrf.table:
            yield from _once(seen, vrf.table, f"{vrf.path}.table", "routing table")


def _vlans(fabric: Fabric) -> Iterator[Problem]:
    """A VLAN may stand for different networks, but not on the same VTEP."""
    by_vlan: dict[int, list[Network]] = {}
    for network in fabric.networks.values():
        if network.vlan is not None:
            by_vlan.setdefault(network.vlan, []).append(network)
    for vlan, networks in by_vlan.items():
        seen: dict[str, Network] = {}
        for network in networks if len(networks) > 1 else ():
            both = next((vtep for vtep in network.vteps if vtep in seen), None)
            if both:
                yield Problem(
                    f"{network.path}.vlan",
                    f"{vlan} is {seen[both].path}.vlan too, and both networks are on {both}",
                    "Give each its own VLAN",
                )
            seen.update((vtep, network) for vtep in network.vteps if vtep not in seen)


def _network_references(fabric: Fabric) -> Iterator[Problem]:
    vrfs = {vrf.name for vrf in fabric.vrfs.values()}
    for network in fabric.networks.values():
        path = network.path
        if network.central:
            if network.vrf:
                remedy = "Remove it, or remove central for gateways on each VTEP"
                yield Problem(f"{path}.vrf", "is set, but a central network is routed outside of VRFs", remedy)
            if not network.gateways:
                yield Problem(f"{path}.gateways", "is missing, and a central network needs one", "Write [10.1.0.1/24]")
            continue
        if network.vrf and network.vrf not in vrfs:
            known = ", ".join(dict.fromkeys(vrf.name for vrf in fabric.vrfs.values() if vrf.name)) or "none yet"
            yield Problem(
                f"{path}.vrf", f"{network.vrf!r} is not a VRF of fabric_vrfs", f"Name one of them ({known}), or add it"
            )
        if network.vrf and not network.gateways:
            yield Problem(
                f"{path}.gateways",
                "is missing, and a network in a VRF needs one",
                "Write addresses such as [10.1.0.1/24], or remove vrf for a network that is only bridged",
            )
        if network.gateways and not network.vrf:
            remedy = "Name one of fabric_vrfs, write central: true for the group gateways, or remove gateways"
            yield Problem(f"{path}.vrf", "is missing, and gateways need one", remedy)


def _mtus(fabric: Fabric) -> Iterator[Problem]:
    room = fabric.underlay.mtu - fabric.overhead
    if room < MTU_OF_IPV6 and (fabric.networks or any(vrf.l3vni for vrf in fabric.vrfs.values())):
        message = f"{fabric.underlay.mtu} leaves {room} bytes behind the {fabric.overhead} of encapsulation, too few for IPv6"
        yield Problem("fabric_underlay.mtu", message, f"Write at least {MTU_OF_IPV6 + fabric.overhead}")
        return
    for network in fabric.networks.values():
        if network.mtu > room:
            yield Problem(
                f"{network.path}.mtu",
                f"{network.mtu} and the {fabric.overhead} bytes of encapsulation do not fit the underlay's MTU of "
                f"{fabric.underlay.mtu}",
                f"Write at most {room}, or raise fabric_underlay.mtu to what the links carry",
            )


def _ports(fabric: Fabric) -> Iterator[Problem]:
    for host in fabric.hosts.values():
        here = {network.name for network in fabric.networks_of[host.name]} if host.ports else set()
        for port in host.ports:
            for option, names in (("untagged", (port.untagged,) if port.untagged else ()), ("tagged", port.tagged)):
                for name in names:
                    yield from _network_of_port(fabric, host, f"{port.path}.{option}", name, here)


def _network_of_port(fabric: Fabric, host: Host, path: str, name: str, here: set[str]) -> Iterator[Problem]:
    network = fabric.networks.get(name)
    if network is None:
        yield Problem(path, f"{name!r} is not a network of fabric_networks", "Name one of them, or add it")
        return
    if name not in here:
        yield Problem(path, f"the network {name} is not on {host.name}", f"Add {host.name} to the vteps of {name}")
    if path.endswith(".tagged") and network.vlan is None:
        yield Problem(path, f"the network {name} has no vlan to be tagged with", f"Write a vlan for {name}")


def _frr_versions(fabric: Fabric) -> Iterator[Problem]:
    if not fabric.ipv6_vteps:
        return
    for host in fabric.hosts.values():
        if host.frr_release is not None and host.frr_release < FRR_WITH_IPV6_VTEPS:
            yield Problem(
                f"{host.name}.fabric_vtep" if host.vtep else host.name,
                f"is IPv6, and FRR {host.frr_version} on this host does not carry IPv6 VTEP addresses in EVPN",
                f"Install FRR {'.'.join(map(str, FRR_WITH_IPV6_VTEPS))} or newer, or write IPv4 VTEP addresses",
            )
