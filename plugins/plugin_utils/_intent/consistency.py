# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only shows when the whole fabric is seen at once. Private to this collection.

Each check yields problems; all of them are run, so that a user sees everything at once.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ansible_collections.evpn.fabric.plugins.module_utils._errors import Problem

from . import gateways
from .fabric import Fabric, Host, Network, Vrf
from .names import OUTSIDE_TABLE, automatic_target, tagged_interface

#: The first FRR whose EVPN carries IPv6 VTEP addresses (its release notes: "BGP IPv6 VTEP support").
FRR_WITH_IPV6_VTEPS = (10, 6)


def check(fabric: Fabric) -> list[Problem]:
    """Every inconsistency of a fabric."""
    checks = (
        _protocols,
        _loopbacks,
        _asns,
        _vteps,
        _links,
        _link_subnets,
        _vnis,
        _tables,
        _vlans,
        _network_references,
        _subnets,
        _mtus,
        _ports,
        _targets,
        _distinguishers,
        _frr_versions,
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


def _loopbacks(fabric: Fabric) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for host in fabric.hosts.values():
        for option, address in (
            ("fabric_loopback", host.loopback),
            ("fabric_vtep", host.vtep if host.vtep != host.loopback else None),
        ):
            if address:
                other = seen.setdefault(address, f"{host.name}.{option}")
                if other != f"{host.name}.{option}":
                    yield Problem(f"{host.name}.{option}", f"{address} is {other} too", "Give each host its own address")


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
        seen: set[str] = set()
        for link in host.links:
            if link.interface in seen:
                yield Problem(
                    "fabric_links", f"{host.name}:{link.interface} is an end of two links", "Name each interface once"
                )
            seen.add(link.interface)
        if not host.links and len(fabric.hosts) > 1:
            yield Problem("fabric_links", f"{host.name} has no link", "Add one, or take the host out of the group fabric")


def _link_subnets(fabric: Fabric) -> Iterator[Problem]:
    seen: dict[ipaddress.IPv4Network | ipaddress.IPv6Network, str] = {}
    for host in fabric.hosts.values():
        for link in host.links:
            if link.address and host.name < link.peer:
                subnet = ipaddress.ip_interface(link.address).network
                here = f"{host.name}:{link.interface}"
                other = next(
                    (name for known, name in seen.items() if known.version == subnet.version and known.overlaps(subnet)),
                    None,
                )
                if other:
                    yield Problem(
                        "fabric_links",
                        f"the subnet {subnet} of {here} overlaps that of {other}",
                        "Give each link its own subnet",
                    )
                seen[subnet] = here


def _vnis(fabric: Fabric) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for number, vrf in enumerate(fabric.vrfs.values()):
        if vrf.l3vni:
            yield from _once(seen, vrf.l3vni, f"fabric_vrfs[{number}].l3vni", "VNI")
    for number, network in enumerate(fabric.networks.values()):
        if network.vni:
            yield from _once(seen, network.vni, f"fabric_networks[{number}].vni", "VNI")


def _once(seen: dict[int, str], value: int, path: str, what: str) -> Iterator[Problem]:
    other = seen.setdefault(value, path)
    if other != path:
        yield Problem(path, f"{value} is {other} too", f"Give each its own {what}")


def _tables(fabric: Fabric) -> Iterator[Problem]:
    seen: dict[int, str] = {OUTSIDE_TABLE: "the table of routes from outside"} if fabric.gateways else {}
    for number, vrf in enumerate(fabric.vrfs.values()):
        if vrf.table:
            yield from _once(seen, vrf.table, f"fabric_vrfs[{number}].table", "routing table")


def _vlans(fabric: Fabric) -> Iterator[Problem]:
    """A VLAN may stand for different networks, but not on the same VTEP."""
    seen: dict[int, list[tuple[str, Network]]] = {}
    for number, network in enumerate(fabric.networks.values()):
        if network.vlan is None:
            continue
        path = f"fabric_networks[{number}].vlan"
        for other_path, other in seen.get(network.vlan, ()):
            both = [vtep for vtep in network.vteps if vtep in other.vteps]
            if both:
                yield Problem(
                    path,
                    f"{network.vlan} is {other_path} too, and both networks are on {both[0]}",
                    "Give each its own VLAN",
                )
                break
        seen.setdefault(network.vlan, []).append((path, network))


def _network_references(fabric: Fabric) -> Iterator[Problem]:
    for number, network in enumerate(fabric.networks.values()):
        path = f"fabric_networks[{number}]"
        if network.central:
            if network.vrf:
                remedy = "Remove it, or remove central for gateways on each VTEP"
                yield Problem(f"{path}.vrf", "is set, but a central network is routed outside of VRFs", remedy)
            if not network.gateways:
                yield Problem(f"{path}.gateways", "is missing, and a central network needs one", "Write [10.1.0.1/24]")
            continue
        if network.vrf and network.vrf not in fabric.vrfs:
            known = ", ".join(fabric.vrfs) or "none yet"
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


def _subnets(fabric: Fabric) -> Iterator[Problem]:
    """Subnets of one VRF that overlap, found by walking them in order."""
    by_vrf: dict[tuple[str | None, int], list[tuple[int, int, str]]] = {}
    for number, network in enumerate(fabric.networks.values()):
        for place, gateway in enumerate(network.gateways):
            subnet = ipaddress.ip_interface(gateway).network
            by_vrf.setdefault((network.vrf or ("default" if network.central else None), subnet.version), []).append(
                (
                    int(subnet.network_address),
                    int(subnet.broadcast_address),
                    f"fabric_networks[{number}].gateways[{place}]",
                )
            )
    for (vrf, _version), subnets in by_vrf.items():
        subnets.sort()
        last, holder = -1, ""
        for first, end, path in subnets:
            if first <= last and vrf:
                yield Problem(
                    path,
                    f"its subnet overlaps that of {holder} in the VRF {vrf}",
                    "Give each network of a VRF its own subnet",
                )
            if end > last:
                last, holder = end, path


def _mtus(fabric: Fabric) -> Iterator[Problem]:
    room = fabric.underlay.mtu - fabric.overhead
    for number, network in enumerate(fabric.networks.values()):
        if network.mtu > room:
            yield Problem(
                f"fabric_networks[{number}].mtu",
                f"{network.mtu} and the {fabric.overhead} bytes of encapsulation do not fit the underlay's MTU of "
                f"{fabric.underlay.mtu}",
                f"Write at most {room}, or raise fabric_underlay.mtu to what the links carry",
            )
        if network.mtu < 1280 and any(":" in gateway for gateway in network.gateways):
            yield Problem(
                f"fabric_networks[{number}].mtu",
                f"{network.mtu} is less than the 1280 bytes that IPv6 needs",
                "Write at least 1280",
            )


def _ports(fabric: Fabric) -> Iterator[Problem]:
    for host in fabric.hosts.values():
        uplinks = {link.interface: link.peer for link in host.links}
        seen: set[str] = set()
        for number, port in enumerate(host.ports):
            path = f"{host.name}.fabric_ports[{number}]"
            if port.interface in uplinks:
                yield Problem(
                    f"{path}.interface",
                    f"{port.interface} is the link to {uplinks[port.interface]}",
                    "Name an interface towards tenants",
                )
            if port.interface in seen:
                yield Problem(f"{path}.interface", f"{port.interface} is listed twice", "Put all its networks into one entry")
            seen.add(port.interface)
            for option, names in (("untagged", (port.untagged,) if port.untagged else ()), ("tagged", port.tagged)):
                for name in names:
                    yield from _network_of_port(fabric, host, port.interface, f"{path}.{option}", name)


def _network_of_port(fabric: Fabric, host: Host, interface: str, path: str, name: str) -> Iterator[Problem]:
    network = fabric.networks.get(name)
    if network is None:
        yield Problem(path, f"{name!r} is not a network of fabric_networks", "Name one of them, or add it")
        return
    if host.name not in network.vteps:
        yield Problem(path, f"the network {name} is not on {host.name}", f"Add {host.name} to the vteps of {name}")
    if path.endswith("tagged") and not path.endswith("untagged"):
        if network.vlan is None:
            yield Problem(path, f"the network {name} has no vlan to be tagged with", f"Write a vlan for {name}")
        elif len(tagged_interface(interface, network.vlan).encode()) > 15:
            yield Problem(
                path,
                f"{tagged_interface(interface, network.vlan)} is longer than the 15 bytes of an interface name",
                "Use an interface with a shorter name",
            )


def _targets(fabric: Fabric) -> Iterator[Problem]:
    """FRR does not keep a target of an L2VNI that equals the one it derives: beside others it would be lost."""
    for number, network in enumerate(fabric.networks.values()):
        for option, targets in (("import", network.route_targets.imports), ("export", network.route_targets.exports)):
            lost = {automatic_target(fabric.hosts[vtep].asn, network.vni) for vtep in network.vteps} & set(targets)
            if len(targets) > 1 and lost:
                yield Problem(
                    f"fabric_networks[{number}].route_targets.{option}",
                    f"{sorted(lost)[0]} is what FRR derives by itself, and it does not keep that beside others",
                    "Write other numbers",
                )


def _distinguishers(fabric: Fabric) -> Iterator[Problem]:
    """Route distinguishers that two have, or that FRR may give to another VNI of a host by itself."""
    items: list[tuple[str, int, Vrf | Network]] = [
        ("fabric_vrfs", number, item) for number, item in enumerate(fabric.vrfs.values())
    ]
    items += [("fabric_networks", number, item) for number, item in enumerate(fabric.networks.values())]
    # FRR numbers a host's VNIs and VRFs, the default one among them, from 1 on (bgp_evpn.c, form_auto_rd). One that is asked
    # for what it has by itself does not keep it as its own.
    automatic = len(items) + 1
    seen: dict[str, str] = {}
    for option, number, item in items:
        path = f"{option}[{number}].rd"
        if item.rd and seen.setdefault(item.rd, path) != path:
            yield Problem(path, f"{item.rd} is {seen[item.rd]} too", "Give each its own route distinguisher")
        if item.rd and item.rd.isdigit() and int(item.rd) <= automatic:
            message = f"{item.rd} is a number that FRR gives by itself, which numbers VNIs and VRFs from 1 on"
            yield Problem(path, message, f"Write one above {automatic}")


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
