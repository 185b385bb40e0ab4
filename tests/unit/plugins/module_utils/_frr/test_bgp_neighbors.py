"""Which neighbors a configuration has."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import bgp_neighbors, configuration

LINES = configuration.parse("""\
router bgp 65001
 neighbor fabric peer-group
 neighbor swp1 interface peer-group fabric
 neighbor 192.0.2.9 remote-as 65002
 neighbor 2001:DB8::9 remote-as 65002
 bgp listen range 198.51.100.0/24 peer-group fabric
 no neighbor 192.0.2.77 remote-as 65002
 address-family l2vpn evpn
  neighbor fabric activate
router bgp 65001 vrf red
 neighbor 203.0.113.1 remote-as 65003
router bgp 65001 view route-server
 neighbor 203.0.113.2 remote-as 65003
""")


@pytest.mark.parametrize(
    ("vrf", "neighbor"),
    [
        ("default", "swp1"),
        ("default", "192.0.2.9"),
        ("default", "2001:db8::9"),
        ("default", "198.51.100.7"),
        ("red", "203.0.113.1"),
    ],
)
def test_a_neighbor_is_configured_by_its_name_its_address_or_a_range_that_is_listened_to(vrf: str, neighbor: str) -> None:
    assert bgp_neighbors.is_configured(LINES, vrf, neighbor)


@pytest.mark.parametrize(
    ("vrf", "neighbor"),
    [
        ("default", "swp2"),
        ("default", "192.0.2.8"),
        ("default", "192.0.2.77"),
        ("default", "198.51.101.7"),
        ("red", "192.0.2.9"),
        ("default", "203.0.113.1"),
        ("default", "203.0.113.2"),
        ("blue", "192.0.2.9"),
    ],
)
def test_a_neighbor_of_another_vrf_or_of_none_is_not_configured(vrf: str, neighbor: str) -> None:
    assert not bgp_neighbors.is_configured(LINES, vrf, neighbor)


def test_a_configuration_without_neighbors_and_ranges_has_none() -> None:
    assert bgp_neighbors.are_configured(LINES)
    for text in ("", "router ospf\n ospf router-id 10.255.0.1\n", "router bgp 65001\n bgp router-id 192.0.2.1\n"):
        assert not bgp_neighbors.are_configured(configuration.parse(text))
