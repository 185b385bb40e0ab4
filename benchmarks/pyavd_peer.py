"""The peer of :mod:`benchmarks.controller`: pyavd turns the inputs of a fabric of the same shape into configurations.

``pyavd_peer.py LEAVES NETWORKS VRFS`` prints milliseconds a device. It runs in an environment of its own that has pyavd,
so it imports nothing from here.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import pyavd  # type: ignore[import-not-found]

SPINES = ("spine1", "spine2")


def fabric(leaves: int, networks: int, vrfs: int) -> dict[str, dict[str, Any]]:
    """pyavd's inputs by device. Every leaf has every network; those of a VRF have an IPv4 and an IPv6 gateway each."""
    spine = {
        "defaults": {"platform": "vEOS-lab", "bgp_as": "65000", "loopback_ipv4_pool": "10.1.0.0/24"},
        "nodes": [{"name": name, "id": number} for number, name in enumerate(SPINES, 1)],
    }
    leaf = {
        "defaults": {
            "platform": "vEOS-lab",
            "mlag": False,
            "loopback_ipv4_pool": "10.2.0.0/16",
            "vtep_loopback_ipv4_pool": "10.3.0.0/16",
            "uplink_ipv4_pool": "10.4.0.0/15",
            "uplink_switches": list(SPINES),
            "uplink_interfaces": [f"Ethernet{place}" for place, _spine in enumerate(SPINES, 1)],
            "virtual_router_mac_address": "02:00:5e:00:02:01",
        },
        "nodes": [_leaf(number) for number in range(1, leaves + 1)],
    }
    tenant = {"name": "tenants", "mac_vrf_vni_base": 10000, "vrfs": [_vrf(number, networks, vrfs) for number in range(vrfs)]}
    shared = {"fabric_name": "bench", "spine": spine, "l3leaf": leaf, "tenants": [tenant]}
    devices = {name: {**shared, "type": "spine"} for name in SPINES}
    return devices | {f"leaf{number}": {**shared, "type": "l3leaf"} for number in range(1, leaves + 1)}


def _leaf(number: int) -> dict[str, Any]:
    ports = [f"Ethernet{number}" for _spine in SPINES]
    return {"name": f"leaf{number}", "id": number, "bgp_as": str(4200000000 + number), "uplink_switch_interfaces": ports}


def _vrf(number: int, networks: int, vrfs: int) -> dict[str, Any]:
    svis = [
        {
            "id": 2 + network,
            "name": f"net{network}",
            "enabled": True,
            "ip_address_virtual": f"10.100.{network // vrfs}.1/24",
            "ipv6_address_virtuals": [f"2001:db8:{network // vrfs:x}::1/64"],
        }
        for network in range(number, networks, vrfs)
    ]
    return {"name": f"tenant{number}", "vrf_vni": 1 + number, "svis": svis}


def configure(inputs: dict[str, dict[str, Any]]) -> None:
    """Validates the inputs, then derives and renders the configuration of every device."""
    for name, variables in inputs.items():
        result = pyavd.validate_inputs(variables).validation_result
        assert not result.violations, f"{name}: {result.violations[0]}"
    facts = pyavd.get_avd_facts(inputs)
    for name, variables in inputs.items():
        pyavd.get_device_config(pyavd.get_device_structured_config(name, variables, facts))


def main() -> None:
    leaves, networks, vrfs = map(int, sys.argv[1:])
    configure(fabric(2, networks, vrfs))  # it loads its schemas and templates once, which must not count
    inputs = fabric(leaves, networks, vrfs)
    started = time.perf_counter()
    configure(inputs)
    print(1000 * (time.perf_counter() - started) / len(inputs))


if __name__ == "__main__":
    main()
