"""Maintenance of a spine, with packets under way between two leaves, on real FRR of two releases."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests.fabrics import OSPF, fabric
from tests.frr_host import FrrHost
from tests.gateways import until

UNDERLAYS: dict[str, dict[str, Any]] = {"ebgp": {"numbered": "ipv4"}, "ospf": {**OSPF, "numbered": "ipv4"}}
#: Sends from sixteen ports, so that both spines carry some, until it is told to end; prints how many it has sent.
SEND = """
import select, socket, sys, time
flows = []
for port in range(16):
    flow = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    flow.bind((sys.argv[1], 5000 + port))
    flows.append(flow)
sent = 0
while not select.select([sys.stdin], [], [], 0.005)[0]:
    for flow in flows:
        flow.sendto(b"%d" % sent, (sys.argv[2], 4000))
        sent += 1
print(sent)
"""
RECEIVE = """
import select, socket, sys
found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
found.bind((sys.argv[1], 4000))
print("ready", flush=True)
received = set()
while True:
    ready = select.select([found, sys.stdin], [], [])[0]
    if found in ready:
        received.add(found.recv(64))
    elif sys.stdin in ready:
        break
print(len(received))
"""


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")


class Fabric:
    """Two spines and two leaves, all of one release."""

    def __init__(self, image: str, underlay: str):
        groups, hostvars = fabric(vrfs=0, networks=1, **UNDERLAYS[underlay])
        self.built = build(groups, hostvars)
        assert not self.built.problems, self.built.problems
        self.loopback = {name: found["fabric_loopback"] for name, found in hostvars.items()}
        self.image, self.links = image, hostvars["leaf1"]["fabric_links"]
        self.hosts: dict[str, FrrHost] = {}

    def start(self, stack: contextlib.ExitStack) -> None:
        for name in self.built.documents:
            self.hosts[name] = stack.enter_context(FrrHost(self.image))
        for link in self.links:
            (one, here), (other, there) = (end.split(":") for end in link["ends"])
            pids = self.hosts[one].pid, self.hosts[other].pid
            veth = ["ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", pids[1]]
            subprocess.run(["nsenter", "--net", "--target", pids[0], *veth], check=True, capture_output=True)
        for name, host in self.hosts.items():
            host.run("sysctl", "-w", "net.ipv4.ip_forward=1", "net.ipv4.fib_multipath_hash_policy=1")
            made = host.module("fabric_host", self.document(name))
            assert "operations" in made, made
        until(lambda: all(self.ways(*pair) == {"eth1", "eth2"} for pair in (("leaf1", "leaf2"), ("leaf2", "leaf1"))), limit=60)

    def document(self, name: str) -> dict[str, Any]:
        found = self.built.documents[name]
        return {"kernel": found["kernel"], "frr": {"config": frr_text(found["frr"]), "daemons": found["frr"]["daemons"]}}

    def ways(self, one: str, other: str) -> set[str]:
        """The interfaces by which the kernel of a host sends to another."""
        found = json.loads(self.hosts[one].run("ip", "-j", "route", "show", f"{self.loopback[other]}/32").stdout or "[]")
        return {hop["dev"] for route in found for hop in route.get("nexthops", [route])}

    def maintenance(self, state: str, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        return self.hosts["spine1"].module("maintenance", {"state": state, **more}, check_mode)

    def told(self) -> Any:
        """What a look at the host says of its maintenance."""
        return self.hosts["spine1"].module("host_info", {})["maintenance"]

    @contextlib.contextmanager
    def packets(self) -> Iterator[list[int]]:
        """Packets from leaf1 to leaf2: how many were sent, and how many of them arrived."""
        addresses = self.loopback["leaf1"], self.loopback["leaf2"]
        counted: list[int] = []
        with self._script("leaf2", RECEIVE, addresses[1]) as receiver:
            assert receiver.stdout and receiver.stdout.readline() == "ready\n"
            with self._script("leaf1", SEND, *addresses) as sender:
                yield counted
                counted.append(int(sender.communicate("end\n")[0]))
            time.sleep(0.5)
            counted.append(int(receiver.communicate("end\n")[0]))

    def _script(self, name: str, code: str, *arguments: str) -> subprocess.Popen[str]:
        command = ["nsenter", "--net", "--target", self.hosts[name].pid, sys.executable, "-I", "-c", code, *arguments]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


#: Each release once, and each kind of underlay.
EACH = pytest.mark.parametrize("spines", [("debian12", "ebgp"), ("debian13", "ospf")], indirect=True, ids="-".join)


@pytest.fixture(scope="module", params=[(image, underlay) for image in ("debian12", "debian13") for underlay in UNDERLAYS])
def spines(request: pytest.FixtureRequest) -> Iterator[Fabric]:
    """A fabric that is up; spine1 is in no maintenance at the end of each test."""
    with contextlib.ExitStack() as stack:
        made = Fabric(*request.param)
        made.start(stack)
        yield made


def test_traffic_leaves_a_spine_and_returns_and_not_one_packet_is_lost(spines: Fabric) -> None:
    with spines.packets() as counted:
        time.sleep(0.5)
        planned = spines.maintenance("on", check_mode=True)
        assert spines.ways("leaf1", "leaf2") == {"eth1", "eth2"}
        made = spines.maintenance("on")
        assert made["changed"] and [each["kind"] for each in made["operations"]] == [each["kind"] for each in planned["operations"]]
        until(lambda: spines.ways("leaf1", "leaf2") == spines.ways("leaf2", "leaf1") == {"eth2"})
        assert not spines.maintenance("on")["changed"]
        # The host itself stays within reach.
        assert spines.hosts["leaf1"].run("ping", "-c1", "-W2", spines.loopback["spine1"], check=False).returncode == 0
        assert spines.maintenance("off")["changed"]
        until(lambda: spines.ways("leaf1", "leaf2") == spines.ways("leaf2", "leaf1") == {"eth1", "eth2"})
        assert not spines.maintenance("off")["changed"]
        time.sleep(0.5)
    sent, received = counted
    assert sent > 1000 and received == sent


@EACH
def test_a_run_of_the_document_leaves_maintenance_alone_and_saves_nothing_of_it(spines: Fabric) -> None:
    host = spines.hosts["spine1"]
    startup = host.run("cat", "/etc/frr/frr.conf").stdout
    spines.maintenance("on")
    try:
        again = host.module("fabric_host", spines.document("spine1"))
        assert (again["changed"], again["operations"]) == (False, [])
        changed = spines.document("spine1")
        changed["frr"]["config"] = "ip prefix-list NEW seq 5 permit 192.0.2.0/24\n" + changed["frr"]["config"]
        assert host.module("fabric_host", changed)["changed"]
        assert not spines.maintenance("on")["changed"]
        assert host.module("fabric_host", spines.document("spine1"))["changed"]
        assert host.run("cat", "/etc/frr/frr.conf").stdout == startup
    finally:
        spines.maintenance("off")
    assert spines.told() is None


@EACH
def test_a_host_ends_its_maintenance_by_itself_and_says_until_when_it_lasts(spines: Fabric) -> None:
    assert spines.told() is None
    before = time.time()
    made = spines.maintenance("on", expiry="90m")
    until_when = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(before + 90 * 60))
    assert made["maintenance"]["until"].startswith(until_when) and spines.told() == made["maintenance"]
    # A minute is the shortest, and longer than a test should wait: what waits for the end is told another time.
    assert spines.maintenance("on", expiry="60s")["operations"][0]["action"] == "change"
    host = spines.hosts["spine1"]
    script = "import time; from ansible_collections.evpn.fabric.plugins.module_utils._host.maintenance import stages; "
    script += "from ansible_collections.evpn.fabric.plugins.module_utils._frr.vtysh import Vtysh; "
    script += "[each.plane.apply(each.plan, lambda: None) for each in stages.prepare(Vtysh(), 'on', 2)]"
    host.run("env", "PYTHONPATH=/test", "python3", "-c", script)
    assert spines.told() is not None
    until(lambda: spines.told() is None)
    assert "graceful-shutdown" not in host.running_config() and "max-metric" not in host.running_config()
    assert not spines.maintenance("off")["changed"]
    assert host.run("pgrep", "-f", "maintenance.conf", check=False).stdout == ""


@EACH
def test_a_second_maintenance_ends_at_its_own_time_and_not_at_that_of_one_before(spines: Fabric) -> None:
    spines.maintenance("on", expiry="1h")
    spines.maintenance("off")
    made = spines.maintenance("on", expiry="3h")
    try:
        waiting = spines.hosts["spine1"].run("pgrep", "-f", "maintenance.conf").stdout.split()
        assert len(waiting) == 1 and spines.told() == made["maintenance"]
    finally:
        spines.maintenance("off")


@EACH
def test_lines_that_frr_lost_by_a_restart_are_told_again_and_the_end_stays(spines: Fabric) -> None:
    host = spines.hosts["spine1"]
    first = spines.maintenance("on")
    try:
        host.stop()
        host.start()
        until(lambda: "router" in host.running_config())
        again = spines.maintenance("on")
        assert {each["kind"] for each in again["operations"]} == {"frr"} and again["maintenance"] == first["maintenance"]
    finally:
        spines.maintenance("off")
    until(lambda: spines.ways("leaf1", "leaf2") == {"eth1", "eth2"}, limit=60)
