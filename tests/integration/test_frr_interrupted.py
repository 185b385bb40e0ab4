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
with guard.deaf() as stopped:
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
BESIDE_ANOTHER = """\
import subprocess, sys
from ansible_collections.evpn.fabric.plugins.module_utils._host import guard

with guard.alone(0):
    done = subprocess.run([sys.executable, "-m", "ansible_collections.evpn.fabric.plugins.modules.frr_config"], stdin=sys.stdin)
"""


@pytest.fixture(scope="module", params=["debian12", "debian14"])
def host(request: pytest.FixtureRequest) -> Iterator[FrrHost]:
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")
    with FrrHost(request.param, ("bgpd", "ospfd")) as made:
        yield made


def whole(host: FrrHost) -> tuple[str, str]:
    """What runs, and what FRR starts from."""
    return host.running_config(), host.run("cat", "/etc/frr/frr.conf").stdout


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


def test_two_runs_at_once_are_one_after_the_other(host: FrrHost) -> None:
    host.module("frr_config", {"config": ONE})
    before = whole(host)
    arguments = module_input({"config": ANOTHER, "lock_timeout": 0})
    assert "another run is at work in this network namespace" in python(host, BESIDE_ANOTHER, arguments)
    assert whole(host) == before
    assert host.module("frr_config", {"config": ANOTHER, "lock_timeout": 0})["changed"]
