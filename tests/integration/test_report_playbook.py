"""The playbook `report` on this machine: hosts that cannot be reached or do not answer, what the control host keeps."""

from __future__ import annotations

import html.parser
import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.reports import DRIFT, RUNS

COLLECTIONS = pathlib.Path(__file__).parents[2] / ".build/importable"
PLAYBOOKS = COLLECTIONS / "ansible_collections/evpn/fabric/playbooks"
OPERATION = {"kind": "vxlan", "name": "vxlan10100", "action": "change", "disruption": "hitless", "reason": "{{ 7 * 7 }}"}
#: A playbook in which hosts say what a test has them say, and which then remembers that.
CHANGES: list[dict[str, Any]] = [
    {
        "hosts": "spine1:leaf1",
        "gather_facts": False,
        "vars_files": [str(PLAYBOOKS / "vars/state.yml")],
        "tasks": [
            # What comes from a host is no template, whatever it looks like.
            {"ansible.builtin.command": {"argv": ["cat", "{{ inventory_dir }}/{{ inventory_hostname }}"]}, "register": "said"},
            {"ansible.builtin.set_fact": {"result": "{{ said.stdout | from_json }}"}},
            {
                "ansible.builtin.import_tasks": str(PLAYBOOKS / "tasks/remember.yml"),
                "vars": {"__run": "evpn.fabric.site", "__results": ["result"]},
            },
        ],
    }
]


class Tables(html.parser.HTMLParser):
    """The tables of a page."""

    def __init__(self, page: pathlib.Path):
        super().__init__()
        self._data = False
        self.encoded: dict[str, Any] = {}
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._data = ("type", "application/json") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._data = False

    def handle_data(self, data: str) -> None:
        if self._data:
            self.encoded = json.loads(data)

    def rows(self, name: str) -> list[dict[str, Any]]:
        table = self.encoded[name]
        columns = [[values[place] for place in places] for values, places in zip(table["values"], table["places"])]
        return [dict(zip(table["columns"], row)) for row in zip(*columns)]


@pytest.fixture(name="play")
def _play(tmp_path: pathlib.Path) -> Any:
    """Runs a playbook on a fabric of this machine, on which no FRR runs, and a leaf that cannot be reached."""
    here = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    nowhere = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    fabric = {
        "vars": {
            "fabric_links": [{"ends": [f"spine1:{name}", f"{name}:eth1"]} for name in ("leaf1", "leaf2")],
            "fabric_networks": [{"name": "web", "vni": 10100}],
        },
        "children": {
            "spines": {"hosts": {"spine1": {**here, "fabric_asn": 65000, "fabric_loopback": "10.255.0.1"}}},
            "vteps": {
                "hosts": {
                    "leaf1": {**here, "fabric_asn": 65011, "fabric_loopback": "10.255.0.11"},
                    "leaf2": {**nowhere, "fabric_asn": 65012, "fabric_loopback": "10.255.0.12"},
                }
            },
        },
    }
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"children": {"fabric": fabric}}}))

    def play(playbook: str | list[dict[str, Any]], *extra: str) -> str:
        if isinstance(playbook, list):
            (tmp_path / "playbook.yml").write_text(yaml.safe_dump(playbook))
            playbook = str(tmp_path / "playbook.yml")
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.yml", playbook]
        command += [word for each in extra for word in ("-e", each)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return play


def test_hosts_that_cannot_be_looked_at_are_shown_as_such_and_drift_and_runs_with_them(
    play: Any, tmp_path: pathlib.Path
) -> None:
    kept = tmp_path / "state/evpn-fabric"
    kept.mkdir(parents=True)
    (kept / "drift.json").write_text(json.dumps(DRIFT))
    (kept / "runs.json").write_text(json.dumps(RUNS))
    play("evpn.fabric.report")
    page = Tables(kept / "report.html")
    states = {row["Host"]: row["State"] for row in page.rows("hosts")}
    assert set(states) == {"spine1", "leaf1", "leaf2"}
    assert states["leaf2"].startswith("✗ cannot be reached: ")
    assert states["leaf1"].startswith("✗ did not answer: ")
    assert len(page.rows("drift")) == 2 and len(page.rows("runs")) == 3
    assert (kept / "report.html").stat().st_mode & 0o777 == 0o600


def test_the_page_is_written_where_nothing_is_kept_yet_and_where_the_user_says(play: Any, tmp_path: pathlib.Path) -> None:
    shown = play("evpn.fabric.report", "fabric_state_directory=kept/here")
    assert str(tmp_path / "kept/here/report.html") in shown
    page = Tables(tmp_path / "kept/here/report.html")
    assert page.rows("drift") == page.rows("runs") == []


def test_what_a_run_did_is_remembered_and_shown_as_it_was_said(play: Any, tmp_path: pathlib.Path) -> None:
    runs = tmp_path / "state/evpn-fabric/runs.json"
    said = {"spine1": {"changed": False, "operations": []}, "leaf1": {"changed": False, "operations": []}}

    def run() -> None:
        for name, result in said.items():
            (tmp_path / name).write_text(json.dumps(result))
        play(CHANGES)

    run()
    assert not runs.exists(), "nothing was changed"
    said["leaf1"] = {"changed": True, "operations": [{**OPERATION, "before": {"mtu": 1500}}]}
    run()
    said["spine1"] = {"failed": True, "msg": "FRR refused it"}
    run()
    newest, oldest = json.loads(runs.read_text())
    assert oldest["hosts"] == {"leaf1": {"operations": [OPERATION], "problem": None}}
    assert newest["hosts"]["spine1"]["problem"] == "FRR refused it" and newest["playbook"] == "evpn.fabric.site"
    assert runs.stat().st_mode & 0o777 == 0o600
    play("evpn.fabric.report")
    rows = Tables(tmp_path / "state/evpn-fabric/report.html").rows("runs")
    assert [(row["Host"], row["Reason"]) for row in rows] == [
        ("spine1", "FRR refused it"),
        ("leaf1", "{{ 7 * 7 }}"),
        ("leaf1", "{{ 7 * 7 }}"),
    ]
