"""Changes that nobody confirms, and what becomes of a host meanwhile, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import types
from collections.abc import Iterator, Mapping
from typing import Any

from tests.frr_host import module_input
from tests.systemd_host import PLACE, SystemdHost

KEPT = "/var/lib/evpn-fabric"
ENGINE = ("/usr/bin/python3", "-I", f"{KEPT}/engine.pyz")
#: The shortest time that can be asked for, and how long going back may take after it, in seconds.
TIMEOUT, LIMIT = 10, 5
#: Seconds after which a host that has not gone back is not waited for any more.
PATIENCE = 60

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
#: The interface that a host is reached by becomes a port of a bridge that is down.
CUT: dict[str, Any] = {
    **DOCUMENT,
    "kernel": {
        **KERNEL,
        "bridges": [*KERNEL["bridges"], {"name": "br10300", "up": False}],
        "interfaces": [*KERNEL["interfaces"], {"name": "mgmt0", "bridge": "br10300"}],
    },
}
FILES = ("/etc/frr/frr.conf", "/etc/frr/daemons", f"{KEPT}/document.json")
UPLINK = "ip link add up1 type veth peer name up1-far; ip link set up1 up; ip link set up1-far up"
FOREIGN = """
ip link show foreign > /dev/null 2>&1 || ip link add foreign type bridge
ip address replace 203.0.113.1/24 dev foreign; ip link set foreign up
ip route replace 203.0.114.0/24 dev foreign; ip route replace 203.0.115.0/24 dev foreign table 7
ip neighbor replace 203.0.113.9 lladdr 02:00:00:00:00:09 dev foreign nud permanent
bridge fdb replace 02:00:00:00:00:09 dev foreign self
ip rule show priority 7 | grep -q 7 || ip rule add priority 7 table 7
sysctl -qw net.ipv4.conf.foreign.arp_ignore=1
"""
#: What is shown beside links. Left out is what the kernel makes by itself once a device is up, multicast and link-local. A
#: bridge and its port that have one MAC address have one entry for it, with the name of the one that had it first
#: (fdb_add_local() in net/bridge/br_fdb.c): this name is left out.
SHOWN = {
    "addresses": "ip -o address show scope global | awk '{print $2, $3, $4}' | sort",
    "routes": "ip -4 route show table all; ip -6 route show table all | grep -vE 'fe80|ff00::|table local' | sort",
    "rules": "ip rule; ip -6 rule",
    "neighbors": "ip neighbor show nud permanent | sort",
    "fdb": r"bridge fdb show | grep -vE '^(33:33|01:00:5e):' | sed -E 's/ dev \S+( master \S+ permanent)/\1/' | sort",
    "vlans": "bridge vlan show",
    "sysctls": r"sysctl --all --pattern '^net\.ipv[46]\.(ip_forward$|conf\.|neigh\.)' 2> /dev/null | sort",
    "frr": "vtysh -c 'show running-config'",
    "service": "systemctl is-active frr; systemctl is-enabled frr",
    **{path: f"cat {path}; stat -c '%a %U' {path}" for path in FILES},
}


def state(host: SystemdHost) -> dict[str, Any]:
    """All that is ours or others' on a host, without what is another thing whenever it is made."""
    links = json.loads(host.shell("ip -json -details link"))
    # The number of a device is another whenever it is made, and it takes a moment until one that is raised is operational.
    shown = {
        link["ifname"]: {name: link[name] for name in link if name not in ("ifindex", "operstate", "flags")} for link in links
    }
    for link in links:
        shown[link["ifname"]]["up"] = "UP" in link["flags"]
    for link in shown.values():
        data = link.get("linkinfo", {}).get("info_data", {})
        for volatile in [name for name in data if name.endswith("_timer") or name in ("root_id", "bridge_id", "gc_timer")]:
            del data[volatile]
        slave = link.get("linkinfo", {}).get("info_slave_data", {})
        for volatile in [
            name for name in slave if "timer" in name or name in ("root_id", "bridge_id", "id", "no", "designated_port")
        ]:
            del slave[volatile]
    return {"links": shown, **{name: host.shell(command, check=False) for name, command in SHOWN.items()}}


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {key: (before[key], after[key]) for key in before if before[key] != after[key]}


def without_chance(shown: dict[str, Any]) -> dict[str, Any]:
    """The state of a host without MAC addresses that the kernel draws anew at each start."""
    text = json.dumps(shown)
    for name, link in sorted(shown["links"].items()):
        if link["link_type"] != "loopback":
            text = text.replace(link["address"], f"MAC address of {name}")
    named: dict[str, Any] = json.loads(text)
    return {**named, "fdb": sorted(named["fdb"].splitlines())}


def make_ready(host: SystemdHost) -> None:
    """Brings a host to its document, with things of others on it; nothing waits to be confirmed then."""
    confirm(host)
    host.shell(FOREIGN)
    made = host.module("fabric_host", DOCUMENT)
    assert "msg" not in made, made["msg"]


def confirm(host: SystemdHost) -> None:
    """Ends the checkpoint, if one is armed."""
    host.run(*ENGINE, "confirm", check=False)


def changed(
    host: SystemdHost, document: Mapping[str, Any] = types.MappingProxyType(CHANGED), timeout: int = TIMEOUT
) -> dict[str, Any]:
    """Brings a host to another document, which is to be confirmed; the checkpoint."""
    made = host.module("fabric_host", {**document, "confirm_timeout": timeout})
    assert "msg" not in made, made["msg"]
    checkpoint: dict[str, Any] = made["checkpoint"]
    assert timeout - 2 <= checkpoint["seconds"] <= timeout
    return checkpoint


def deadline(host: SystemdHost) -> float:
    """When a host goes back, on the clock of :func:`time.monotonic`, which it shares."""
    at: float = json.loads(host.shell("cat /run/evpn-fabric/deadline.json"))["at"]
    return at


def is_armed(host: SystemdHost) -> bool:
    return host.run("test", "-e", f"{KEPT}/checkpoint.json", check=False).returncode == 0


def seconds_to_go_back(host: SystemdHost) -> float:
    """Waits until a host has gone back, and tells how many seconds after its deadline: fewer than none if it was not due,
    infinite if it does not."""
    due = deadline(host)
    while is_armed(host):
        if time.monotonic() > due + PATIENCE:
            return float("inf")
        time.sleep(0.1)
    return time.monotonic() - due


def record(host: SystemdHost) -> dict[str, Any]:
    """What a host keeps of what it has reverted."""
    kept: dict[str, Any] = json.loads(host.shell(f"cat {KEPT}/reverted.json"))
    return kept


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


def killed_half_way(host: SystemdHost) -> None:
    """The run ends between the kernel and FRR, as it does if the control host and the connection go."""
    killed = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, AFTER_KERNEL % "import os; os.kill(os.getpid(), 9)")
    assert killed.wait(PATIENCE) != 0


def outlasts_its_timer(host: SystemdHost) -> None:
    """The run is still at work when its deadline comes."""
    begun = time.monotonic()
    running = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, AFTER_KERNEL % f"import time; time.sleep({TIMEOUT + 3})")
    said, _errors = running.communicate(timeout=120)
    ended = time.monotonic()
    assert "msg" not in json.loads(said) and ended - begun > TIMEOUT + 3
    assert "br10200" in host.shell("ip link show br10200"), "it went back during the run, or right after it"
    assert deadline(host) > ended + TIMEOUT - 2


def cut_off(host: SystemdHost) -> None:
    """The change takes the interface that the host is managed by."""
    changed(host, CUT)


#: Has all programs that are written in Python read a time of day that was set, as many seconds ahead as the file says. The
#: machine's own clock is everybody's.
CLOCK_SET = """
import time
def ahead():
    try:
        with open("/run/clock-set") as file:
            return float(file.read())
    except OSError:
        return 0.0
def given(function):
    return lambda at=None: function(stepped() if at is None else at)
real, stepped = time.time, lambda: real() + ahead()
time.time, time.gmtime, time.localtime = stepped, given(time.gmtime), given(time.localtime)
"""


@contextlib.contextmanager
def clock_set(host: SystemdHost, ahead: int) -> Iterator[None]:
    """The time of day is set so many seconds ahead after a change has been made."""
    packages = "/usr/lib/python3/dist-packages"
    host.run("tee", f"{packages}/clock_set.py", stdin=CLOCK_SET)
    host.run("tee", f"{packages}/clock_set.pth", stdin="import clock_set\n")
    try:
        changed(host)
        host.run("tee", "/run/clock-set", stdin=str(ahead))
        yield
    finally:
        host.shell(f"rm -f {packages}/clock_set.p* /run/clock-set")


@contextlib.contextmanager
def restarted(host: SystemdHost) -> Iterator[None]:
    """A host whose machine is started anew while a change waits to be confirmed: nothing runs yet, and what was in memory is
    gone. What is not enclosed in this context is of the other start."""
    changed(host, timeout=600)
    host.shell(
        "systemctl stop frr evpn-fabric-restore 'evpn-fabric-revert-*';"
        "ip link del br10200; ip link del vxlan10100; ip address flush dev lo scope global; ip address flush dev up1;"
        "ip link set up1 mtu 1500; ip rule del priority 2000; sysctl -w net.ipv4.ip_forward=0; rm -r /run/evpn-fabric;"
        "sysctl -w net.ipv4.conf.up1.rp_filter=0;"
        "systemctl reset-failed;"  # the service manager of a machine that starts has counted no starts of FRR
        "cat /proc/sys/kernel/random/uuid > /tmp/boot; mount --bind /tmp/boot /proc/sys/kernel/random/boot_id",
        check=False,
    )
    try:
        yield
    finally:
        host.shell("umount /proc/sys/kernel/random/boot_id")


def starts(host: SystemdHost) -> None:
    """What the service manager does when a machine starts."""
    host.shell("systemctl start multi-user.target")
    for service in ("evpn-fabric-restore", "frr"):
        host.run("systemctl", "is-active", service)


@contextlib.contextmanager
def full_disk(host: SystemdHost) -> Iterator[None]:
    """32 KiB are free where a host keeps its checkpoint."""
    host.shell(f"cp -a {KEPT} /tmp/kept; mount -t tmpfs -o size=3M,mode=700 tmpfs {KEPT}; cp -a /tmp/kept/. {KEPT}")
    try:
        host.shell(f"fallocate -l $(( $(stat -f -c '%a * %S' {KEPT}) - 32768 )) {KEPT}/full")
        yield
    finally:
        host.shell(f"umount {KEPT}; rm -r /tmp/kept")


def damage(host: SystemdHost) -> None:
    """Has the checkpoint say something else than was written."""
    host.shell(f"sed -i s/br10100/br10300/ {KEPT}/checkpoint.json")
