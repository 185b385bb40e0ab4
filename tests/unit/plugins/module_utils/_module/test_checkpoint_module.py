"""Confirming and reverting by the module: which checkpoint is meant."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._host import guard
from ansible_collections.evpn.fabric.plugins.module_utils._module.checkpoint import run
from ansible_collections.evpn.fabric.plugins.module_utils._store import checkpoint
from ansible_collections.evpn.fabric.plugins.module_utils._store.checkpoint import Checkpoint, Reverted


class Module:
    """What `AnsibleModule` is to a run: options, and what the run ends with."""

    check_mode = False

    def __init__(self, state: str, identity: str | None):
        self.params = {"state": state, "id": identity, "wait": 0}
        self.result: dict[str, Any] = {}

    def exit_json(self, **result: Any) -> None:
        self.result = result

    def fail_json(self, **result: Any) -> None:
        self.result = {"failed": True, **result}


def ended(state: str, identity: str | None = None) -> dict[str, Any]:
    module = Module(state, identity)
    run(module)
    return module.result


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    for name in ("CHECKPOINT_FILE", "REVERTED_FILE", "DEADLINE_FILE"):
        monkeypatch.setattr(checkpoint, name, str(tmp_path / name))
    monkeypatch.setattr(checkpoint.namespace, "DIRECTORY", str(tmp_path))
    monkeypatch.setattr(guard.namespace, "path", lambda ending: f"{tmp_path}/{ending}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.mark.parametrize("deadline_is_known", [True, False])
def test_a_checkpoint_of_another_run_is_not_reverted(deadline_is_known: bool) -> None:
    if deadline_is_known:
        checkpoint.set_deadline("5f0c1a2b", 60)
    checkpoint.write(Checkpoint("5f0c1a2b", checkpoint.boot_id(), 60, {}, ["change vxlan vxlan10"], []).text())
    assert ended("reverted", "another") == {"changed": False, "reverted": []} and checkpoint.is_armed()
    assert ended("reverted", "5f0c1a2b")["reverted"] == ["change vxlan vxlan10"] and not checkpoint.is_armed()


def test_a_host_that_has_gone_back_by_itself_has_nothing_to_revert_and_cannot_be_confirmed() -> None:
    checkpoint.remember(Reverted("5f0c1a2b", "2026-11-27T09:30:00Z", "it was not confirmed within 60 s", []))
    assert ended("reverted", "5f0c1a2b") == {"changed": False, "reverted": []}
    assert ended("confirmed", "5f0c1a2b")["msg"].startswith("it is too late to confirm: at 2026-11-27T09:30:00Z")
