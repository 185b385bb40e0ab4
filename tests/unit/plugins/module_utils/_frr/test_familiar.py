"""What this collection writes itself is known as such, and nothing else is."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import commands, configuration
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests.fabrics import KINDS, fabric

BGP = "router bgp 65001"
FOUR = (BGP, "address-family ipv4 unicast")


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_of_every_fabric_is_familiar(kind: str) -> None:
    for name, document in build(*fabric(**KINDS[kind])).documents.items():
        lines = configuration.parse(frr_text(document["frr"]))
        assert [path for path in lines if not commands.is_familiar(path)] == [], name
        assert commands.are_familiar(lines), name


@pytest.mark.parametrize(
    "path",
    [
        ("password one",),
        ("log syslog",),
        ("frr defaults datacenter",),
        ("ip route 10.0.0.0/8 blackhole",),
        ("ip prefix-list A seq 5 permit 10.0.0.1/8",),
        ("ip prefix-list A permit 10.0.0.0/8",),
        ("ip prefix-list A seq 5 permit any",),
        ("ipv6 prefix-list A seq 5 permit 2001:DB8::/32",),
        ("route-map A permit 10", "set community 2:2 1:1"),
        ("route-map A permit 10", "set src 10.0.0.1"),
        ("route-map A permit 10", "match community C exact-match"),
        ("bfd", "profile fast", "detect-multiplier 3"),
        ("bfd", "profile fast", "transmit-interval 300"),
        ("bfd", "peer 10.0.0.1"),
        ("interface eth1", "ip ospf area 0"),
        ("interface eth1", "ip ospf network broadcast"),
        (BGP, "timers bgp 60 180"),
        (BGP, "neighbor A remote-as 1.10"),
        (BGP, "neighbor A timers connect 120"),
        (*FOUR, "network 10.0.0.1/24"),
        ("router bgp 1.10 as-notation dot",),
        ("segment-routing", "srv6", "advertise-all-vni"),
    ],
    ids=" / ".join,
)
def test_what_frr_may_show_otherwise_is_not(path: tuple[str, ...]) -> None:
    assert not commands.is_familiar(path)


def test_that_a_neighbor_is_active_is_shown_only_where_it_is_not_the_default() -> None:
    lines = {(BGP,): None, (BGP, "neighbor A remote-as external"): None, (*FOUR, "neighbor A activate"): None}
    assert not commands.are_familiar(lines)
    assert commands.are_familiar({**lines, (BGP, "no bgp default ipv4-unicast"): None})
