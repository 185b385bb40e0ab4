"""Waiting for the sessions that were there before, and confirming."""

from __future__ import annotations

import json
import pathlib
import time
from collections.abc import Iterator

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._host import going_back, guard
from ansible_collections.evpn.fabric.plugins.module_utils._store import checkpoint
from ansible_collections.evpn.fabric.plugins.module_utils._store.checkpoint import Checkpoint, Reverted

SESSION = "192.0.2.9 l2vpn_evpn in VRF default"


def shown(**states: str) -> str:
    """What FRR prints of neighbors, by their last byte."""
    peers = {f"192.0.2.{number[1:]}": {"state": state} for number, state in states.items()}
    return json.dumps({"default": {"l2VpnEvpn": {"peers": peers}, "ipv4Multicast": {"peers": {"192.0.2.7": {}}}}})


class Answers:
    """FRR that answers one thing after the other, and the last for ever."""

    def __init__(self, *answers: str):
        self.answers: Iterator[str] = iter(answers)
        self.last = ""

    def show(self, _command: str) -> str:
        self.last = next(self.answers, self.last)
        if self.last == "no FRR":
            raise FrrError("FRR does not answer")
        return self.last


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    for name in ("CHECKPOINT_FILE", "REVERTED_FILE", "DEADLINE_FILE"):
        monkeypatch.setattr(checkpoint, name, str(tmp_path / name))
    monkeypatch.setattr(checkpoint.namespace, "DIRECTORY", str(tmp_path))
    monkeypatch.setattr(guard.namespace, "path", lambda ending: f"{tmp_path}/{ending}")
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def await_sessions(monkeypatch: pytest.MonkeyPatch, *answers: str, seconds: float = 60, limit: float = 60) -> Answers:
    frr = Answers(*answers)
    monkeypatch.setattr(going_back, "Vtysh", lambda: frr)
    checkpoint.set_deadline("5f0c1a2b", seconds)
    checkpoint.write(Checkpoint("5f0c1a2b", "a boot", 60, {}, [], [SESSION]).text())
    going_back.await_sessions("5f0c1a2b", limit)
    return frr


def test_sessions_are_waited_for_until_they_are_established_again(monkeypatch: pytest.MonkeyPatch) -> None:
    frr = await_sessions(monkeypatch, shown(n9="Idle"), shown(n9="Active"), shown(n9="Established"), "never asked for")
    assert frr.last == shown(n9="Established")


def test_a_session_that_frr_is_not_configured_for_any_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    await_sessions(monkeypatch, shown(n8="Idle"))


@pytest.mark.parametrize(("seconds", "limit"), [(1.5, 60), (60, -1)])
def test_one_that_does_not_come_back_is_named_with_what_happens_then(
    monkeypatch: pytest.MonkeyPatch, seconds: float, limit: float
) -> None:
    with pytest.raises(
        FabricError, match=rf"have not come back: {SESSION}\. Nothing was confirmed: .* in {int(seconds - 0.1)} s"
    ):
        await_sessions(monkeypatch, shown(n9="Idle"), seconds=seconds, limit=limit)


def test_frr_that_does_not_answer_has_lost_its_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FabricError, match="have not come back"):
        await_sessions(monkeypatch, "no FRR", limit=-1)


def test_what_is_confirmed_is_not_armed_any_more() -> None:
    checkpoint.set_deadline("5f0c1a2b", 60)
    checkpoint.write(Checkpoint("5f0c1a2b", "a boot", 60, {}, [], []).text())
    assert going_back.confirm("another") is False and checkpoint.is_armed()
    assert going_back.confirm("5f0c1a2b") is True and not checkpoint.is_armed()
    assert going_back.confirm("5f0c1a2b") is False


def test_a_checkpoint_that_is_named_is_reverted_and_no_other() -> None:
    checkpoint.set_deadline("5f0c1a2b", 60)
    checkpoint.write(Checkpoint("5f0c1a2b", checkpoint.boot_id(), 60, {}, [], []).text())
    assert going_back.revert(going_back.BY_HAND, "another") is None and checkpoint.is_armed()
    reverted = going_back.revert(going_back.BY_HAND, "5f0c1a2b")
    assert reverted is not None and reverted.id == "5f0c1a2b" and not checkpoint.is_armed()


def test_who_waits_for_a_checkpoint_leaves_another_one_alone_even_if_no_deadline_is_known() -> None:
    checkpoint.write(Checkpoint("another", checkpoint.boot_id(), 60, {}, [], []).text())
    assert going_back.when_due("5f0c1a2b") is None and checkpoint.is_armed()


def test_it_is_too_late_to_confirm_what_was_reverted() -> None:
    checkpoint.remember(Reverted("5f0c1a2b", "2026-11-27T09:30:00Z", "it was not confirmed within 60 s", []))
    with pytest.raises(FabricError, match="it is too late to confirm: at 2026-11-27T09:30:00Z this host went back"):
        going_back.confirm("5f0c1a2b")
