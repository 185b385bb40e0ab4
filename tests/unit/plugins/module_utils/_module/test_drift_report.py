"""The report of drift on the control host: kept, locked, written in one step."""

from __future__ import annotations

import fcntl
import json
import pathlib
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._module import drift_report
from ansible_collections.evpn.fabric.plugins.module_utils._module.drift_report import default_directory

FINDING = {
    "plane": "kernel",
    "kind": "bridge",
    "name": "br1",
    "whose": "changed",
    "reason": "mtu 1300 -> 1450",
    "action": "change",
    "disruption": "hitless",
    "repairable": True,
}
ENTRY: dict[str, Any] = {
    "reachable": True,
    "problem": None,
    "confirmed": None,
    "inventory": "unchanged",
    "inventory_changes": [],
    "findings": [FINDING],
}


class EndedError(Exception):
    """The module has ended."""


class Module:
    """What drift_report.run needs of AnsibleModule."""

    def __init__(self, at: str, place: pathlib.Path, reports: str = "", check_mode: bool = False, **hosts: Any):
        current = {"at": at, "notes": [], "hosts": {name: {**entry, "at": at} for name, entry in hosts.items()}}
        self.params = {
            "current": json.dumps(current),
            "fabric": ["leaf1", "leaf2"],
            "state_directory": str(place),
            "report_directory": reports,
        }
        self.check_mode = check_mode
        self.warnings: list[str] = []
        self.result: dict[str, Any] = {}

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def exit_json(self, **result: Any) -> None:
        self.result = result

    def fail_json(self, **result: Any) -> None:
        self.result = {**result, "failed": True}
        raise EndedError

    def run(self) -> Module:
        drift_report.run(self)
        return self


def time(day: int) -> str:
    return f"2026-11-{day:02}T00:00:00Z"


def test_a_second_run_goes_on_from_the_first_and_tells_of_its_own_hosts(tmp_path: pathlib.Path) -> None:
    place, reports = tmp_path / "made/here", tmp_path / "reports"
    reports.mkdir()
    Module(time(1), place, leaf1=ENTRY, leaf2=ENTRY).run()
    second = Module(time(2), place, str(reports), leaf1=ENTRY).run().result
    assert second["report"]["hosts"]["leaf1"]["findings"][0]["since"] == time(1)
    assert second["differing"] == 1 and "leaf2" not in " ".join(second["table"])
    assert sorted(path.name for path in reports.iterdir()) == ["drift.json", "drift.prom", "drift.xml"]
    for path in (place / "drift.json", reports / "drift.json"):
        assert json.loads(path.read_text()) == second["report"] and set(second["report"]["hosts"]) == {"leaf1", "leaf2"}
    assert sorted(path.name for path in place.iterdir()) == ["drift.json", "lock"], "nothing unfinished stays"


def test_check_mode_tells_and_writes_nothing(tmp_path: pathlib.Path) -> None:
    made = Module(time(1), tmp_path, str(tmp_path), check_mode=True, leaf1=ENTRY).run().result
    assert made["differing"] == 1 and [path.name for path in tmp_path.iterdir()] == ["lock"]


@pytest.mark.parametrize("text", ["{", '{"version": 2, "hosts": {}}', '{"version": 1}', "[]"])
def test_a_report_that_cannot_be_read_is_put_aside_with_a_warning(tmp_path: pathlib.Path, text: str) -> None:
    (tmp_path / "drift.json").write_text(text)
    module = Module(time(1), tmp_path, leaf1=ENTRY).run()
    assert "cannot be read" in module.warnings[0] and (tmp_path / "drift.json.unreadable").read_text() == text
    assert json.loads((tmp_path / "drift.json").read_text())["version"] == 1


def test_a_run_that_writes_is_waited_for_and_one_that_does_not_end_is_named(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_report, "LOCK_TIMEOUT", 0.3)
    with open(tmp_path / "lock", "a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        module = Module(time(1), tmp_path, leaf1=ENTRY)
        with pytest.raises(EndedError):
            module.run()
    assert "another run has held" in module.result["msg"] and not (tmp_path / "drift.json").exists()


def test_a_directory_that_is_not_there_is_named(tmp_path: pathlib.Path) -> None:
    module = Module(time(1), tmp_path, str(tmp_path / "nowhere"), leaf1=ENTRY)
    with pytest.raises(EndedError):
        module.run()
    assert "nowhere" in module.result["msg"]


def test_state_is_where_programs_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere")
    assert default_directory() == "/somewhere/evpn-fabric"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert default_directory() == "/home/me/.local/state/evpn-fabric"
