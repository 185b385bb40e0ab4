"""The module frr_config from any configuration to any other, as people write them, on real FRR of each tested release.

What must be seen is FRR's own: a configuration is what FRR shows after it has started from its text. ``EVPN_EXAMPLES=100``
tries as many pairs on each release; the default is what a few minutes allow.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator

import pytest

from lab.image import SUITES
from tests import frr_grammar
from tests.frr_host import FrrHost

EXAMPLES = int(os.environ.get("EVPN_EXAMPLES", "2"))
#: What FRR prints of a host or of itself, and what ends contexts.
NOT_LINES = re.compile(r"!|Building|Current|frr version|hostname |service integrated|no ip(?:v6)? forwarding|end$|exit")


@pytest.fixture(scope="module", params=SUITES)
def host(request: pytest.FixtureRequest) -> Iterator[FrrHost]:
    """A host with FRR of each Debian release, and one interface."""
    with FrrHost(request.param) as running:
        running.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
        running.run("ip", "link", "set", "eth1", "up")
        yield running


def shown(host: FrrHost) -> set[tuple[str, ...]]:
    """The running configuration as lines in contexts; contexts that FRR shows without anything in them left out."""
    found: list[tuple[str, ...]] = []
    trail: list[tuple[int, str]] = []
    for raw in host.running_config().split("\n"):
        line = " ".join(raw.split())
        if not line or NOT_LINES.match(line):
            continue
        indent = len(raw) - len(raw.lstrip())
        while trail and trail[-1][0] >= indent:
            trail.pop()
        found.append((*(above for _indent, above in trail), line))
        trail.append((indent, line))
    filled = {path[:-1] for path in found}
    return {path for path in found if path in filled or not re.match(r"interface |vrf |line vty|address-family ", path[-1])}


def start(host: FrrHost, text: str) -> list[int]:
    """Starts FRR from a text, as at boot; the numbers of the lines that it does not take."""
    host.stop()
    host.run("bash", "-c", "while pidof zebra bgpd ospfd bfdd staticd mgmtd watchfrr > /dev/null; do sleep 0.05; done")
    host.run(
        "bash", "-c", "ip address flush dev lo scope global; ip address flush dev eth1 scope global; : > /etc/frr/frr.conf"
    )
    host.start()
    host.run("tee", "/etc/frr/frr.conf", stdin=text)
    said = host.run("vtysh", "-b", check=False)
    return sorted({int(number) for number in re.findall(r"line (\d+): ", said.stdout + said.stderr)})


def taken(host: FrrHost, text: str) -> str:
    """A text without the lines that this release does not take; FRR runs with the rest."""
    while wrong := start(host, text):
        lines = text.split("\n")
        text = "\n".join(line for number, line in enumerate(lines, 1) if number != wrong[0])
    return text


@functools.cache
def _known(image: str, path: tuple[str, ...], line: str) -> bool:
    return (
        _HOSTS[image]
        .run("vtysh", "--dryrun", "-f", "/dev/stdin", stdin=frr_grammar.text([(path, line)]), check=False)
        .returncode
        == 0
    )


_HOSTS: dict[str, FrrHost] = {}


def example(host: FrrHost, seed: int) -> str:
    _HOSTS[host.image] = host
    return frr_grammar.configuration(seed, functools.partial(_known, host.image))


def bring(host: FrrHost, text: str) -> None:
    """Applies a configuration, which check mode foretells and a second run finds unchanged."""
    predicted = host.module("frr_config", {"config": text}, check_mode=True)
    made = host.module("frr_config", {"config": text})
    assert "msg" not in made, made["msg"]
    assert made["operations"] == predicted["operations"]
    again = host.module("frr_config", {"config": text})
    assert (again.get("msg"), again.get("operations")) == (None, [])


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_a_configuration_that_frr_has_started_from_is_found_unchanged_and_becomes_any_other(host: FrrHost, seed: int) -> None:
    one, other = (taken(host, example(host, number)) for number in (2 * seed, 2 * seed + 1))
    as_other = shown(host)
    start(host, one)
    as_one = shown(host)
    same = host.module("frr_config", {"config": one, "save": False})
    assert (same.get("msg"), same.get("operations")) == (None, [])
    assert shown(host) == as_one
    bring(host, other)  # every daemon has its own copy of each policy now
    assert shown(host) == as_other
    bring(host, one)  # and now bgpd alone has those that have come
    assert shown(host) == as_one


#: Transitions that once failed, or took two runs: (what is first, what is then).
TRANSITIONS = {
    "entries of lists change places, and one goes": (
        "ip prefix-list A seq 5 permit 10.0.0.0/8\nip prefix-list A seq 10 permit any\n"
        "ip prefix-list B seq 5 permit 10.0.0.0/8\nip prefix-list B seq 10 permit any\n",
        "ip prefix-list A seq 5 permit any\nip prefix-list A seq 10 permit 10.0.0.0/8\nip prefix-list B seq 5 permit any\n",
    ),
    "static routes with another distance, and one that stood in a VRF": (
        "ip route 10.0.0.0/8 192.0.2.1\nip route 10.1.0.0/16 192.0.2.1 tag 7\n"
        "vrf red\n vni 5001\n ip route 10.2.0.0/16 blackhole\nexit-vrf\n",
        "ip route 10.0.0.0/8 192.0.2.1 200\nip route 10.1.0.0/16 192.0.2.1 tag 8\nip route 10.2.0.0/16 192.0.2.1\n",
    ),
    "a profile of BFD goes with its user": (
        "bfd\n profile fast\n  transmit-interval 100\n exit\nexit\n"
        "router bgp 65001\n neighbor 10.0.0.1 remote-as 65002\n neighbor 10.0.0.1 bfd profile fast\nexit\n",
        "bfd\n peer 10.0.0.9\n exit\nexit\nrouter bgp 65001\n neighbor 10.0.0.1 remote-as 65002\nexit\n",
    ),
    "passwords of vtysh, the last of BFD, an interface that is gone": (
        "password one\nenable password two\nline vty\n exec-timeout 5 0\nexit\nbfd\n profile fast\n exit\nexit\n"
        "interface eth7\n description the old card\n ip address 198.51.100.1/24\nexit\n",
        "interface eth8\n description the new card\nexit\n",
    ),
}
#: The same, of what not every release knows.
ANOTHER_AS = "another AS number where a VRF was imported"
LATER_TRANSITIONS = {
    "another AS number in the notation with a dot": (
        "router bgp 1.10 as-notation dot\n neighbor 10.0.0.1 remote-as 1.20\nexit\n",
        "router bgp 1.11 as-notation dot\n neighbor 10.0.0.1 remote-as 1.20\nexit\n",
    ),
    ANOTHER_AS: (
        "router bgp 65001\n address-family ipv4 unicast\n  import vrf red\n exit-address-family\nexit\n"
        "router bgp 65001 vrf red\n address-family ipv4 unicast\n  network 10.0.0.0/8\n exit-address-family\nexit\n",
        "router bgp 65002\n neighbor 10.0.0.1 remote-as 65003\nexit\n",
    ),
}


def there_and_back(host: FrrHost, one: str, other: str) -> None:
    """From one configuration to another and back, live and after a restart; what FRR shows is what it would have started
    with."""
    assert not start(host, other)
    as_other = shown(host)
    assert not start(host, one)
    as_one = shown(host)
    bring(host, other)
    assert shown(host) == as_other
    bring(host, one)
    assert shown(host) == as_one
    bring(host, other)
    assert shown(host) == as_other


@pytest.mark.parametrize("what", TRANSITIONS)
def test_a_transition_that_once_failed_works_live_and_after_a_restart(host: FrrHost, what: str) -> None:
    there_and_back(host, *TRANSITIONS[what])


@pytest.mark.parametrize("what", LATER_TRANSITIONS)
def test_a_transition_of_later_releases_works(host: FrrHost, what: str) -> None:
    if host.image == "debian12":
        pytest.skip("FRR 8.4 has no as-notation, and keeps no instance for those that import from it")
    if host.image == "debian14" and what == ANOTHER_AS:
        pytest.skip("bgpd of FRR 10.7 dies of it: test_systemd has the restart that is planned instead")
    there_and_back(host, *LATER_TRANSITIONS[what])


def test_what_vtysh_shows_can_be_pasted_with_what_stands_above_it(host: FrrHost) -> None:
    text = (
        "frr version 7.3-their-own\nfrr defaults traditional\n!\nrouter bgp 65001\n neighbor 10.0.0.1 remote-as 65002\nexit\n"
    )
    text += "!\nend\n"
    assert not start(host, text)
    before = shown(host)
    assert any("suppress-duplicates" in path[-1] for path in before), "FRR takes a configuration with its release's defaults"
    pasted = {"config": "Building configuration...\n\nCurrent configuration:\n!\n" + text}
    assert {operation["kind"] for operation in host.module("frr_config", pasted)["operations"]} <= {"frr startup file"}
    assert shown(host) == before
    assert not start(host, host.run("cat", "/etc/frr/frr.conf").stdout)


@pytest.mark.parametrize("where", ["frr.conf", "daemons"])
def test_for_the_defaults_of_another_profile_frr_has_to_restart(host: FrrHost, where: str) -> None:
    wanted = "frr defaults traditional\nlog syslog informational\nrouter bgp 65001\n timers bgp 3 9\nexit\n"
    theirs = "frr defaults datacenter\n" if where == "frr.conf" else ""
    if where == "daemons":
        host.run("bash", "-c", "echo 'frr_profile=datacenter' >> /etc/frr/daemons")
    try:
        start(host, theirs + "router bgp 65001\n neighbor 10.0.0.9 remote-as 65009\nexit\n")
        assert ("frr defaults datacenter",) in shown(host)
        refused = host.module("frr_config", {"config": wanted})
        assert refused["failed"] and "FRR keeps the defaults that it has started with" in refused["msg"]
        # Without a profile of its own, a configuration is for the one that FRR is started with.
        for_any = host.module("frr_config", {"config": wanted.partition("\n")[2]}, check_mode=True)
        assert ("FRR has to restart" in for_any.get("msg", "")) == (where == "frr.conf")
    finally:
        host.run("sed", "-i", "/^frr_profile=/d", "/etc/frr/daemons")
        start(host, "")


def test_what_is_to_be_kept_stays_and_is_started_from(host: FrrHost) -> None:
    start(host, "password one\nline vty\n exec-timeout 5 0\nexit\nip nht resolve-via-default\nip route 10.0.0.0/8 192.0.2.1\n")
    before = shown(host)
    arguments = {"config": "router ospf\n ospf router-id 192.0.2.9\nexit\nend\n", "keep": ["password", "line vty", "ip  nht"]}
    made = host.module("frr_config", arguments)
    assert "msg" not in made, made["msg"]
    kept = {path for path in before if not path[0].startswith("ip route")}
    assert kept < before
    assert shown(host) == kept | {("router ospf",), ("router ospf", "ospf router-id 192.0.2.9")}
    assert not host.module("frr_config", arguments)["changed"]
    live = shown(host)
    assert not start(host, host.run("cat", "/etc/frr/frr.conf").stdout)
    assert shown(host) == live


def test_bytes_that_are_no_utf_8_are_no_obstacle(host: FrrHost) -> None:
    # mgmtd of FRR 10, which has descriptions of interfaces, takes UTF-8 only; bgpd takes all that it is given.
    lines = r"router bgp 65001\n neighbor 192.0.2.1 remote-as 65002\n neighbor 192.0.2.1 description nach P\351cs\nexit\n"
    host.run("bash", "-c", f"printf '{lines}' > /etc/frr/frr.conf; vtysh -b")
    made = host.module("frr_config", {"config": "log syslog informational\n"})
    assert "msg" not in made, made["msg"]
    assert shown(host) == {("frr defaults traditional",), ("log syslog informational",)}
