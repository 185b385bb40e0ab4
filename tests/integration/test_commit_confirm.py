"""What a host goes back from by itself: changes that nobody confirms, whatever has become of the run that made them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import time
import types
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.frr_host import module_input
from tests.systemd_host import ADDRESS, PLACE, SystemdHost

ENGINE = "/usr/bin/python3 -I /var/lib/evpn-fabric/engine.pyz"
KEPT = "/var/lib/evpn-fabric"
PACKAGE = "ansible_collections.evpn.fabric.plugins.module_utils"
#: The shortest time that can be asked for, and how long going back may take after it, in seconds.
TIMEOUT, LIMIT = 10, 5

KERNEL: dict[str, Any] = {
    "bridges": [{"name": "br10100", "mtu": 1450}],
    "vxlans": [{"name": "vxlan10100", "vni": 10100, "local": "192.0.2.11", "bridge": "br10100", "learning": False}],
    "interfaces": [{"name": "up1", "mtu": 1600}],
    "addresses": [{"dev": "lo", "address": "192.0.2.11/32"}, {"dev": "up1", "address": "192.0.2.1/31"}],
    "rules": [{"priority": 2000, "table": "local"}],
    "fdb": [{"dev": "vxlan10100", "mac": "00:00:00:00:00:00", "dst": "192.0.2.12"}],
    "sysctls": {"net.ipv4.ip_forward": 1},
    "purge": True,
}
FRR = "frr defaults traditional\nrouter bgp 65001\n neighbor 192.0.2.9 remote-as 65002\n neighbor 192.0.2.9 password hush\n"
DOCUMENT: dict[str, Any] = {"kernel": KERNEL, "frr": {"config": FRR, "daemons": ["bgpd"]}, "persist": True}
#: Of each kind of object something else: a device is made anew, addresses move, daemons are enabled, all files change.
CHANGED: dict[str, Any] = {
    "kernel": {
        **KERNEL,
        "bridges": [{"name": "br10200"}],
        "vxlans": [{"name": "vxlan10100", "vni": 10200, "local": "192.0.2.21", "bridge": "br10200", "learning": False}],
        "interfaces": [{"name": "up1", "mtu": 1500}],
        "addresses": [{"dev": "lo", "address": "192.0.2.21/32"}, {"dev": "up1", "address": "192.0.2.3/31"}],
        "fdb": [],
        "sysctls": {"net.ipv4.ip_forward": 1, "net.ipv4.conf.up1.rp_filter": 2},
    },
    "frr": {"config": FRR.replace("192.0.2.9", "192.0.2.8"), "daemons": ["bgpd"]},
    "persist": True,
}
FILES = ("/etc/frr/frr.conf", "/etc/frr/daemons", f"{KEPT}/document.json")
FOREIGN = """
ip link show foreign > /dev/null 2>&1 || ip link add foreign type bridge
ip address replace 203.0.113.1/24 dev foreign; ip link set foreign up
ip rule show priority 7 | grep -q 7 || ip rule add priority 7 table 7
"""


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making containers needs root")


@pytest.fixture(scope="module", params=["debian12", "debian13"])
def running(request: pytest.FixtureRequest) -> Iterator[SystemdHost]:
    with SystemdHost(request.param) as started:
        started.shell("ip link add up1 type veth peer name up1-far; ip link set up1 up; ip link set up1-far up")
        yield started


@pytest.fixture
def host(running: SystemdHost) -> Iterator[SystemdHost]:
    """A host that has been brought to its document, with things of others on it; nothing waits to be confirmed."""
    running.run(*ENGINE.split(), "confirm", check=False)
    running.shell(FOREIGN)
    made = running.module("fabric_host", DOCUMENT)
    assert "msg" not in made, made["msg"]
    yield running
    running.run(*ENGINE.split(), "confirm", check=False)


def state(host: SystemdHost) -> dict[str, Any]:
    """All that is ours or others' on a host, without what is another thing whenever it is made."""
    links = json.loads(host.shell("ip -json -details link"))
    shown = {
        link["ifname"]: {
            **{name: link.get(name) for name in ("mtu", "master", "address", "ifalias", "linkinfo")},
            "up": "UP" in link["flags"],
        }
        for link in links
    }
    for link in shown.values():
        data = (link["linkinfo"] or {}).get("info_data", {})
        for volatile in [name for name in data if name.endswith("_timer") or name in ("root_id", "bridge_id", "gc_timer")]:
            del data[volatile]
        slave = (link["linkinfo"] or {}).get("info_slave_data", {})
        for volatile in [
            name for name in slave if "timer" in name or name in ("root_id", "bridge_id", "id", "no", "designated_port")
        ]:
            del slave[volatile]
    commands = {
        "addresses": "ip -o address show scope global | awk '{print $2, $3, $4}' | sort",
        "rules": "ip rule; ip -6 rule",
        "fdb": "bridge fdb show dev vxlan10100 | grep dst | sort",
        "sysctls": "sysctl net.ipv4.ip_forward net.ipv4.conf.up1.rp_filter",
        "frr": "vtysh -c 'show running-config'",
        "service": "systemctl is-active frr; systemctl is-enabled frr",
        **{path: f"cat {path}; stat -c '%a %U' {path}" for path in FILES},
    }
    return {"links": shown, **{name: host.shell(command, check=False) for name, command in commands.items()}}


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {key: (before[key], after[key]) for key in before if before[key] != after[key]}


def changed(
    host: SystemdHost, document: Mapping[str, Any] = types.MappingProxyType(CHANGED), timeout: int = TIMEOUT
) -> dict[str, Any]:
    """Brings a host to another document, which is to be confirmed; the checkpoint."""
    made = host.module("fabric_host", {**document, "confirm_timeout": timeout})
    assert "msg" not in made, made["msg"]
    checkpoint = made["checkpoint"]
    assert timeout - 2 <= checkpoint["seconds"] <= timeout
    return checkpoint


def deadline(host: SystemdHost) -> float:
    return json.loads(host.shell("cat /run/evpn-fabric/deadline.json"))["at"]


def reaches(host: SystemdHost) -> bool:
    """Whether packets from outside come to the host, as an operator's would."""
    return host.outside("ping", "-c", "1", "-W", "1", ADDRESS).returncode == 0


def is_armed(host: SystemdHost) -> bool:
    return host.run("test", "-e", f"{KEPT}/checkpoint.json", check=False).returncode == 0


def goes_back(host: SystemdHost, before: dict[str, Any]) -> None:
    """Waits until the host is as it was, which it has to be soon after the deadline."""
    due = deadline(host)
    while is_armed(host):
        assert time.monotonic() < due + LIMIT, host.shell("journalctl -u 'evpn-fabric-revert-*' --no-pager")
        time.sleep(0.1)
    assert time.monotonic() > due, "it went back before it was due"
    assert differences(before, state(host)) == {}


def record(host: SystemdHost) -> dict[str, Any]:
    return json.loads(host.shell(f"cat {KEPT}/reverted.json"))


def warnings(result: dict[str, Any]) -> str:
    assert "msg" not in result, result["msg"]
    return json.dumps(result["warnings"])


def test_what_is_not_confirmed_in_time_is_reverted_on_all_planes_and_the_next_run_says_so(host: SystemdHost) -> None:
    before = state(host)
    changed(host)
    assert set(differences(before, state(host))) == {
        *("links", "addresses", "fdb", "sysctls", "frr", "/etc/frr/frr.conf", f"{KEPT}/document.json"),
    }
    goes_back(host, before)
    assert record(host)["why"] == "it was not confirmed within 10 s"
    assert "change veth up1" in record(host)["operations"]
    assert "hush" not in json.dumps(record(host))
    assert "it was not confirmed within 10 s" in warnings(host.module("fabric_host", DOCUMENT, check_mode=True))
    told = host.module("fabric_host", DOCUMENT)
    assert "change veth up1" in warnings(told) and told["changed"] is False
    assert "warnings" not in host.module("fabric_host", DOCUMENT), "it has been told"


def test_what_is_confirmed_stays(host: SystemdHost) -> None:
    checkpoint = changed(host, timeout=30)
    after = state(host)
    info = host.module("host_info", {})
    assert info["checkpoint"]["id"] == checkpoint["id"] and info["reverted"] is None
    confirmation = {"state": "confirmed", "id": checkpoint["id"]}
    assert host.module("checkpoint", confirmation, check_mode=True).get("changed") is True and is_armed(host)
    confirmed = host.module("checkpoint", confirmation)
    assert confirmed.get("changed") is True, confirmed
    assert host.module("checkpoint", confirmation)["changed"] is False
    assert host.module("host_info", {})["checkpoint"] is None
    time.sleep(checkpoint["seconds"] + LIMIT)
    assert differences(after, state(host)) == {}
    assert host.shell("systemctl list-units --all --no-legend 'evpn-fabric-revert-*'") == ""
    assert "checkpoint" not in host.module("fabric_host", {**CHANGED, "confirm_timeout": TIMEOUT})


def start(host: SystemdHost, document: dict[str, Any], code: str = "") -> subprocess.Popen[str]:
    """Starts the module with an argument of Python's that is run first; what it says is not awaited."""
    run = f"{code}\nimport runpy, sys\nrunpy.run_module('ansible_collections.evpn.fabric.plugins.modules.fabric_host', "
    run += "run_name='__main__', alter_sys=True)"
    process = subprocess.Popen(
        host._inside("env", f"PYTHONPATH={PLACE}", "python3", "-c", run),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    process.stdin.write(module_input(document))
    process.stdin.close()
    process.stdin = None
    return process


#: Does something once the kernel has been changed, and before FRR is.
AFTER_KERNEL = """
import ansible.module_utils.basic
from ansible_collections.evpn.fabric.plugins.module_utils._kernel import plane
apply = plane.KernelPlane.apply
def applied(*arguments):
    apply(*arguments)
    %s
plane.KernelPlane.apply = applied
"""


def test_it_is_too_late_to_confirm_what_was_reverted(host: SystemdHost) -> None:
    checkpoint = changed(host, timeout=300)
    assert host.run(*ENGINE.split(), "revert").stdout.startswith("at ")
    told = host.module("checkpoint", {"state": "confirmed", "id": checkpoint["id"]})["msg"]
    assert "it is too late to confirm: at " in told and "change veth up1" in told


def test_a_host_tells_the_bgp_sessions_that_it_has(host: SystemdHost) -> None:
    code = (
        f"from {PACKAGE}._host import going_back; from {PACKAGE}._frr.vtysh import Vtysh; print(going_back.sessions(Vtysh()))"
    )
    assert list(ast.literal_eval(host.python(code))) == ["192.0.2.9 ipv4_unicast in VRF default"]
    host.shell("systemctl stop frr")
    assert host.python(code) == "None\n"


def test_a_run_that_is_killed_half_way_is_reverted(host: SystemdHost) -> None:
    before = state(host)
    killed = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, AFTER_KERNEL % "import os; os.kill(os.getpid(), 9)")
    assert killed.wait(60) != 0
    assert set(differences(before, state(host))) == {"links", "addresses", "fdb", "sysctls"}, "the kernel alone has changed"
    goes_back(host, before)


def test_a_timer_that_fires_during_an_apply_waits_for_it_and_gives_the_whole_time_after_it(host: SystemdHost) -> None:
    before = state(host)
    begun = time.monotonic()
    running = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, AFTER_KERNEL % f"import time; time.sleep({TIMEOUT + 3})")
    said, _errors = running.communicate(timeout=120)
    ended = time.monotonic()
    assert "msg" not in json.loads(said) and ended - begun > TIMEOUT + 3
    assert "br10200" in host.shell("ip link show br10200"), "it went back during the run, or right after it"
    assert deadline(host) > ended + TIMEOUT - 2
    goes_back(host, before)


#: Has FRR's plane refuse all, once the kernel has been changed.
REFUSED = """
import ansible.module_utils.basic
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import plane
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane
def refuse(*arguments):
    raise FrrError("it is refused")
plane.FrrPlane.apply = refuse
"""


def test_a_run_that_fails_by_itself_reverts_at_once_and_leaves_no_checkpoint(host: SystemdHost) -> None:
    before = state(host)
    said, _errors = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, REFUSED).communicate(timeout=120)
    assert json.loads(said)["msg"].startswith("it is refused\ndata plane: reverted, ")
    assert not is_armed(host)
    assert differences(before, state(host)) == {}
    assert host.module("fabric_host", DOCUMENT)["changed"] is False


def test_what_such_a_run_cannot_revert_is_reverted_by_the_timer(host: SystemdHost) -> None:
    before = state(host)
    stuck = "def stuck(*arguments):\n    raise FrrError('it is stuck')\nKernelPlane.revert = stuck"
    said, _errors = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, REFUSED + stuck).communicate(timeout=120)
    told = json.loads(said)["msg"]
    assert "data plane: could not be reverted: it is stuck" in told
    assert "the host tries to revert them once more within 10 s" in told
    goes_back(host, before)


def test_a_second_run_is_refused_until_the_first_is_confirmed_or_reverted(host: SystemdHost) -> None:
    before = state(host)
    changed(host, timeout=300)
    for check_mode in (False, True):
        refused = host.module("fabric_host", DOCUMENT, check_mode=check_mode)["msg"]
        assert "another run has changed this host and has not confirmed that yet" in refused
        assert "the host goes back by itself in " in refused and "engine.pyz confirm" in refused
    foretold = host.module("checkpoint", {"state": "reverted"}, check_mode=True)
    assert is_armed(host) and "change veth up1" in foretold["reverted"]
    assert host.module("checkpoint", {"state": "reverted"})["reverted"] == foretold["reverted"]
    assert differences(before, state(host)) == {}
    assert host.module("checkpoint", {"state": "reverted"})["changed"] is False
    assert host.run(*ENGINE.split(), "revert").stdout == "no checkpoint is armed: nothing to do\n"
    assert host.module("host_info", {})["reverted"]["why"] == "somebody asked for it"
    assert record(host)["why"] == "somebody asked for it"
    assert host.module("fabric_host", DOCUMENT)["changed"] is False


def test_a_host_that_is_restarted_before_it_is_confirmed_starts_as_it_was(host: SystemdHost) -> None:
    before = state(host)
    changed(host, timeout=600)
    host.shell(
        "systemctl stop frr evpn-fabric-restore 'evpn-fabric-revert-*';"
        "ip link del br10200; ip link del vxlan10100; ip address flush dev lo scope global; ip address flush dev up1;"
        "ip link set up1 mtu 1500; ip rule del priority 2000; sysctl -w net.ipv4.ip_forward=0; rm -r /run/evpn-fabric;"
        "sysctl -w net.ipv4.conf.up1.rp_filter=0;"
        "cat /proc/sys/kernel/random/uuid > /tmp/boot; mount --bind /tmp/boot /proc/sys/kernel/random/boot_id",
        check=False,
    )
    try:
        host.shell("systemctl start multi-user.target")
        host.run("systemctl", "is-active", "evpn-fabric-restore", "frr")
        after = state(host)
        assert differences({**before, "links": {}}, {**after, "links": {}}) == {}
        assert {name: link["mtu"] for name, link in after["links"].items()} == {
            name: link["mtu"] for name, link in before["links"].items()
        }
        assert not is_armed(host)
        told = host.module("fabric_host", DOCUMENT)
        assert "because the host was restarted before it was confirmed" in warnings(told) and told["changed"] is False
    finally:
        host.shell("umount /proc/sys/kernel/random/boot_id")


def test_a_full_disk_is_refused_before_anything_is_touched(host: SystemdHost) -> None:
    before = state(host)
    host.shell(f"cp -a {KEPT} /tmp/kept; mount -t tmpfs -o size=3M,mode=700 tmpfs {KEPT}; cp -a /tmp/kept/. {KEPT}")
    try:
        host.shell(f"fallocate -l $(( $(stat -f -c '%a * %S' {KEPT}) - 32768 )) {KEPT}/full")
        for persist, remedy in ((True, "persist: false"), (False, "confirm_timeout: 0")):
            refused = host.module("fabric_host", {**CHANGED, "persist": persist, "confirm_timeout": TIMEOUT})["msg"]
            assert "nothing was changed: 32 KiB are free" in refused and f"Make room, or write {remedy}" in refused
        assert differences(before, state(host)) == {}
    finally:
        host.shell(f"umount {KEPT}; rm -r /tmp/kept")


def test_a_checkpoint_that_is_damaged_is_refused_and_the_live_state_stays(host: SystemdHost) -> None:
    changed(host)
    after = state(host)
    host.shell(f"sed -i s/br10100/br10300/ {KEPT}/checkpoint.json")
    by_hand = host.run(*ENGINE.split(), "revert", check=False)
    assert by_hand.returncode == 1 and "checkpoint.json is damaged" in by_hand.stderr
    time.sleep(TIMEOUT + LIMIT)
    assert differences(after, state(host)) == {}
    journal = host.shell("journalctl -u 'evpn-fabric-revert-*' --no-pager -o cat")
    assert "checkpoint.json is damaged" in journal and "The host stays as it is, and nothing reverts it" in journal
    told = host.module("fabric_host", {**CHANGED, "confirm_timeout": TIMEOUT})
    assert "could not: " in warnings(told) and told["changed"] is False
    host.shell(f"rm {KEPT}/checkpoint.damaged")


def test_without_systemd_a_process_of_its_own_reverts(host: SystemdHost) -> None:
    before = state(host)
    # Without it, systemd is not seen to run; the journal and FRR's own service are not asked for by this change.
    code = "import os; isdir = os.path.isdir; os.path.isdir = lambda path: path != '/run/systemd/system' and isdir(path)"
    said, _errors = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, code).communicate(timeout=120)
    assert "msg" not in json.loads(said), said
    assert host.shell("systemctl list-units --all --no-legend 'evpn-fabric-revert-*'") == ""
    goes_back(host, before)
    assert "because it was not confirmed within 10 s" in host.shell("cat /run/evpn-fabric/revert.log")


def test_a_change_that_cuts_the_connection_is_reverted(host: SystemdHost) -> None:
    before = state(host)
    assert reaches(host)
    bridges = [*KERNEL["bridges"], {"name": "br10300", "up": False}]
    interfaces = [*KERNEL["interfaces"], {"name": "mgmt0", "bridge": "br10300"}]
    changed(host, {**DOCUMENT, "kernel": {**KERNEL, "bridges": bridges, "interfaces": interfaces}})
    assert not reaches(host), "this change cuts nothing"
    goes_back(host, before)
    assert reaches(host)


def test_frr_that_was_restarted_for_a_daemon_returns_to_those_that_it_had(host: SystemdHost) -> None:
    before = state(host)
    changed(host, {**DOCUMENT, "frr": {"config": FRR + "router ospf\n", "daemons": ["bgpd", "ospfd"]}})
    assert "ospfd" in host.shell("vtysh -c 'show daemons'") and "ospfd=yes" in host.shell("cat /etc/frr/daemons")
    due = deadline(host)
    while is_armed(host):
        assert time.monotonic() < due + LIMIT, host.shell("journalctl -u 'evpn-fabric-revert-*' --no-pager")
        time.sleep(0.1)
    assert differences(before, state(host)) == {}
    assert "ospfd" not in host.shell("vtysh -c 'show daemons'")


@pytest.mark.parametrize("wrong", [5, -1, 3601])
def test_a_time_that_is_too_short_or_too_long_is_refused_with_the_remedy(host: SystemdHost, wrong: int) -> None:
    assert "Write 0, or 10 to 3600" in host.module("fabric_host", {**CHANGED, "confirm_timeout": wrong})["msg"]
