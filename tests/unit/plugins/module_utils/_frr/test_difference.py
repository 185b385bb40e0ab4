"""Differences between configurations, run on a model of FRR."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import configuration
from ansible_collections.evpn.fabric.plugins.module_utils._frr.difference import Change, difference
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.unit.plugins.module_utils._frr.generated import configurations
from tests.unit.plugins.module_utils._frr.model import Frr, policies, references


def changes(wanted: str, running: str) -> tuple[Change, ...]:
    return difference(configuration.parse(wanted), configuration.parse(running))


def told(made: tuple[Change, ...]) -> list[tuple[str, str]]:
    """Each change as the command in its context, and what it disturbs."""
    return [(" / ".join(filter(None, (*change.context, change.command))), change.disruption) for change in made]


@settings(max_examples=150)
@given(configurations(), configurations())
def test_the_changes_turn_any_configuration_into_any_other(wanted: str, running: str) -> None:
    present = set(configuration.parse(running))
    frr = Frr(present)
    for change in changes(wanted, running):
        note(f"{' / '.join(change.context)}: {change.command}")
        before = set(frr.lines)
        frr.run(change.context, change.command)
        assert (before - frr.lines) & present <= set(change.removed), "what goes is told"
    assert frr.shown() == set(configuration.parse(wanted))


@settings(max_examples=60)
@given(configurations(), configurations())
def test_nothing_ever_refers_to_what_is_not_there(wanted: str, running: str) -> None:
    frr = Frr(set(configuration.parse(running)))
    for change in changes(wanted, running):
        note(f"{' / '.join(change.context)}: {change.command}")
        frr.run(change.context, change.command)
        assert references(frr.lines) <= policies(frr.lines)


@settings(max_examples=20)
@given(configurations(asn=65002), configurations(asn=65001))
def test_a_host_can_get_another_autonomous_system(wanted: str, running: str) -> None:
    frr = Frr(set(configuration.parse(running)))
    for change in changes(wanted, running):
        note(f"{' / '.join(change.context)}: {change.command}")
        frr.run(change.context, change.command)
    assert frr.shown() == set(configuration.parse(wanted))


@settings(max_examples=20)
@given(configurations())
def test_a_configuration_does_not_differ_from_itself(text: str) -> None:
    assert changes(text, text) == ()


@settings(max_examples=30)
@given(configurations(), configurations(), st.randoms(use_true_random=False))
def test_the_order_in_which_frr_lists_contexts_makes_no_difference(wanted: str, running: str, random: Any) -> None:
    listed = configuration.parse(running)
    tops = sorted({path[0] for path in listed})
    random.shuffle(tops)
    other = {path: None for top in tops for path in listed if path[0] == top}
    assert told(difference(configuration.parse(wanted), other)) == told(changes(wanted, running))


BGP = """\
router bgp 65001
 bgp router-id 10.0.0.1
 neighbor fabric peer-group
 neighbor fabric remote-as external
 neighbor fabric password first
 neighbor eth1 interface peer-group fabric
 neighbor eth1 description spine1
 neighbor 10.0.0.9 remote-as 65009
 !
 address-family ipv4 unicast
  network 10.0.0.1/32
  neighbor fabric route-map OUT out
 exit-address-family
 !
 address-family l2vpn evpn
  neighbor fabric activate
  advertise-all-vni
  vni 10
   rd 1:1
   route-target import 1:1
  exit-vni
 exit-address-family
exit
"""
IN = "router bgp 65001"
FOUR, EVPN = f"{IN} / address-family ipv4 unicast", f"{IN} / address-family l2vpn evpn"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("spine1", "spine2", [(f"{IN} / neighbor eth1 description spine2", "hitless")]),
        (" neighbor eth1 description spine1\n", "", [(f"{IN} / no neighbor eth1 description spine1", "hitless")]),
        ("password first", "password second", [(f"{IN} / neighbor fabric password second", "session")]),
        ("router-id 10.0.0.1", "router-id 10.0.0.2", [(f"{IN} / bgp router-id 10.0.0.2", "session")]),
        ("route-map OUT out", "route-map NEW out", [(f"{FOUR} / neighbor fabric route-map NEW out", "session")]),
        ("remote-as 65009", "remote-as 65010", [(f"{IN} / neighbor 10.0.0.9 remote-as 65010", "session")]),
        ("network 10.0.0.1/32", "network 10.0.0.2/32",
         [(f"{FOUR} / no network 10.0.0.1/32", "session"), (f"{FOUR} / network 10.0.0.2/32", "hitless")]),
        ("   rd 1:1\n", "   rd 1:2\n", [(f"{EVPN} / vni 10 / rd 1:2", "session")]),
        ("import 1:1", "import 1:2",
         [(f"{EVPN} / vni 10 / no route-target import 1:1", "session"),
          (f"{EVPN} / vni 10 / route-target import 1:2", "session")]),
        ("  vni 10\n   rd 1:1\n   route-target import 1:1\n  exit-vni\n", "", [(f"{EVPN} / no vni 10", "session")]),
        (" neighbor 10.0.0.9 remote-as 65009\n", "", [(f"{IN} / no neighbor 10.0.0.9 remote-as 65009", "session")]),
        (" neighbor 10.0.0.9 ", " neighbor 10.0.0.8 remote-as 65008\n neighbor 10.0.0.9 ",
         [(f"{IN} / neighbor 10.0.0.8 remote-as 65008", "hitless")]),
        ("10.0.0.9 remote-as 65009", "10.0.0.9 peer-group fabric",
         [(f"{IN} / no neighbor 10.0.0.9 remote-as 65009", "session"),
          (f"{IN} / neighbor 10.0.0.9 peer-group fabric", "hitless")]),
        ("exit\n", "exit\nrouter bgp 65001 vrf red\n bgp router-id 10.0.0.1\nexit\n",
         [("router bgp 65001 vrf red / bgp router-id 10.0.0.1", "hitless")]),
    ],
)  # fmt: skip
def test_a_change_is_told_by_its_command_and_what_it_disturbs(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    wanted = BGP[::-1].replace(old[::-1], new[::-1], 1)[::-1] if old == "exit\n" else BGP.replace(old, new, 1)
    assert wanted != BGP
    assert told(changes(wanted, BGP)) == expected


def test_members_go_before_their_group() -> None:
    gone = BGP.replace("neighbor fabric peer-group", "").replace(" neighbor eth1 interface peer-group fabric\n", "")
    wanted = "\n".join(line for line in gone.split("\n") if "fabric" not in line and "eth1" not in line)
    assert told(changes(wanted, BGP)) == [
        (f"{IN} / no neighbor eth1 interface peer-group fabric", "session"),
        (f"{IN} / no neighbor fabric peer-group", "session"),
    ]


def test_an_l3vni_leaves_its_vrf_before_the_bgp_instance_goes() -> None:
    running = "vrf red\n vni 50\nexit-vrf\n" + BGP + "router bgp 65001 vrf red\n bgp router-id 10.0.0.1\nexit\n"
    assert told(changes("", running)) == [
        ("vrf red / no vni 50", "session"),
        ("no router bgp 65001 vrf red", "session"),
        ("no router bgp 65001", "session"),
    ]


def test_a_policy_comes_before_its_users_and_goes_after_them() -> None:
    policy = "ip prefix-list ALL seq 5 permit any\nroute-map OUT permit 10\n match ip address prefix-list ALL\nexit\n"
    there = told(changes(policy + BGP, ""))
    back = told(changes("", policy + BGP))
    assert [command for command, _disruption in there[:2]] == [
        "ip prefix-list ALL seq 5 permit any", "route-map OUT permit 10 / match ip address prefix-list ALL"]  # fmt: skip
    assert {disruption for _command, disruption in there} == {"hitless"}
    assert [command for command, _disruption in back] == [
        "no router bgp 65001", "no route-map OUT permit 10", "no ip prefix-list ALL seq 5 permit any"]  # fmt: skip


def test_lines_of_a_profile_that_know_no_no_go_back_to_their_defaults() -> None:
    profile = "bfd\n profile fast\n  detect-multiplier 5\n  transmit-interval 100\n  receive-interval 100\n exit\nexit\n"
    assert sorted(told(changes("bfd\n profile fast\n exit\nexit\n", profile))) == [
        ("bfd / profile fast / detect-multiplier 3", "hitless"),
        ("bfd / profile fast / receive-interval 300", "hitless"),
        ("bfd / profile fast / transmit-interval 300", "hitless"),
    ]
