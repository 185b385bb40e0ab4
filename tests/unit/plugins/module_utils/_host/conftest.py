"""Where the checkpoints of these tests are."""

from __future__ import annotations

import pathlib
import time

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import host as frr_host
from ansible_collections.evpn.fabric.plugins.module_utils._host import guard
from ansible_collections.evpn.fabric.plugins.module_utils._store import checkpoint


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """Has checkpoints and FRR's startup file be in a directory of the test's own, and nothing wait."""
    for name in ("CHECKPOINT_FILE", "DAMAGED_FILE", "REVERTED_FILE", "DEADLINE_FILE", "CONFIRMED_FILE"):
        monkeypatch.setattr(checkpoint, name, str(tmp_path / name))
    monkeypatch.setattr(frr_host, "STARTUP_FILE", str(tmp_path / "frr.conf"))
    monkeypatch.setattr(checkpoint.namespace, "DIRECTORY", str(tmp_path))
    monkeypatch.setattr(guard.namespace, "path", lambda ending: f"{tmp_path}/{ending}")
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
