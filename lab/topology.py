"""What a lab consists of, read from an Ansible inventory: the same one that the playbooks use.

Nodes are the hosts of the group ``fabric`` and of the group ``externals``, the routers outside: containers with systemd and
FRR, of the image that ``lab_image`` names. Routers outside are no business of the collection: the lab gives them ``lab_frr``
as their configuration. Hosts of the group ``tenants`` are light: an address, a gateway and a shell. Cables are
``fabric_links``, each tenant's ``lab_port`` and the ``lab_links`` of routers outside.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
from typing import Any


@dataclasses.dataclass(frozen=True)
class Node:
    """One container. ``services`` says whether it runs systemd (a fabric host) or only a shell (a tenant host).

    ``addresses`` are those of a tenant host, or of a router outside with the interface before each; ``frr`` is what such a
    router has as FRR's configuration from its start on.
    """

    name: str
    image: str
    services: bool
    vlan: int | None = None
    mtu: int | None = None
    addresses: tuple[str, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()
    frr: str | None = None


@dataclasses.dataclass(frozen=True)
class Cable:
    """A veth pair between two ports, each ``(node, interface)``."""

    a: tuple[str, str]
    b: tuple[str, str]
    mtu: int | None = None


@dataclasses.dataclass(frozen=True)
class Topology:
    """``kinds`` are the kinds of devices, as :data:`lab.kernel.KINDS` calls them, that the nodes will have."""

    nodes: tuple[Node, ...]
    cables: tuple[Cable, ...]
    kinds: tuple[str, ...]

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Topology:
        raw = json.loads(text)
        return cls(
            tuple(
                Node(**{**node, "addresses": tuple(node["addresses"]), "routes": tuple(map(tuple, node["routes"]))})
                for node in raw["nodes"]
            ),
            tuple(Cable(tuple(cable["a"]), tuple(cable["b"]), cable["mtu"]) for cable in raw["cables"]),
            tuple(raw["kinds"]),
        )


def list_inventory(inventory: pathlib.Path) -> dict[str, Any]:
    """An inventory as ``ansible-inventory --list`` tells it."""
    command = [str(pathlib.Path(sys.executable).parent / "ansible-inventory"), "-i", str(inventory), "--list"]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def hosts_of(listed: dict[str, Any], group: str) -> list[str]:
    """The hosts of a group and of the groups below it, in the inventory's order."""
    entry = listed.get(group, {})
    below = [host for child in entry.get("children", ()) for host in hosts_of(listed, child)]
    return list(dict.fromkeys(below + entry.get("hosts", [])))


def read(inventory: pathlib.Path) -> Topology:
    """Reads the topology of an inventory."""
    listed = list_inventory(inventory)
    hostvars: dict[str, dict[str, Any]] = listed["_meta"]["hostvars"]
    fabric, externals = hosts_of(listed, "fabric"), hosts_of(listed, "externals")
    tenants = hosts_of(listed, "tenants")
    shared = hostvars[fabric[0]] if fabric else {}
    mtu = shared.get("fabric_underlay", {}).get("mtu")
    nodes = [Node(host, hostvars[host].get("lab_image", "debian12"), services=True) for host in fabric]
    nodes += [_external(host, hostvars[host]) for host in externals]
    nodes += [_tenant(host, hostvars[host]) for host in tenants]
    cables = [Cable(_port(link["ends"][0]), _port(link["ends"][1]), mtu) for link in shared.get("fabric_links", ())]
    cables += [Cable((host, "eth1"), _port(hostvars[host]["lab_port"]), mtu) for host in tenants]
    cables += [Cable(_port(link[0]), _port(link[1])) for host in externals for link in hostvars[host]["lab_links"]]
    kinds = ["VXLAN"]
    if shared.get("fabric_vrfs"):
        kinds.append("VRF")
    ports = [port for host in fabric for port in hostvars[host].get("fabric_ports", ())]
    if any(port.get("tagged") for port in ports) or any(node.vlan for node in nodes):
        kinds.append("VLAN")
    return Topology(tuple(nodes), tuple(cables), tuple(kinds))


def _external(name: str, variables: dict[str, Any]) -> Node:
    addresses = tuple(variables["lab_addresses"])
    return Node(name, variables.get("lab_image", "debian12"), services=True, addresses=addresses, frr=variables["lab_frr"])


def _tenant(name: str, variables: dict[str, Any]) -> Node:
    routes = tuple((("::/0" if ":" in via else "0.0.0.0/0"), via) for via in variables.get("lab_gateways", ()))
    return Node(
        name,
        variables.get("lab_image", "debian12"),
        services=False,
        vlan=variables.get("lab_vlan"),
        mtu=variables.get("lab_mtu"),
        addresses=tuple(variables.get("lab_addresses", ())),
        routes=routes,
    )


def _port(end: str) -> tuple[str, str]:
    node, _colon, interface = end.partition(":")
    return node, interface
