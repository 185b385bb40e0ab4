"""Pings between all tenant hosts of a lab, and whether each should be answered, as the inventory says.

Hosts of one network reach each other, and so do hosts of different networks in one VRF; all others do not. Hosts of networks
whose gateways are central reach each other too, and the routers outside by their ``lab_outside``.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import pathlib
import subprocess
import sys
from typing import Any

from .topology import hosts_of, list_inventory

#: Pings that decide, sent once the first has been answered; a fabric may take a while to learn a host.
COUNT, ATTEMPTS = 5, 20
#: Stands for the VRF of networks that are routed on the gateways, and for that of what is outside of them.
CENTRAL = "(central)"

SCRIPT = """
reach() {{ for i in $(seq {attempts}); do ping -q -c 1 -W 1 $2 $1 >/dev/null 2>&1 && break; done
          echo "$1 $(ping -q -c {count} -i 0.2 -W 1 $2 $1 2>/dev/null | sed -n 's/.* \\([0-9]*\\) received.*/\\1/p')"; }}
avoid() {{ echo "$1 $(ping -q -c 2 -i 0.2 -W 1 $1 2>/dev/null | sed -n 's/.* \\([0-9]*\\) received.*/\\1/p')"; }}
{calls}
wait
"""


@dataclasses.dataclass(frozen=True)
class Tenant:
    """A tenant host: its network and VRF (None for a network that is only bridged), its addresses, its MTU if it is set.

    Networks of central gateways are as if in a VRF of their own, :data:`CENTRAL`.
    """

    name: str
    network: str
    vrf: str | None
    addresses: tuple[str, ...]
    mtu: int | None


@dataclasses.dataclass(frozen=True)
class Ping:
    """One pair. ``way`` says how packets go where they should, ``answered`` how many of the pings were."""

    source: Tenant
    target: Tenant
    address: str
    way: str | None
    answered: int = 0

    @property
    def passed(self) -> bool:
        return self.answered == COUNT if self.way else self.answered == 0


def tenants(listed: dict[str, Any]) -> list[Tenant]:
    """The tenant hosts of an inventory, with the networks that their ports are in."""
    hostvars = listed["_meta"]["hostvars"]
    found = []
    for name in hosts_of(listed, "tenants"):
        variables = hostvars[name]
        leaf, _colon, interface = variables["lab_port"].partition(":")
        port = next(port for port in hostvars[leaf]["fabric_ports"] if port["interface"] == interface)
        networks = {network["name"]: network for network in hostvars[leaf]["fabric_networks"]}
        network = port.get("untagged")
        if variables.get("lab_vlan"):
            network = next(name for name in port["tagged"] if networks[name]["vlan"] == variables["lab_vlan"])
        addresses = tuple(address.split("/")[0] for address in variables.get("lab_addresses", ()))
        vrf = CENTRAL if networks[network].get("central") else networks[network].get("vrf")
        found.append(Tenant(name, network, vrf, addresses, variables.get("lab_mtu")))
    return found


def outside(listed: dict[str, Any]) -> list[Tenant]:
    """The routers outside, with the addresses at which hosts of central networks reach them."""
    hostvars = listed["_meta"]["hostvars"]
    return [
        Tenant(name, "outside", CENTRAL, tuple(hostvars[name].get("lab_outside", ())), None)
        for name in hosts_of(listed, "externals")
    ]


def planned(hosts: list[Tenant]) -> list[Ping]:
    """Every ping worth sending; an address that two VRFs or bridged networks have says nothing of their being apart."""
    pings = []
    for source in hosts:
        place = source.vrf or source.network
        own = {address for host in hosts if (host.vrf or host.network) == place for address in host.addresses}
        for target in hosts:
            for address in target.addresses if target is not source else ():
                if not any((":" in other) == (":" in address) for other in source.addresses):
                    continue  # it speaks no such protocol
                if target.network == source.network:
                    pings.append(Ping(source, target, address, "bridged"))
                elif target.vrf and target.vrf == source.vrf:
                    pings.append(Ping(source, target, address, "routed"))
                elif address not in own:
                    pings.append(Ping(source, target, address, None))
    return pings


def send(pings: list[Ping], ssh_config: pathlib.Path) -> list[Ping]:
    """Sends all pings, those of one host over one SSH connection; returns them with what was answered."""
    sources = list(dict.fromkeys(ping.source for ping in pings))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda source: _from(source, pings, ssh_config), sources))
    return [ping for of_source in answers for ping in of_source]


def _from(source: Tenant, pings: list[Ping], ssh_config: pathlib.Path) -> list[Ping]:
    own = [ping for ping in pings if ping.source == source]
    calls = "\n".join(f"{'reach' if ping.way else 'avoid'} {ping.address} '{_size(ping)}' &" for ping in own)
    script = SCRIPT.format(attempts=ATTEMPTS, count=COUNT, calls=calls)
    shown = subprocess.run(
        ["ssh", "-F", str(ssh_config), source.name, "sh -s"], input=script, capture_output=True, text=True, check=False
    ).stdout
    answered = {line.split()[0]: int(line.split()[1]) for line in shown.splitlines() if len(line.split()) == 2}
    return [dataclasses.replace(ping, answered=answered.get(ping.address, 0)) for ping in own]


def _size(ping: Ping) -> str:
    """Options for packets of full size, not to be fragmented, where the host's MTU is set: 20 or 40 bytes IP, 8 ICMP."""
    if ping.source.mtu is None:
        return ""
    return f"-M do -s {ping.source.mtu - (48 if ':' in ping.address else 28)}"


def table(pings: list[Ping]) -> list[str]:
    """A line for each ping."""
    lines = []
    for ping in pings:
        wanted = f"answered ({ping.way})" if ping.way else "no answer (another VRF or network)"
        source, target = (f"{host.name} ({host.network})" for host in (ping.source, ping.target))
        mark = "ok  " if ping.passed else "FAIL"
        lines.append(f"{mark} {source:16} -> {target:16} {ping.address:18} {ping.answered} answered; wanted: {wanted}")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab.pings", description=__doc__)
    parser.add_argument("inventory", type=pathlib.Path)
    parser.add_argument("ssh_config", type=pathlib.Path)
    arguments = parser.parse_args()
    listed = list_inventory(arguments.inventory)
    sent = send(planned(tenants(listed) + outside(listed)), arguments.ssh_config)
    print("\n".join(table(sent)))
    return 0 if sent and all(ping.passed for ping in sent) else 1


if __name__ == "__main__":
    sys.exit(main())
