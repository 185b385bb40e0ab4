"""What a table of figures says about the machine."""

from __future__ import annotations

import pathlib

import pytest

from benchmarks import table

FRR = "Package: frr\nStatus: install ok installed\nMaintainer: nobody\nArchitecture: all\nVersion: 8.4.4-1\nDescription: -\n"


def test_it_names_the_frr_of_images_only(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "images/debian12-0123/var/lib/dpkg"
    database.mkdir(parents=True)
    (database / "status").write_text(FRR)
    (tmp_path / "images/debian12-0123.ext4").touch()
    monkeypatch.setattr(table.lab, "STATE", tmp_path)
    assert "FRR 8.4.4-1 (debian12)" in table.machine()[1]
