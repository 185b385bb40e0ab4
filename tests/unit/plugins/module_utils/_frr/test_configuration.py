"""Configurations as FRR 8.4 and 10.3 print them, and text that nobody should have written."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import configuration
from hypothesis import given
from hypothesis import strategies as st

#: The same configuration, as each version lists it: contexts, and lines in them, come in another order.
SHOWN = {
    "8.4": """\
Building configuration...

Current configuration:
!
frr version 8.4.4
frr defaults traditional
hostname leaf1
log syslog informational
no ip forwarding
no ipv6 forwarding
service integrated-vtysh-config
!
key chain secrets
 key 1
  key-string s3cret
 exit
exit
!
vrf red
 vni 50
 ip route 10.9.0.0/16 blackhole
exit-vrf
!
interface eth1
 description to spine1
 ip ospf area 0.0.0.0
exit
!
router bgp 65001
 bgp router-id 10.0.0.1
 no bgp ebgp-requires-policy
 neighbor eth1 interface remote-as external
 !
 address-family ipv4 unicast
  network 10.0.0.1/32
  neighbor eth1 route-map OUT out
 exit-address-family
 !
 address-family l2vpn evpn
  neighbor eth1 activate
  advertise-all-vni
  vni 10
   rd 1:1
   route-target import 1:1
  exit-vni
  advertise ipv4 unicast
 exit-address-family
exit
!
router bgp 65001 vrf red
 !
 address-family l2vpn evpn
  advertise ipv4 unicast
 exit-address-family
exit
!
ip prefix-list ALL seq 5 permit any
!
route-map OUT permit 10
 match ip address prefix-list ALL
exit
!
route-map OUT permit 20
exit
!
bfd
 profile fast
  transmit-interval 200
 exit
 !
 profile plain
 exit
 !
exit
!
end
""",
    "10.3": """\
Building configuration...

Current configuration:
!
frr version 10.3
frr defaults traditional
hostname leaf1
log syslog informational
service integrated-vtysh-config
!
ip prefix-list ALL seq 5 permit any
!
route-map OUT permit 10
 match ip address prefix-list ALL
exit
!
route-map OUT permit 20
exit
!
key chain secrets
 key 1
  key-string s3cret
 exit
exit
!
vrf red
 ip route 10.9.0.0/16 blackhole
 vni 50
exit-vrf
!
interface eth1
 description to spine1
 ip ospf area 0.0.0.0
exit
!
router bgp 65001
 bgp router-id 10.0.0.1
 no bgp ebgp-requires-policy
 neighbor eth1 interface remote-as external
 !
 address-family ipv4 unicast
  network 10.0.0.1/32
  neighbor eth1 route-map OUT out
 exit-address-family
 !
 address-family l2vpn evpn
  neighbor eth1 activate
  advertise-all-vni
  vni 10
   rd 1:1
   route-target import 1:1
  exit-vni
  advertise ipv4 unicast
 exit-address-family
exit
!
router bgp 65001 vrf red
 !
 address-family l2vpn evpn
  advertise ipv4 unicast
 exit-address-family
exit
!
bfd
 profile fast
  transmit-interval 200
 exit
 !
 profile plain
 exit
 !
exit
!
end
""",
}

BGP, FOUR, EVPN = "router bgp 65001", "address-family ipv4 unicast", "address-family l2vpn evpn"
PATHS = {
    ("log syslog informational",),
    ("key chain secrets",),
    ("key chain secrets", "key 1"),
    ("key chain secrets", "key 1", "key-string s3cret"),
    ("vrf red",),
    ("vrf red", "vni 50"),
    ("vrf red", "ip route 10.9.0.0/16 blackhole"),
    ("interface eth1",),
    ("interface eth1", "description to spine1"),
    ("interface eth1", "ip ospf area 0.0.0.0"),
    (BGP,),
    (BGP, "bgp router-id 10.0.0.1"),
    (BGP, "no bgp ebgp-requires-policy"),
    (BGP, "neighbor eth1 interface remote-as external"),
    (BGP, FOUR),
    (BGP, FOUR, "network 10.0.0.1/32"),
    (BGP, FOUR, "neighbor eth1 route-map OUT out"),
    (BGP, EVPN),
    (BGP, EVPN, "neighbor eth1 activate"),
    (BGP, EVPN, "advertise-all-vni"),
    (BGP, EVPN, "vni 10"),
    (BGP, EVPN, "vni 10", "rd 1:1"),
    (BGP, EVPN, "vni 10", "route-target import 1:1"),
    (BGP, EVPN, "advertise ipv4 unicast"),
    (f"{BGP} vrf red",),
    (f"{BGP} vrf red", EVPN),
    (f"{BGP} vrf red", EVPN, "advertise ipv4 unicast"),
    ("ip prefix-list ALL seq 5 permit any",),
    ("route-map OUT permit 10",),
    ("route-map OUT permit 10", "match ip address prefix-list ALL"),
    ("route-map OUT permit 20",),
    ("bfd",),
    ("bfd", "profile fast"),
    ("bfd", "profile fast", "transmit-interval 200"),
    ("bfd", "profile plain"),
}


@pytest.mark.parametrize("version", SHOWN)
def test_each_version_shows_the_same_lines_in_the_same_contexts(version: str) -> None:
    assert set(configuration.parse(SHOWN[version])) == PATHS


def test_order_is_that_of_the_text() -> None:
    found = configuration.parse("router bgp 1\n neighbor B bfd\n neighbor A bfd\nexit\nbfd\n profile z\n profile a\n")
    assert list(found) == [
        ("router bgp 1",), ("router bgp 1", "neighbor B bfd"), ("router bgp 1", "neighbor A bfd"),
        ("bfd",), ("bfd", "profile z"), ("bfd", "profile a")]  # fmt: skip


@pytest.mark.parametrize("indent", [" ", "   ", "\t"])
def test_any_steady_indentation_will_do(indent: str) -> None:
    deep = "\n".join(line.replace(" ", indent, len(line) - len(line.lstrip())) for line in SHOWN["8.4"].split("\n"))
    assert set(configuration.parse(deep)) == PATHS


def test_ends_of_lines_and_blanks_in_them_do_not_matter() -> None:
    assert set(configuration.parse(SHOWN["8.4"].replace("\n", " \r\n").replace("router bgp", "router  bgp"))) == PATHS


def test_comments_are_left_out_wherever_they_stand() -> None:
    commented = "".join(f"{line}\n ! why\n# what\n   # this\n" for line in SHOWN["8.4"].split("\n"))
    assert set(configuration.parse(commented)) == PATHS


def test_older_releases_that_end_no_context_are_understood() -> None:
    text = "".join(f"{line}\n" for line in SHOWN["8.4"].split("\n") if not line.strip().startswith("exit"))
    assert set(configuration.parse(text)) == PATHS


@pytest.mark.parametrize(
    "text", ["interface eth1\nexit\n", "vrf red\nexit-vrf\n", "line vty\nexit\n", "interface eth1\n !\nexit\n"]
)
def test_contexts_that_frr_would_not_print_are_left_out(text: str) -> None:
    assert configuration.parse(text) == {}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("router bgp 65001\nexit\n", ("router bgp 65001",)),
        ("router bgp 65001\n address-family ipv4 unicast\n exit-address-family\nexit\n", ("router bgp 65001",)),
        ("router ospf\nexit\n", ("router ospf",)),
        ("route-map OUT permit 20\nexit\n", ("route-map OUT permit 20",)),
    ],
)
def test_contexts_that_mean_something_without_lines_stay(text: str, path: tuple[str, ...]) -> None:
    assert list(configuration.parse(text)) == [path]


def test_a_line_that_begins_like_a_context_is_none() -> None:
    rip = "router rip\n bfd default-profile fast\nexit\n"
    assert ("router rip", "bfd default-profile fast") in configuration.parse(rip)


def test_an_interface_of_ldp_needs_no_lines() -> None:
    ldp = "mpls ldp\n address-family ipv4\n  !\n  interface eth1\n  exit\n  !\n exit-address-family\n !\nexit\n"
    assert ("mpls ldp", "address-family ipv4", "interface eth1") in configuration.parse(ldp)


UNPRINTABLE = ["\0", "\x07", "\x1b[31m", "\x1c", "\x1f", "\x7f", "\x85", "\u00a0", "\u200b", "\u2028", "\u202e", "\ufeff"]


@pytest.mark.parametrize("hostile", UNPRINTABLE, ids=ascii)
def test_a_line_with_characters_that_do_not_print_is_refused(hostile: str) -> None:
    with pytest.raises(ValidationError) as refused:
        configuration.parse(f"interface eth1\n description a{hostile}b\nexit\n")
    assert [problem.path for problem in refused.value.problems] == ["config line 2"]


def test_every_such_line_is_named_at_once_and_told_without_its_characters() -> None:
    with pytest.raises(ValidationError) as refused:
        configuration.parse("interface e\0\n description \x1b\n ip ospf cost 1\nrouter bgp 1\x07\n")
    assert [problem.path for problem in refused.value.problems] == ["config line 1", "config line 2", "config line 4"]
    assert str(refused.value).replace("\n", "").isprintable()


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(" \n\t!")))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        found = configuration.parse(text)
    except ValidationError:
        return
    assert all(line.isprintable() and line == line.strip() for path in found for line in path)
    assert all(path[:-1] in found for path in found if len(path) > 1)


def test_contexts_are_the_paths_with_lines_below_them() -> None:
    assert configuration.contexts(configuration.parse(SHOWN["8.4"])) - {()} == {
        ("key chain secrets",), ("key chain secrets", "key 1"), ("vrf red",), ("interface eth1",), (BGP,), (BGP, FOUR),
        (BGP, EVPN), (BGP, EVPN, "vni 10"), (f"{BGP} vrf red",), (f"{BGP} vrf red", EVPN), ("route-map OUT permit 10",),
        ("bfd",), ("bfd", "profile fast")}  # fmt: skip
