"""Runtime state of gateways among FRR's lines."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import runtime
from ansible_collections.evpn.fabric.plugins.module_utils._frr.configuration import Configuration, parse

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
USING = """\
route-map ranked permit 1
 match ip address prefix-list evpn-gateway-rank-0
exit
route-map ranked permit 2
 match community evpn-gateway-rank-0
exit
route-map ranked permit 3
 match extcommunity evpn-gateway-new
exit
"""
RUNTIME = """\
bgp extcommunity-list standard evpn-gateway-new seq 11 permit rt 65001:11
bgp extcommunity-list standard evpn-gateway-served seq 10 permit rt 65001:10
ip prefix-list evpn-gateway-rank-0 seq 1 permit 192.0.2.0/32
bgp community-list standard evpn-gateway-rank-0 seq 1 permit 65534:0
route-map filter-vni permit 4
 match evpn vni 10
exit
interface br10
 ip ospf cost 65535
exit
"""
OTHERS = """\
bgp extcommunity-list standard own seq 10 permit rt 65001:10
ip prefix-list own seq 1 permit 192.0.2.0/32
bgp community-list standard own seq 1 permit 65534:0
bgp community-list standard evpn-external seq 5 permit 65534:65535
route-map other permit 4
 match evpn vni 10
exit
interface br10
 ip ospf cost 7
exit
interface eth10
 ip ospf cost 65535
exit
"""


def test_runtime_state_is_left_out_and_nothing_else() -> None:
    desired = parse(BASE + USING + WMGWD)
    assert runtime.without_runtime(parse(BASE + USING + WMGWD + RUNTIME), desired) == desired
    assert runtime.without_runtime(parse(BASE + WMGWD + OTHERS), desired) == parse(BASE + WMGWD + OTHERS)


def test_lists_that_nothing_refers_to_have_been_left_behind_and_go() -> None:
    """As those of a gateway that is none any more, or of the other mode."""
    lists = "".join(line + "\n" for line in RUNTIME.splitlines() if "-list " in line)
    served = [line for line in lists.splitlines() if "evpn-gateway-served" in line]
    assert runtime.without_runtime(parse(lists), {}) == parse(lists)
    left = runtime.without_runtime(parse(BASE + lists), parse(BASE))
    others: Configuration = {(line,): None for line in lists.splitlines() if line not in served}
    assert left == {**parse(BASE), **others}


def test_lists_of_another_kind_than_the_configuration_refers_to_go() -> None:
    """The modes have lists of one name: of addresses, and of communities."""
    desired = parse("route-map north permit 1\n match community evpn-gateway-rank-0 exact-match\nexit\n")
    prefixes = "ip prefix-list evpn-gateway-rank-0 seq 1 permit 192.0.2.0/32\n"
    communities = "bgp community-list standard evpn-gateway-rank-0 seq 1 permit 65534:0\n"
    assert runtime.without_runtime({**parse(prefixes + communities), **desired}, desired) == {**parse(prefixes), **desired}


def test_costs_of_bridges_are_runtime_state_of_exclusive_gateways_only() -> None:
    cost = "interface br10\n ip ospf cost 65535\nexit\n"
    listed = parse("route-map own permit 10\n match extcommunity evpn-gateway-served\nexit\n")
    for gateway in (parse(WMGWD), listed):
        assert runtime.without_runtime({**parse(cost), **gateway}, gateway) == gateway
    assert runtime.without_runtime(parse(cost), {}) == parse(cost)


def test_what_a_configuration_names_is_compared() -> None:
    desired = parse(BASE + WMGWD + RUNTIME)
    assert runtime.without_runtime(parse(BASE + WMGWD + RUNTIME), desired) == desired
    cost = parse("interface br10\n ip ospf cost 100\nexit\n")
    running = parse("interface br10\n ip ospf cost 65535\nexit\n")
    assert runtime.without_runtime(running, cost) == running


def test_costs_of_ranks_are_runtime_state_of_passive_interfaces_to_be_withdrawn_only() -> None:
    bucket = "interface vtep0\n ip ospf cost {}\n ip ospf passive\nexit\n"
    link = "interface eth0\n ip ospf cost {}\nexit\n"
    for cost, is_a_rank in ((1, True), (1000, True), (64000, True), (10, False), (1500, False), (65000, False)):
        desired = parse(bucket.format(65535))
        seen = runtime.without_runtime(parse(bucket.format(cost)), desired)
        assert (seen == desired) is is_a_rank
        assert runtime.without_runtime(parse(link.format(cost)), parse(link.format(65535))) == parse(link.format(cost))
    assert runtime.without_runtime(parse(bucket.format(1000)), parse(bucket.format(20))) == parse(bucket.format(1000))


def test_an_entry_for_a_vni_is_its_owners_where_the_map_is_not_wmgwds() -> None:
    own = "route-map filter-vni permit 1\n match evpn vni 10\nexit\n"
    assert runtime.without_runtime(parse(own), {}) == parse(own)


def test_entries_stay_and_new_ones_get_the_first_free_numbers() -> None:
    running = parse(WMGWD + "route-map filter-vni permit 5\n match evpn vni 20\nexit\nroute-map filter-vni deny 4\nexit\n")
    entries = runtime.Entries("filter-vni", 4, frozenset(range(10, 30)))
    marks = entries.desired([10, 11, 20], running)
    assert marks == {20: (0, 5), 10: (0, 6), 11: (0, 7)}
    lines = runtime.with_marks(entries, running, {vni: {mark} for vni, mark in marks.items()})
    assert entries.actual(lines) == {vni: {mark} for vni, mark in marks.items()}
    assert runtime.with_marks(entries, lines, {}).keys() == parse(WMGWD + "route-map filter-vni deny 4\nexit\n").keys()


def test_entries_of_other_vnis_are_not_touched() -> None:
    running = parse(WMGWD + "route-map filter-vni permit 5\n match evpn vni 99\nexit\n")
    assert runtime.with_marks(runtime.Entries("filter-vni", 4, frozenset({10})), running, {}) == running


def test_more_vnis_than_numbers_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"^65532$"):
        runtime.Entries("filter-vni", 4, frozenset()).desired(range(1, 65534), parse(WMGWD))


def test_ranks_stand_in_community_lists_as_far_as_a_map_matches_them() -> None:
    addresses = ["192.0.2.0", "192.0.2.1"]
    maps = "route-map north permit 10\n match community evpn-gateway-rank-1 exact-match\nexit\n"
    prefixes = {("ip prefix-list", 1): (0, "ip prefix-list evpn-gateway-rank-0 seq 1 permit 192.0.2.0/32"),
                ("ip prefix-list", 2): (1, "ip prefix-list evpn-gateway-rank-1 seq 2 permit 192.0.2.1/32")}  # fmt: skip
    line = "bgp community-list standard evpn-gateway-rank-1 seq 2 permit 65534:1"
    communities = {("bgp community-list standard", 2): (1, line)}
    assert runtime.Ranks(addresses).desired({0: 0, 1: 1}, parse(BASE)) == prefixes
    assert runtime.Ranks(addresses).desired({0: 0, 1: 1}, parse(maps)) == {**prefixes, **communities}
    assert runtime.Ranks([]).desired({0: 0, 1: 1}, parse(maps)) == communities
    running = parse(maps + RUNTIME)
    changed = runtime.with_marks(runtime.Ranks([]), running, {key: {mark} for key, mark in communities.items()})
    assert runtime.Ranks([]).actual(changed) == {key: {mark} for key, mark in communities.items()}


def test_costs_replace_costs_alone() -> None:
    running = parse("interface br10\n description red\n ip ospf cost 7\nexit\n")
    changed = runtime.with_costs(running, {"br10": 100, "br11": 65535})
    expected = "interface br10\n description red\n ip ospf cost 100\nexit\ninterface br11\n ip ospf cost 65535\nexit\n"
    assert changed.keys() == parse(expected).keys()
    assert runtime.ospf_costs(changed) == {"br10": 100, "br11": 65535}
