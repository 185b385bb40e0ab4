"""A transaction that is interrupted at any point: real kernel, real FRR, and the module as Ansible runs it.

A point is a call from Python into the kernel that sends, writes, opens, renames, or starts a program, while a transaction is
carried out. At each a test ends the run in some way, and looks: the host is what it was before, or what it shall be, on both
planes; or the module says what it could not revert.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.frr_host import FrrHost, module_input
from tests.sites import KEEP, Shown, WholeSite, unlike

#: Points a way of being interrupted that `make test` takes, evenly spread; ``EVPN_ALL_POINTS=1`` takes all of them.
POINTS = 8

#: Runs on the host. A line of JSON on its input names the module's arguments, how the run is interrupted, and at which point;
#: a line of JSON on its output has what the module said, and how many points there were.
SERVER = r"""
import json, os, runpy, signal, sys, tempfile, threading, time
import ansible.module_utils.basic
COLLECTION = "ansible_collections.evpn.fabric.plugins"
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import overlooked, plane, vtysh
from ansible_collections.evpn.fabric.plugins.module_utils._host import document, surroundings, transaction
from ansible_collections.evpn.fabric.plugins.module_utils._module import run

CALLS = {"send", "write", "open", "fork_exec", "replace", "rename", "fsync"}
apply = transaction.carry_out


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


def interrupted(how, at, counted):
    def hook(frame, event, function):
        if event != "c_call" or function.__name__ not in CALLS or threading.current_thread() is not main:
            return
        counted.append(function.__name__)
        if len(counted) == at:
            if how.startswith("SIG"):
                os.kill(os.getpid(), getattr(signal, how))
            elif how == "exception":
                raise OSError(28, "No space left on device")
            elif how == "refusal":
                raise FabricError("it is refused")
            elif how == "vtysh stops":
                threading.Thread(target=stop_vtysh, daemon=True).start()

    main = threading.current_thread()

    def carried_out(*arguments):
        sys.setprofile(hook)
        try:
            apply(*arguments)
        finally:
            sys.setprofile(None)

    transaction.carry_out = carried_out


for line in iter(sys.stdin.readline, ""):
    given, how, at = json.loads(line)
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
                vtysh.TIMEOUT = 2
                interrupted(how, at, counted)
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

    def bring(self, desired: dict[str, Any], how: str = "", at: int = 0) -> tuple[dict[str, Any] | None, list[str]]:
        """What the module said, None if it could not, and the points that there were."""
        assert self.process.stdin and self.process.stdout
        given = json.loads(module_input(desired, diff=False))
        self.process.stdin.write(json.dumps([given, how, at]) + "\n")
        self.process.stdin.flush()
        answer, points = json.loads(self.process.stdout.readline())
        return json.loads(answer) if answer.strip().startswith("{") else None, json.loads(points or "[]")


class Place(NamedTuple):
    """A host, what it shows with each of the two documents, and the points on the way from one to the other."""

    site: WholeSite
    host: Interrupted
    one: Shown
    other: Shown
    points: tuple[str, ...]


@pytest.fixture(scope="module", params=["debian12", "debian14"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")
    site = WholeSite(request.param)
    with site:
        host = Interrupted(site.host)
        try:
            said, _points = host.bring(ONE)
            assert said and "operations" in said, said
            one = site.shown()
            said, points = host.bring(OTHER, "count")
            assert said and "operations" in said, said
            yield Place(site, host, one, site.shown(), tuple(points))
        finally:
            host.close()


WAYS = ("SIGTERM", "SIGHUP", "SIGKILL", "exception", "refusal", "vtysh stops")


@functools.cache
def chosen(how: str, points: tuple[str, ...]) -> list[int]:
    """The points, from 1, at which to interrupt."""
    all_points = [at for at, name in enumerate(points, 1) if how != "vtysh stops" or name == "fork_exec"]
    count = POINTS // 2 if how == "vtysh stops" else POINTS  # each of these waits for a time limit
    if os.environ.get("EVPN_ALL_POINTS") or len(all_points) <= count:
        return all_points
    return [all_points[place * len(all_points) // count] for place in range(count)]


@pytest.mark.parametrize("how", WAYS)
def test_an_interrupted_transaction_leaves_the_old_state_or_the_new_one_on_both_planes(place: Place, how: str) -> None:
    assert len(place.points) > 30
    found = [failure for at in chosen(how, place.points) for failure in interrupted(place, how, at)]
    assert not found, "\n".join(found)


def interrupted(place: Place, how: str, at: int) -> Iterator[str]:
    """Interrupts the way from one document to the other at a point; what is wrong afterwards."""
    place.host.bring(ONE)
    assert not unlike(place.one, place.site.shown())
    said, _points = place.host.bring(OTHER, how, at)
    shown = place.site.shown()
    where = f"{how} at point {at} of {len(place.points)} ({place.points[at - 1]})"
    if how == "SIGKILL":
        assert said is None, f"{where}: {said}"
        again, _points = place.host.bring(OTHER)
        said, shown = again or {"msg": "the module said nothing"}, place.site.shown()
        if "operations" not in said:
            yield f"{where}, and then: {said['msg']}"
    assert said, f"{where}: the module said nothing"
    expected = place.one if "msg" in said and how != "SIGKILL" else place.other
    wrong = unlike(expected, shown)
    if wrong and not re.search("could not be reverted|Not reverted", said.get("msg", "")):
        yield f"{where}: {said.get('msg', 'done')}\n{wrong}"
