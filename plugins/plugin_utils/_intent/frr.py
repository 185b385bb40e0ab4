# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's FRR document: what the template of the role `frr` renders. Private to this collection."""

from __future__ import annotations

from typing import Any

from .fabric import Fabric, Host, RouteTargets
from .names import automatic_target, route_distinguisher

#: Older ones lose the router MACs of VTEPs when the best path to their hosts changes (FRRouting issue 14355): seen with
#: 8.4.4, not with 10.3.
FRR_THAT_KEEPS_ROUTER_MACS = (10,)


def document(fabric: Fabric, host: Host) -> dict[str, Any]:
    """What FRR shall do on ``host``, as plain data: every name and text in it has been checked."""
    bfd = fabric.underlay.bfd
    loopbacks = list(dict.fromkeys(filter(None, (host.loopback, host.vtep))))
    ebgp = fabric.underlay.protocol == "ebgp"
    return {
        "hostname": host.name,
        "router_id": host.loopback,
        "asn": host.asn,
        "daemons": ["bgpd", *([] if ebgp else ["ospfd"]), *(["bfdd"] if bfd else [])],
        "bfd": {
            "enabled": bfd is not None,
            "transmit_interval": bfd.transmit_interval if bfd else 300,
            "receive_interval": bfd.receive_interval if bfd else 300,
            "detect_multiplier": bfd.detect_multiplier if bfd else 3,
        },
        "ospf": None if ebgp else {"area": fabric.underlay.area, "interfaces": [link.interface for link in host.links]},
        "groups": _ebgp_groups(fabric, host) if ebgp else _ibgp_groups(fabric, host),
        # A host without an address of a family carries the others' all the same.
        "families": ["ipv4", *(["ipv6"] if fabric.ipv6_vteps else [])] if ebgp else [],
        "loopbacks": {
            "ipv4": [f"{address}/32" for address in loopbacks if ":" not in address] if ebgp else [],
            "ipv6": [f"{address}/128" for address in loopbacks if ":" in address] if ebgp else [],
        },
        "vtep": host.vtep is not None,
        # bgpd withdraws a route and announces it again. zebra reads both at once and takes the router MAC away last, unless
        # it reads one message at a time and does at once what it says.
        "message_by_message": _older(host, FRR_THAT_KEEPS_ROUTER_MACS) and any(vrf.l3vni for vrf in fabric.vrfs_of[host.name]),
        "vnis": [
            _vni(fabric, host, network) for network in fabric.networks_of[host.name] if network.rd or _explicit(host, network)
        ],
        "vrfs": [_vrf(host, vrf) for vrf in fabric.vrfs_of[host.name] if vrf.l3vni] if host.vtep else [],
    }


def _older(host: Host, version: tuple[int, ...]) -> bool:
    """Whether FRR on a host is older than a version, as far as the host has been looked at."""
    return host.frr_release is not None and host.frr_release < version


def _ebgp_groups(fabric: Fabric, host: Host) -> list[dict[str, Any]]:
    """One peer group: the hosts at the other ends of the links, each with one session for underlay and overlay."""
    neighbors: list[dict[str, Any]] = [
        {
            "name": link.interface if link.peer_address is None else link.peer_address.split("/")[0],
            "interface": link.peer_address is None,
            "description": link.peer,
        }
        for link in host.links
    ]
    extended = any(":" in neighbor["name"] for neighbor in neighbors)
    return [
        {
            "name": "fabric",
            "remote_as": "external",
            "password": fabric.underlay.password or fabric.overlay.password,
            "bfd": fabric.underlay.bfd is not None,
            "update_source": None,
            "extended_nexthop": extended,
            "underlay": True,
            "reflector_clients": False,
            "neighbors": neighbors,
        }
    ]


def _ibgp_groups(fabric: Fabric, host: Host) -> list[dict[str, Any]]:
    """Peer groups between loopbacks: clients and reflectors for a route reflector, reflectors for all others."""
    reflectors = [fabric.hosts[name] for name in fabric.overlay.route_reflectors if name != host.name]
    groups = [_ibgp_group(fabric, host, "reflectors", reflectors, clients=False)]
    if host.name in fabric.overlay.route_reflectors:
        clients = [other for other in fabric.hosts.values() if other.vtep and other.name not in fabric.overlay.route_reflectors]
        groups.append(_ibgp_group(fabric, host, "clients", clients, clients=True))
    elif not host.vtep:
        return []  # it forwards, and takes no part in EVPN
    return [group for group in groups if group["neighbors"]]


def _ibgp_group(fabric: Fabric, host: Host, name: str, others: list[Host], clients: bool) -> dict[str, Any]:
    return {
        "name": name,
        "remote_as": "internal",
        "password": fabric.overlay.password,
        "bfd": False,
        "update_source": host.loopback,
        "extended_nexthop": False,
        "underlay": False,
        "reflector_clients": clients,
        "neighbors": [{"name": other.loopback, "interface": False, "description": other.name} for other in others],
    }


def _vni(fabric: Fabric, host: Host, network: Any) -> dict[str, Any]:
    imports, exports = _explicit_targets(host, network)
    return {
        "vni": network.vni,
        "rd": route_distinguisher(network.rd, host.loopback) if network.rd else None,
        "imports": imports,
        "exports": exports,
    }


def _explicit(host: Host, network: Any) -> bool:
    return any(_explicit_targets(host, network))


def _explicit_targets(host: Host, network: Any) -> tuple[list[str], list[str]]:
    """The targets of an L2VNI without those that FRR derives by itself and does not show."""
    automatic = automatic_target(host.asn, network.vni)
    return (
        [target for target in network.route_targets.imports if target != automatic],
        [target for target in network.route_targets.exports if target != automatic],
    )


def _vrf(host: Host, vrf: Any) -> dict[str, Any]:
    targets: RouteTargets = vrf.route_targets
    return {
        "name": vrf.name,
        "l3vni": vrf.l3vni,
        "rd": route_distinguisher(vrf.rd, host.loopback) if vrf.rd else None,
        "imports": list(targets.imports),
        "exports": list(targets.exports),
    }
