"""Images of the lab's hosts."""

from __future__ import annotations

import pathlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import image


def test_those_who_need_an_image_at_once_build_it_once(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    built = []

    def build(name: str, root: pathlib.Path) -> None:
        built.append(name)
        time.sleep(0.2)
        root.mkdir()

    monkeypatch.setattr(image, "_build", build)
    with ThreadPoolExecutor(4) as pool:
        roots = list(pool.map(lambda _each: image.build("debian12", tmp_path / "images"), range(4)))
    assert built == ["debian12"]
    assert len(set(roots)) == 1
    assert roots[0].is_dir()
