"""The files of a checkpoint, and the time that it waits."""

from __future__ import annotations

import pathlib
import time

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._store import checkpoint, waiting
from ansible_collections.evpn.fabric.plugins.module_utils._store.checkpoint import Checkpoint, Reverted

TAKEN = Checkpoint("5f0c1a2b", checkpoint.boot_id(), 60, {"kernel": {"present": ["a bridge"]}}, ["delete bridge br1"], [])


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    for name in ("CHECKPOINT_FILE", "DAMAGED_FILE", "REVERTED_FILE", "DEADLINE_FILE"):
        monkeypatch.setattr(checkpoint, name, str(tmp_path / name))
    monkeypatch.setattr(checkpoint.namespace, "DIRECTORY", str(tmp_path))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the checkpoints that a process was started for."""
    ids: list[str] = []
    monkeypatch.setattr(waiting, "start", ids.append)
    return ids


def arm(seconds: float = 60) -> None:
    checkpoint.set_deadline(TAKEN.id, seconds)
    checkpoint.write(TAKEN.text())


def left() -> float:
    found = checkpoint.seconds_left(TAKEN.id)
    assert found is not None
    return found


def test_what_is_written_is_read() -> None:
    arm()
    assert checkpoint.read() == TAKEN


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a bridge", "a bridgf", "is damaged: its content does not have the digest"),
        ('"version": 1', '"version": 2', "has version 2, and this release reads 1"),
        ("{", "[", "is damaged"),
    ],
)
def test_a_checkpoint_that_is_not_as_it_was_written_is_refused_with_what_happens_then(old: str, new: str, message: str) -> None:
    checkpoint.write(TAKEN.text().replace(old, new, 1))
    with pytest.raises(FabricError, match=message) as caught:
        checkpoint.read()
    assert "The host stays as it is, and nothing reverts it. Run evpn.fabric.site" in str(caught.value)


def test_time_runs_out_whatever_the_clock_of_the_day_is_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    arm(60)
    for step in (86400, -86400):
        now = time.time() + step
        monkeypatch.setattr(time, "time", lambda: now)  # noqa: B023
        monkeypatch.setattr(time, "gmtime", lambda *_seconds: time.struct_time((1970, 1, 1, 0, 0, 0, 3, 1, 0)))
        assert 59 < left() <= 60
    elapsed = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: elapsed)
    assert -2 < left() < 0


def test_a_checkpoint_whose_deadline_is_lost_is_due() -> None:
    arm()
    pathlib.Path(checkpoint.DEADLINE_FILE).write_text("{")
    assert left() < 0


def test_neither_one_that_is_disarmed_nor_that_of_another_run_is_waited_for() -> None:
    arm()
    assert checkpoint.seconds_left("another") is None
    checkpoint.disarm()
    assert checkpoint.seconds_left(TAKEN.id) is None and checkpoint.armed() is None


def test_one_that_is_armed_refuses_others_and_says_until_when_and_how_to_end_it(started: list[str]) -> None:
    checkpoint.refuse_if_armed()
    arm(42.5)
    with waiting.alone(TAKEN.id):
        with pytest.raises(FabricError, match=r"goes back by itself in 42 s.*engine.pyz confirm\. .*engine.pyz revert"):
            checkpoint.refuse_if_armed()
        checkpoint.set_deadline(TAKEN.id, -1)
        with pytest.raises(FabricError, match="by itself at any moment"):
            checkpoint.refuse_if_armed()
        checkpoint.remember(Reverted(TAKEN.id, "2026-11-27T09:30:00Z", "it was late", [], "FRR: it hangs"))
        with pytest.raises(FabricError, match=r"tries again until it has gone back: at 2026.* could not: FRR: it hangs"):
            checkpoint.refuse_if_armed()
    assert started == [], "a process waits for it"


@pytest.mark.parametrize("lost", [False, True])
def test_one_that_nothing_waits_for_any_more_is_waited_for_again(started: list[str], lost: bool) -> None:
    arm(-1)
    if lost:
        pathlib.Path(checkpoint.DEADLINE_FILE).unlink()
    with pytest.raises(FabricError, match="nothing on the host waits for that any more"):
        checkpoint.refuse_if_armed(resumes=False)
    assert started == []
    with pytest.raises(FabricError, match="the host goes back by itself at any moment"):
        checkpoint.refuse_if_armed()
    assert started == [TAKEN.id]


def test_a_process_that_cannot_be_started_is_not_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_identity: str) -> None:
        raise FabricError("systemd-run: no bus")

    arm()
    monkeypatch.setattr(waiting, "start", refused)
    with pytest.raises(FabricError, match=r"does not go back by itself, because nothing .* any more: systemd-run: no bus"):
        checkpoint.refuse_if_armed()


def test_one_of_before_a_restart_is_left_to_restore(started: list[str]) -> None:
    checkpoint.write(TAKEN._replace(boot="an earlier boot").text())
    with pytest.raises(FabricError, match=r"has been restarted since.*engine.pyz restore"):
        checkpoint.refuse_if_armed()
    assert started == []


def test_one_that_is_damaged_and_that_nothing_waits_for_refuses_one_run_only(started: list[str]) -> None:
    arm()
    checkpoint.write(TAKEN.text().replace("a bridge", "a bridgf"))
    for resumes in (False, True):
        with pytest.raises(FabricError, match="is damaged"):
            checkpoint.refuse_if_armed(resumes=resumes)
    checkpoint.refuse_if_armed()
    assert started == []


def test_what_was_reverted_is_told_until_it_is_forgotten() -> None:
    done = Reverted("5f0c1a2b", "2026-11-27T09:30:00Z", "it was not confirmed within 60 s", ["delete bridge br1"])
    checkpoint.remember(done)
    assert checkpoint.last_reverted() == done
    assert done.told().endswith("because it was not confirmed within 60 s:\n  delete bridge br1")
    assert "could not: it is busy" in done._replace(failure="it is busy").told()
    checkpoint.forget_reverted()
    assert checkpoint.last_reverted() is None
