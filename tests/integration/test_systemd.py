"""Hosts as they are: systemd, FRR as its service, and systemd-networkd, which configures interfaces of its own."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator

import jinja2
import pytest

from tests.gateways import until
from tests.systemd_host import SystemdHost

TEMPLATES = pathlib.Path(__file__).parents[2] / "roles/host/templates/networkd"
#: What a run leaves on a host: rules, a port in a bridge, addresses, routes of FRR.
FABRIC = """
for family in -4 -6; do
  ip $family rule add priority 1001 l3mdev unreachable protocol 213
  ip $family rule add priority 2000 table local protocol 213
  ip $family rule del priority 0
done
ip link add br10100 type bridge
for name in eth1 eth2; do ip link add $name type veth peer name $name-far; ip link set $name-far up; ip link set $name up; done
ip link set eth2 master br10100
ip link set br10100 up
ip address add 10.255.0.11/32 dev lo
ip address add 192.0.2.1/31 dev eth1
ip route add 10.255.0.12/32 via 192.0.2.0 proto bgp
ip route add blackhole 10.254.0.0/16 proto bgp
"""
#: Whether it is still so: two rules in each family, two addresses, one port, two routes.
COUNT = """
for family in -4 -6; do ip $family rule; done | grep -cE '^(1001|2000):'
ip -4 -o address show scope global | grep -cE '^[0-9]+: (lo|eth1) '
ip -o link show master br10100 | wc -l
ip route show proto bgp | wc -l
"""
WHOLE = ["4", "2", "1", "2"]
INTERFACES = ["lo", "br10100", "eth1", "eth2"]
SERVICE = "from ansible_collections.evpn.fabric.plugins.module_utils._frr import service, vtysh; "
STATE = "systemctl is-active frr; systemctl is-enabled frr; vtysh -c 'show daemons'"
CONFIGURATION = {"config": "frr defaults traditional\nrouter bgp 65001\n neighbor 192.0.2.9 remote-as 65002\nexit\n"}


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making containers needs root")


@pytest.fixture(scope="module")
def host() -> Iterator[SystemdHost]:
    with SystemdHost("debian12") as running:
        running.shell("sed -i s/^bgpd=no/bgpd=yes/ /etc/frr/daemons; systemctl restart frr")
        yield running


def in_words(host: SystemdHost, call: str) -> str:
    """What a function of the service prints or says when it fails."""
    code = f"{SERVICE}\ntry: print(service.{call})\nexcept service.FrrError as error: print('FrrError:', error)"
    return host.python(code).strip()


def plug(host: SystemdHost, name: str) -> None:
    """Plugs an interface in, and waits until systemd-networkd is at it."""
    host.shell(f"ip link add {name} type veth peer name {name}-far && ip link set {name}-far up")
    until(lambda: "config" in host.shell(f"networkctl --no-pager list {name}"))
    host.shell("sleep 1")


@pytest.mark.parametrize("image", ["debian12", "debian13", "debian14"])
def test_systemd_networkd_leaves_a_fabric_alone_once_it_has_been_told(image: str) -> None:
    files = {
        "/etc/systemd/networkd.conf.d/evpn-fabric.conf": (TEMPLATES / "evpn-fabric.conf").read_text(),
        "/etc/systemd/network/00-evpn-fabric.network": jinja2.Template(
            (TEMPLATES / "00-evpn-fabric.network").read_text()
        ).render(__host_interfaces=INTERFACES),
    }
    with SystemdHost(image) as host:
        host.shell("systemctl mask systemd-networkd-wait-online systemd-networkd.socket; mkdir -p /etc/systemd/networkd.conf.d")
        host.shell(r"printf '[Match]\nName=*\n[Network]\nDHCP=yes\n' > /etc/systemd/network/50-all.network")
        for path, text in files.items():
            host.run("sh", "-c", f"cat > {path}", stdin=text)
        host.shell("systemctl start systemd-networkd")
        host.shell(FABRIC)
        plug(host, "eth8")
        assert host.shell(COUNT, check=False).split() == WHOLE
        host.shell("systemctl restart systemd-networkd")
        plug(host, "eth9")
        assert host.shell(COUNT, check=False).split() == WHOLE
        told = host.module("host_info", {})
        assert told["network_managers"]["systemd-networkd"]["active"]
        assert all(told["network_managers"]["systemd-networkd"]["files"].values())
        configured = {entry["interface"] for entry in told["configured_interfaces"]}
        assert "eth9" in configured and not configured & set(INTERFACES)


def test_frr_is_started_and_enabled_where_it_is_not(host: SystemdHost) -> None:
    assert in_words(host, "look()") == "Service(active=True, enabled=True, name='frr.service')"
    host.shell("systemctl disable --now frr")
    assert in_words(host, "look()") == "Service(active=False, enabled=False, name='frr.service')"
    in_words(host, "enable()")
    assert in_words(host, "restart(vtysh.Vtysh(), {'zebra', 'staticd'})") == "None"
    assert in_words(host, "look()") == "Service(active=True, enabled=True, name='frr.service')"


def test_frr_can_be_restarted_more_often_than_systemd_allows(host: SystemdHost) -> None:
    for _time in range(5):
        assert in_words(host, "restart(vtysh.Vtysh(), {'zebra'})") == "None"


def bring(host: SystemdHost, arguments: dict) -> list[tuple[str, str, str]]:
    """Has frr_config do what check mode foretells, so that nothing is left to do: operations on services and daemons."""
    foretold = host.module("frr_config", arguments, check_mode=True)
    made = host.module("frr_config", arguments)
    assert "msg" not in made, made["msg"]
    assert foretold == made
    again = host.module("frr_config", arguments)
    assert again["changed"] is False, again
    return [(each["kind"], each["disruption"], each["reason"]) for each in made["operations"] if each["kind"] != "frr"]


def test_frr_that_does_not_run_is_started_with_the_configuration_and_starts_at_boot(host: SystemdHost) -> None:
    host.shell("systemctl disable --now frr")
    assert bring(host, CONFIGURATION) == [
        ("frr service", "hitless", "FRR does not start at boot"),
        ("frr service", "daemon", "FRR does not run: it is started"),
        ("frr startup file", "hitless", "its content differs"),
    ]
    assert host.shell(STATE).split()[:2] == ["active", "enabled"]
    assert "remote-as 65002" in host.shell("vtysh -c 'show running-config'")
    host.shell("systemctl disable --now frr")
    assert [kind for kind, *_rest in bring(host, CONFIGURATION)] == ["frr service", "frr service"], (
        "it starts with the same text"
    )


def test_a_daemon_that_is_enabled_and_does_not_run_is_started(host: SystemdHost) -> None:
    host.shell("sed -i s/^bgpd=yes/bgpd=no/ /etc/frr/daemons; systemctl restart frr")
    assert "bgpd" not in host.shell(STATE)
    host.shell("sed -i s/^bgpd=no/bgpd=yes/ /etc/frr/daemons")
    assert ("frr service", "daemon", "bgpd is enabled and not running: FRR restarts") in bring(host, CONFIGURATION)
    assert "bgpd" in host.shell(STATE)


def test_a_daemon_that_has_just_died_is_left_to_watchfrr(host: SystemdHost) -> None:
    host.module("frr_config", CONFIGURATION)
    before = host.shell("cat /run/frr/zebra.pid")
    host.shell("kill -9 $(cat /run/frr/bgpd.pid)")
    made = host.module("frr_config", CONFIGURATION)
    assert "msg" not in made, made["msg"]
    assert host.shell("cat /run/frr/zebra.pid") == before, "FRR was not restarted"
    assert "remote-as 65002" in host.shell("vtysh -c 'show running-config'")


def test_a_daemon_is_enabled_by_a_restart(host: SystemdHost) -> None:
    made = bring(host, {**CONFIGURATION, "daemons": ["bgpd", "bfdd"]})
    assert ("frr daemons", "daemon", "bfdd is enabled: FRR restarts") in made
    assert "bfdd" in host.shell(STATE)


def test_other_defaults_are_reached_by_a_restart(host: SystemdHost) -> None:
    other = {"config": CONFIGURATION["config"].replace("traditional", "datacenter")}
    host.module("frr_config", CONFIGURATION)
    foretold = host.module("frr_config", other, check_mode=True)
    assert {"daemon"} == {each["disruption"] for each in foretold["operations"] if each["name"] == "frr defaults"}
    bring(host, other)
    assert "frr defaults datacenter" in host.shell("vtysh -c 'show running-config'")
    bring(host, CONFIGURATION)


def test_what_frr_does_not_come_to_while_it_runs_is_a_restart() -> None:
    """bgpd of FRR 10.7 dies where an instance that had VPN routes comes with another AS number."""
    one = (
        "router bgp 65001\n address-family ipv4 unicast\n  import vrf red\n exit-address-family\nexit\n"
        "router bgp 65001 vrf red\n address-family ipv4 unicast\n  network 10.0.0.0/8\n exit-address-family\nexit\n"
    )
    other = {"config": "router bgp 65002\n neighbor 192.0.2.9 remote-as 65003\nexit\n"}
    with SystemdHost("debian14") as host:
        bring(host, {"config": one, "daemons": ["bgpd"]})
        refused = host.module("frr_config", {**other, "max_disruption": "session"})
        assert "a scratch FRR did not get to this while it ran: bgpd died" in refused["msg"]
        made = bring(host, other)
        assert made[0][:2] == ("frr service", "daemon")
        assert "router bgp 65002\n neighbor 192.0.2.9" in host.shell("vtysh -c 'show running-config'")


def test_what_does_not_start_is_put_back(host: SystemdHost) -> None:
    host.module("frr_config", CONFIGURATION)
    before = host.shell("cat /etc/frr/daemons /etc/frr/frr.conf")
    host.shell("mv /usr/lib/frr/ospfd /usr/lib/frr/away")
    try:
        text = "router ospf\n ospf router-id 192.0.2.1\nexit\n"
        code = (
            "from ansible_collections.evpn.fabric.plugins.module_utils._core import errors\n"
            "from ansible_collections.evpn.fabric.plugins.module_utils._frr import plane, planning, service, vtysh\n"
            "from ansible_collections.evpn.fabric.plugins.module_utils._host.surroundings import KernelSurroundings\n"
            "from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.channel import Channel\n"
            "service.START_LIMIT, frr = 5, plane.FrrPlane(vtysh.Vtysh(), KernelSurroundings(Channel()))\n"
            f"desired = planning.Desired({text!r}, ('ospfd',), '/etc/frr/frr.conf')\n"
            "plan = frr.plan(desired, frr.read(desired))\n"
            "try: frr.apply(plan)\n"
            "except errors.FrrError as error: print(error)\n"
        )
        said = host.python(code)
    finally:
        host.shell("mv /usr/lib/frr/away /usr/lib/frr/ospfd")
    assert "ospfd" in said
    assert said.strip().endswith("FRR was reverted to what it was before")
    assert host.shell("cat /etc/frr/daemons /etc/frr/frr.conf") == before
    assert not host.module("frr_config", CONFIGURATION)["changed"]


#: Applies a plan and reverts it, as when another plane fails afterwards; prints the state between.
APPLIED_AND_REVERTED = """\
import subprocess
from ansible_collections.evpn.fabric.plugins.module_utils._frr import plane, planning, vtysh
from ansible_collections.evpn.fabric.plugins.module_utils._host.surroundings import KernelSurroundings
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.channel import Channel
frr = plane.FrrPlane(vtysh.Vtysh(), KernelSurroundings(Channel()))
desired = planning.Desired({text!r}, {daemons!r}, "/etc/frr/frr.conf")
plan = frr.plan(desired, frr.read(desired))
frr.apply(plan)
subprocess.run({state!r}, shell=True)
frr.revert(plan)
"""
#: The service, the daemons, what runs and the files, with their permissions and owners.
ALL = f"{STATE}; vtysh -c 'show running-config'; cd /etc/frr; cat daemons frr.conf; stat -c '%a %U %G' daemons frr.conf"


def test_a_restart_is_reverted_with_lines_that_ran_and_were_not_saved(host: SystemdHost) -> None:
    bring(host, CONFIGURATION)
    host.shell("vtysh -c 'configure terminal' -c 'router bgp 65001' -c 'timers bgp 3 9'; chmod 604 /etc/frr/daemons")
    before = host.shell(ALL)
    text = CONFIGURATION["config"].replace("65002", "65003")
    between = host.python(APPLIED_AND_REVERTED.format(text=text, daemons=("bgpd", "pbrd"), state=ALL))
    assert "pbrd=yes" in between and between.count("remote-as 65003") == 2
    assert host.shell(ALL) == before
    host.shell("chmod 640 /etc/frr/daemons")


def test_an_frr_that_was_started_is_stopped_and_disabled_again(host: SystemdHost) -> None:
    bring(host, CONFIGURATION)
    host.shell("systemctl disable --now frr")
    text = CONFIGURATION["config"].replace("65002", "65003")
    between = host.python(APPLIED_AND_REVERTED.format(text=text, daemons=(), state=STATE))
    assert between.split()[:2] == ["active", "enabled"]
    assert host.shell("systemctl is-active frr; systemctl is-enabled frr; true").split() == ["inactive", "disabled"]
    assert "remote-as 65002" in host.shell("cat /etc/frr/frr.conf")
    bring(host, CONFIGURATION)


def test_a_daemon_that_watchfrr_knows_is_waited_for_and_another_is_missing(host: SystemdHost) -> None:
    host.shell("sed -i s/^isisd=no/isisd=yes/ /etc/frr/daemons")
    assert in_words(host, "still_missing(vtysh.Vtysh(), {'isisd'})") == "{'isisd'}"
    assert in_words(host, "restart(vtysh.Vtysh(), {'zebra', 'isisd'})") == "None"
    host.shell("kill -9 $(cat /run/frr/isisd.pid)")
    assert in_words(host, "still_missing(vtysh.Vtysh(), {'isisd'})") == "set()"


def test_frr_that_cannot_be_started_says_what_its_journal_says(host: SystemdHost) -> None:
    host.shell("mv /etc/frr/daemons /etc/frr/elsewhere; systemctl stop frr")
    said = in_words(host, "restart(vtysh.Vtysh(), {'zebra'})")
    host.shell("mv /etc/frr/elsewhere /etc/frr/daemons")
    assert said.startswith("FrrError: systemctl restart frr.service: Job for frr.service failed")
    assert "cannot run start: /etc/frr/daemons does not exist" in said
    host.shell("systemctl mask frr")
    assert "frr.service is masked on this host" in in_words(host, "look()")
    host.shell("systemctl unmask frr; rm /lib/systemd/system/frr.service /etc/init.d/frr; systemctl daemon-reload")
    assert in_words(host, "look()") == "None", "there is no such service"
