"""Which modules run from the engine that a host keeps: real Pythons import from real archives."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

UTILS = pathlib.Path(__file__).parents[4] / "plugins/module_utils"
PACKAGE = "ansible_collections/evpn/fabric/plugins/module_utils"
TELL = "from {0} import _engine; _engine.prefer_kept(); from {0}._some import part; print(part.__file__)"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only what root has made is trusted")


def archive(path: pathlib.Path, directory: str, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as opened:
        for name, text in files.items():
            opened.writestr(f"{directory}/{name}" if directory else name, text)


class Place:
    """A directory that stands for that of a host, with an engine in it."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self.engine = directory / "engine-1.pyz"
        text = (UTILS / "_engine.py").read_text()
        assert "/var/lib/evpn-fabric" in text
        self.files = {
            "__init__.py": "",
            "_engine.py": text.replace("/var/lib/evpn-fabric", str(directory)),
            "_some/__init__.py": "",
            "_some/part.py": "VALUE = 1\n",
        }
        directory.chmod(0o700)
        archive(self.engine, "evpn_fabric", self.files)
        (directory / "engine.pyz").symlink_to(self.engine.name)

    def imported(self, **changed: str) -> str:
        """Where a part comes from that Ansible sends along with some files changed."""
        sent = self.directory / "sent.zip"
        parents = {f"{'/'.join(PACKAGE.split('/')[:count])}/__init__.py": "" for count in range(1, 5)}
        archive(sent, "", {**parents, **{f"{PACKAGE}/{name}": text for name, text in {**self.files, **changed}.items()}})
        code = TELL.format(PACKAGE.replace("/", "."))
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env={"PYTHONPATH": str(sent)}, capture_output=True, text=True, check=False)
        assert not done.returncode, done.stderr
        return pathlib.Path(done.stdout.strip()).relative_to(self.directory).parts[0]


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Place:
    return Place(tmp_path)


def test_the_kept_engine_is_used_where_it_is_what_was_sent(place: Place) -> None:
    assert place.imported() == "engine-1.pyz"


def test_it_is_used_by_modules_that_need_only_a_part_of_it(place: Place) -> None:
    archive(place.engine, "evpn_fabric", {**place.files, "_other.py": ""})
    assert place.imported() == "engine-1.pyz"


@pytest.mark.parametrize("changed", [{"_some/part.py": "VALUE = 2\n"}, {"_some/__init__.py": "# other\n"}, {"_more.py": ""}])
def test_it_is_ignored_where_a_file_differs_or_is_not_in_it(place: Place, changed: dict[str, str]) -> None:
    assert place.imported(**changed) == "sent.zip"


@pytest.mark.parametrize("mode", [0o720, 0o702])
def test_it_is_ignored_where_others_may_write(place: Place, mode: int) -> None:
    place.directory.chmod(mode)
    assert place.imported() == "sent.zip"


def test_it_is_ignored_where_it_is_not_roots(place: Place) -> None:
    os.chown(place.engine, 65534, 65534)
    assert place.imported() == "sent.zip"


def test_it_is_ignored_where_it_is_damaged(place: Place) -> None:
    place.engine.write_bytes(place.engine.read_bytes()[:-30])
    assert place.imported() == "sent.zip"


def test_a_host_without_one_takes_what_was_sent(place: Place) -> None:
    (place.directory / "engine.pyz").unlink()
    assert place.imported() == "sent.zip"
