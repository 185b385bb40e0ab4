# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways: their variables, what must be true of them, and the options of `gateway_failover`. Private to this collection."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._gateway import request
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ranges import as_text
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.vteps import vtep_addresses

from . import addresses
from .fabric import Fabric, Gateway, Gateways, Host, North, Rules, Underlay
from .names import OUTSIDE_TABLE
from .section import Section, as_number, shown

#: The route-map that gateway_failover looks for.
ROUTE_MAP = "evpn-gateway"
#: The priority of the first rule of a gateway: after those of the role `host`, the last of which looks up the local table.
RULES = 2100

_LISTED = re.compile(r"gateways\[(\d+)\]\.(\w+)\Z")


def read_gateways(shared: Section) -> Gateways | None:
    """The variable ``fabric_gateways``."""
    if shared.value("fabric_gateways") is None:
        return None
    section = shared.section("fabric_gateways")
    mode = section.choice("mode")
    prefix = section.value("vtep_prefix")
    if mode == "anycast" and prefix is None:
        section.wrong("vtep_prefix", "is missing in the mode anycast", "Write unused addresses such as 10.255.1.0/26")
    if mode == "exclusive" and prefix is not None:
        section.wrong("vtep_prefix", "has no meaning in the mode exclusive", "Remove it, or write mode: anycast")
        prefix = None
    buckets = section.integer("buckets") or 0
    if prefix is not None:
        try:
            vtep_addresses(prefix, buckets)
        except ValidationError as error:
            shared.problems += [each._replace(path="fabric_gateways.vtep_prefix") for each in error.problems]
            prefix = None
        else:
            what = addresses.special_within(ipaddress.ip_network(prefix))
            if what:
                prefix = section.wrong("vtep_prefix", f"{prefix} has {what}", "Write unused addresses such as 10.255.1.0/26")
    accept = list(_accepted(section))
    return Gateways(
        mode,
        buckets,
        prefix,
        tuple(prefix for _path, prefix in accept),
        section.choice("placement"),
        as_number(section.value("standbys")),
        section.value("pins") or (),
        Rules(
            section.choice("failback"),
            section.integer("failback_delay") or 0,
            section.integer("quorum"),
            _fencing(section),
        ),
        tuple(path for path, _prefix in accept),
    )


def _fencing(section: Section) -> tuple[str, ...]:
    """A command that is run when a gateway has died, so its mistakes are reported before."""
    command = section.texts("fencing", '[power-off, "{gateway}"]')
    if command and not (command[0] and all(word.isprintable() for word in command)):
        remedy = "Write a program and its arguments, of characters that print"
        section.wrong("fencing", f"{shown(section.value('fencing'))} is not a command", remedy)
    elif command and (isinstance(section.value("fencing"), str) or not any("{gateway}" in word for word in command[1:])):
        message = f"{shown(section.value('fencing'))} does not say which gateway is meant"
        section.wrong("fencing", message, 'Write the program and each argument by itself, such as [power-off, "{gateway}"]')
    return command


def _accepted(section: Section) -> Iterator[tuple[str, str]]:
    """Prefixes that routers outside may announce, each after its path."""
    seen: dict[addresses.Network, str] = {}
    for number, value in enumerate(section.texts("accept", '[0.0.0.0/0, "::/0"]')):
        option = f"accept[{number}]"
        prefix = section.subnet(option, value, "0.0.0.0/0")
        if prefix is None:
            continue
        what = addresses.special_within(prefix) if prefix.prefixlen else None
        if what:
            section.wrong(option, f"{prefix} has {what}", "Write one that routers outside can announce, such as 0.0.0.0/0")
        elif prefix in seen:
            section.wrong(option, f"{prefix} is {seen[prefix]} too", "Keep one of them")
        else:
            seen[prefix] = f"{section.path}.{option}"
            yield seen[prefix], str(prefix)


def read_gateway(section: Section, underlay: Underlay) -> Gateway:
    """The variables of a single gateway."""
    north = [_north(entry, underlay) for entry in section.sections("fabric_north")]
    if not section.value("fabric_north"):
        remedy = "Write how this gateway reaches a router outside: interface, address, peer, asn"
        section.wrong("fabric_north", "is missing", remedy)
    return Gateway(section.value("fabric_gateway_weight"), section.value("fabric_gateway_state"), tuple(filter(None, north)))


def _north(section: Section, underlay: Underlay) -> North | None:
    interface = section.port_name("interface")
    peer = section.ip("peer")
    asn = section.integer("asn")
    address = _own_address(section, peer)
    password = section.secret("password")
    bfd = section.switch("bfd", underlay.bfd is not None)
    if bfd and underlay.bfd is None:
        section.wrong("bfd", "is true, but fabric_underlay.bfd is not set", "Write fabric_underlay.bfd: true, or remove it")
    return North(interface, address, peer, asn, password, bfd, section.path) if interface and address and peer and asn else None


def _own_address(section: Section, peer: str | None) -> str | None:
    own = section.host_in_subnet("address", section.value("address"), "198.51.100.1/31")
    if own is None:
        return None
    if peer is not None:
        there = ipaddress.ip_address(peer)
        if there not in own.network:
            return section.wrong("peer", f"{peer} is not in the subnet {own.network}", "Write the router's address there")
        if there == own.ip:
            return section.wrong("peer", f"{peer} is the gateway's own address", "Write the router's address")
        if not addresses.is_host(there, own.network):
            return section.wrong("peer", f"{peer} is not a host's address in {own.network}", "Write the router's address")
    return str(own)


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
    """Bucket -> the names of its gateways, the owner first. One in maintenance has been drained, unless none would be left."""
    if fabric.gateways is None:
        return {}
    given = _ownership(fabric, fabric.gateways)
    serving = [
        {**each, "state": "drained"} if fabric.hosts[each["name"]].maintenance and each["state"] == "active" else each
        for each in given["gateways"]
    ]
    if any(each["state"] == "active" for each in serving):
        given["gateways"] = serving
    found: dict[int, tuple[str, ...]] = owners(request.read({**given, "vnis": [1]})).ranks
    return found


def check(fabric: Fabric) -> Iterator[Problem]:
    """What is wrong with the gateways of a fabric."""
    gateways = [host for host in fabric.hosts.values() if host.gateway]
    central = [network for network in fabric.networks.values() if network.central]
    settings = fabric.gateways
    if gateways and settings is None:
        yield Problem("fabric_gateways", "is missing, and the group gateways has hosts", "Write at least a mode")
    if not gateways and (central or settings):
        path = f"{central[0].path}.central" if central else "fabric_gateways"
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
    yield from _ownership_problems(fabric, settings, [host.name for host in gateways], [network.vni for network in central])
    if settings.anycast:
        yield from _without_ipv4(fabric, gateways)
    numbers = {host.asn: host.name for host in reversed(gateways)}
    for host in gateways:
        yield from _sessions(host, numbers)
    others = len(gateways) - 1
    if (settings.rules.quorum or 0) > others:
        message = f"{settings.rules.quorum} others can never be reached, for there are {others}: no gateway could be replaced"
        remedy = f"Write at most {others}" if others else "Remove it, or add gateways"
        yield Problem("fabric_gateways.quorum", message, remedy)


def _sessions(host: Host, numbers: dict[int, str]) -> Iterator[Problem]:
    """Sessions of a gateway with routers outside that do not work; ``numbers`` are the gateways' AS numbers."""
    seen: dict[str, str] = {}
    for north in host.gateway.north if host.gateway else ():
        if north.asn == host.asn:
            message = f"{north.asn} is the gateway's own number, so the session is not eBGP"
            yield Problem(f"{north.path}.asn", message, "Write the router's number")
        elif north.asn in numbers:
            message = f"{north.asn} is the number of {numbers[north.asn]}, whose routes a router of that number drops"
            yield Problem(f"{north.path}.asn", message, "Write the router's number, which no gateway has")
        other = seen.setdefault(north.peer, north.path)
        if other != north.path:
            message = f"{north.peer} is {other}.peer too, and FRR has one session with it"
            yield Problem(f"{north.path}.peer", message, "Write each router once")


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
