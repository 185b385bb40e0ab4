"""Inventories of fabrics, for tests: spines, ``leaves`` leaves, tenants with overlapping addresses."""

from __future__ import annotations

from typing import Any

Inventory = tuple[dict[str, list[str]], dict[str, dict[str, Any]]]


def fabric(
    leaves: int = 2,
    networks: int = 3,
    vrfs: int = 2,
    numbered: str | None = None,
    gateways: int = 0,
    spines: int = 2,
    **shared: Any,
) -> Inventory:
    """Groups and host variables. ``numbered`` is "ipv4" or "ipv6" for links with addresses."""
    above, vteps = (
        [f"{name}{number}" for number in range(1, count + 1)] for name, count in (("spine", spines), ("leaf", leaves))
    )
    outside = [f"gw{number}" for number in range(1, gateways + 1)]
    links: list[dict[str, Any]] = [
        {"ends": [f"{spine}:eth{number}", f"{leaf}:eth{place}"]}
        for number, leaf in enumerate(vteps + outside, 1)
        for place, spine in enumerate(above, 1)
    ]
    if numbered:
        for number, link in enumerate(links):
            high, low = divmod(number * 2, 256)
            link["subnet"] = f"10.254.{high}.{low}/31" if numbered == "ipv4" else f"2001:db8:ffff::{number * 2:x}/127"
    variables: dict[str, Any] = {
        "fabric_underlay": {"protocol": "ebgp", "unnumbered": numbered is None},
        "fabric_links": links,
        "fabric_vrfs": [{"name": f"tenant{number}", "l3vni": 50001 + number} for number in range(vrfs)],
        "fabric_networks": [_network(number, vrfs) for number in range(networks)],
        **shared,
    }
    hostvars = {name: {**variables, "fabric_asn": 65000, "fabric_loopback": f"10.255.0.{number}"}
                for number, name in enumerate(above, 1)}  # fmt: skip
    for number, name in enumerate(vteps + outside, 1):
        high, low = divmod(number, 250)
        hostvars[name] = {**variables, "fabric_asn": 4200000000 + number, "fabric_loopback": f"10.255.{1 + high}.{low + 1}"}
    if shared.get("fabric_overlay", {}).get("protocol") == "ibgp":
        for found in hostvars.values():
            del found["fabric_asn"]
    for number, name in enumerate(outside):
        here, there = f"198.51.100.{2 * number + 1}/31", f"198.51.100.{2 * number}"
        north = {"interface": "eth9", "address": here, "peer": there, "asn": 64999}
        other = {**north, "address": f"2001:db8:e::{number}:1/112", "peer": f"2001:db8:e::{number}:2"}
        hostvars[name]["fabric_north"] = [north, other]
    groups = {"fabric": above + vteps + outside, "spines": above, "vteps": vteps}
    return {**groups, **({"gateways": outside} if outside else {})}, hostvars


def _network(number: int, vrfs: int) -> dict[str, Any]:
    """A routed network, its subnet the same in every VRF; the last of three is only bridged."""
    network: dict[str, Any] = {"name": f"net{number}", "vni": 10000 + number, "vlan": 2 + number}
    if vrfs:
        place = number // vrfs
        network["vrf"] = f"tenant{number % vrfs}"
        network["gateways"] = [f"10.{place // 250}.{place % 250}.1/24", f"2001:db8:{place:x}::1/64"]
    return network


#: Two gateways, three central networks and one that is routed on the VTEPs.
GATEWAYS: dict[str, Any] = {
    "gateways": 2,
    "fabric_gateways": {"mode": "anycast", "vtep_prefix": "192.0.2.0/28", "buckets": 16},
    "fabric_underlay": {"bfd": {"transmit_interval": 100, "receive_interval": 100}, "password": "s3cret"},
    "fabric_networks": [
        {"name": "web", "vni": 10100, "vlan": 100, "central": True, "gateways": ["172.16.1.1/24", "2001:db8:1::1/64"]},
        {"name": "app", "vni": 10101, "vlan": 101, "central": True, "gateways": ["172.16.2.1/24"]},
        {"name": "db", "vni": 10102, "vlan": 102, "central": True, "gateways": ["172.16.3.1/24"]},
        {"name": "own", "vni": 10103, "vlan": 103, "vrf": "tenant0", "gateways": ["172.16.3.1/24"]},
    ],
}

OSPF: dict[str, Any] = {
    "numbered": "ipv4",
    "fabric_underlay": {"protocol": "ospf", "bfd": {"transmit_interval": 100, "receive_interval": 100}},
    "fabric_overlay": {"protocol": "ibgp", "asn": 65000, "password": "overlay-secret"},
}

#: Every kind of fabric that the templates know.
KINDS: dict[str, dict[str, Any]] = {
    "ebgp_unnumbered": {},
    "ebgp_numbered_ipv4": {"numbered": "ipv4"},
    "ebgp_numbered_ipv6": {"numbered": "ipv6"},
    "bfd_and_password": {"fabric_underlay": {"bfd": {"transmit_interval": 100, "detect_multiplier": 5}, "password": "s3cret"}},
    "default_bfd": {"fabric_underlay": {"bfd": True}},
    "ospf_with_route_reflectors": OSPF,
    "only_bridged": {"vrfs": 0},
    "anycast_gateways": GATEWAYS,
    "exclusive_gateways": {**GATEWAYS, "fabric_gateways": {"mode": "exclusive", "standbys": 2}},
    "explicit_targets": {
        "fabric_vrfs": [
            {"name": "tenant0", "l3vni": 50001, "rd": 1001,
             "route_targets": {"import": ["65000:1", "65000:2"], "export": ["65000:1"]}},
        ],
        "fabric_networks": [
            {"name": "web", "vni": 10100, "rd": 100,
             "route_targets": {"import": ["65000:10100"], "export": ["65000:10100", "65000:9"]}},
            {"name": "db", "vni": 10200, "vrf": "tenant0", "gateways": ["10.2.0.1/24"]},
        ],
    },
}  # fmt: skip
