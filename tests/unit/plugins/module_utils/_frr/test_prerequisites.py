"""What FRR's configuration needs so that a gateway's runtime state has an effect."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import prerequisites
from ansible_collections.evpn.fabric.plugins.module_utils._frr.configuration import parse

BASE = """\
route-map evpn-gateway permit 10
 match extcommunity evpn-gateway-served
exit
router bgp 65001
 neighbor fabric peer-group
 neighbor eth1 interface peer-group fabric
 address-family l2vpn evpn
  neighbor fabric activate
  neighbor fabric route-map evpn-gateway out
 exit-address-family
exit
"""
WMGWD = """\
route-map filter-vni permit 1
 match evpn route-type 2
 on-match goto 4
exit
route-map filter-vni permit 3
exit
"""
RANKED = """\
route-map evpn-buckets permit 1
 match ip address prefix-list evpn-gateway-rank-new
exit
route-map evpn-buckets permit 10
 match ip address prefix-list evpn-gateway-rank-0
exit
router bgp 65001
 bgp router-id 10.0.0.1
 address-family ipv4 unicast
  redistribute connected route-map evpn-buckets
 exit-address-family
exit
"""


def problems_of(text: str, route_map: str = "evpn-gateway") -> tuple[Any, list[str]]:
    problems: list = []
    way = prerequisites.way_of_exclusion(parse(text), route_map, problems)
    return way, list(map(str, problems))


def test_the_way_of_exclusion_follows_from_the_map() -> None:
    assert problems_of(BASE) == ("list", [])
    wmgwd = WMGWD + BASE.replace("route-map evpn-gateway out", "route-map filter-vni out")
    assert problems_of(wmgwd, "filter-vni") == (4, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "route_map: evpn-gateway does not exist in FRR."),
        (
            BASE.replace("served", "other"),
            "route_map: evpn-gateway has no entry with `match extcommunity evpn-gateway-served`.",
        ),
        (
            BASE.replace("  neighbor fabric route-map evpn-gateway out\n", ""),
            "route_map: evpn-gateway holds nothing back in address-family l2vpn evpn of fabric. "
            "Write there: neighbor fabric route-map evpn-gateway out.",
        ),
        (
            BASE.replace("  neighbor fabric activate\n", ""),
            "route_map: evpn-gateway holds nothing back in address-family l2vpn evpn because no neighbor is activated there.",
        ),
    ],
)
def test_a_map_that_holds_nothing_back_is_a_problem(text: str, message: str) -> None:
    _way, found = problems_of(text)
    assert len(found) == 1 and found[0].startswith(message)


def test_a_neighbor_uses_the_map_of_its_group() -> None:
    assert problems_of(BASE.replace("fabric activate", "eth1 activate")) == ("list", [])


def test_a_route_target_that_vnis_share_is_none_of_theirs() -> None:
    problems: list = []
    shown = {
        "numVnis": 3,
        "10": {"exportRTs": ["65001:10", "65001:1"]},
        "11": {"exportRTs": ["65001:1"]},
        "12": {"exportRTs": ["65001:1"]},
    }
    assert prerequisites.own_targets(shown, [10, 11, 13], problems) == {10: "65001:10"}
    assert [str(problem).split(". ", maxsplit=1)[0] for problem in problems] == [
        "vnis: FRR's BGP does not know VNI 13",
        "vnis: VNI 11 export no route target that is theirs alone",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RANKED, None),
        (RANKED.replace("rank-0", "rank-1"), "route_map: no entry of evpn-buckets matches the prefix-list evpn-gateway-rank-0"),
        (
            RANKED.replace("rank-new", "rank-old"),
            "route_map: no entry of evpn-buckets matches the prefix-list evpn-gateway-rank-new",
        ),
        (RANKED.replace("ip address prefix-list", "community"), "route_map: no entry of evpn-buckets matches the prefix-list"),
        (RANKED.replace(" route-map evpn-buckets\n", "\n"), "route_map: nothing in FRR advertises by evpn-buckets"),
        (
            RANKED.replace("redistribute connected", "neighbor eth1").replace("buckets\n exit-a", "buckets out\n exit-a"),
            None,
        ),
        (RANKED + "interface lo\n ip ospf area 0\nexit\n", "vtep_interface: OSPF advertises all addresses of lo"),
        (RANKED + "router ospf\nexit\n", "vtep_interface: router ospf takes its router id from addresses of lo"),
        (RANKED + "router ospf\nexit\nip router-id 10.0.0.1\n", None),
        (RANKED.replace(" bgp router-id 10.0.0.1\n", ""), "vtep_interface: router bgp 65001 takes its router id"),
    ],
)
def test_what_does_not_rank_is_a_problem(text: str, message: str | None) -> None:
    problems: list = []
    running = parse(text)
    prerequisites.check_ranks(running, "evpn-buckets", 0, problems)
    prerequisites.check_unranked(running, "lo", problems)
    prerequisites.check_router_ids(running, "lo", problems)
    found = list(map(str, problems))
    assert (not found) if message is None else found[0].startswith(message)
