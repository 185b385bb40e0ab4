# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways: their variables, what must be true of them, and the options of `gateway_failover`. Private to this collection."""

from __future__ import annotations

import bisect
import dataclasses
import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._errors import Problem, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._gateway import request
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ranges import as_text
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.vteps import vtep_addresses

from .fabric import Fabric, Gateway, Gateways, Host, North, Rules, Underlay
from .names import OUTSIDE_TABLE
from .section import Section, shown

#: What gateways take from routers outside unless told otherwise.
DEFAULT_ROUTES = ("0.0.0.0/0", "::/0")
#: The route-map that gateway_failover looks for.
ROUTE_MAP = "evpn-gateway"
#: The priority of the first rule of a gateway: after those of the role `host`, the last of which looks up the local table.
RULES = 2100

GATEWAYS_KEYS = (
    "mode",
    "vtep_prefix",
    "buckets",
    "placement",
    "standbys",
    "pins",
    "accept",
    "failback",
    "failback_delay",
    "quorum",
    "fencing",
)
NORTH_KEYS = ("interface", "address", "peer", "asn", "password", "bfd")

_LISTED = re.compile(r"gateways\[(\d+)\]\.(\w+)\Z")


def read_gateways(shared: Section) -> Gateways | None:
    """The variable ``fabric_gateways``."""
    if shared.entry.get("fabric_gateways") is None:
        return None
    section = Section(shared.problems, "fabric_gateways", shared.entry["fabric_gateways"], GATEWAYS_KEYS)
    mode = section.choice("mode", ("anycast", "exclusive"))
    prefix = section.entry.get("vtep_prefix")
    if mode == "anycast" and prefix is None:
        section.wrong("vtep_prefix", "is missing in the mode anycast", "Write unused addresses such as 10.255.1.0/26")
    if mode == "exclusive" and prefix is not None:
        section.wrong("vtep_prefix", "has no meaning in the mode exclusive", "Remove it, or write mode: anycast")
        prefix = None
    buckets = section.integer("buckets", 1, request.MOST_BUCKETS, "a number of buckets") or 64
    if prefix is not None:
        try:
            vtep_addresses(prefix, buckets)
        except ValidationError as error:
            shared.problems += [each._replace(path="fabric_gateways.vtep_prefix") for each in error.problems]
            prefix = None
    return Gateways(
        mode,
        buckets,
        prefix,
        tuple(filter(None, (_accepted(section, *each) for each in enumerate(section.names("accept") or DEFAULT_ROUTES)))),
        section.choice("placement", ("bounded", "rendezvous")),
        section.entry.get("standbys", 1),
        section.entry.get("pins", ()),
        Rules(
            section.choice("failback", ("auto", "manual")),
            section.integer("failback_delay", 0, 86400, "a number of seconds") or 0,
            section.integer("quorum", 1, 1000, "a number of gateways"),
            _fencing(section),
        ),
    )


def _fencing(section: Section) -> tuple[str, ...]:
    """A command that is run when a gateway has died, so its mistakes are told before."""
    command = section.names("fencing")
    if command and (isinstance(section.entry["fencing"], str) or not any("{gateway}" in word for word in command[1:])):
        message = f"{shown(section.entry['fencing'])} does not say which gateway is meant"
        section.wrong("fencing", message, 'Write the program and each argument by itself, such as [power-off, "{gateway}"]')
    return command


def _accepted(section: Section, number: int, value: str) -> str | None:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        return section.wrong(f"accept[{number}]", f"{shown(value)} is not a prefix", "Write one such as 0.0.0.0/0")


def read_gateway(section: Section, underlay: Underlay) -> Gateway:
    """The variables of a single gateway."""
    north = [_north(entry, underlay) for entry in section.sections("fabric_north", NORTH_KEYS)]
    if not section.entry.get("fabric_north"):
        remedy = "Write how this gateway reaches a router outside: interface, address, peer, asn"
        section.wrong("fabric_north", "is missing", remedy)
    entry = section.entry
    return Gateway(
        entry.get("fabric_gateway_weight", 1), entry.get("fabric_gateway_state", "active"), tuple(filter(None, north))
    )


def _north(section: Section, underlay: Underlay) -> North | None:
    interface = section.port_name("interface")
    peer = section.ip("peer", required=True)
    asn = section.integer("asn", 1, 4294967294, "an AS number", required=True)
    address = _own_address(section, peer)
    password = section.secret("password")
    bfd = section.switch("bfd", underlay.bfd is not None)
    if bfd and underlay.bfd is None:
        section.wrong("bfd", "is true, but fabric_underlay.bfd is not set", "Write fabric_underlay.bfd: true, or remove it")
    return North(interface, address, peer, asn, password, bfd) if interface and address and peer and asn else None


def _own_address(section: Section, peer: str | None) -> str | None:
    value = section.entry.get("address")
    try:
        if not isinstance(value, str) or "/" not in value:
            raise ValueError
        address = ipaddress.ip_interface(value)
    except ValueError:
        message = "is missing" if value is None else f"{shown(value)} is not an address with its prefix length"
        return section.wrong("address", message, "Write one such as 198.51.100.1/31")
    if peer is not None and ipaddress.ip_address(peer) not in address.network:
        return section.wrong("peer", f"{peer} is not in the subnet {address.network}", "Write the router's address there")
    if peer == str(address.ip):
        return section.wrong("peer", f"{peer} is the gateway's own address", "Write the router's address")
    return str(address)


def document(fabric: Fabric, host: Host) -> dict[str, Any] | None:
    """The ``options`` of `gateway_failover` on a host, and the ``rules`` of a run; None for one that has nothing to serve."""
    settings = fabric.gateways
    vnis = sorted(network.vni for network in fabric.networks_of[host.name] if network.central)
    if host.gateway is None or settings is None or not vnis:
        return None
    options = {**_ownership(fabric, settings), "self": host.name, "vnis": [as_text(vnis)], "mode": settings.mode}
    options["route_map"] = ROUTE_MAP
    if settings.anycast:
        options["vtep_prefix"] = settings.vtep_prefix
    return {"options": options, "rules": dataclasses.asdict(settings.rules)}


def _ownership(fabric: Fabric, settings: Gateways) -> dict[str, Any]:
    return {
        "gateways": [
            {"name": host.name, "weight": host.gateway.weight, "state": host.gateway.state}
            for host in fabric.hosts.values()
            if host.gateway
        ],
        "buckets": settings.buckets,
        "placement": settings.placement,
        "standbys": settings.standbys,
        "pins": list(settings.pins) if isinstance(settings.pins, (list, tuple)) else settings.pins,
    }


def rules(host: Host) -> list[dict[str, Any]]:
    """The routing policy rules of a gateway; none for other hosts.

    What tenants send goes outside, by the routes from there: to other tenants too, because the router outside knows who owns
    their network, and only the owner gets their answers to ARP and ND. It never follows the host's own routes. What comes from
    outside or from the fabric, and the gateway's own packets, go by the main table first.
    """
    if host.gateway is None:
        return []
    known = ["lo", *dict.fromkeys([link.interface for link in host.links] + [each.interface for each in host.gateway.north])]
    return [
        rule
        for family in ("ipv4", "ipv6")
        for rule in (
            *({"priority": RULES, "family": family, "iif": interface, "table": "main"} for interface in known),
            {"priority": RULES + 100, "family": family, "table": str(OUTSIDE_TABLE)},
            {"priority": RULES + 101, "family": family, "action": "unreachable"},
        )
    ]


def ranks(fabric: Fabric) -> dict[int, tuple[str, ...]]:
    """Bucket -> the names of its gateways, the owner first."""
    if fabric.gateways is None:
        return {}
    found: dict[int, tuple[str, ...]] = owners(request.read({**_ownership(fabric, fabric.gateways), "vnis": [1]})).ranks
    return found


def check(fabric: Fabric) -> Iterator[Problem]:
    """What is wrong with the gateways of a fabric."""
    gateways = [host for host in fabric.hosts.values() if host.gateway]
    central = [(number, network) for number, network in enumerate(fabric.networks.values()) if network.central]
    settings = fabric.gateways
    if gateways and settings is None:
        yield Problem("fabric_gateways", "is missing, and the group gateways has hosts", "Write at least a mode")
    if not gateways and (central or settings):
        path = f"fabric_networks[{central[0][0]}].central" if central else "fabric_gateways"
        yield Problem(path, "is set, but the group gateways has no hosts", "Put hosts into the group gateways, or remove it")
    if gateways and not central:
        yield Problem(
            "fabric_networks", "none is central, and the group gateways has hosts", "Write central: true for one at least"
        )
    if not gateways or settings is None:
        return
    if fabric.underlay.protocol != "ebgp":
        message = f"is {fabric.underlay.protocol}, and gateways in the inventory need ebgp"
        yield Problem("fabric_underlay.protocol", message, "Write ebgp, or run the module gateway_failover by itself")
    yield from _ownership_problems(
        fabric, settings, [host.name for host in gateways], [network.vni for _number, network in central]
    )
    yield from _addresses_in_use(fabric, settings)
    if settings.anycast:
        yield from _without_ipv4(fabric, gateways)
    for host in gateways:
        uplinks = {link.interface for link in host.links}
        for number, north in enumerate(host.gateway.north if host.gateway else ()):
            if north.interface in uplinks:
                path = f"{host.name}.fabric_north[{number}].interface"
                yield Problem(path, f"{north.interface} is a link of the fabric", "Name an interface towards a router outside")


def _without_ipv4(fabric: Fabric, gateways: list[Host]) -> Iterator[Problem]:
    """What has no IPv4 where buckets need it: their addresses, and the routes from outside that they depend on."""
    over_ipv6 = next((host for host in fabric.hosts.values() if host.vtep and ":" in host.vtep), None)
    if over_ipv6:
        message = (
            f"is anycast, in which gateways have IPv4 addresses, and {over_ipv6.name} has the VTEP address {over_ipv6.vtep}"
        )
        yield Problem("fabric_gateways.mode", message, "Write mode: exclusive, or VTEPs with IPv4 addresses")
    for host in gateways:
        north = host.gateway.north if host.gateway else ()
        if north and all(":" in each.peer for each in north):
            message = "has IPv6 sessions only, and in the mode anycast a gateway serves while it has an IPv4 route from outside"
            yield Problem(f"{host.name}.fabric_north", message, "Add a session over IPv4, or write mode: exclusive")


def _ownership_problems(fabric: Fabric, settings: Gateways, names: list[str], vnis: list[int]) -> Iterator[Problem]:
    """What the ownership of VNIs says against its input, in the words of the inventory's variables."""
    try:
        request.read({**_ownership(fabric, settings), "vnis": vnis or [1]})
    except ValidationError as error:
        for problem in error.problems:
            found = _LISTED.match(problem.path)
            if found:
                path = f"{names[int(found[1])]}.fabric_gateway_{found[2]}"
            elif problem.path == "gateways":
                path = "fabric_gateway_state"
                problem = problem._replace(remedy="Make one active; a fabric without its gateways has no way out")
            else:
                path = f"fabric_gateways.{problem.path}"
            yield problem._replace(path=path)


def _addresses_in_use(fabric: Fabric, settings: Gateways) -> Iterator[Problem]:
    """Addresses of buckets that something else has, and subnets that hide a loopback."""
    buckets = ipaddress.ip_network(settings.vtep_prefix) if settings.vtep_prefix else None
    subnets = [
        (f"fabric_networks[{number}].gateways[{place}]", ipaddress.ip_interface(gateway).network)
        for number, network in enumerate(fabric.networks.values())
        if network.central
        for place, gateway in enumerate(network.gateways)
    ]
    loopbacks = [
        (ipaddress.ip_address(address), f"{host.name}.{option}")
        for host in fabric.hosts.values()
        for option, address in (("fabric_loopback", host.loopback), ("fabric_vtep", host.vtep))
        if address and not (option == "fabric_vtep" and address == host.loopback)
    ]
    for address, path in loopbacks:
        if buckets and address in buckets:
            yield Problem(path, f"{address} is one of fabric_gateways.vtep_prefix {buckets}", "Write an address outside of it")
    ordered = {version: sorted(each for each in loopbacks if each[0].version == version) for version in (4, 6)}
    for path, subnet in subnets:
        if buckets and subnet.version == 4 and subnet.overlaps(buckets):
            yield Problem(path, f"its subnet {subnet} overlaps fabric_gateways.vtep_prefix {buckets}", "Write another prefix")
        place = bisect.bisect_left(ordered[subnet.version], (subnet.network_address, ""))
        if place < len(ordered[subnet.version]) and ordered[subnet.version][place][0] in subnet:
            hidden = ordered[subnet.version][place][1]
            yield Problem(path, f"its subnet {subnet} has the address of {hidden} in it", "Give the network another subnet")
