"""Files that a host keeps: replaced in one step, with nothing left of a run that was killed."""

from __future__ import annotations

import os
import pathlib
import stat

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._store import files

SECRET = files.Entry(b"secret", 0o600)


class Killed(BaseException):
    """Ends a run as SIGKILL does: nothing is cleaned up any more."""


def killed_before_it_renames(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(path: str, *_arguments: object) -> None:
        raise Killed if os.path.lexists(path) else FileNotFoundError(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", die)
        patched.setattr(os, "unlink", die)
        with pytest.raises(Killed):
            files.put(str(path), SECRET)


def test_a_file_and_a_link_are_replaced_and_removed(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "document.json"
    for what in (SECRET, files.Entry(target="elsewhere"), files.Entry(b"another", 0o644)):
        files.put(str(path), what)
        assert files.entry(str(path)) == what and os.listdir(tmp_path) == ["document.json"]
    files.put(str(path), files.Entry())
    files.put(str(path), files.Entry())
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("after", [files.Entry(b"new", 0o600), files.Entry()])
def test_what_a_killed_run_has_left_goes_with_the_next(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, after: files.Entry
) -> None:
    path = tmp_path / "document.json"
    (tmp_path / "document.json").write_text("old")
    killed_before_it_renames(path, monkeypatch)
    assert len(os.listdir(tmp_path)) == 2 and path.read_text() == "old"
    assert [stat.S_IMODE(os.stat(left).st_mode) for left in files.unfinished(str(tmp_path))] == [0o600]
    files.put(str(path), after)
    assert os.listdir(tmp_path) == (["document.json"] if after.content else [])


def test_the_directory_is_written_too_before_a_change_counts(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def seen(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", seen)
    files.put(str(tmp_path / "document.json"), SECRET)
    assert synced[-1] == str(tmp_path)
    synced.clear()
    files.put(str(tmp_path / "document.json"), files.Entry())
    assert synced == [str(tmp_path)]
