"""A host with systemd for tests: a container of the lab, in namespaces that end with it.

Everything that the lab keeps on a machine, names of containers and addresses, is inside: it is in nobody's way.
"""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
import sysconfig
import tempfile
import time

from lab import image, nodes
from tests.module_server import module_input
from tests.namespaces import enclosed

ROOT = pathlib.Path(__file__).parents[1]
NODE = "host"
#: Where it is reached from outside.
ADDRESS = "198.18.0.101"
#: Where a host has what its modules import: Ansible's own module_utils, and the collection.
PLACE = "/test"


class SystemdHost:
    """One container with systemd and FRR of one Debian release; use it as a context."""

    def __init__(self, image_name: str):
        self.image = image_name

    def __enter__(self) -> SystemdHost:
        self.directory = tempfile.TemporaryDirectory(prefix="evpn-systemd-")
        place = pathlib.Path(self.directory.name)
        node = {"name": NODE, "image": self.image, "services": True, "addresses": [], "routes": []}
        spec = {
            "lab": place.name.replace("-", ""),
            "virtual": False,
            "directory": f"{place}/nodes",
            "images": {self.image: str(image.build(self.image, ROOT / ".lab/images"))},
            "addresses": {NODE: ADDRESS},
            "key": "",
            "topology": {"nodes": [node], "cables": [], "kinds": []},
        }
        (place / "nodes").mkdir()
        (place / "spec.json").write_text(json.dumps(spec))
        self.process = subprocess.Popen(
            enclosed(sys.executable, "-B", "-m", "tests.systemd_host", str(place)),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=sys.stderr,
        )
        try:
            deadline = time.monotonic() + 120
            while not (place / "pid").exists():
                assert self.process.poll() is None and time.monotonic() < deadline, "the container did not start"
                time.sleep(0.1)
            self.pid = (place / "pid").read_text()
            self._bring_modules()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_details: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()  # its death ends the first process of the namespace, and with it all others
        self.directory.cleanup()

    def run(self, *command: str, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command on the host."""
        result = subprocess.run(self._inside(*command), input=stdin, capture_output=True, text=True, check=False)
        assert not check or result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result

    def shell(self, script: str, check: bool = True) -> str:
        """What a shell script prints on the host."""
        return self.run("bash", "-c", script, check=check).stdout

    def running_config(self) -> str:
        """What FRR shows as its running configuration."""
        return self.run("vtysh", "-c", "show running-config").stdout

    def outside(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command beside the host, where whoever manages it would be."""
        return subprocess.run(self._beside(*command), capture_output=True, text=True, check=False)

    def python(self, code: str) -> str:
        """What Python code prints on the host; it can import the collection."""
        return self.run("env", f"PYTHONPATH={PLACE}", "python3", "-c", code).stdout

    def module(self, name: str, arguments: dict, check_mode: bool = False) -> dict:
        """Runs one of the collection's modules as Ansible runs it; returns its result."""
        module = f"ansible_collections.evpn.fabric.plugins.modules.{name}"
        given = module_input(arguments, check_mode)
        result = self.run("env", f"PYTHONPATH={PLACE}", "python3", "-m", module, check=False, stdin=given)
        assert result.stdout.startswith(("{", "\n{")), result.stdout + result.stderr
        return json.loads(result.stdout)

    def _bring_modules(self) -> None:
        collection = f"{PLACE}/ansible_collections/evpn/fabric"
        self.run("mkdir", "-p", collection)
        for target, source, names in (
            (collection, str(ROOT), ["plugins"]),
            (
                PLACE,
                sysconfig.get_paths()["purelib"],
                ["ansible/__init__.py", "ansible/release.py", "ansible/_vendor", "ansible/module_utils"],
            ),
        ):
            packing = ["tar", "--create", "--exclude=__pycache__", "--directory", source, *names]
            packed = subprocess.run(packing, capture_output=True, check=True).stdout
            subprocess.run(self._inside("tar", "--extract", "--directory", target), input=packed, check=True)

    @property
    def outer_pid(self) -> int:
        """The number of the container's first process among the processes of this machine (NSpid in proc_pid_status(5))."""
        numbers = [int(number) for number in self._children(self.process.pid)]
        for number in numbers:
            numbers += map(int, self._children(number))
            status = pathlib.Path(f"/proc/{number}/status").read_text()
            if re.search(rf"^NSpid:\t{number}\t{self.pid}\t1$", status, re.MULTILINE):
                return number
        raise AssertionError("the container has no first process")

    @staticmethod
    def _children(number: int) -> list[str]:
        return pathlib.Path(f"/proc/{number}/task/{number}/children").read_text().split()

    def _beside(self, *command: str) -> list[str]:
        children = self._children(self.process.pid)
        return ["nsenter", "--mount", "--pid", "--net", "--target", children[0], *command]

    def _inside(self, *command: str) -> list[str]:
        return [*self._beside(), "nsenter", "--all", "--root", "--wd", "--target", self.pid, *command]


def main(place: pathlib.Path) -> None:
    """Starts the container where it disturbs nothing, and ends it once nobody wants it any more."""
    spec = nodes.Spec.load(place / "spec.json")
    nodes.up(spec)
    (place / "unfinished").write_text(str(nodes._state(spec.container(NODE))["pid"]))
    (place / "unfinished").rename(place / "pid")
    sys.stdin.read()
    nodes.down(spec)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
