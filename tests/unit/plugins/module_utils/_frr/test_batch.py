"""Files for vtysh, read as vtysh reads them."""

from __future__ import annotations

import re

from ansible_collections.evpn.fabric.plugins.module_utils._frr import configuration
from ansible_collections.evpn.fabric.plugins.module_utils._frr.batch import batches, planned
from ansible_collections.evpn.fabric.plugins.module_utils._frr.difference import Change
from hypothesis import given, note, settings

from tests.unit.plugins.module_utils._frr.generated import configurations
from tests.unit.plugins.module_utils._frr.model import Frr

Path = tuple[str, ...]

#: Lines that only the outermost context knows: wherever they stand, they end what is open.
_OUTERMOST = re.compile(r"(?:no )?(?:router |vrf |interface |route-map |ip prefix-list |bfd$|line vty$)")
#: Lines that a VRF takes for its own, and that end whatever else is open.
_STATIC_ROUTE = re.compile(r"(?:no )?ip route ")
_OPENING = re.compile(r"router |vrf |interface |route-map |bfd$|line vty$|address-family |profile ")

DAEMONS = {"router bgp": "bgpd", "route-map": "bgpd", "ip prefix-list": "bgpd", "bfd": "bfdd", "router ospf": "ospfd"}


def read(text: str) -> list[tuple[Path, str]]:
    """Commands with the contexts that vtysh finds itself in, whatever the indentation; "" for opening one."""
    found: list[tuple[Path, str]] = []
    place: Path = ()
    for line in map(str.strip, text.splitlines()):
        if line.startswith("exit"):
            place = place[:-1]
            continue
        if _OUTERMOST.match(line) or (_STATIC_ROUTE.match(line) and not (place and place[0].startswith("vrf "))):
            place = ()
        elif re.match(r"(?:no )?profile ", line):
            place = place[:1]
        if _OPENING.match(line) or (line.startswith("vni ") and place and place[-1] == "address-family l2vpn evpn"):
            place = (*place, line)
            found.append((place, ""))
        else:
            found.append((place, line))
    return found


def daemon(change: Change) -> str | None:
    """The daemon that a change of a generated configuration is for."""
    if change.top.startswith("interface "):
        return "ospfd" if "ip ospf" in change.command else None
    return next((name for start, name in DAEMONS.items() if change.top.startswith(start)), None)


def plans(wanted: str, running: str) -> dict[str | None, tuple[Change, ...]]:
    """Changes by daemon, where bgpd has all policies itself, as the tests' FRR has."""
    after, before = configuration.parse(wanted), configuration.parse(running)
    return planned(after, before, {"bgpd": before})


def written(wanted: str, running: str) -> list[tuple[str | None, str]]:
    return batches(plans(wanted, running))


@settings(max_examples=100)
@given(configurations(), configurations())
def test_vtysh_finds_each_command_in_its_context_and_each_daemon_its_own(wanted: str, running: str) -> None:
    changes = [change for members in plans(wanted, running).values() for change in members]
    read_by: dict[str | None, list[tuple[Path, str]]] = {}
    for name, text in written(wanted, running):
        read_by.setdefault(name, []).extend(found for found in read(text) if found[1])
    expected: dict[str | None, list[tuple[Path, str]]] = {}
    for change in sorted(changes, key=lambda change: change.phase):
        if change.command:
            expected.setdefault(daemon(change), []).append((change.context, change.command))
    assert {name: sorted(found) for name, found in read_by.items() if found} == {
        name: sorted(found) for name, found in expected.items()
    }


@settings(max_examples=60)
@given(configurations(), configurations() | configurations(asn=65002))
def test_the_files_in_their_order_turn_any_configuration_into_any_other(wanted: str, running: str) -> None:
    frr = Frr(set(configuration.parse(running)))
    for name, text in written(wanted, running):
        note(f"{name}:\n{text}")
        for context, command in read(text):
            frr.run(context, command)
    assert frr.shown() == set(configuration.parse(wanted))


def test_nothing_to_change_is_no_file() -> None:
    assert written("router bgp 1\nexit\n", "router bgp 1\nexit\n") == []


def test_contexts_are_ended_only_where_the_next_line_would_be_misread() -> None:
    wanted = """\
router bgp 65001
 neighbor eth1 interface remote-as external
 address-family ipv4 unicast
  network 10.0.0.1/32
 exit-address-family
 address-family l2vpn evpn
  vni 10
   rd 1:1
  exit-vni
  vni 20
   rd 1:2
  exit-vni
  advertise-all-vni
 exit-address-family
 bgp router-id 10.0.0.1
exit
router bgp 65001 vrf red
 address-family l2vpn evpn
  advertise ipv4 unicast
 exit-address-family
exit
"""
    assert written(wanted, "") == [("bgpd", """\
router bgp 65001
 neighbor eth1 interface remote-as external
 address-family ipv4 unicast
  network 10.0.0.1/32
 exit-address-family
 address-family l2vpn evpn
  vni 10
   rd 1:1
  exit-vni
  vni 20
   rd 1:2
  exit-vni
  advertise-all-vni
 exit-address-family
 bgp router-id 10.0.0.1
router bgp 65001 vrf red
 address-family l2vpn evpn
  advertise ipv4 unicast
""")]  # fmt: skip


def test_an_entry_comes_under_its_new_number_in_another_transaction_than_it_goes_from_the_old_one() -> None:
    entry = "ip prefix-list LIST seq {} permit 10.{}.0.0/16\n".format
    assert written(entry(5, 1) + entry(10, 2), entry(5, 2) + entry(10, 1)) == [("bgpd", """\
no ip prefix-list LIST seq 5 permit 10.2.0.0/16
line vty
exit
ip prefix-list LIST seq 10 permit 10.2.0.0/16
line vty
exit
ip prefix-list LIST seq 5 permit 10.1.0.0/16
""")]  # fmt: skip
    assert "line vty" not in written(entry(5, 1) + entry(10, 2), entry(5, 1) + entry(20, 3))[0][1]


def test_a_static_route_does_not_fall_into_the_vrf_before_it() -> None:
    running = "vrf red\n vni 50\nexit-vrf\nip route 10.0.0.0/8 blackhole\n"
    wanted = "vrf red\n vni 60\n ip route 10.1.0.0/16 blackhole\nexit-vrf\nip route 10.2.0.0/16 blackhole\n"
    frr = Frr(set(configuration.parse(running)))
    for _daemon, text in written(wanted, running):
        for context, command in read(text):
            frr.run(context, command)
    assert frr.shown() == set(configuration.parse(wanted))


def test_what_others_refer_to_comes_first_and_what_concerns_all_daemons_goes_to_all() -> None:
    made = written(
        "router ospf\n ospf router-id 10.0.0.1\nexit\nbfd\n profile fast\n exit\nexit\nvrf red\n vni 50\nexit-vrf\n", ""
    )
    assert made == [
        ("bfdd", "bfd\n profile fast\n"),
        (None, "vrf red\n vni 50\n"),
        ("ospfd", "router ospf\n ospf router-id 10.0.0.1\n"),
    ]


POLICY = "ip prefix-list ALL seq 5 permit any\nroute-map OUT permit 10\n match ip address prefix-list ALL\nexit\n"
USERS = """\
router ospf
 redistribute bgp route-map OUT
exit
router bgp 65001
 address-family ipv4 unicast
  redistribute ospf route-map OUT
 exit-address-family
exit
"""


def told(wanted: str, running: str, **own: str) -> dict[str | None, str]:
    """What each daemon is told where daemons have these copies of policies; bgpd has all that runs unless it is named."""
    after, before = configuration.parse(wanted), configuration.parse(running)
    copies = {name: configuration.parse(text) for name, text in {"bgpd": running, **own}.items()}
    return dict(batches(planned(after, before, copies)))


def test_a_policy_that_another_daemon_uses_too_goes_to_all() -> None:
    policy = "route-map OUT permit 10\nexit\n"
    assert set(told(policy + USERS, USERS, ospfd=USERS, zebra="")) == {"bgpd", "ospfd", "zebra"}
    other = USERS.replace("redistribute bgp route-map OUT", "redistribute bgp route-map ELSE")
    assert set(told(policy + other, other, ospfd=other, zebra="")) == {"bgpd"}


def test_a_list_that_such_a_policy_matches_goes_to_all_as_well() -> None:
    texts = told(POLICY + USERS, USERS, ospfd=USERS)
    assert texts["ospfd"] == POLICY.replace("exit\n", "") == texts["bgpd"]


def test_a_daemon_that_has_read_its_startup_file_loses_what_is_wrong_of_its_copies() -> None:
    before = "ip prefix-list ALL seq 5 permit 10.0.0.0/8\nip prefix-list ALL seq 10 permit 10.1.0.0/16\n"
    after = before.replace("10.0.0.0/8", "10.2.0.0/16")
    user = "route-map OUT permit 10\n match ip address prefix-list ALL\nexit\n"
    user += "router bgp 65001\n address-family ipv4 unicast\n  neighbor eth1 route-map OUT out\n exit-address-family\nexit\n"
    texts = told(after + user, before + user, zebra=before, ospfd="")
    assert texts == {
        "bgpd": "ip prefix-list ALL seq 5 permit 10.2.0.0/16\n",
        "zebra": "no ip prefix-list ALL seq 5 permit 10.0.0.0/8\n",
    }


def test_a_policy_that_another_daemon_uses_too_goes_after_its_users() -> None:
    commands = [command for _name, text in written("", POLICY + USERS) for _context, command in read(text) if command]
    assert commands.index("no route-map OUT permit 10") > commands.index("no router ospf")
    assert commands.index("no route-map OUT permit 10") > commands.index("no router bgp 65001")


def test_a_profile_goes_after_its_user_in_another_daemon() -> None:
    profile = "bfd\n profile fast\n  transmit-interval 100\n exit\nexit\n"
    user = "router bgp 65001\n neighbor eth1 interface remote-as external\n neighbor eth1 bfd profile fast\nexit\n"
    peer = "bfd\n profile slow\n exit\nexit\n"
    assert written(peer + user.replace(" neighbor eth1 bfd profile fast\n", ""), profile + user) == [
        ("bgpd", "router bgp 65001\n no neighbor eth1 bfd profile fast\n"),
        ("bfdd", "bfd\n profile slow\n exit\n no profile fast\n"),
    ]


def test_contexts_that_this_collection_does_not_write_are_left_by_their_exits() -> None:
    wanted = "segment-routing\n srv6\n  locators\n   locator L\n    prefix 2001:db8:1::/64\nrouter bgp 65001\nexit\n"
    assert written(wanted, "") == [
        (None, "segment-routing\n srv6\n  locators\n   locator L\n    prefix 2001:db8:1::/64\n"),
        ("bgpd", "router bgp 65001\n"),
    ]
    two = wanted.replace("router bgp 65001\nexit\n", "ip route 10.0.0.0/8 blackhole\n")
    assert written(two, "")[0][1].splitlines()[4:] == [
        "    prefix 2001:db8:1::/64",
        "   exit",
        "  exit",
        " exit",
        "exit",
        "ip route 10.0.0.0/8 blackhole",
    ]
