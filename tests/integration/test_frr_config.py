"""The module frr_config on hosts with real FRR, as Ansible runs it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from lab.image import SUITES
from tests.fabrics import KINDS, fabric
from tests.frr_host import FrrHost
from tests.gateways import until

START = """\
ip prefix-list LOOPBACKS seq 5 permit 10.255.0.0/24 le 32
bgp as-path access-list OWN seq 5 permit ^65001_
bgp community-list standard MARKED seq 5 permit 65001:1
!
route-map OUT permit 10
 match ip address prefix-list LOOPBACKS
exit
!
interface eth1
 description to spine1
 ip ospf area 0.0.0.0
 ip ospf cost 10
exit
!
router bgp 65001
 bgp router-id 10.255.0.1
 no bgp ebgp-requires-policy
 neighbor 10.0.0.2 remote-as 65002
 neighbor 10.0.0.2 password first-secret
 neighbor 10.0.0.3 remote-as 65003
 !
 address-family ipv4 unicast
  network 10.255.0.1/32
  neighbor 10.0.0.2 route-map OUT out
 exit-address-family
exit
!
end
"""


@pytest.fixture(scope="module", params=SUITES)
def host(request: pytest.FixtureRequest) -> Iterator[FrrHost]:
    """A host with FRR of each Debian release."""
    with FrrHost(request.param) as running:
        yield running


@pytest.fixture
def started(host: FrrHost) -> FrrHost:
    """The host with START running and saved."""
    host.module("frr_config", {"config": START})
    return host


def running(host: FrrHost) -> str:
    return host.running_config()


@pytest.mark.parametrize("kind", KINDS)
def test_every_fabric_is_taken_as_it_is_rendered_and_then_found_unchanged(host: FrrHost, kind: str) -> None:
    documents = build(*fabric(**KINDS[kind])).documents
    for name in ("leaf1", "spine1", *(["gw1"] if "gw1" in documents else [])):
        wanted = {"config": frr_text(documents[name]["frr"])}
        predicted = host.module("frr_config", wanted, check_mode=True)
        made = host.module("frr_config", wanted)
        assert made.get("operations") == predicted.get("operations"), made.get("msg")
        assert made["changed"]
        again = host.module("frr_config", wanted)
        assert (again["changed"], again["operations"]) == (False, [])


def test_the_startup_file_is_what_was_asked_for_and_nobody_elses(started: FrrHost) -> None:
    assert started.run("cat", "/etc/frr/frr.conf").stdout == START
    assert started.run("stat", "-c", "%a %U %G", "/etc/frr/frr.conf").stdout == "640 frr frr\n"
    started.run("chmod", "644", "/etc/frr/frr.conf")
    made = started.module("frr_config", {"config": START})
    assert [operation["reason"] for operation in made["operations"]] == ["its mode or owner is wrong"]


def test_without_save_the_startup_file_stays(started: FrrHost) -> None:
    made = started.module("frr_config", {"config": START.replace("cost 10", "cost 20"), "save": False})
    assert [operation["name"] for operation in made["operations"]] == ["interface eth1"]
    assert "cost 10" in started.run("cat", "/etc/frr/frr.conf").stdout


def test_lines_that_frr_does_not_know_are_all_named_and_nothing_changes(started: FrrHost) -> None:
    before = running(started)
    wrong = START.replace("ip ospf cost 10", "ip ospf cots 10").replace("remote-as 65003", "remote-as 99999999999")
    for check_mode in (True, False):
        made = started.module("frr_config", {"config": wrong}, check_mode)
        assert made["failed"]
        assert re.findall(r"line (\d+): % Unknown command", made["msg"]) == ["12", "20"]
        assert "ip ospf cots 10" in made["msg"] and "nothing was changed" in made["msg"]
    assert running(started) == before
    assert started.run("cat", "/etc/frr/frr.conf").stdout == START


def test_a_line_that_frr_rejects_is_named_before_anything_is_touched_in_check_mode_too(started: FrrHost) -> None:
    before = running(started)
    rejected = START.replace("cost 10", "cost 30").replace(
        " neighbor 10.0.0.3 remote-as 65003\n",
        " neighbor 10.0.0.3 remote-as 65003\n neighbor 10.0.0.3 route-reflector-client\n",
    )
    for check_mode in (True, False):
        made = started.module("frr_config", {"config": rejected}, check_mode)
        assert made["failed"]
        assert "neighbor 10.0.0.3 route-reflector-client" in made["msg"]
        assert "Not an internal neighbor" in made["msg"] and "nothing was changed" in made["msg"]
    assert running(started) == before
    assert started.run("cat", "/etc/frr/frr.conf").stdout == START


#: Lines that the collection writes itself, which it does not try on a scratch FRR first.
FAMILIAR = """\
log syslog informational
interface eth1
 ip ospf area 0.0.0.0
exit
router bgp 65001
 bgp router-id 10.255.0.1
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 neighbor fabric peer-group
 neighbor fabric remote-as external
 neighbor 10.0.0.3 peer-group fabric
 !
 address-family l2vpn evpn
  neighbor fabric activate
 exit-address-family
exit
!
end
"""


def test_a_line_that_frr_rejects_all_the_same_is_named_and_the_previous_configuration_comes_back(host: FrrHost) -> None:
    assert "msg" not in host.module("frr_config", {"config": FAMILIAR})
    before = running(host)
    rejected = FAMILIAR.replace("area 0.0.0.0", "area 0.0.0.1").replace(
        "  neighbor fabric activate\n", "  neighbor fabric activate\n  neighbor fabric route-reflector-client\n"
    )
    made = host.module("frr_config", {"config": rejected})
    assert made["failed"]
    assert "neighbor fabric route-reflector-client" in made["msg"]
    assert "FRR was reverted to what it was before" in made["msg"]
    assert running(host) == before
    assert host.run("cat", "/etc/frr/frr.conf").stdout == FAMILIAR


def test_lines_that_frr_shows_otherwise_are_taken_as_it_shows_them(started: FrrHost) -> None:
    as_people_write = START.replace(" ip ospf cost 10\n", " ospf cost 20\n ip ospf priority 1\n").replace(
        "ip prefix-list LOOPBACKS seq 5 permit", "ip prefix-list LOOPBACKS permit"
    )
    predicted = started.module("frr_config", {"config": as_people_write}, check_mode=True)
    made = started.module("frr_config", {"config": as_people_write})
    assert "msg" not in made, made.get("msg")
    assert made["operations"] == predicted["operations"]
    assert [operation["name"] for operation in made["operations"]] == ["interface eth1", "/etc/frr/frr.conf"]
    assert made["operations"][0]["after"]["lines"] == ["interface eth1", " ip ospf cost 20"]
    assert started.run("cat", "/etc/frr/frr.conf").stdout == as_people_write
    assert not started.module("frr_config", {"config": as_people_write})["changed"]


@pytest.mark.parametrize(
    ("old", "new", "disruption"),
    [
        ("cost 10", "cost 20", "hitless"),
        ("description to spine1", "description to spine2", "hitless"),
        ("permit 10.255.0.0/24 le 32", "permit 10.255.0.0/16 le 32", "session"),
        ("permit ^65001_", "deny ^65002_", "hitless"),
        ("permit 65001:1", "permit 65001:2", "hitless"),
        ("first-secret", "second-secret", "session"),
        ("router-id 10.255.0.1", "router-id 10.255.0.9", "session"),
        ("remote-as 65003", "remote-as 65004", "session"),
        (" neighbor 10.0.0.3 remote-as 65003\n", "", "session"),
        (" neighbor 10.0.0.3 ", " neighbor 10.0.0.4 remote-as 65004\n neighbor 10.0.0.3 ", "hitless"),
        ("network 10.255.0.1/32", "network 10.255.0.2/32", "session"),
        ("route-map OUT", "route-map NEW", "session"),
        ("area 0.0.0.0", "area 0.0.0.1", "session"),
        ("router bgp 65001", "router bgp 65009", "session"),
    ],
)  # fmt: skip
def test_each_change_says_what_it_disturbs_and_works_both_ways(started: FrrHost, old: str, new: str, disruption: str) -> None:
    changed = START.replace(old, new)
    assert changed != START
    for wanted in (changed, START):
        predicted = started.module("frr_config", {"config": wanted}, check_mode=True)
        made = started.module("frr_config", {"config": wanted})
        assert "msg" not in made, made.get("msg")
        assert made["operations"] == predicted["operations"]
        if wanted is changed:
            lines = [operation for operation in made["operations"] if operation["kind"] == "frr"]
            assert max(operation["disruption"] for operation in lines) == disruption


def test_a_stronger_change_than_allowed_touches_nothing(started: FrrHost) -> None:
    before = running(started)
    arguments = {"config": START.replace("first-secret", "second-secret"), "max_disruption": "hitless"}
    made = started.module("frr_config", arguments)
    assert made["failed"] and "max_disruption is hitless" in made["msg"]
    assert running(started) == before


def test_secrets_are_nowhere_but_in_frr(started: FrrHost) -> None:
    for check_mode in (True, False):
        made: Any = started.module(
            "frr_config", {"config": START.replace("first-secret", "second-secret")}, check_mode=check_mode
        )
        assert "neighbor 10.0.0.2 password ********" in made["diff"]["prepared"]
        assert "secret" not in str(made)
    assert "second-secret" in running(started)
    rejected = START.replace(
        "65003\n", "65003\n neighbor 10.0.0.3 route-reflector-client\n neighbor 10.0.0.3 password third-secret\n"
    )
    made = started.module("frr_config", {"config": rejected})
    assert made["failed"] and "third-secret" not in str(made)


def test_a_policy_that_bgpd_lacks_is_missing_whichever_other_daemon_has_it(started: FrrHost) -> None:
    # As after a start on a slow host: watchfrr ended the script that gives bgpd its startup configuration.
    started.run("vtysh", "-f", "/etc/frr/frr.conf")
    started.run("vtysh", "-d", "bgpd", "-c", "configure terminal", "-c", "no route-map OUT")
    assert "route-map OUT" in running(started), "vtysh shows what any daemon has"
    made = started.module("frr_config", {"config": START})
    assert [operation["name"] for operation in made["operations"]] == ["route-map OUT"]
    assert "route-map OUT permit 10" in started.run("vtysh", "-c", "show running-config bgpd no-header").stdout
    assert not started.module("frr_config", {"config": START})["changed"]


#: A vtysh that takes the first two batches for each daemon without a word and loses them, as mgmtd of FRR 10 that has just
#: started loses some.
FORGETFUL = """#!/bin/bash
if [[ "$*" == *"-f "* && "$*" != *--dryrun* && $(grep -c "^-d $2 " /run/lost) -lt 2 ]]; then
    echo "$*" >> /run/lost
    exit
fi
exec /usr/bin/vtysh.real "$@"
"""


def test_batches_that_frr_loses_without_a_word_are_given_to_it_again(started: FrrHost) -> None:
    started.run("mv", "/usr/bin/vtysh", "/usr/bin/vtysh.real")
    try:
        started.run("bash", "-c", ": > /run/lost; cat > /usr/bin/vtysh; chmod 755 /usr/bin/vtysh", stdin=FORGETFUL)
        made = started.module("frr_config", {"config": START + "ip prefix-list LATE seq 5 permit 10.9.0.0/16\n"})
        assert made.get("failed") is not True and made["changed"], made
        assert started.run("grep", "-c", "^-d zebra ", "/run/lost").stdout == "2\n"
    finally:
        started.run("mv", "/usr/bin/vtysh.real", "/usr/bin/vtysh")
    assert "ip prefix-list LATE seq 5 permit 10.9.0.0/16" in running(started)


#: Addresses of every kind that FRR may be told of again, as `ip address add` takes them.
ADDRESSES = [
    "10.0.%d.1/24",
    "10.0.%d.1/24 metric 77",
    "10.0.%d.1/24 noprefixroute",
    "10.0.%d.1/24 broadcast 10.0.%d.7 label br%d:x",
    "10.0.%d.1/24 valid_lft 7200 preferred_lft 3600",
    "10.0.%d.1 peer 10.1.%d.2/32",
    "2001:db8:%d::1/64 nodad",
    "2001:db8:%d::1/64 nodad noprefixroute metric 77",
    "2001:db8:%d::1/64 nodad valid_lft 7200 preferred_lft 0",
]
BRIDGES = range(1, 91)


@pytest.fixture
def busy(started: FrrHost) -> Iterator[FrrHost]:
    """The host with bridges and addresses that came all at once while zebra could not listen."""
    lines = []
    for number in BRIDGES:
        address = ADDRESSES[number % len(ADDRESSES)]
        lines += [
            f"link add br{number} type bridge",
            f"link set br{number} addrgenmode none",
            f"link set br{number} up",
            f"addr add {address.replace('%d', str(number))} dev br{number}",
        ]
    zebra = started.run("pidof", "zebra").stdout.strip()
    started.run("kill", "-STOP", zebra)
    try:
        started.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")
    finally:
        started.run("kill", "-CONT", zebra)
    if started.image != "debian12":  # FRR 8.4 never comes to know all
        until(lambda: known(started) == {f"br{number}" for number in BRIDGES})
    yield started
    started.run("ip", "-batch", "-", stdin="".join(f"link del br{number}\n" for number in BRIDGES))


def known(host: FrrHost) -> set[str]:
    """The bridges of whose address FRR knows, by what it shows to people."""
    shown = host.run("vtysh", "-c", "show interface").stdout
    return set(re.findall(r"^Interface (br\d+) [^\n]*\n(?:  [^\n]*\n)*?  inet6? (?!fe80)", shown, re.MULTILINE))


def addresses(host: FrrHost) -> list[Any]:
    """What the kernel has, without the seconds that pass."""
    listed = json.loads(host.run("ip", "-j", "address").stdout)
    for address in (address for link in listed for address in link["addr_info"]):
        assert address["valid_life_time"] > 7000
        del address["valid_life_time"], address["preferred_life_time"]
    return listed


def test_frr_learns_of_addresses_that_it_has_overlooked(busy: FrrHost) -> None:
    everything = {f"br{number}" for number in BRIDGES}
    predicted = busy.module("frr_config", {"config": START}, check_mode=True)
    before, missed = addresses(busy), everything - known(busy)
    assert {operation["after"]["dev"] for operation in predicted["operations"]} == missed
    assert bool(missed) == (busy.image == "debian12"), "FRR 8.4 overlooks some, later ones none"
    made = busy.module("frr_config", {"config": START})
    assert (made["operations"], made["changed"]) == (predicted["operations"], bool(missed)), made.get("msg")
    assert {(operation["kind"], operation["disruption"]) for operation in made["operations"]} <= {("frr address", "hitless")}
    assert known(busy) == everything
    assert addresses(busy) == before, "nothing but FRR changes"
    assert not busy.module("frr_config", {"config": START})["changed"]


def test_a_data_plane_is_done_when_frr_knows_its_addresses(started: FrrHost) -> None:
    document: dict[str, Any] = {
        "bridges": [{"name": f"br{number}"} for number in BRIDGES],
        "addresses": [{"dev": f"br{number}", "address": f"10.0.{number}.1/24"} for number in BRIDGES],
    }
    predicted = started.module("dataplane", document, check_mode=True)
    # What the kernel tells waits until zebra listens again, and then FRR 8.4 hears of addresses before their interfaces.
    started.run("bash", "-c", "zebra=$(pidof zebra); kill -STOP $zebra; (sleep 2; kill -CONT $zebra) > /dev/null 2>&1 &")
    made = started.module("dataplane", document)
    try:
        assert made["operations"] == predicted["operations"], made.get("msg")
        everything = {f"br{number}" for number in BRIDGES}
        if started.image != "debian12":  # the others hear of both in their order, sooner or later
            until(lambda: known(started) == everything)
        assert known(started) == everything
        assert not started.module("frr_config", {"config": START}, check_mode=True)["changed"]
    finally:
        started.run("ip", "-batch", "-", stdin="".join(f"link del br{number}\n" for number in BRIDGES))


def test_addresses_that_frr_does_not_show_are_not_overlooked(started: FrrHost) -> None:
    started.run("ip", "link", "add", "br1", "type", "bridge")
    try:
        time.sleep(0.5)
        for address in ("10.0.1.1/24", "10.0.1.2/24", "10.0.2.1/24 scope link", "10.0.3.1/24 scope host", "2001:db8:1::1/64"):
            started.run("ip", "address", "add", *address.split(), "dev", "br1")  # down, so IPv6 remains tentative
        assert not started.module("frr_config", {"config": START})["changed"]
    finally:
        started.run("ip", "link", "del", "br1")


def test_a_daemon_that_does_not_run_is_asked_for(started: FrrHost) -> None:
    made = started.module("frr_config", {"config": START + "router isis 1\n net 49.0001.0000.0000.0001.00\nexit\n"})
    assert made["failed"]
    assert "the configuration needs isisd (router isis 1), which does not run" in made["msg"]


def test_a_restart_is_refused_where_systemd_does_not_run_frr(started: FrrHost) -> None:
    for check_mode in (True, False):
        made = started.module("frr_config", {"config": START, "daemons": ["bgpd", "isisd"]}, check_mode)
        assert made["failed"]
        assert "restart it yourself (isisd is enabled: FRR restarts)" in made["msg"]


def test_frr_that_does_not_run_is_an_error_that_says_what_to_do() -> None:
    with FrrHost("debian12") as host:
        host.stop()
        made = host.module("frr_config", {"config": START})
        assert made["failed"]
        assert made["msg"].startswith("FRR is not running on this host: systemctl start frr")
        host.run("mv", "/usr/bin/vtysh", "/usr/bin/vtysh.away")
        made = host.module("frr_config", {"config": START})
        assert "Install the package frr" in made["msg"]
