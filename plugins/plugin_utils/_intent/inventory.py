# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the variables of an inventory into a :class:`.fabric.Fabric`. Private to this collection.

The shapes of all variables are here, one function each; what only shows across variables and hosts is in
:mod:`.consistency`.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import is_interface_name
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vrf import RESERVED_TABLES
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vxlan import OVERHEAD

from .._schema import inventory as schema
from .._schema import run
from . import addresses
from .fabric import Bfd, Fabric, Host, Link, Network, Overlay, Port, Underlay, Vrf
from .gateways import read_gateway, read_gateways
from .section import NAME, RESERVED_NAMES, Section, as_number, shown
from .targets import read_distinguisher, read_targets

#: All variables whose names begin with ``fabric_``.
VARIABLES = {**schema.FABRIC, **schema.HOST, **run.FABRIC}

#: Names in the inventory's order, as the keys of a mapping: they are looked for among thousands.
Names = Mapping[str, None]


class Intent:
    """What was read, and every problem of it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.fabric: Fabric | None = None


def read(
    groups: Mapping[str, Iterable[str]],
    hostvars: Mapping[str, Mapping[str, Any]],
    facts: Mapping[str, Mapping[str, Any]],
) -> Intent:
    """Reads an inventory.

    ``groups`` maps group names to host names (``fabric``, ``spines``, ``vteps``, ``gateways``), ``hostvars`` host names to
    variables ``fabric_*``, ``facts`` host names to what the module `host_info` found on them. The intent's fabric is None if
    the inventory has no fabric at all; otherwise it is as good as its problems allow.
    """
    intent = Intent()
    names = list(groups.get("fabric", ()))
    if not names:
        intent.problems.append(
            Problem("inventory", "the group fabric has no hosts", "Put hosts into its children spines and vteps")
        )
        return intent
    variables = {name: hostvars[name] for name in names}
    _same_everywhere(intent.problems, variables)
    variables = {name: {key: found[key] for key in found if key in VARIABLES} for name, found in variables.items()}
    shared = Section(intent.problems, "", variables[names[0]], VARIABLES)
    vteps = dict.fromkeys(name for name in groups.get("vteps", ()) if name in variables)
    gateways = dict.fromkeys(name for name in groups.get("gateways", ()) if name in variables)
    underlay, overlay = _underlay(shared), _overlay(shared, groups)
    with_tunnels = {*vteps, *gateways}
    hosts = {name: _host(intent.problems, name, variables[name], name in with_tunnels, overlay) for name in names}
    for name in gateways:
        _not_in_two_groups(intent.problems, name, groups)
        section = Section(intent.problems, name, variables[name], VARIABLES)
        hosts[name] = dataclasses.replace(hosts[name], gateway=read_gateway(section, underlay), ports=())
    _only_gateways_have(schema.GATEWAY, intent.problems, variables, gateways)
    hosts = _with_links(shared, hosts, underlay)
    hosts = {name: _as_found(host, facts[name]) if name in facts else host for name, host in hosts.items()}
    ipv6 = any(":" in (host.vtep or "") for host in hosts.values())
    room = underlay.mtu - OVERHEAD["ipv6" if ipv6 else "ipv4"]
    members = {group: [name for name in hosts_of if name in vteps] for group, hosts_of in groups.items()}
    vrfs = [_vrf(section, vteps, members) for section in shared.sections("fabric_vrfs")]
    networks = [_network(section, vteps, gateways, members, room) for section in shared.sections("fabric_networks")]
    mac = shared.mac("fabric_anycast_mac") if shared.typed("fabric_anycast_mac", str, "a MAC address") else None
    intent.fabric = Fabric(
        underlay,
        overlay,
        hosts,
        _by_name(intent.problems, vrfs),
        _by_name(intent.problems, networks),
        mac or str(schema.FABRIC["fabric_anycast_mac"].default),
        read_gateways(shared),
    )
    return intent


def _not_in_two_groups(problems: list[Problem], name: str, groups: Mapping[str, Iterable[str]]) -> None:
    others = [group for group in ("spines", "vteps") if name in groups.get(group, ())]
    problems += [Problem(name, f"is in the groups gateways and {group}", "Put it into one of them") for group in others]


def _only_gateways_have(
    keys: Iterable[str], problems: list[Problem], variables: Mapping[str, Mapping[str, Any]], gateways: Iterable[str]
) -> None:
    for key in keys:
        wrong = [name for name in variables if name not in gateways and variables[name].get(key) is not None]
        if wrong:
            remedy = "Set it for hosts of the group gateways only"
            problems.append(Problem(f"{wrong[0]}.{key}", "is set, but the host is not in the group gateways", remedy))


def _same_everywhere(problems: list[Problem], variables: Mapping[str, Mapping[str, Any]]) -> None:
    names = list(variables)
    for key in schema.FABRIC:
        first = variables[names[0]].get(key)
        for name in names[1:]:
            value = variables[name].get(key)
            if value is not first and value != first:  # hosts of a group share what is written for it: one object
                problems.append(Problem(key, f"differs between {names[0]} and {name}", "Set it once, for the group fabric"))
                break
    for key in sorted({key for found in variables.values() for key in found} - set(VARIABLES)):
        close = difflib.get_close_matches(key, VARIABLES, 1)
        problems.append(
            Problem(
                key,
                "is not a variable of this collection",
                f"Write {close[0]}" if close else "Remove it or rename it: the prefix fabric_ is reserved",
            )
        )


def _by_name(problems: list[Problem], items: list[Any]) -> dict[str, Any]:
    """Entries by name; those that have none of their own by their path, so that all else of them is checked, too."""
    found: dict[str, Any] = {}
    for item in items:
        if item.name in found:
            message = f"{item.name} is the name of another entry too"
            problems.append(Problem(f"{item.path}.name", message, "Give each its own name"))
        found[item.path if not item.name or item.name in found else item.name] = item
    return found


def _underlay(shared: Section) -> Underlay:
    section = shared.section("fabric_underlay")
    protocol = section.choice("protocol")
    area = section.value("area")
    if addresses.address(area) is None or ":" in area:
        section.wrong("area", f"{shown(area)} is not an OSPF area", "Write one such as 0.0.0.0")
        area = section.keys["area"].default
    unnumbered = section.switch("unnumbered", protocol == "ebgp")
    if protocol == "ospf" and unnumbered:
        section.wrong(
            "unnumbered",
            "is true, but an OSPF underlay needs addresses on its links",
            "Remove it and write a subnet for each of fabric_links",
        )
    if protocol == "ospf" and section.value("password"):
        section.wrong("password", "is for BGP sessions, and an OSPF underlay has none", "Write it as fabric_overlay.password")
    return Underlay(
        protocol,
        unnumbered,
        section.integer("mtu") or 0,
        area,
        _bfd(section),
        section.secret("password"),
    )


def _bfd(section: Section) -> Bfd | None:
    value = section.value("bfd")
    if value is False:
        return None
    timers = section.section("bfd", {} if value is True else value)
    return Bfd(
        timers.integer("transmit_interval") or 0,
        timers.integer("receive_interval") or 0,
        timers.integer("detect_multiplier") or 0,
    )


def _overlay(shared: Section, groups: Mapping[str, Iterable[str]]) -> Overlay:
    section = shared.section("fabric_overlay")
    protocol = section.choice("protocol")
    fabric = set(groups.get("fabric", ()))
    if protocol == "ebgp":
        for option in ("asn", "route_reflectors"):
            if section.read(option)[1] is not None:
                section.wrong(option, "is for iBGP", "Remove it, or write protocol: ibgp")
        return Overlay(protocol, password=section.secret("password"))
    reflectors: list[str] = []
    for name in section.names("route_reflectors"):
        reflectors += list(groups.get(name, ())) or [name]
    for name in reflectors:
        if name not in fabric:
            section.wrong(
                "route_reflectors",
                f"{shown(name)} is neither a host nor a group of the fabric",
                "Name hosts or groups of the fabric",
            )
    return Overlay(
        protocol,
        section.integer("asn", required=True),
        tuple(dict.fromkeys(reflectors)),
        section.secret("password"),
    )


def _host(problems: list[Problem], name: str, variables: Mapping[str, Any], is_vtep: bool, overlay: Overlay) -> Host:
    section = Section(problems, name, variables, VARIABLES)
    if not NAME.match(name) or len(name) > 63 or name in RESERVED_NAMES:
        problems.append(
            Problem(f"host {shown(name)}", "is not a name that FRR takes", "Write letters, digits, '.', '_' or '-'")
        )
    asn = overlay.asn
    if overlay.protocol == "ebgp":
        asn = section.integer("fabric_asn", required=True)
    elif as_number(section.value("fabric_asn")) not in (None, overlay.asn):
        section.wrong("fabric_asn", "differs from fabric_overlay.asn, and iBGP has one number for all", "Remove it")
    loopback = section.ip("fabric_loopback", version=4)
    vtep = section.ip("fabric_vtep")
    if not is_vtep:
        for option in ("fabric_vtep", "fabric_ports"):
            if section.value(option) is not None:
                section.wrong(option, "is set, but the host is not in the group vteps", "Remove it, or put the host into vteps")
    ports = tuple(_port(entry) for entry in section.sections("fabric_ports"))
    return Host(name, asn or 0, loopback or "", (vtep or loopback or "") if is_vtep else None, (), ports if is_vtep else ())


def _as_found(host: Host, found: Mapping[str, Any]) -> Host:
    """The host with what was found on it; of one that could not be reached that is nothing."""
    return dataclasses.replace(
        host,
        frr_version=found.get("frr_version"),
        kernel=found.get("kernel"),
        networkd=found.get("network_managers", {}).get("systemd-networkd", {}).get("active", False),
        default_routes=frozenset(found.get("default_route_interfaces") or ()),
        maintenance=bool(found.get("maintenance")),
    )


def _port(section: Section) -> Port:
    interface = section.port_name("interface") or ""
    untagged = section.value("untagged")
    if untagged is not None and not isinstance(untagged, str):
        section.wrong(
            "untagged",
            f"{shown(untagged)} is not the name of a network",
            "Write one name; several networks need tagged",
        )
        untagged = None
    tagged = section.names("tagged")
    if untagged is None and not tagged and section.entry:
        section.wrong("", "has neither untagged nor tagged networks", "Write untagged: NETWORK or tagged: [NETWORK, ...]")
    elif untagged in tagged:
        section.wrong("tagged", f"{untagged} is untagged on this port as well", "Keep one of the two")
    return Port(interface, untagged, tagged, section.path)


def _with_links(shared: Section, hosts: dict[str, Host], underlay: Underlay) -> dict[str, Host]:
    """The hosts with their ends of fabric_links."""
    ends: dict[str, list[Link]] = {name: [] for name in hosts}
    for section in shared.sections("fabric_links"):
        pair = [_end(section, end, hosts) for end in _two_ends(section)]
        pair_of = _link_addresses(section, underlay)
        if len(pair) == 2 and all(pair):
            (a, a_port), (b, b_port) = pair  # type: ignore[misc]
            if a == b:
                section.wrong("ends", f"both are on {a}", "Write two hosts")
                continue
            ends[a].append(Link(a_port, b, b_port, *pair_of, section.path))
            ends[b].append(Link(b_port, a, a_port, *pair_of[::-1], section.path))
    return {name: dataclasses.replace(host, links=tuple(ends[name])) for name, host in hosts.items()}


def _two_ends(section: Section) -> list[str]:
    value = section.value("ends")
    if isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(end, str) for end in value):
        return [str(end) for end in value]
    section.wrong("ends", f"{shown(value)} is not a pair of ends", 'Write two of the form "HOST:INTERFACE"')
    return []


def _end(section: Section, end: str, hosts: Mapping[str, Host]) -> tuple[str, str] | None:
    host, colon, interface = end.partition(":")
    if not colon or not is_interface_name(interface):
        return section.wrong(
            "ends",
            f"{shown(end)} is not an end of a link",
            'Write "HOST:INTERFACE", the interface 1 to 15 bytes without "/", ":", "%" and blanks',
        )
    if host not in hosts:
        close = difflib.get_close_matches(host, hosts, 1)
        return section.wrong(
            "ends",
            f"{shown(host)} is not a host of the fabric",
            f"Write {close[0]}" if close else "Name a host of the group fabric",
        )
    return host, interface


def _link_addresses(section: Section, underlay: Underlay) -> tuple[str | None, str | None]:
    value = section.value("subnet")
    if underlay.unnumbered:
        if value is not None:
            section.wrong(
                "subnet",
                "is set, but the underlay is unnumbered",
                "Remove it, or write fabric_underlay.unnumbered: false",
            )
        return None, None
    network = section.subnet("subnet", value, "10.254.0.0/31: the first end has its first address")
    if network is None:
        return None, None
    what = addresses.special_within(network)
    # IPv4 link-local addresses are as good as others on a link, which is all that has to reach them.
    if what and not (network.version == 4 and network.is_link_local):
        return section.wrong("subnet", f"{network} has {what}", "Write one of unicast addresses"), None
    room = {2: lambda: list(network), 4: lambda: list(network)[1:3]}.get(network.num_addresses, list)()
    if len(room) != 2:
        section.wrong("subnet", f"{network} is not for two hosts", "Write a /31 or /30, or a /127 or /126")
        return None, None
    if underlay.protocol == "ospf" and network.version == 6:
        section.wrong("subnet", f"{network} is IPv6, which OSPFv2 does not carry", "Write an IPv4 subnet")
    return f"{room[0]}/{network.prefixlen}", f"{room[1]}/{network.prefixlen}"


def _vrf(section: Section, vteps: Names, members: Mapping[str, list[str]]) -> Vrf:
    name = section.name()
    l3vni = section.integer("l3vni")
    table = section.integer("table")
    if table is None and section.value("table") is None:
        table = l3vni
        if l3vni is None and section.value("l3vni") is None:
            section.wrong(
                "table",
                "is missing, and there is no l3vni to take it from",
                "Write l3vni, or the number of a routing table",
            )
    if table in RESERVED_TABLES:
        section.wrong("table", f"{table} is one of the kernel's own routing tables", "Write another number")
    hosts = _vteps(section, [], members, vteps)
    return Vrf(name, table or 0, l3vni, read_distinguisher(section), read_targets(section), hosts, section.path)


def _network(section: Section, vteps: Names, central: Names, members: Mapping[str, list[str]], room: int) -> Network:
    name = section.name()
    vni = section.integer("vni")
    mtu = section.integer("mtu")
    vrf = section.value("vrf")
    if vrf is not None and not isinstance(vrf, str):
        vrf = section.wrong("vrf", f"{shown(vrf)} is not the name of a VRF", "Name one of fabric_vrfs")
    gateways = list(_gateways(section))
    is_central = section.switch("central")
    hosts = _vteps(section, vteps, members, vteps)
    return Network(
        name,
        vni or 0,
        mtu or room,
        section.integer("vlan"),
        vrf,
        tuple(gateway for _option, gateway in gateways),
        section.label("description"),
        read_distinguisher(section),
        read_targets(section),
        (*hosts, *central) if is_central else hosts,
        is_central,
        section.path,
        tuple(f"{section.path}.{option}" for option, _gateway in gateways),
    )


def _gateways(section: Section) -> Iterator[tuple[str, str]]:
    """Gateways, each after its place in the entry."""
    value = section.value("gateways")
    if value is not None and not isinstance(value, (list, tuple)):
        section.wrong("gateways", f"{shown(value)} is not a list", "Write a list such as [10.1.0.1/24, 2001:db8:1::1/64]")
        return
    for number, each in enumerate(value or ()):
        gateway = section.host_in_subnet(f"gateways[{number}]", each, "10.1.0.1/24")
        if gateway:
            yield f"gateways[{number}]", str(gateway)


def _vteps(section: Section, default: Iterable[str], members: Mapping[str, list[str]], vteps: Names) -> tuple[str, ...]:
    """The VTEPs that a VRF or network names, by host or group."""
    listed = section.names("vteps")
    if not listed:
        return tuple(default)
    found: set[str] = set()
    for name in listed:
        if name in vteps:
            found.add(name)
        elif members.get(name):
            found.update(members[name])
        else:
            close = difflib.get_close_matches(name, [*vteps, *members], 1)
            section.wrong(
                "vteps",
                f"{shown(name)} is neither a VTEP nor a group of VTEPs",
                f"Write {close[0]}" if close else "Name hosts of the group vteps",
            )
    return tuple(name for name in vteps if name in found)
