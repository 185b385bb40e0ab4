"""Confirming a checkpoint, and going back to it."""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._host import command, going_back, guard, restore
from ansible_collections.evpn.fabric.plugins.module_utils._store import checkpoint, confirmed, files, plane, waiting
from ansible_collections.evpn.fabric.plugins.module_utils._store.checkpoint import Checkpoint, Reverted

pytestmark = pytest.mark.usefixtures("places")


def test_what_is_confirmed_is_not_armed_any_more_and_may_be_confirmed_again() -> None:
    arm()
    assert going_back.confirm("5f0c1a2b") is True and not checkpoint.is_armed()
    assert going_back.confirm("5f0c1a2b") is False
    assert going_back.confirm() is False


@pytest.mark.parametrize("armed", [True, False])
def test_a_checkpoint_that_another_run_has_ended_is_not_taken_for_confirmed(armed: bool) -> None:
    arm()
    going_back.confirm("5f0c1a2b")
    if armed:
        arm()
    with pytest.raises(FabricError, match="a5e1d2c3 is not armed on this host, and is not the last that was confirmed"):
        going_back.confirm("a5e1d2c3")
    assert checkpoint.is_armed() == armed


def test_a_checkpoint_whose_deadline_is_lost_is_confirmed_by_its_id() -> None:
    arm()
    os.unlink(checkpoint.DEADLINE_FILE)
    assert going_back.confirm("5f0c1a2b") is True and not checkpoint.is_armed()


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


def arm(seconds: float = 60) -> None:
    checkpoint.set_deadline("5f0c1a2b", seconds)
    checkpoint.write(Checkpoint("5f0c1a2b", checkpoint.boot_id(), 60, {}, ["delete bridge br1"], []).text())


@pytest.mark.parametrize("identity", ["5f0c1a2b", None])
def test_a_host_that_is_reverted_in_part_cannot_be_confirmed(monkeypatch: pytest.MonkeyPatch, identity: str | None) -> None:
    arm(-1)
    monkeypatch.setattr(going_back, "_bring_back", lambda *_arguments: ["FRR: it hangs"])
    with pytest.raises(FabricError, match="FRR: it hangs"):
        going_back.revert("it was not confirmed within 60 s", "5f0c1a2b", due=True)
    with pytest.raises(FabricError, match=r"it is too late to confirm: at .* could not: FRR: it hangs"):
        going_back.confirm(identity)
    assert checkpoint.is_armed()
    monkeypatch.setattr(going_back, "_bring_back", lambda *_arguments: [])
    assert going_back.revert("somebody asked for it") is not None and not checkpoint.is_armed()


def test_a_host_whose_revert_was_killed_cannot_be_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_arguments: object) -> list[str]:
        raise SystemExit(9)

    arm()
    monkeypatch.setattr(going_back, "_bring_back", killed)
    with pytest.raises(SystemExit):
        going_back.revert("somebody asked for it")
    with pytest.raises(FabricError, match=r"it is too late to confirm: .* could not: it was interrupted"):
        going_back.confirm("5f0c1a2b")
    assert checkpoint.is_armed()


class Waiting:
    """A clock that moves while a process sleeps, and a host that fails to go back a number of times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *failures: Exception):
        self.now, self.slept, self.failures = 1000.0, list[float](), list(failures)
        self.at: dict[float, Callable[[], object]] = {}
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.sleep)
        monkeypatch.setattr(going_back, "_bring_back", self.bring_back)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        for moment in [each for each in self.at if each <= self.now]:
            self.at.pop(moment)()

    def bring_back(self, *_arguments: object) -> list[str]:
        if self.failures:
            raise self.failures.pop()
        return []


def test_a_host_that_cannot_be_reverted_is_tried_again_for_ever_and_more_slowly_after_a_while(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = Waiting(monkeypatch, *[OSError(28, "No space left on device"), FabricError("it is stuck")] * 20)
    arm(-1)
    assert going_back.when_due("5f0c1a2b") is not None and not checkpoint.is_armed()
    assert waits.slept == [10] * 30 + [300] * 10
    said = capsys.readouterr().err
    assert "it is stuck\nTrying again in 10 s" in said and "No space left on device" in said


def test_a_process_waits_before_its_checkpoint_is_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waiting(monkeypatch)
    checkpoint.set_deadline("5f0c1a2b", 60)
    waits.at[1005] = lambda: arm(60)
    done = going_back.when_due("5f0c1a2b")
    assert done is not None and done.why == "it was not confirmed within 60 s" and 1065 <= waits.now < 1066


def test_a_process_whose_checkpoint_was_never_armed_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waiting(monkeypatch)
    checkpoint.set_deadline("5f0c1a2b", 60)
    assert going_back.when_due("5f0c1a2b") is None and 1060 <= waits.now < 1061


def test_a_process_neither_waits_for_what_was_confirmed_nor_reverts_what_another_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = Waiting(monkeypatch)
    arm(60)
    waits.at[1005] = lambda: going_back.confirm("5f0c1a2b")
    assert going_back.when_due("5f0c1a2b") is None and waits.now < 1006
    arm(-1)
    pathlib.Path(checkpoint.DEADLINE_FILE).unlink()
    assert going_back.when_due("another") is None and checkpoint.is_armed()
    with waiting.alone("5f0c1a2b"):
        assert going_back.when_due("5f0c1a2b") is None and checkpoint.is_armed()


def test_a_full_directory_of_locks_keeps_no_run_from_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard.namespace, "path", lambda _ending: "/dev/full")
    with guard.lock(1):
        pass


def test_a_checkpoint_that_cannot_be_read_when_it_is_due_was_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waiting(monkeypatch)
    arm(60)
    waits.at[1005] = lambda: break_file(checkpoint.CHECKPOINT_FILE)
    monkeypatch.setattr(checkpoint, "disarm", lambda: mend_file(checkpoint.CHECKPOINT_FILE, ""))
    assert going_back.when_due("5f0c1a2b") is not None and 1060 <= waits.now < 1061


def test_a_checkpoint_that_cannot_be_read_at_first_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waiting(monkeypatch)
    arm(-1)
    text = break_file(checkpoint.CHECKPOINT_FILE)
    waits.at[1025] = lambda: mend_file(checkpoint.CHECKPOINT_FILE, text)
    assert going_back.when_due("5f0c1a2b") is not None and waits.slept == [10, 10, 10]


def test_a_checkpoint_that_is_damaged_is_given_up_and_the_next_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    Waiting(monkeypatch)
    arm(-1)
    pathlib.Path(checkpoint.CHECKPOINT_FILE).write_text("{")
    with pytest.raises(FabricError, match="is damaged"):
        going_back.when_due("5f0c1a2b")
    reverted = checkpoint.last_reverted()
    assert not checkpoint.is_armed() and reverted is not None and "is damaged" in reverted.failure


def break_file(path: str) -> str:
    """Has reading a file end with EISDIR; what it had."""
    text = pathlib.Path(path).read_text()
    os.unlink(path)
    os.mkdir(path)
    return text


def mend_file(path: str, text: str) -> None:
    os.rmdir(path)
    if text:
        pathlib.Path(path).write_text(text)


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> list[str]:
    """The names of the bridges of the documents that the host is restored to; it keeps one with br200."""
    bridges: list[str] = []

    def brought(document: Any, _wait: float) -> restore.Restored:
        bridges.extend(link.name for link in document.present["link"].values())
        return restore.Restored((), (), ())

    monkeypatch.setattr(restore, "restore", brought)
    monkeypatch.setattr(command.os, "geteuid", lambda: 0)
    monkeypatch.setattr(plane, "DOCUMENT_FILE", str(tmp_path / "document.json"))
    pathlib.Path(plane.DOCUMENT_FILE).write_text(kept("br200"))
    return bridges


def kept(bridge: str) -> str:
    content = {"kernel": {"bridges": [{"name": bridge}]}}
    return confirmed.written(confirmed.Confirmed(content, "2026-11-27T09:30:00Z", confirmed.digest(content)))


def arm_before_a_restart(document: str | None) -> None:
    planes = {"store": {"document": document}}
    checkpoint.write(Checkpoint("5f0c1a2b", "an earlier boot", 60, planes, ["change bridge br200"], []).text())


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(("document", "expected"), [(kept("br100"), ["br100"]), (None, [])])
def test_a_host_that_is_restarted_is_restored_to_what_was_confirmed_even_if_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, restored: list[str], read_only: bool, document: str | None, expected: list[str]
) -> None:
    def refused(path: str, _what: object) -> None:
        raise OSError(30, "Read-only file system", path)

    arm_before_a_restart(document)
    if read_only:
        monkeypatch.setattr(files, "put", refused)
    assert command.main(["restore"]) == 0 and restored == expected
    assert checkpoint.is_armed() == read_only


def test_a_checkpoint_that_cannot_be_read_at_boot_stays_and_the_document_is_restored(
    restored: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arm_before_a_restart(kept("br100"))
    break_file(checkpoint.CHECKPOINT_FILE)
    assert command.main(["restore"]) == 0 and restored == ["br200"]
    assert checkpoint.is_armed() and "Is a directory" in capsys.readouterr().out


def test_one_that_is_damaged_at_boot_is_set_aside_and_the_document_is_restored(restored: list[str]) -> None:
    pathlib.Path(checkpoint.CHECKPOINT_FILE).write_text("{")
    assert command.main(["restore"]) == 0 and restored == ["br200"] and not checkpoint.is_armed()


def test_a_host_that_has_not_been_restarted_is_not_restored_while_it_can_be_confirmed(
    restored: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arm()
    with waiting.alone("5f0c1a2b"):
        assert command.main(["restore"]) == 1 and restored == []
    assert "has not confirmed that yet" in capsys.readouterr().err


def test_a_host_without_a_checkpoint_is_restored_to_the_document_that_it_keeps(restored: list[str]) -> None:
    assert command.main(["restore"]) == 0 and restored == ["br200"]
    os.unlink(plane.DOCUMENT_FILE)
    assert command.main(["restore"]) == command.NO_DOCUMENT
