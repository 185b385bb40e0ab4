"""What is known of single commands, against the FRR manual and what FRR 8.4 and 10.3 do to a session when told so."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import commands

BGP, FOUR, EVPN = "router bgp 65001", "address-family ipv4 unicast", "address-family l2vpn evpn"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("description to A", "description to the other side"),
        ("bgp router-id 10.0.0.1", "bgp router-id 10.0.0.2"),
        ("neighbor eth1 description A", "neighbor eth1 description to B"),
        ("neighbor A remote-as external", "neighbor A remote-as 65001"),
        ("neighbor A password one", "neighbor A password two"),
        ("neighbor A timers 3 9", "neighbor A timers 1 3"),
        ("neighbor A timers connect 5", "neighbor A timers connect 10"),
        ("neighbor A bfd profile slow", "neighbor A bfd profile fast"),
        ("neighbor A route-map X in", "neighbor A route-map Y in"),
        ("neighbor A prefix-list X out", "neighbor A prefix-list Y out"),
        ("neighbor A maximum-prefix 10", "neighbor A maximum-prefix 20 warning-only"),
        ("timers bgp 3 9", "timers bgp 1 3"),
        ("maximum-paths 4", "maximum-paths 8"),
        ("maximum-paths ibgp 4", "maximum-paths ibgp 8"),
        ("rd 10.0.0.1:1", "rd 10.0.0.1:2"),
        ("ip prefix-list A description one", "ip prefix-list A description two"),
        ("set as-path prepend 1 1", "set as-path prepend 2"),
        ("ip ospf cost 10", "ip ospf cost 20"),
        ("ip ospf network broadcast", "ip ospf network point-to-point"),
        ("transmit-interval 100", "transmit-interval 200"),
        ("ip prefix-list A seq 5 permit 10.0.0.0/8", "ip prefix-list A seq 5 deny 10.0.0.0/8 le 32"),
        ("ipv6 prefix-list A seq 5 permit any", "ipv6 prefix-list A seq 5 deny any"),
        ("bgp as-path access-list A seq 5 deny ^1_", "bgp as-path access-list A seq 5 permit ."),
        ("bgp community-list standard A seq 5 permit 1:1", "bgp community-list standard A seq 5 deny 2:2"),
        ("bgp extcommunity-list standard A seq 5 permit rt 1:1", "bgp extcommunity-list standard A seq 5 permit rt 2:2"),
        ("bgp large-community-list standard A seq 5 permit 1:1:1", "bgp large-community-list standard A seq 5 permit 1:1:2"),
        ("bgp community-list 10 seq 5 permit 1:1", "bgp community-list 10 seq 5 deny 1:1"),
        ("set metric 1", "set metric 2"),
        ("match ip address prefix-list A", "match ip address prefix-list B"),
    ],
)
def test_lines_of_which_there_is_one_replace_each_other(one: str, other: str) -> None:
    assert commands.slot(one) == commands.slot(other)
    assert commands.slot(one) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("neighbor A description x", "neighbor B description x"),
        ("neighbor A route-map X in", "neighbor A route-map X out"),
        ("neighbor A timers 3 9", "neighbor A timers connect 5"),
        ("neighbor A description x", "neighbor A password x"),
        ("maximum-paths 4", "maximum-paths ibgp 4"),
        ("ip prefix-list A seq 5 permit any", "ip prefix-list A seq 10 permit any"),
        ("ip prefix-list A seq 5 permit any", "ip prefix-list B seq 5 permit any"),
        ("ip prefix-list A seq 5 permit any", "ipv6 prefix-list A seq 5 permit any"),
        ("bgp as-path access-list A seq 5 deny ^1_", "bgp as-path access-list A seq 10 deny ^1_"),
        ("bgp community-list standard A seq 5 permit 1:1", "bgp community-list expanded A seq 5 permit 1:1"),
        ("bgp community-list standard A seq 5 permit 1:1", "bgp large-community-list standard A seq 5 permit 1:1:1"),
        ("ip ospf cost 10", "ip ospf priority 10"),
        ("transmit-interval 100", "receive-interval 100"),
    ],
)
def test_lines_about_different_things_do_not(one: str, other: str) -> None:
    assert None not in (commands.slot(one), commands.slot(other))
    assert commands.slot(one) != commands.slot(other)


@pytest.mark.parametrize(
    "line",
    [
        "network 10.0.0.0/8", "redistribute connected", "route-target import 1:1", "neighbor A activate", "neighbor A bfd",
        "neighbor A peer-group", "neighbor A peer-group B", "neighbor A interface peer-group B", "advertise ipv4 unicast",
        "ip route 10.0.0.0/8 blackhole", "ip route 10.0.0.0/8 192.0.2.1 200", "vni 50", "log facility local0",
        "ip router-id 1.1.1.1", "evpn mh mac-holdtime 60", "bgp community-list standard A permit 1:1",
        "ip ospf bfd", "profile fast",
    ],
)  # fmt: skip
def test_lines_of_which_there_may_be_many_replace_nothing(line: str) -> None:
    assert commands.slot(line) is None


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("neighbor A activate", "no neighbor A activate"),
        ("no bgp ebgp-requires-policy", "bgp ebgp-requires-policy"),
        ("description to A", "no description"),
        ("neighbor A description to B", "no neighbor A description to B"),
        ("password zebra", "no password"),
        ("enable password 8 zebra", "no enable password"),
        ("set as-path prepend 65001 65001", "no set as-path prepend"),
        ("on-match goto 5", "no on-match goto"),
        ("on-match next", "no on-match next"),
        ("ip prefix-list A description of the old one", "no ip prefix-list A description"),
        ("exec-timeout 5 0", "exec-timeout 10 0"),
        ("service cputime-warning 1000", "service cputime-warning 5000"),
        ("no service walltime-warning", "service walltime-warning 5000"),
        ("detect-multiplier 5", "detect-multiplier 3"),
        ("transmit-interval 100", "transmit-interval 300"),
        ("receive-interval 100", "receive-interval 300"),
        ("router bgp 65001 vrf red", "no router bgp 65001 vrf red"),
    ],
)
def test_taking_a_line_back(line: str, command: str) -> None:
    assert commands.negated(line) == command


def test_every_command_that_may_take_a_line_back_is_known_the_most_specific_first() -> None:
    assert commands.negations("neighbor A capability dynamic") == [
        "no neighbor A capability dynamic", "no neighbor A capability", "no neighbor A", "no neighbor"
    ]  # fmt: skip
    assert commands.negations("no bgp default show-hostname") == ["bgp default show-hostname"]
    assert commands.negations("exec-timeout 5 0") == ["exec-timeout 10 0"]


def test_the_most_telling_line_defines_a_neighbor() -> None:
    lines = ["neighbor A description x", "neighbor A remote-as 65001", "neighbor A interface remote-as external",
             "neighbor AB peer-group"]  # fmt: skip
    assert commands.definition("A", lines) == "neighbor A interface remote-as external"
    assert commands.definition("A", lines[:2]) == "neighbor A remote-as 65001"
    assert commands.definition("A", [lines[0], lines[3]]) is None
    assert commands.definition("10.0.0.1", ["neighbor 10x0x0x1 remote-as 1"]) is None


def test_groups_are_told_from_their_members() -> None:
    assert commands.is_group("neighbor fabric peer-group")
    assert not commands.is_group("neighbor eth1 interface peer-group fabric")
    assert (commands.neighbor("neighbor fabric peer-group"), commands.neighbor("network 10.0.0.0/8")) == ("fabric", None)


@pytest.mark.parametrize("line", ["router bgp 1", "route-map A permit 10", "vni 10", "profile fast", "key chain A", "key 1",
                                  "bfd"])  # fmt: skip
def test_contexts_that_no_removes_with_all_that_is_in_them(line: str) -> None:
    assert commands.removable(line)


@pytest.mark.parametrize("line", ["interface eth1", "vrf red", "address-family l2vpn evpn", "line vty"])
def test_contexts_that_no_does_not_remove(line: str) -> None:
    assert commands.removable(line) is False


def test_of_other_contexts_only_frr_knows() -> None:
    assert commands.removable("segment-routing") is None


@pytest.mark.parametrize(
    ("path", "opens"),
    [
        (("router bgp 1",), True),
        (("route-map A permit 10",), True),
        (("bfd", "profile fast"), True),
        ((BGP, EVPN, "vni 10"), True),
        (("vrf red", "vni 10"), False),
        (("vni 10",), False),
        ((BGP, "neighbor A bfd"), False),
    ],
)
def test_lines_that_open_contexts(path: tuple[str, ...], opens: bool) -> None:
    assert commands.opens(path) == opens


#: Sessions stayed up in FRR 8.4.4 and 10.3 while these were entered and taken back.
HITLESS = [
    (BGP, "neighbor A description x"), (BGP, "neighbor A advertisement-interval 5"), (BGP, "neighbor A timers 5 15"),
    (BGP, "neighbor A timers connect 7"), (BGP, "neighbor A bfd"),
    (BGP, FOUR, "neighbor A next-hop-self"), (BGP, EVPN, "neighbor A allowas-in"),
    (BGP, EVPN, "neighbor A soft-reconfiguration inbound"),
    (BGP, FOUR, "neighbor A weight 7"), (BGP, FOUR, "neighbor A default-originate"), (BGP, FOUR, "neighbor A as-override"),
    (BGP, FOUR, "maximum-paths 4"), (BGP, "timers bgp 5 15"), (BGP, "bgp bestpath as-path multipath-relax"),
    (BGP, "bgp graceful-shutdown"), (BGP, "no bgp default ipv4-unicast"), (BGP, FOUR, "network 10.0.0.0/8"),
    ("interface eth1", "description x"), ("interface eth1", "ip ospf cost 10"), ("interface eth1", "ip ospf bfd"),
]  # fmt: skip
#: Sessions were reset by these in both versions, but for the last, which resets them in 10.3.
RESETTING = [
    (BGP, "neighbor A passive"), (BGP, "neighbor A ebgp-multihop 3"), (BGP, "neighbor A ttl-security hops 1"),
    (BGP, "neighbor A update-source eth1"), (BGP, "neighbor A capability extended-nexthop"), (BGP, "neighbor A password x"),
    (BGP, "neighbor A local-as 65099"), (BGP, FOUR, "neighbor A activate"), (BGP, "neighbor A shutdown"),
    (BGP, FOUR, "neighbor A route-server-client"), (BGP, FOUR, "neighbor A addpath-tx-all-paths"),
    (BGP, "bgp router-id 10.0.0.9"), (BGP, "bgp confederation identifier 7"), (BGP, "bgp shutdown"),
    (BGP, "bgp reject-as-sets"), (BGP, "bgp graceful-restart"),
]  # fmt: skip


#: Sessions stayed up, but what they carry may go.
WITHDRAWING = [
    (BGP, FOUR, "neighbor A route-map R out"), (BGP, FOUR, "neighbor A prefix-list P in"),
    (BGP, FOUR, "neighbor A filter-list F out"), (BGP, FOUR, "neighbor A distribute-list D in"),
    (BGP, FOUR, "neighbor A maximum-prefix 100"), (BGP, FOUR, "aggregate-address 10.0.0.0/8 summary-only"),
    (BGP, FOUR, "distance bgp 150 150 150"), (BGP, FOUR, "table-map T"),
]  # fmt: skip


@pytest.mark.parametrize("path", WITHDRAWING, ids=" / ".join)
def test_what_can_withdraw_a_route_is_not_hitless(path: tuple[str, ...]) -> None:
    assert commands.addition_disrupts(path) == "session"


@pytest.mark.parametrize("path", HITLESS, ids=" / ".join)
def test_what_leaves_sessions_alone_is_hitless(path: tuple[str, ...]) -> None:
    assert commands.addition_disrupts(path) == "hitless"


@pytest.mark.parametrize("path", RESETTING, ids=" / ".join)
def test_what_resets_sessions_says_so(path: tuple[str, ...]) -> None:
    assert commands.addition_disrupts(path) == "session"


@pytest.mark.parametrize(
    "path",
    [
        ("interface eth1", "ip ospf area 0.0.0.1"), ("interface eth1", "ip ospf network broadcast"),
        ("interface eth1", "ip ospf passive"), ("router ospf", "passive-interface eth1"),
        ("router ospf", "passive-interface default"), ("router ospf", "area 0.0.0.1 stub"),
        ("router ospf", "capability opaque"), ("interface eth1", "shutdown"),
    ],
    ids=" / ".join,
)  # fmt: skip
def test_what_takes_an_ospf_adjacency_down_is_not_hitless(path: tuple[str, ...]) -> None:
    assert commands.addition_disrupts(path) != "hitless"


@pytest.mark.parametrize(
    "path",
    [
        (BGP, "bgp router-id 10.0.0.9"), (BGP, "neighbor A password x"), (BGP, FOUR, "neighbor A activate"),
        (BGP, FOUR, "network 10.0.0.0/8"), (BGP, EVPN, "advertise-all-vni"), (BGP, EVPN, "vni 10"), ("vrf red", "vni 50"),
        ("router bgp 65001",), ("interface eth1", "ip ospf area 0.0.0.0"),
    ],
    ids=" / ".join,
)  # fmt: skip
def test_taking_away_what_carries_routes_is_not_hitless(path: tuple[str, ...]) -> None:
    assert commands.removal_disrupts(path) == "session"


@pytest.mark.parametrize(
    "path",
    [
        ("bfd", "profile fast"), (BGP, "neighbor A bfd"), ("password x",), ("line vty", "exec-timeout 5 0"),
        (BGP, "neighbor A description x"), ("interface eth1", "description x"), (BGP, "timers bgp 5 15"),
        ("log syslog informational",), ("debug bgp updates",),
    ],
    ids=" / ".join,
)  # fmt: skip
def test_taking_away_what_only_defines_or_tunes_is_hitless(path: tuple[str, ...]) -> None:
    assert commands.removal_disrupts(path) == "hitless"


@pytest.mark.parametrize(
    ("path", "daemon"),
    [
        ((BGP, "bgp router-id 10.0.0.1"), "bgpd"),
        (("router ospf", "ospf router-id 10.0.0.1"), "ospfd"),
        (("router ospf6",), "ospf6d"),
        (("router isis 1",), "isisd"),
        (("bfd", "profile fast"), "bfdd"),
        (("interface eth1", "ip ospf cost 10"), "ospfd"),
        (("interface eth1", "description x"), None),
        (("vrf red", "vni 50"), None),
        (("ip route 10.0.0.0/8 blackhole",), None),
    ],
)
def test_the_daemon_that_a_line_is_for(path: tuple[str, ...], daemon: str | None) -> None:
    assert commands.daemon(path) == daemon


def test_bgpd_alone_has_the_policies_that_nobody_else_uses() -> None:
    lines = [
        (BGP, FOUR, "neighbor A route-map OWN out"), (BGP, FOUR, "neighbor A route-map STRANGE in"),
        (BGP, FOUR, "redistribute connected route-map BOTH"), ("router ospf", "redistribute bgp route-map BOTH"),
        ("route-map OWN permit 10", "match ip address prefix-list OWN-LIST"), ("route-map OWN permit 10", "call CALLED"),
        ("route-map CALLED permit 10", "match as-path CALLED-LIST"), ("route-map CALLED permit 10", "match community C"),
        ("route-map BOTH permit 10", "match ip address prefix-list BOTH-LIST"),
        ("route-map STRANGE permit 10", "set src 10.0.0.1"), ("route-map UNUSED permit 10",),
    ]  # fmt: skip
    policies = {"OWN", "OWN-LIST", "CALLED", "CALLED-LIST", "C", "BOTH", "BOTH-LIST", "STRANGE", "UNUSED"}
    # "call" is no line of this collection's, so whoever has a map with one may need to know it.
    assert commands.policies_of_bgpd(dict.fromkeys(lines)) & policies == {"OWN-LIST", "CALLED", "CALLED-LIST", "C"}
    assert commands.is_policy_of("ip prefix-list OWN-LIST seq 5 permit any", {"OWN-LIST"})
    assert not commands.is_policy_of("ip prefix-list OTHER seq 5 permit any", {"OWN-LIST"})


def test_daemons_that_a_configuration_needs_are_those_of_its_contexts() -> None:
    lines = {
        ("router ospf",): None,
        ("bfd", "profile fast"): None,
        ("route-map A permit 10",): None,
        ("vrf red", "vni 5"): None,
    }
    assert commands.needed_daemons(lines) == {"ospfd": "router ospf", "bfdd": "bfd"}


@pytest.mark.parametrize(
    ("path", "daemon"),
    [
        (("router isis 1",), "isisd"), (("router rip",), "ripd"), (("router ripng",), "ripngd"),
        (("router eigrp 1",), "eigrpd"), (("router babel",), "babeld"), (("router openfabric 1",), "fabricd"),
        (("router ospf6 vrf red",), "ospf6d"),
        (("router pim",), "pimd"), (("router pim6",), "pim6d"), (("ip pim packets 5",), "pimd"), (("ipv6 mld max 5",), "pim6d"),
        (("pbr-map P seq 5",), "pbrd"), (("mpls ldp",), "ldpd"), (("l2vpn X type vpls",), "ldpd"),
        (("interface eth1", "ip router isis 1"), "isisd"), (("interface eth1", "isis circuit-type level-1"), "isisd"),
        (("interface eth1", "ip pim"), "pimd"), (("interface eth1", "ip igmp version 2"), "pimd"),
        (("interface eth1", "ipv6 mld"), "pim6d"), (("interface eth1", "ip rip send version 2"), "ripd"),
        (("interface eth1", "ip nhrp redirect"), "nhrpd"), (("interface eth1", "pbr-policy P"), "pbrd"),
        (("interface eth1", "vrrp 5"), "vrrpd"), (("interface eth1", "ipv6 ospf6 area 0"), "ospf6d"),
    ],
    ids=lambda value: " / ".join(value) if isinstance(value, tuple) else value,
)  # fmt: skip
def test_a_line_of_a_daemon_that_is_off_by_default_says_which(path: tuple[str, ...], daemon: str) -> None:
    assert list(commands.needed_daemons({path: None})) == [daemon]


@pytest.mark.parametrize(
    "path", [("ip route 10.0.0.0/8 blackhole",), ("interface eth1", "ip address 10.0.0.1/24"), ("vrf red", "vni 5")]
)
def test_zebra_and_staticd_always_run(path: tuple[str, ...]) -> None:
    assert commands.needed_daemons({path: None}) == {}


@pytest.mark.parametrize(
    ("top", "name"),
    [
        ("route-map OUT permit 10", "route-map OUT"),
        ("ip prefix-list ALL seq 5 permit any", "ip prefix-list ALL"),
        ("ipv6 prefix-list ALL seq 5 permit any", "ipv6 prefix-list ALL"),
        ("bgp community-list standard BLUE permit 1:1", "bgp community-list standard BLUE"),
        ("bgp extcommunity-list expanded RED seq 5 permit 1", "bgp extcommunity-list expanded RED"),
        ("bgp large-community-list 10 seq 5 permit 1:1:1", "bgp large-community-list 10"),
        ("bgp as-path access-list OWN seq 5 permit ^1_", "bgp as-path access-list OWN"),
        ("router bgp 65001", None),
    ],
)
def test_policies_have_names(top: str, name: str | None) -> None:
    assert commands.policy_name(top) == name


@pytest.mark.parametrize(
    ("top", "entry"),
    [
        ("ip prefix-list A seq 5 permit 10.0.0.0/8 le 32", ("ip prefix-list A", 5, "permit 10.0.0.0/8 le 32")),
        ("ipv6 access-list A seq 10 deny any", ("ipv6 access-list A", 10, "deny any")),
        ("access-list 10 seq 5 permit any", ("access-list 10", 5, "permit any")),
        ("bgp as-path access-list A seq 5 permit ^1_", ("bgp as-path access-list A", 5, "permit ^1_")),
        ("bgp community-list 10 seq 5 permit 1:1", ("bgp community-list 10", 5, "permit 1:1")),
        ("bgp extcommunity-list standard A seq 5 permit rt 1:1", ("bgp extcommunity-list standard A", 5, "permit rt 1:1")),
        ("ip prefix-list A description seq 5 permit any", None),
        ("access-list A remark of seq 5 permit any", None),
        ("route-map A permit 10", None),
    ],
)
def test_entries_of_lists_have_numbers(top: str, entry: tuple[str, int, str] | None) -> None:
    assert commands.list_entry(top) == entry


def test_what_is_referred_to_is_set_up_first() -> None:
    order = ["ip prefix-list A seq 5 permit any", "route-map A permit 10", "bfd", "vrf red", "interface eth1", "router ospf",
             "router bgp 65001", "router bgp 65001 vrf red"]  # fmt: skip
    ranks = [commands.rank(top) for top in order]
    assert ranks == sorted(set(ranks))
