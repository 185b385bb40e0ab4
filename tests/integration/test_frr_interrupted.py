"""``frr_config`` that is told to stop, that FRR lets wait, or that is not alone: one whole configuration runs afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.frr_host import FrrHost, module_input

CONFIGURATION = """\
interface lo
 ip ospf cost {number}
exit
router bgp 65001
 neighbor 192.0.2.{number} remote-as 6500{number}
exit
router ospf
 ospf router-id 192.0.2.{number}
exit
"""
ONE, ANOTHER = CONFIGURATION.format(number=1), CONFIGURATION.format(number=2)
#: Brings a host to another configuration, with something that happens on the way, and prints what it says.
ON_THE_WAY = """\
import os, signal
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import vtysh
from ansible_collections.evpn.fabric.plugins.module_utils._frr.plane import FrrPlane
from ansible_collections.evpn.fabric.plugins.module_utils._frr.planning import Desired
from ansible_collections.evpn.fabric.plugins.module_utils._host import guard
from ansible_collections.evpn.fabric.plugins.module_utils._host.surroundings import KernelSurroundings
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.channel import Channel

class OnTheWay(vtysh.Vtysh):
    batches = 0

    def _read(self, arguments, text):
        if "--dryrun" in arguments:
            return super()._read(arguments, text)
        self.batches += 1
        {happening}

kernel, desired = KernelSurroundings(Channel()), Desired({text!r}, (), "/etc/frr/frr.conf")
real = FrrPlane(vtysh.Vtysh(), kernel)
plan = real.plan(desired, real.read(desired))
with guard.deferred_signals() as stopped:
    try:
        FrrPlane(OnTheWay(), kernel).apply(plan, stopped)
    except FrrError as error:
        print(error)
"""
TOLD_TO_STOP = """\
result = super()._read(arguments, text)
        if self.batches == 1:
            os.kill(os.getpid(), signal.SIG{name})
        return result
"""
#: The second batch never comes back.
HANGS = """\
known, vtysh.TIMEOUT = (self.command, vtysh.TIMEOUT), 2 if self.batches == 2 else vtysh.TIMEOUT
        try:
            self.command = ["sh", "-c", "sleep 1000", "sh"] if self.batches == 2 else self.command
            return super()._read(arguments, text)
        finally:
            self.command, vtysh.TIMEOUT = known
"""
#: From the second batch on nothing comes back.
HANGS_FOR_GOOD = HANGS.replace("self.batches == 2", "self.batches > 1")
#: Another plane fails once this one has been applied.
APPLIED_AND_REVERTED = """\
from ansible_collections.evpn.fabric.plugins.module_utils._frr import vtysh
from ansible_collections.evpn.fabric.plugins.module_utils._frr.plane import FrrPlane
from ansible_collections.evpn.fabric.plugins.module_utils._frr.planning import Desired
from ansible_collections.evpn.fabric.plugins.module_utils._host.surroundings import KernelSurroundings
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.channel import Channel

plane, desired = FrrPlane(vtysh.Vtysh(), KernelSurroundings(Channel())), Desired({text!r}, (), "/etc/frr/frr.conf")
plan = plane.plan(desired, plane.read(desired))
plane.apply(plan)
print(vtysh.Vtysh().running().text + open("/etc/frr/frr.conf").read())
plane.revert(plan)
"""
#: A run that is killed when a file is written and has not its name yet.
KILLED_BEFORE_IT_RENAMES = """\
import os, signal
from ansible_collections.evpn.fabric.plugins.module_utils._frr import host

os.rename = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
host.write("/etc/frr/frr.conf", "half a configuration")
"""
BESIDE_ANOTHER = """\
import subprocess, sys
from ansible_collections.evpn.fabric.plugins.module_utils._host import guard

with guard.lock(0):
    done = subprocess.run([sys.executable, "-m", "ansible_collections.evpn.fabric.plugins.modules.frr_config"], stdin=sys.stdin)
"""


@pytest.fixture(scope="module", params=["debian12", "debian14"])
def host(request: pytest.FixtureRequest) -> Iterator[FrrHost]:
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")
    with FrrHost(request.param, ("bgpd", "ospfd")) as made:
        yield made


def whole(host: FrrHost) -> tuple[str, str]:
    """What runs, and what FRR starts from with its permissions and owner."""
    listed = host.run("stat", "-c", "%a %U %G", "/etc/frr/frr.conf").stdout
    return host.running_config(), host.run("cat", "/etc/frr/frr.conf").stdout + listed


def files_of_frr(host: FrrHost) -> set[str]:
    """The names of the files in /etc/frr, hidden ones too."""
    return set(host.run("ls", "-A", "/etc/frr").stdout.split())


def python(host: FrrHost, code: str, stdin: str | None = None) -> str:
    return host.run("env", "PYTHONPATH=/test", "python3", "-c", code, stdin=stdin).stdout


@pytest.mark.parametrize(
    ("happening", "said"),
    [
        (TOLD_TO_STOP.format(name="TERM"), "SIGTERM came, so this run was stopped"),
        (TOLD_TO_STOP.format(name="HUP"), "SIGHUP came, so this run was stopped"),
        (HANGS, "vtysh did not end within 2 s"),
    ],
    ids=["SIGTERM", "SIGHUP", "vtysh hangs"],
)
def test_what_was_done_half_way_is_put_back(host: FrrHost, happening: str, said: str) -> None:
    host.module("frr_config", {"config": ONE})
    before = whole(host)
    shown = python(host, ON_THE_WAY.format(happening=happening, text=ANOTHER))
    assert shown.startswith(said) and shown.rstrip().endswith("FRR was reverted to what it was before"), shown
    assert whole(host) == before
    assert host.module("frr_config", {"config": ANOTHER})["changed"]
    assert whole(host) != before


def test_what_could_not_be_reverted_is_listed(host: FrrHost) -> None:
    host.module("frr_config", {"config": ONE})
    said = python(host, ON_THE_WAY.format(happening=HANGS_FOR_GOOD, text=ANOTHER))
    assert said.startswith("vtysh did not end within 2 s")
    assert (
        "FRR could not be reverted to what it was before: what is missing (+) and left over (-):\n  vtysh did not end" in said
    )
    assert not host.module("frr_config", {"config": ONE}).get("failed")


def test_a_startup_file_that_cannot_be_written_reverts_what_runs(host: FrrHost) -> None:
    host.module("frr_config", {"config": ONE})
    before = whole(host)
    host.run("mount", "--bind", "/etc/frr/frr.conf", "/etc/frr/frr.conf")  # what is mounted on cannot be replaced
    try:
        made = host.module("frr_config", {"config": ANOTHER})
    finally:
        host.run("umount", "/etc/frr/frr.conf")
    assert made["msg"] == "/etc/frr/frr.conf: Device or resource busy\nFRR was reverted to what it was before"
    assert whole(host) == before


def test_the_next_run_removes_the_file_that_a_killed_run_has_left(host: FrrHost) -> None:
    host.module("frr_config", {"config": ONE})
    before, files = whole(host), files_of_frr(host)
    assert host.run("env", "PYTHONPATH=/test", "python3", "-c", KILLED_BEFORE_IT_RENAMES, check=False).returncode
    (left,) = files_of_frr(host) - files
    operations = host.module("frr_config", {"config": ONE})["operations"]
    assert [(each["kind"], each["action"], each["name"]) for each in operations] == [
        ("frr unfinished file", "delete", f"/etc/frr/{left}")
    ]
    assert files_of_frr(host) == files
    assert whole(host) == before
    assert not host.module("frr_config", {"config": ONE})["changed"]


@pytest.mark.parametrize("mode", ["640", "604"])
def test_a_plan_that_was_applied_is_reverted_with_the_file_as_it_was(host: FrrHost, mode: str) -> None:
    host.module("frr_config", {"config": ONE})
    host.run("chmod", mode, "/etc/frr/frr.conf")
    before = whole(host)
    applied = python(host, APPLIED_AND_REVERTED.format(text=ANOTHER))
    assert applied.count("remote-as 65002") == 2, "it ran and was saved"
    assert whole(host) == before


def test_a_startup_file_that_was_not_there_is_removed_again(host: FrrHost) -> None:
    host.module("frr_config", {"config": ONE})
    host.run("rm", "/etc/frr/frr.conf")
    python(host, APPLIED_AND_REVERTED.format(text=ANOTHER))
    assert host.run("test", "-e", "/etc/frr/frr.conf", check=False).returncode
    assert "remote-as 65001" in host.running_config()


def test_two_runs_at_once_are_one_after_the_other(host: FrrHost) -> None:
    host.module("frr_config", {"config": ONE})
    before = whole(host)
    arguments = module_input({"config": ANOTHER, "lock_timeout": 0})
    assert "another run is at work in this network namespace" in python(host, BESIDE_ANOTHER, arguments)
    assert whole(host) == before
    assert host.module("frr_config", {"config": ANOTHER, "lock_timeout": 0})["changed"]


def test_a_daemon_that_does_not_answer_is_named_with_what_to_do(host: FrrHost) -> None:
    code = """\
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import vtysh
vtysh.TIMEOUT = 2
try:
    print(vtysh.Vtysh().show("show running-config"))
except FrrError as error:
    print(error)
"""
    host.module("frr_config", {"config": ONE})
    number = host.run("cat", "/run/frr/bgpd.pid").stdout.strip()
    host.run("kill", "-STOP", number)
    try:
        said = python(host, code)
    finally:
        host.run("kill", "-CONT", number)
    assert said.startswith("vtysh did not end within 2 s: bgpd does not answer. ")
    assert "systemctl restart frr" in said
    assert "router bgp" in python(host, code), "it answers again"
