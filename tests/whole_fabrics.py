"""A whole fabric of hosts with real FRR in namespaces: two spines, two leaves, packets between them, playbooks over them."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests.fabrics import OSPF, fabric
from tests.frr_host import FrrHost
from tests.gateways import until

ROOT = pathlib.Path(__file__).parents[1]
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


class WholeFabric:
    """Two spines and two leaves, all of one release."""

    def __init__(self, image: str, underlay: str):
        self.groups, self.hostvars = fabric(vrfs=0, networks=1, **UNDERLAYS[underlay])
        self.built = build(self.groups, self.hostvars)
        assert not self.built.problems, self.built.problems
        self.loopback = {name: found["fabric_loopback"] for name, found in self.hostvars.items()}
        self.image, self.links = image, self.hostvars["leaf1"]["fabric_links"]
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
            # The kernel is this machine's, which has what it has.
            modules = "".join(f"kernel/{module}.ko\n" for module in ("bridge", "vxlan", "vrf", "8021q"))
            directory = f"/lib/modules/{os.uname().release}"
            host.run("mkdir", "-p", directory)
            host.run("tee", f"{directory}/modules.builtin", stdin=modules)
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

    def play(self, playbook: str, *extra: str, limit: str = "fabric", **changed: Any) -> tuple[bool, str]:
        """Whether a playbook succeeds with extra variables, and what it prints. ``changed`` are variables of the fabric."""
        with tempfile.TemporaryDirectory(prefix="evpn-play-") as directory:
            place = pathlib.Path(directory)
            (place / "inventory.json").write_text(json.dumps(self._inventory(changed)))
            environment = {
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/importable"),
                "ANSIBLE_CONNECTION_PLUGINS": str(ROOT / "tests/connection_plugins"),
                "ANSIBLE_HOME": str(place / "ansible"),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_PIPELINING": "1",
                "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
            }
            command = [
                str(pathlib.Path(sys.executable).with_name("ansible-playbook")),
                "-i",
                "inventory.json",
                "-l",
                limit,
                playbook,
            ]
            command += [word for each in extra for word in ("-e", each)]
            done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
            return done.returncode == 0, done.stdout + done.stderr

    def _inventory(self, changed: dict[str, Any]) -> dict[str, Any]:
        own = {name: {"pid_of_host": host.pid} for name, host in self.hosts.items()}
        children = {
            group: {"hosts": {name: {**self.hostvars[name], **changed, **own[name]} for name in names}}
            for group, names in self.groups.items()
            if group != "fabric"
        }
        return {"fabric": {"vars": {"ansible_connection": "nsenter", "ansible_become": False}, "children": children}}
