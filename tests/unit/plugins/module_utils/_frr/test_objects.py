"""What operations on FRR show of themselves."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._frr.objects import Daemons, Lines, StartupFile

BGP, EVPN = "router bgp 65001", "address-family l2vpn evpn"


def test_lines_stand_under_their_contexts_each_named_once() -> None:
    made = Lines(BGP, (
        (BGP, "bgp router-id 10.0.0.1"),
        (BGP, EVPN, "advertise-all-vni"),
        (BGP, EVPN, "vni 10", "rd 1:1"),
        (BGP, EVPN, "vni 20", "rd 1:2"),
        (BGP, "address-family ipv4 unicast", "redistribute connected"),
    ))  # fmt: skip
    assert made.lines == [
        "router bgp 65001",
        " bgp router-id 10.0.0.1",
        " address-family l2vpn evpn",
        "  advertise-all-vni",
        "  vni 10",
        "   rd 1:1",
        "  vni 20",
        "   rd 1:2",
        " address-family ipv4 unicast",
        "  redistribute connected",
    ]


def test_a_context_that_is_a_line_of_its_own_is_not_repeated() -> None:
    made = Lines("route-map OUT", (
        ("route-map OUT permit 10",),
        ("route-map OUT permit 10", "match evpn vni 10"),
        ("route-map OUT permit 20",),
    ))  # fmt: skip
    assert made.lines == ["route-map OUT permit 10", " match evpn vni 10", "route-map OUT permit 20"]


def test_secrets_are_not_shown() -> None:
    made = Lines(BGP, ((BGP, "neighbor eth1 password s3cret"),))
    assert made.to_output() == {"name": BGP, "lines": [BGP, " neighbor eth1 password ********"]}


def test_a_startup_file_shows_its_name_and_the_daemons_file_what_it_enables() -> None:
    assert StartupFile("/etc/frr/frr.conf").to_output() == {"name": "/etc/frr/frr.conf"}
    assert Daemons("/etc/frr/daemons", ("bfdd", "bgpd")).to_output() == {
        "name": "/etc/frr/daemons", "daemons": ["bfdd", "bgpd"]}  # fmt: skip
