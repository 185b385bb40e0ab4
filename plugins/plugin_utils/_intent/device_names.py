# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces by name: a host has one of a name, whoever made it, and needs some of them itself. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem, some
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import NAME_BYTES

from . import addresses
from .fabric import Fabric, Host, Network, Port, Vrf
from .names import tagged_interface

#: Names that no interface of ours can have, and what they are.
TAKEN = {
    "lo": "the loopback interface",
    # An interface of that name gets no IPv4 (sysctl_dev_name_is_allowed in net/ipv4/devinet.c).
    "all": "the kernel's name for the settings of all interfaces",
    "default": "the kernel's name for the settings of new interfaces",
}
#: Peer groups have these names in FRR, where no interface with a session can have the same.
PEER_GROUPS = ("fabric",)
_GENERATED = re.compile(r"(br|vxlan)([1-9][0-9]{0,7})\Z")
_DEVICES = {"br": "the bridge", "vxlan": "the VXLAN device"}


class Use(NamedTuple):
    """What an interface of a name is on a host: where that is written, in words, and what to write instead.

    Uses that are ``alike`` in one way are of one interface, or wrong for another reason, which another check reports.
    """

    name: str
    path: str
    what: str
    remedy: str
    alike: str = ""


def check(fabric: Fabric) -> Iterator[Problem]:
    """Every name that stands for two interfaces on one host, or for one that FRR or the kernel cannot take."""
    of_vni: dict[int | None, Vrf | Network] = {vrf.l3vni: vrf for vrf in fabric.vrfs.values() if vrf.l3vni}
    of_vni.update({network.vni: network for network in fabric.networks.values() if network.vni})
    found: dict[tuple[str, str, str], list[str]] = {}
    for host in fabric.hosts.values():
        taken: dict[str, Use] = {}
        for use in _uses(fabric, host):
            before = taken.setdefault(use.name, use)
            what = TAKEN.get(use.name) or _generated(fabric, host, use.name, of_vni)
            if before is not use and not (use.alike and use.alike == before.alike):
                what = before.what
            if what:
                found.setdefault((use.path, f"{use.name} is {what}", use.remedy), []).append(host.name)
    for (path, message, remedy), hosts in found.items():
        yield Problem(path, f"{message} on {some(hosts)}", remedy)
    yield from _unfit(fabric)
    yield from _in_use(fabric)


def _uses(fabric: Fabric, host: Host) -> Iterator[Use]:
    """The interfaces of a host that the inventory names, or that are named after those."""
    for link in host.links:
        yield Use(link.interface, f"{link.path}.ends", f"the link to {link.peer}", "Name each interface once")
    for north in host.gateway.north if host.gateway else ():
        what, remedy = f"the way outside of {north.path}", "Name an interface towards a router outside"
        yield Use(north.interface, f"{north.path}.interface", what, remedy, alike="outside")
    for port in filter(lambda each: each.interface, host.ports):
        remedy = "Name another interface towards tenants, or put all of its networks into one entry"
        yield Use(port.interface, f"{port.path}.interface", f"the port of {port.path}", remedy)
    for port in host.ports:
        for device, name in _tagged(fabric, port):
            what = f"the VLAN device of {port.path} for {name}"
            yield Use(device, f"{port.path}.tagged", what, "Use another port, or give the network another vlan")
    for vrf in fabric.vrfs_of[host.name] if host.vtep else ():
        yield Use(vrf.name, f"{vrf.path}.name", f"the VRF of {vrf.path}", "Give the VRF another name", alike="vrf")


def _tagged(fabric: Fabric, port: Port) -> Iterator[tuple[str, str]]:
    """The VLAN devices of a port, each with its network."""
    for name in port.tagged if port.interface else ():
        vlan = fabric.networks[name].vlan if name in fabric.networks else None
        if vlan:
            yield tagged_interface(port.interface, vlan), name


def _generated(fabric: Fabric, host: Host, name: str, of_vni: dict[int | None, Vrf | Network]) -> str | None:
    """Which device of a VNI has a name on a host, in words."""
    found = _GENERATED.match(name)
    item = of_vni.get(int(found[2])) if found else None
    if item is None or found is None or not host.vtep:
        return None
    there = host.name in item.vteps if isinstance(item, Network) else item in fabric.vrfs_of[host.name]
    return f"{_DEVICES[found[1]]} of {item.path}" if there else None


def _unfit(fabric: Fabric) -> Iterator[Problem]:
    """Names that are too long once a VLAN is added, and those which FRR takes for something else than an interface."""
    for host in fabric.hosts.values():
        for port in host.ports:
            for device, _name in _tagged(fabric, port):
                if len(device.encode()) > NAME_BYTES:
                    message = f"{device} is longer than the {NAME_BYTES} bytes of an interface name"
                    yield Problem(f"{port.path}.tagged", message, "Use an interface with a shorter name")
        for link in host.links if fabric.underlay.unnumbered else ():
            is_address = link.interface[0].isdigit() and addresses.address(link.interface)
            what = "a peer group" if link.interface in PEER_GROUPS else "an address" if is_address else None
            if what:
                yield Problem(f"{link.path}.ends", f"{link.interface} is {what} to FRR", "Rename the interface")


def _in_use(fabric: Fabric) -> Iterator[Problem]:
    """Interfaces by which a host's own default route leaves, as it was seen: who takes one may cut the host off.

    A port with tagged networks only stays what it is; its VLAN devices are others.
    """
    for host in fabric.hosts.values():
        changed = [(f"{link.path}.ends", link.interface) for link in host.links]
        changed += [(f"{north.path}.interface", north.interface) for north in (host.gateway.north if host.gateway else ())]
        changed += [(f"{port.path}.interface", port.interface) for port in host.ports if port.untagged]
        for path, name in changed if host.default_routes else ():
            if name in host.default_routes:
                message = f"{name} has the default route of {host.name}, perhaps the way by which it is managed"
                yield Problem(path, message, "Name another interface, or move that route to an interface or VRF for management")
