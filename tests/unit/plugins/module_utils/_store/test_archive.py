"""The engine as an archive, which a real Python runs."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from ansible_collections.evpn.fabric.plugins.module_utils._store.archive import digest, pack

SOURCES = {
    "__init__.py": b"",
    "_some/__init__.py": b"",
    "_some/command.py": b"from .part import WORD\n\n\ndef main():\n    print(WORD)\n    return 3\n",
    "_some/part.py": b"WORD = 'it runs'\n",
}


def test_the_archive_runs_its_command_from_what_is_compiled(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "engine.pyz"
    path.write_bytes(pack(SOURCES, "_some.command", str(path)))
    done = subprocess.run([sys.executable, "-I", "-v", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "it runs\n"), done.stderr
    assert "bytecode is stale" not in done.stderr


def test_an_engine_is_told_from_others_by_each_file_and_not_by_their_order() -> None:
    found = {"one.py": (1, 10), "two.py": (2, 20)}
    assert digest(found) == digest(dict(reversed(found.items())))
    others = ({**found, "two.py": (3, 20)}, {**found, "two.py": (2, 21)}, {"one.py": (1, 10), "three.py": (2, 20)})
    assert len({digest(each) for each in (found, *others)}) == 4
