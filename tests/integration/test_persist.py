"""What a host with systemd keeps of this collection, and what it does with it when it starts."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.systemd_host import SystemdHost

REMOVE = pathlib.Path(__file__).parents[2] / "playbooks/remove.yml"
UNIT = "evpn-fabric-restore"
KERNEL: dict[str, Any] = {
    "bridges": [{"name": "br10100", "mtu": 1450}],
    "vxlans": [{"name": "vxlan10100", "vni": 10100, "local": "192.0.2.11", "bridge": "br10100", "learning": False}],
    "interfaces": [{"name": "up1", "mtu": 1600}],
    "addresses": [{"dev": "lo", "address": "192.0.2.11/32"}, {"dev": "up1", "address": "192.0.2.1/31"}],
    "rules": [{"priority": 2000, "table": "local"}],
    "sysctls": {"net.ipv4.ip_forward": 1},
    "purge": True,
}
FRR = {"config": "frr defaults traditional\nrouter bgp 65001\n neighbor 192.0.2.9 remote-as 65002\n", "daemons": ["bgpd"]}
DOCUMENT: dict[str, Any] = {"kernel": KERNEL, "frr": FRR, "persist": True}
KEPT = ["engine", "document", "service"]
#: All that a run leaves outside of FRR and the kernel.
FILES = "ls -d /var/lib/evpn-fabric /etc/systemd/system/*evpn* /etc/systemd/system/*/*evpn* 2>/dev/null"
ENGINE = "/usr/bin/python3 -I /var/lib/evpn-fabric/engine.pyz"
#: A start of the machine: of what a boot finds nothing is there but what is on disk, and the interfaces that it has.
OFF = """
systemctl stop frr evpn-fabric-restore
ip link del br10100; ip link del vxlan10100; ip link del up1
ip address flush dev lo scope global
ip rule del priority 2000
sysctl -w net.ipv4.ip_forward=0
rm -r /run/evpn-fabric
"""
ON = "systemctl start multi-user.target"
UP1 = "ip link add up1 type veth peer name up1-far"
STATE = """
ip -o link | grep -oE '(br10100|vxlan10100|up1).* mtu [0-9]+'
ip -4 -o address show scope global | grep -oE '(lo|up1) +inet [^ ]*'
ip rule show priority 2000
sysctl net.ipv4.ip_forward
"""


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making containers needs root")


@pytest.fixture(scope="module", params=["debian12", "debian13"])
def host(request: pytest.FixtureRequest) -> Iterator[SystemdHost]:
    with SystemdHost(request.param) as running:
        running.shell(UP1)
        yield running


@pytest.fixture(autouse=True)
def _kept(host: SystemdHost) -> None:
    """Brings the host to its document, which it then keeps."""
    if not host.shell("ip -o link show up1", check=False):
        host.shell(UP1)
    made = host.module("fabric_host", DOCUMENT)
    assert "msg" not in made, made["msg"]


def kinds(result: dict) -> list[str]:
    """The kinds of what was done to what the host keeps."""
    assert "msg" not in result, result["msg"]
    return [each["kind"] for each in result["operations"] if each["kind"] in KEPT]


def stamp(host: SystemdHost, unit: str, which: str) -> int:
    return int(host.shell(f"systemctl show --value --property={which}TimestampMonotonic {unit}"))


def restored(host: SystemdHost, *arguments: str) -> tuple[int, str]:
    """The exit status and the words of the command."""
    done = host.run(*ENGINE.split(), "restore", *arguments, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_first_run_keeps_what_check_mode_foretells_and_a_second_has_nothing_to_do(host: SystemdHost) -> None:
    assert kinds(host.module("fabric_host", {"state": "absent"})) == KEPT
    foretold = host.module("fabric_host", DOCUMENT, check_mode=True)
    assert host.shell(FILES, check=False) == "", "check mode has changed something"
    made = host.module("fabric_host", DOCUMENT)
    assert kinds(made) == KEPT and foretold == made
    assert host.module("fabric_host", DOCUMENT)["changed"] is False
    assert host.shell("stat -c %a:%U /var/lib/evpn-fabric /var/lib/evpn-fabric/document.json").split() == [
        "700:root",
        "600:root",
    ]
    assert host.shell(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert host.run("systemd-analyze", "verify", f"{UNIT}.service", check=False).stderr.count(UNIT) == 0


def test_a_host_that_starts_has_its_data_plane_before_frr(host: SystemdHost) -> None:
    before = host.shell(STATE)
    assert "vxlan10100" in before
    host.shell(OFF, check=False)
    host.shell(UP1)
    host.shell(ON)
    host.run("systemctl", "is-active", UNIT, "frr")
    assert host.shell(STATE) == before
    assert 0 < stamp(host, UNIT, "ActiveEnter") <= stamp(host, "frr", "InactiveExit")
    assert host.module("fabric_host", DOCUMENT)["changed"] is False


def test_an_interface_that_comes_late_is_waited_for(host: SystemdHost) -> None:
    before = host.shell(STATE)
    host.shell(OFF, check=False)
    host.shell(f"(sleep 3; {UP1}) > /dev/null 2>&1 &")
    host.shell(ON)
    assert host.shell(STATE) == before


def test_without_an_interface_that_never_comes_the_rest_is_restored_and_the_journal_says_so(host: SystemdHost) -> None:
    host.shell(OFF, check=False)
    status, told = restored(host, "--wait", "1")
    assert status == 3
    assert "these interfaces did not come within 1 s: up1" in told
    assert "address 192.0.2.1/31 on up1" in told
    state = host.shell(STATE, check=False)
    assert "vxlan10100" in state and "lo    inet 192.0.2.11/32" in state and "up1" not in state


def test_a_damaged_document_is_refused_and_the_live_state_stays(host: SystemdHost) -> None:
    host.shell("sed -i s/br10100/br10200/ /var/lib/evpn-fabric/document.json")
    before = host.shell(STATE)
    status, told = restored(host)
    assert status == 2
    assert "document.json is damaged" in told and "Run evpn.fabric.site" in told
    assert host.shell(STATE) == before
    assert kinds(host.module("fabric_host", DOCUMENT)) == ["document"]
    assert restored(host)[0] == 0


def test_a_document_that_changes_is_kept_as_it_is_then(host: SystemdHost) -> None:
    other = {**DOCUMENT, "kernel": {**KERNEL, "bridges": [{"name": "br10100", "mtu": 1400}]}}
    assert kinds(host.module("fabric_host", other)) == ["document"]
    kept = json.loads(host.shell("cat /var/lib/evpn-fabric/document.json"))
    assert kept["content"]["kernel"]["bridges"][0]["mtu"] == 1400


def test_what_is_kept_goes_back_with_the_rest_when_a_plane_refuses(host: SystemdHost) -> None:
    before = host.shell("cat /var/lib/evpn-fabric/document.json; readlink /var/lib/evpn-fabric/engine.pyz")
    host.shell("mount --bind /etc/systemd/system /etc/systemd/system && mount -o remount,bind,ro /etc/systemd/system")
    other = {**DOCUMENT, "kernel": {**KERNEL, "bridges": [{"name": "br10100", "mtu": 1400}]}}
    try:
        made = host.module("fabric_host", {"state": "absent", "kernel": other["kernel"]})
    finally:
        host.shell("umount /etc/systemd/system", check=False)
    assert "evpn-fabric-restore.service" in made["msg"] and "data plane: reverted" in made["msg"]
    assert host.shell("cat /var/lib/evpn-fabric/document.json; readlink /var/lib/evpn-fabric/engine.pyz") == before
    assert "br10100" in host.shell("ip -o link show br10100 | grep 'mtu 1450'")


def test_what_is_removed_leaves_nothing(host: SystemdHost) -> None:
    assert kinds(host.module("fabric_host", {"state": "absent"}, check_mode=True)) == KEPT
    assert kinds(host.module("fabric_host", {"state": "absent"})) == KEPT
    assert host.shell(FILES, check=False) == ""
    assert host.module("fabric_host", {"state": "absent"})["changed"] is False
    assert "vxlan10100" in host.shell(STATE), "the data plane is another matter"


def test_the_whole_fabric_goes_and_what_is_foreign_stays(host: SystemdHost) -> None:
    host.shell("ip link add foreign type bridge; ip address add 203.0.113.1/24 dev foreign; ip rule add priority 7 table 7")
    play = yaml.safe_load(REMOVE.read_text())[0]["vars"]
    frr = {**play["__no_frr"], "keep": ["hostname", "log"]}
    made = host.module("fabric_host", {"state": "absent", "kernel": play["__no_kernel"], "frr": frr})
    assert kinds(made) == KEPT
    assert host.shell(FILES, check=False) == ""
    links = host.shell("ip -o link")
    assert "br10100" not in links and "vxlan10100" not in links and "foreign" in links and "up1" in links
    addresses = host.shell("ip -4 -o address show scope global")
    assert "192.0.2." not in addresses and "203.0.113.1" in addresses
    assert host.shell("ip rule show priority 7") and not host.shell("ip rule show priority 2000")
    assert host.shell("ip rule show priority 0") and host.shell("ip -6 rule show priority 0")
    for text in (host.shell("vtysh -c 'show running-config'"), host.shell("cat /etc/frr/frr.conf")):
        assert "router bgp" not in text
    host.shell("ip link del foreign; ip rule del priority 7")
