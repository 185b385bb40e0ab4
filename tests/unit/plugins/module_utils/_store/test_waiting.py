"""The process that waits for a deadline."""

from __future__ import annotations

import os
import pathlib
import sys
import time

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._store import waiting


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setattr(waiting.namespace, "DIRECTORY", str(tmp_path / "run"))
    monkeypatch.setattr(waiting, "LOG", str(tmp_path / "revert.log"))


def test_one_process_waits_for_a_checkpoint_and_others_see_that_it_does() -> None:
    assert not waiting.is_waited_for("5f0c1a2b")
    with waiting.alone("5f0c1a2b") as first, waiting.alone("5f0c1a2b") as second, waiting.alone("another") as other:
        assert (first, second, other) == (True, False, True)
        assert waiting.is_waited_for("5f0c1a2b")
    assert not waiting.is_waited_for("5f0c1a2b")
    assert os.listdir(waiting.namespace.DIRECTORY) == [], "it leaves nothing behind"


def test_a_process_that_is_killed_waits_no_more() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with waiting.alone("5f0c1a2b"):
            os.write(writing, b"1")
            time.sleep(60)
    os.read(reading, 1)
    assert waiting.is_waited_for("5f0c1a2b")
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert not waiting.is_waited_for("5f0c1a2b")


def test_without_systemd_a_process_of_its_own_session_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setattr(waiting.program, "systemd_serves_here", lambda: False)
    code = "import os, sys; print(os.getsid(0) == os.getpid(), sys.argv[1])"
    monkeypatch.setattr(waiting, "command", lambda identity: [sys.executable, "-c", code, identity])
    waiting.start("5f0c1a2b")
    log, deadline = tmp_path / "revert.log", time.monotonic() + 20
    while not log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert log.read_text() == "True 5f0c1a2b\n"
    monkeypatch.setattr(waiting, "command", lambda _identity: [str(tmp_path / "missing")])
    with pytest.raises(FabricError, match="what waits for the deadline cannot be started"):
        waiting.start("5f0c1a2b")
