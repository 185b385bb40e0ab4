"""What a lab's hosts keep of the modules that Python compiles from archives."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).parents[3]
#: Imports a module from an archive; `no compiler` ends the program if something is compiled.
SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from lab import bytecode
bytecode.DIRECTORY = sys.argv[2]
if sys.argv[4:] == ["no compiler"]:
    bytecode._compile = lambda *_arguments: sys.exit("compiled")
sys.path.insert(0, sys.argv[3])
import sent
print(sent.value(), sent.value.__code__.co_filename)
"""


def imported(kept: pathlib.Path, archive: pathlib.Path, value: int, *options: str) -> str:
    """What a module says that a new process imports from a new archive."""
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("sent.py", f"def value():\n    return {value}\n")
    command = [sys.executable, "-c", SCRIPT, str(ROOT), str(kept), str(archive), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_same_source_is_compiled_once_and_another_again(tmp_path: pathlib.Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    assert imported(kept, tmp_path / "one.zip", 1) == f"1 {tmp_path}/one.zip/sent.py"
    assert imported(kept, tmp_path / "two.zip", 1, "no compiler") == f"1 {tmp_path}/two.zip/sent.py"
    assert imported(kept, tmp_path / "one.zip", 2) == f"2 {tmp_path}/one.zip/sent.py"
    assert len(list(kept.iterdir())) == 2, "one a source, and nothing unfinished"


def test_who_may_not_keep_anything_imports_all_the_same(tmp_path: pathlib.Path) -> None:
    assert imported(tmp_path / "absent", tmp_path / "one.zip", 1) == f"1 {tmp_path}/one.zip/sent.py"
