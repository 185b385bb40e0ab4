"""A transaction that is interrupted at any point: real kernel, real FRR, and the module as Ansible runs it.

A point is a call from Python into the kernel that sends, writes, opens, renames, or starts a program. At each a test ends the
run in some way, and looks. While planes are read and planned, nothing has changed then. While the transaction is carried out,
the host is what it was before, or what it shall be, on both planes; or the module names each object that it could not revert.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.frr_host import FrrHost
from tests.module_server import module_input
from tests.sites import KEEP, PATIENCE, Shown, WholeSite, unlike

#: Points a way of being interrupted that `make test` takes, evenly spread; ``EVPN_ALL_POINTS=1`` takes all of them.
POINTS = 8

#: The two parts of a run that are interrupted.
READING, APPLYING = "reading", "applying"
#: Places where a run that was interrupted could leave files.
PLACES = ("/etc/frr", "/run", "/tmp", "/var/tmp", "/var/lib/frr", "/dev/shm")
#: Programs of the test itself.
WATCHING = ("sh", "cat", "find")

#: Runs on the host. A line of JSON on its input names the module's arguments, how the run is interrupted, in which part of it
#: and at which point; a line of JSON on its output has what the module said, and which points there were.
SERVER = r"""
import builtins, json, os, runpy, signal, socket, subprocess, sys, tempfile, threading, time
import ansible.module_utils.basic
COLLECTION = "ansible_collections.evpn.fabric.plugins"
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import overlooked, plane, vtysh
from ansible_collections.evpn.fabric.plugins.module_utils._host import document, surroundings, transaction
from ansible_collections.evpn.fabric.plugins.module_utils._module import run

CALLS = {"send", "write", "open", "fork", "fork_exec", "replace", "rename", "fsync"}
#: What fails from a point on where something fails for good.
REACHING = (
    (socket.socket, "send"), (builtins, "open"), (subprocess, "Popen"),
    *((os, name) for name in ("open", "memfd_create", "replace", "rename", "unlink")),
)


def stop_vtysh():
    # The program is there a moment after the call that starts it.
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                parent = int(open(f"/proc/{name}/stat").read().rpartition(")")[2].split()[1])
                if parent == os.getpid() and open(f"/proc/{name}/comm").read() == "vtysh\n":
                    os.kill(int(name), signal.SIGSTOP)
                    return
            except OSError:
                pass


def interrupted(how, part, at, counted):
    how, lasts = how.removesuffix(" for good"), how.endswith(" for good")
    main, process = threading.current_thread(), os.getpid()
    known = [(owner, name, getattr(owner, name)) for owner, name in REACHING]

    def fail(*arguments, **named):
        raise OSError(28, "No space left on device") if how == "exception" else FabricError("it is refused")

    def hook(frame, event, function):
        if event != "c_call" or function.__name__ not in CALLS or isinstance(function.__self__, str):
            return
        if threading.current_thread() is not main or os.getpid() != process:
            return
        counted.append(function.__name__)
        if len(counted) == at:
            if how.startswith("SIG"):
                os.kill(os.getpid(), getattr(signal, how))
            elif how in ("exception", "refusal"):
                for owner, name in REACHING if lasts else ():
                    setattr(owner, name, fail)
                fail()  # Python takes the hook away then
            elif how == "vtysh stops":
                threading.Thread(target=stop_vtysh, daemon=True).start()
            elif how == "bgpd hangs":
                os.kill(int(open("/run/frr/bgpd.pid").read()), signal.SIGSTOP)

    def hooked(function):
        def wrapped(*arguments):
            sys.setprofile(hook)
            try:
                return function(*arguments)
            finally:
                sys.setprofile(None)
                for owner, name, function_known in known:
                    setattr(owner, name, function_known)

        return wrapped

    if part == "applying":
        transaction.carry_out = hooked(transaction.carry_out)
    else:
        document.Host.stages = hooked(document.Host.stages)


for line in iter(sys.stdin.readline, ""):
    given, how, part, at = json.loads(line)
    with (tempfile.TemporaryFile("w+") as arguments, tempfile.TemporaryFile("w+") as answer,
          tempfile.TemporaryFile("w+") as points):
        arguments.write(json.dumps(given))
        arguments.seek(0)
        child = os.fork()
        if not child:
            os.dup2(arguments.fileno(), 0)
            os.dup2(answer.fileno(), 1)
            os.dup2(answer.fileno(), 2)
            sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
            counted = []
            if how:
                vtysh.TIMEOUT, vtysh.RECOVERY = 2, 1
                interrupted(how, part, at, counted)
            try:
                runpy.run_module(f"{COLLECTION}.modules.fabric_host", run_name="__main__", alter_sys=True)
            finally:
                sys.stdout.flush()
                points.write(json.dumps(counted))
                points.flush()
                os._exit(0)
        os.waitpid(child, 0)
        answer.seek(0)
        points.seek(0)
        print(json.dumps([answer.read(), points.read()]), flush=True)
"""

FRR = """\
frr defaults traditional
hostname host
log syslog informational
service integrated-vtysh-config
!
ip prefix-list own seq 5 permit 192.0.2.{number}/32
!
router bgp 65001
 bgp router-id 192.0.2.{number}
 no bgp ebgp-requires-policy
 neighbor 100.64.0.9 remote-as external
 !
 address-family ipv4 unicast
  network 192.0.2.{number}/32
 exit-address-family
 !
 address-family l2vpn evpn
  neighbor 100.64.0.9 activate
  advertise-all-vni
 exit-address-family
exit
!
end
"""


def document(number: int, vnis: tuple[int, ...], mtu: int) -> dict[str, Any]:
    """A small VTEP. Two of them have some devices in common, and each has some of its own."""
    return {
        "kernel": {
            "bridges": [
                {"name": f"br{vni}", "mac": f"02:00:00:00:01:{vni:02x}", "mtu": mtu, "stp": False, "ipv6_link_local": False}
                for vni in vnis
            ],
            "vxlans": [
                {
                    "name": f"vx{vni}",
                    "mac": f"02:00:00:00:02:{vni:02x}",
                    "vni": vni,
                    "local": f"192.0.2.{number}",
                    "bridge": f"br{vni}",
                    "mtu": mtu,
                    "learning": False,
                    "ipv6_link_local": False,
                }
                for vni in vnis
            ],
            "addresses": [{"dev": "lo", "address": f"192.0.2.{number}/32"}],
            "rules": [{"priority": 1000 + number, "table": "77"}],
            "sysctls": {f"net/ipv4/conf/br{vnis[0]}/arp_accept": number % 2},
            "purge": True,
        },
        "frr": {"config": FRR.format(number=number), "keep": KEEP},
    }


ONE, OTHER = document(1, (10, 20), 1400), document(2, (20, 30), 1420)


class Interrupted:
    """A host on which transactions are interrupted."""

    def __init__(self, host: FrrHost):
        self.host = host
        self.process = subprocess.Popen(
            host._inside("env", "PYTHONPATH=/test", "python3", "-c", SERVER),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()

    def bring(
        self, desired: dict[str, Any], how: str = "", part: str = APPLYING, at: int = 0
    ) -> tuple[dict[str, Any] | None, list[str]]:
        """What the module said, None if it could not, and the points that there were."""
        assert self.process.stdin and self.process.stdout
        given = json.loads(module_input(desired, diff=False))
        self.process.stdin.write(json.dumps([given, how, part, at]) + "\n")
        self.process.stdin.flush()
        answer, points = json.loads(self.process.stdout.readline())
        return json.loads(answer) if answer.strip().startswith("{") else None, json.loads(points or "[]")

    def left_behind(self) -> Shown:
        """Files and processes that a run can leave behind."""
        # FRR 10.7's mgmtd keeps a history of what it was given.
        found = self.host.run("find", *PLACES, "-xdev", "-not", "-name", "commit-*.json", check=False)
        files = found.stdout.split("\n")
        processes = self.host.run("sh", "-c", "cat /proc/[0-9]*/comm", check=False).stdout.split("\n")
        return {"file": sorted(files), "process": sorted(name for name in processes if name not in WATCHING)}


class Place(NamedTuple):
    """A host, what it shows with each of the two documents, what it has besides, and the points on the way from one document to
    the other, by part."""

    site: WholeSite
    host: Interrupted
    one: Shown
    other: Shown
    around: Shown
    points: dict[str, tuple[str, ...]]


@pytest.fixture(scope="module", params=["debian12", "debian14"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")
    site = WholeSite(request.param)
    with site:
        host = Interrupted(site.host)
        try:
            points, seen = {}, {}
            for part in (READING, APPLYING):
                said, _points = host.bring(ONE)
                assert said and "operations" in said, said
                seen["one"] = site.shown()
                said, found = host.bring(OTHER, "count", part)
                assert said and "operations" in said, said
                points[part] = tuple(found)
            yield Place(site, host, seen["one"], site.shown(), host.left_behind(), points)
        finally:
            host.close()


#: How a run is interrupted. Those of the last line last until it has ended, so that nothing can be reverted.
ONCE = ("SIGTERM", "SIGHUP", "SIGKILL", "exception", "refusal", "vtysh stops")
FOR_GOOD = ("exception for good", "bgpd hangs")
#: These wait for time limits.
SLOW = ("vtysh stops", "bgpd hangs")


@functools.cache
def chosen(how: str, points: tuple[str, ...]) -> list[int]:
    """The points, from 1, at which to interrupt."""
    all_points = [at for at, name in enumerate(points, 1) if how != "vtysh stops" or name == "fork_exec"]
    count = POINTS // 2 if how in SLOW else POINTS
    if os.environ.get("EVPN_ALL_POINTS") or len(all_points) <= count:
        return all_points
    return [all_points[place * len(all_points) // count] for place in range(count)]


@pytest.mark.parametrize("how", ONCE)
def test_a_run_that_is_interrupted_while_it_reads_and_plans_has_changed_nothing(place: Place, how: str) -> None:
    points = place.points[READING]
    assert len(points) > 20
    place.host.bring(ONE)
    found = [failure for at in chosen(how, points) for failure in interrupted_while_reading(place, how, at)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("how", [*ONCE, *FOR_GOOD])
def test_an_interrupted_transaction_leaves_the_old_state_or_the_new_one_on_both_planes(place: Place, how: str) -> None:
    points = place.points[APPLYING]
    assert len(points) > 30
    found = [failure for at in chosen(how, points) for failure in interrupted(place, how, at)]
    assert not found, "\n".join(found)


def interrupted_while_reading(place: Place, how: str, at: int) -> Iterator[str]:
    """Interrupts a run at a point before it changes anything; what is wrong afterwards."""
    where = f"{how} at point {at} of {len(place.points[READING])} ({place.points[READING][at - 1]})"
    said, _points = place.host.bring(OTHER, how, READING, at)
    if how.startswith("SIG"):
        assert said is None, f"{where}: {said}"
    done = said is not None and "operations" in said  # it could do without what failed
    wrong = unlike(place.other if done else place.one, place.site.shown())
    if wrong:
        yield f"{where}: {said}\n{wrong}"
    if done:
        place.host.bring(ONE)
    if left := left_behind(place):
        yield f"{where} left behind:\n{left}"


def interrupted(place: Place, how: str, at: int) -> Iterator[str]:
    """Interrupts the way from one document to the other at a point; what is wrong afterwards."""
    said, _points = place.host.bring(ONE)
    assert said and "operations" in said, said
    assert not unlike(place.one, place.site.shown())
    points = place.points[APPLYING]
    said, _points = place.host.bring(OTHER, how, APPLYING, at)
    if how == "bgpd hangs":
        place.site.host.run("sh", "-c", "kill -CONT $(cat /run/frr/bgpd.pid)")
    shown = place.site.shown()
    where = f"{how} at point {at} of {len(points)} ({points[at - 1]})"
    if how == "SIGKILL":
        assert said is None, f"{where}: {said}"
        again, _points = place.host.bring(OTHER)
        said, shown = again or {"msg": "the module said nothing"}, place.site.shown()
        if "operations" not in said:
            yield f"{where}, and then: {said['msg']}"
    assert said, f"{where}: the module said nothing"
    message = said.get("msg", "")
    wrong = unlike(place.other if how == "SIGKILL" or not message else place.one, shown).splitlines()
    if re.search("could not be reverted|Not reverted", message):
        wrong = [line for line in wrong if not is_named(line, message)]
    if wrong:
        yield "\n".join([f"{where}: {message or 'done'}", *wrong])
    if how == "bgpd hangs":
        assert message.count("vtysh did not end") <= 1, f"{where}: {message}"  # its whole time is waited once
    if how in FOR_GOOD:
        again, _points = place.host.bring(OTHER)
        if wrong_again := unlike(place.other, place.site.shown()):
            yield f"{where}, and then: {again}\n{wrong_again}"
    if left := left_behind(place):
        yield f"{where} left behind:\n{left}"


def is_named(line: str, message: str) -> bool:
    """Whether a message names the object that a line of :func:`unlike` is about."""
    what, entry = line[2:].split(": ", 1)
    if what in ("frr.conf", "daemons"):
        names = [f"/etc/frr/{what}"]
    elif what == "running configuration":
        names = [re.sub(r" seq \d+ .*", "", entry.split(" / ")[0])]
    elif what.endswith("rule show"):
        names = [re.search(r"'priority': '?(\d+)", entry)[1]]  # type: ignore[index]
    elif what == "address":
        names = [re.search(r"'local': '([^']+)'", entry)[1], f"bridge {entry.split(': ')[0]}"]  # type: ignore[index]
    elif what.endswith("route show table all"):
        names = re.findall(r"'(?:dst|dev)': '([^'/]+)", entry)
    elif what == "sysctl":
        names = [entry.split("/")[2]]
    else:  # links, and what goes with them
        names = re.findall(r"(?<![\w.])(?:br|vx)\d+", entry) or [entry.split(":")[0]]
    return any(re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", message) for name in names)


def left_behind(place: Place) -> str:
    """What a run has left of files and processes, once what ends with it has ended."""
    deadline = time.monotonic() + PATIENCE
    while (left := unlike(place.around, place.host.left_behind())) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left
