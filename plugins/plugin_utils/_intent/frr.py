# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's FRR document: what the template of the role `frr` renders. Private to this collection."""

from __future__ import annotations

from typing import Any

from . import gateways
from .bfd import TIMERS_WITHOUT_BFD
from .fabric import Fabric, Host, North, RouteTargets
from .names import OUTSIDE_TABLE, automatic_target, liveness_prefix, route_distinguisher, subnet_metric

#: Older ones lose the router MACs of VTEPs when the best path to their hosts changes (FRRouting issue 14355), and the MAC of
#: gateways when their best path changes: seen with 8.4.4, not with 10.3.
FRR_THAT_KEEPS_MACS = (10,)

FAMILIES = ("ipv4", "ipv6")
#: The first half of the communities that mark subnets by bucket, a private AS number (RFC 6996): they never leave a gateway.
GATEWAY_COMMUNITY = 65534
#: More than two gateways' places in a fabric differ in the length of their paths.
AS_NUMBERS_A_RANK = 3


#: Releases in which a BFD session that goes down leaves BGP 30 s, unless the neighbor has timers of its own (FRRouting issue
#: 22097; bgp_bfd.c): the same timers again do.
FRR_THAT_HOLDS_BGP = ((10, 4), (10, 5))
TIMERS = (3, 9)


def document(fabric: Fabric, host: Host, without_bfd: frozenset[tuple[str, str]] = frozenset()) -> dict[str, Any]:
    """FRR's desired configuration on ``host``, as plain data: every name and text in it has been checked.

    ``without_bfd`` are ends of links, a host and its interface, on which there is to be no BFD.
    """
    bfd = fabric.underlay.bfd
    loopbacks = list(dict.fromkeys(filter(None, (host.loopback, host.vtep))))
    ebgp = fabric.underlay.protocol == "ebgp"
    underlay = fabric.underlay_families if ebgp else []
    own_routes_only = ebgp and host.name in fabric.non_transit
    gateway = _gateway(fabric, host)
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
        "groups": _ebgp_groups(fabric, host, without_bfd) if ebgp else _ibgp_groups(fabric, host),
        "families": list(dict.fromkeys([*underlay, *(gateway["accept"] if gateway else [])])),
        "underlay_families": underlay,
        "own_routes_only": own_routes_only,
        # An exclusive gateway's own route-map permits no route that it has learned from others.
        "spine_asns": sorted({fabric.hosts[link.peer].asn for link in host.links})
        if own_routes_only and (gateway is None or gateway["anycast"])
        else [],
        "gateway": gateway,
        "north": [_north(north) for north in host.gateway.north] if host.gateway else [],
        "loopbacks": {
            "ipv4": [f"{address}/32" for address in loopbacks if ":" not in address] if ebgp else [],
            "ipv6": [f"{address}/128" for address in loopbacks if ":" in address] if ebgp else [],
        },
        # Gateways look for routes of the fabric in each family that they advertise outside.
        "liveness_prefix": liveness_prefix(host.loopback) if ebgp and fabric.ipv6_outside and host.gateway is None else None,
        "vtep": host.vtep is not None,
        # systemd-networkd removes next-hop groups of others, and the kernel the routes that use them. Its option against that
        # is of systemd 256, and 257 heeds it only for groups that were there when it started (systemd issue 29034).
        "kernel_nexthops": not host.networkd,
        "message_by_message": _older(host, FRR_THAT_KEEPS_MACS) and _has_macs_of_several(fabric, host),
        "vnis": [
            _vni(fabric, host, network) for network in fabric.networks_of[host.name] if network.rd or _explicit(host, network)
        ],
        "vrfs": [_vrf(host, vrf) for vrf in fabric.vrfs_of[host.name] if vrf.l3vni] if host.vtep else [],
    }


def _has_macs_of_several(fabric: Fabric, host: Host) -> bool:
    """Whether a host has MAC addresses that stay when the best path to them changes: routers', and those of gateways.

    bgpd withdraws the route and announces it again. zebra reads both at once and takes the MAC address away last, unless it
    reads one message at a time and does at once what it says.
    """
    central = host.gateway is None and any(network.central for network in fabric.networks_of[host.name])
    return central or any(vrf.l3vni for vrf in fabric.vrfs_of[host.name])


def _gateway(fabric: Fabric, host: Host) -> dict[str, Any] | None:
    """What a gateway does besides: None for other hosts.

    ``marks`` tell the buckets of subnets: redistributed with a metric, they get a community. ``ranks`` have the AS numbers that
    make a path longer than those of better ranks.
    """
    settings = fabric.gateways
    if host.gateway is None or settings is None:
        return None
    buckets = sorted({settings.bucket(network) for network in fabric.networks_of[host.name] if network.central})
    standbys = settings.standbys if isinstance(settings.standbys, int) else int(str(settings.standbys))
    # A gateway that takes a bucket up is preferred to its owner, so that there is one way at any moment. The path of an owner
    # is longer by one AS number only: with three, drains in rehearsals lost packets for 60 to 80 ms, with one none.
    ranks = {"new": 0, **{str(rank): 1 + rank * AS_NUMBERS_A_RANK for rank in range(standbys + 1)}}
    families = {family: [prefix for prefix in settings.accept if (":" in prefix) == (family == "ipv6")] for family in FAMILIES}
    return {
        "anycast": settings.anycast,
        "external": f"{GATEWAY_COMMUNITY}:65535",
        "connected": gateways.ROUTE_MAP if settings.anycast else "evpn-subnet-marks",
        "vtep_prefix": settings.vtep_prefix,
        "outside_table": OUTSIDE_TABLE,
        "ranks": [{"name": name, "prepended": " ".join([str(host.asn)] * count)} for name, count in ranks.items()],
        "marks": [{"metric": subnet_metric(bucket), "community": f"{GATEWAY_COMMUNITY}:{bucket}"} for bucket in buckets],
        "accept": {
            family: prefixes
            for family, prefixes in families.items()
            if any(north.family == family for north in host.gateway.north)
        },
    }


def _north(north: North) -> dict[str, Any]:
    return {
        "family": north.family,
        "name": north.peer,
        "remote_as": north.asn,
        "password": north.password,
        "bfd": north.bfd,
    }


def _older(host: Host, version: tuple[int, ...]) -> bool:
    """Whether FRR on a host is older than a version, as far as the host has been looked at."""
    return host.frr_release is not None and host.frr_release < version


def _ebgp_groups(fabric: Fabric, host: Host, without_bfd: frozenset[tuple[str, str]]) -> list[dict[str, Any]]:
    """One peer group: the hosts at the other ends of the links, each with one session for underlay and overlay.

    A member cannot do without the BFD of its group, so where one has to, the others have it for themselves.
    """
    bfd = fabric.underlay.bfd is not None
    bare = {link.interface for link in host.links if (host.name, link.interface) in without_bfd}
    neighbors: list[dict[str, Any]] = [
        {
            "name": link.interface if link.peer_address is None else link.peer_address.split("/")[0],
            "interface": link.peer_address is None,
            "description": link.peer,
            "bfd": bfd and bool(bare) and link.interface not in bare,
            "timers": " ".join(map(str, TIMERS_WITHOUT_BFD)) if link.interface in bare else None,
        }
        for link in host.links
    ]
    extended = any(":" in neighbor["name"] for neighbor in neighbors)
    return [
        {
            "name": "fabric",
            "remote_as": "external",
            "password": fabric.underlay.password or fabric.overlay.password,
            "bfd": bfd and not bare,
            "timers": " ".join(map(str, TIMERS)) if bfd and host.frr_release in FRR_THAT_HOLDS_BGP else None,
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
        "timers": None,
        "update_source": host.loopback,
        "extended_nexthop": False,
        "underlay": False,
        "reflector_clients": clients,
        "neighbors": [
            {"name": other.loopback, "interface": False, "description": other.name, "bfd": False, "timers": None}
            for other in others
        ],
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
