"""The rulebook with ansible-rulebook, on loopback: what events it runs playbooks on, and what it makes nothing of."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateways import until

ROOT = pathlib.Path(__file__).parents[2]
BIN = pathlib.Path(sys.executable).parent
TOKEN = "what-only-alertmanager-knows"
NORTH = {"interface": "eth3", "asn": 64999, "address": "198.51.100.10/31", "peer": "198.51.100.11"}
#: A gateway and a leaf that nobody answers for.
FABRIC: dict[str, Any] = {
    "vars": {
        "ansible_host": "127.0.0.1",
        "ansible_port": 1,
        "fabric_links": [{"ends": ["leaf1:eth1", "gw1:eth1"]}],
        "fabric_gateways": {"mode": "anycast", "vtep_prefix": "10.255.1.0/26"},
        "fabric_networks": [{"name": "web", "vni": 10100, "central": True, "gateways": ["10.1.0.1/24"]}],
    },
    "children": {
        "vteps": {"hosts": {"leaf1": {"fabric_asn": 65011, "fabric_loopback": "10.255.0.11"}}},
        "gateways": {"hosts": {"gw1": {"fabric_asn": 65021, "fabric_loopback": "10.255.0.21", "fabric_north": [NORTH]}}},
    },
}


class Rulebook:
    """ansible-rulebook with the rulebook of this collection; ``directory`` has its log, and the state of drift."""

    def __init__(self, directory: pathlib.Path, java: str):
        self.directory = directory
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        collection = directory / "collections/ansible_collections/evpn/fabric"
        collection.mkdir(parents=True)
        for name in ("galaxy.yml", "meta", "plugins", "roles", "playbooks", "extensions"):
            (collection / name).symlink_to(ROOT / name)
        variables = {"drift_state_directory": str(directory / "state")}
        fabric = {**FABRIC, "vars": {**FABRIC["vars"], **variables}}
        (directory / "inventory.yml").write_text(json.dumps({"all": {"children": {"fabric": fabric}}}))
        given = {"fabric_webhook_token": TOKEN, "fabric_webhook_port": self.port}
        (directory / "eda.yml").write_text(json.dumps(given))
        environment = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "JAVA_HOME": str(pathlib.Path(java).resolve().parents[1]),
            "ANSIBLE_COLLECTIONS_PATH": str(directory / "collections"),
            "ANSIBLE_HOME": str(directory / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
        }
        command = [str(BIN / "ansible-rulebook"), "--rulebook", "evpn.fabric.fabric"]
        command += ["--inventory", str(directory / "inventory.yml"), "--vars", str(directory / "eda.yml")]
        with (directory / "log").open("w") as log:
            self.process = subprocess.Popen(command, cwd=directory, env=environment, stdout=log, stderr=log)

    def log(self) -> str:
        return (self.directory / "log").read_text()

    def post(self, event: Any, token: str = TOKEN) -> int:
        """The status with which an event was taken; 0 where nobody listens yet."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/alerts", json.dumps(event).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rulebook]:
    java = shutil.which("java")
    if java is None:
        pytest.skip("ansible-rulebook needs Java, and there is none on this machine")
    running = Rulebook(tmp_path_factory.mktemp("rulebook"), java)
    try:
        until(lambda: running.post({}, token="nobody's") == 401, 90)
        yield running
    finally:
        running.process.terminate()
        try:
            running.process.wait(20)
        finally:
            running.process.kill()


def alerts(*labels: dict[str, str]) -> dict[str, Any]:
    """What Alertmanager posts to a webhook."""
    listed = [{"status": "firing", "labels": each, "annotations": {"summary": "A line of text"}} for each in labels]
    return {"version": "4", "status": "firing", "receiver": "fabric", "alerts": listed}


def test_nothing_is_run_on_events_that_name_no_host_or_have_no_token(rulebook: Rulebook) -> None:
    touched = rulebook.directory / "touched"
    template = "{{ lookup('ansible.builtin.pipe', 'touch %s') }}" % touched
    good = {"alertname": "FabricDrift", "host": "leaf1"}
    assert rulebook.post(good, token="guessed") == 401
    for host in (template, "@/etc/passwd", "gw1,leaf1", ""):
        assert rulebook.post(alerts({"alertname": "FabricGatewayDown", "host": host, "gateway": "gw1"})) == 200
    assert rulebook.post({"alertname": "FabricUnheardOf", "host": "leaf1"}) == 200
    assert rulebook.post(["FabricDrift"]) == 200
    time.sleep(5)
    assert "PLAY" not in rulebook.log() and not touched.exists()


def test_drift_is_looked_for_when_an_alert_says_so(rulebook: Rulebook) -> None:
    assert rulebook.post(alerts({"alertname": "FabricDrift", "host": "leaf1", "severity": "warning"})) == 200
    report = rulebook.directory / "state/drift.json"
    until(report.exists, 90)
    hosts = json.loads(report.read_text())["hosts"]
    assert {name: host["reachable"] for name, host in hosts.items()} == {"leaf1": False, "gw1": False}


def test_a_gateway_is_replaced_when_an_alert_says_that_it_is_down(rulebook: Rulebook) -> None:
    assert rulebook.post(alerts({"alertname": "FabricGatewayDown", "host": "gw1"})) == 200
    until(lambda: "Take one in with evpn.fabric.undrain, or take fewer out" in " ".join(rulebook.log().split()), 90)


def test_a_name_that_is_no_gateway_s_is_refused_by_the_playbook(rulebook: Rulebook) -> None:
    assert rulebook.post(alerts({"alertname": "FabricGatewayDown", "host": "all"})) == 200
    until(lambda: "'all' is not in the group gateways" in rulebook.log(), 90)
