"""The playbook drift on this machine, which keeps no document, and on a host that cannot be reached."""

from __future__ import annotations

import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

COLLECTIONS = pathlib.Path(__file__).parents[2] / ".build/importable"
HERE: dict[str, Any] = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
AWAY: dict[str, Any] = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
FABRIC: dict[str, Any] = {
    "vars": {
        "fabric_links": [{"ends": ["spine1:eth1", "leaf1:eth1"]}],
        "fabric_networks": [{"name": "web", "vni": 10100}],
    },
    "children": {
        "spines": {"hosts": {"spine1": {"fabric_asn": 65000, "fabric_loopback": "10.255.0.1", **AWAY}}},
        "vteps": {"hosts": {"leaf1": {"fabric_asn": 65011, "fabric_loopback": "10.255.0.11", **HERE}}},
    },
}


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("the module looks at what only root sees")
    if pathlib.Path("/var/lib/evpn-fabric/document.json").exists():
        pytest.skip("this machine is a host of a fabric")


@pytest.fixture(name="run")
def _run(tmp_path: pathlib.Path) -> Any:
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"children": {"fabric": FABRIC}}}))

    def run(*words: str) -> tuple[int, str]:
        """The exit status of the playbook, and what it prints."""
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.yml", "evpn.fabric.drift"]
        done = subprocess.run([*command, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture(name="webhook")
def _webhook() -> Iterator[tuple[str, list[Any]]]:
    received: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        """Takes reports, and refuses those that are sent to /refused."""

        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path == "/refused" else 204)
            self.end_headers()

        def log_message(self, *_details: Any) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def test_hosts_that_tell_nothing_are_lines_and_not_the_end(run: Any, tmp_path: pathlib.Path) -> None:
    status, text = run()
    assert status == 0, text
    report = json.loads((tmp_path / "state/evpn-fabric/drift.json").read_text())
    assert [report["hosts"][name]["reachable"] for name in ("leaf1", "spine1")] == [True, False]
    assert "run evpn.fabric.site" in report["hosts"]["leaf1"]["problem"]
    assert "cannot be reached by Ansible" in report["hosts"]["spine1"]["problem"]
    assert "LOST    spine1" in text and "FAIL    leaf1" in text


def test_it_fails_where_it_is_told_to_and_files_and_webhook_have_the_report_before(
    run: Any, webhook: tuple[str, list[Any]], tmp_path: pathlib.Path
) -> None:
    url, received = webhook
    where = {
        "fabric_state_directory": str(tmp_path / "kept"),
        "drift_report_directory": str(tmp_path),
        "drift_webhook_url": url,
    }
    status, text = run("-e", json.dumps(where), "-e", "drift_fail=true", "--limit", "leaf1")
    assert status == 2 and "FAIL    leaf1" in text, text
    written = json.loads((tmp_path / "drift.json").read_text())
    assert received == [written] and list(written["hosts"]) == ["leaf1"]
    assert (tmp_path / "drift.prom").exists() and (tmp_path / "drift.xml").exists() and (tmp_path / "kept/drift.json").exists()


def test_a_webhook_that_refuses_fails_the_run_when_all_has_been_told_and_its_address_is_not(
    run: Any, webhook: Any, tmp_path: pathlib.Path
) -> None:
    url, received = webhook
    status, text = run("-e", f"drift_webhook_url={url}/refused", "--limit", "leaf1", "-vvv")
    assert status == 2 and "the webhook answered with HTTP status 500" in text and "FAIL    leaf1" in text, text
    assert len(received) == 1 and (tmp_path / "state/evpn-fabric/drift.json").exists()
    assert "/refused" not in text, "it may be a secret"
