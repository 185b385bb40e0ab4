"""A host with real FRR for tests: a node image's file system, FRR's daemons in a network namespace, no virtual machine.

Everything a module does on such a host it does for real, except that the kernel is this machine's own.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import time

from lab import image

ROOT = pathlib.Path(__file__).parents[1]
SITE = sysconfig.get_paths()["purelib"]


class FrrHost:
    """FRR of one Debian release, with ``daemons`` enabled; use it as a context."""

    def __init__(self, image_name: str, directory: pathlib.Path, daemons: tuple[str, ...] = ("bgpd", "ospfd", "bfdd")):
        self.image = image_name
        self.directory = directory
        self.daemons = daemons
        self.namespace = f"evpn-{image_name}-{os.getpid()}-{id(self)}"
        self.root = directory / "root"

    def __enter__(self) -> FrrHost:
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _prepare(self) -> None:
        lower = image.build(self.image, ROOT / ".lab/images")
        for part in ("changes", "work", "root"):
            (self.directory / part).mkdir(parents=True)
        self._call("mount", "-t", "overlay", "evpn-test", "-o",
                   f"lowerdir={lower},upperdir={self.directory}/changes,workdir={self.directory}/work", str(self.root))
        for source, target in ((ROOT / "plugins", "test/ansible_collections/evpn/fabric/plugins"), (f"{SITE}/ansible", "test/ansible")):
            (self.root / target).mkdir(parents=True)
            self._call("mount", "--bind", str(source), str(self.root / target))
        self._call("mount", "-t", "proc", "proc", str(self.root / "proc"))
        self._call("mount", "--bind", "/dev", str(self.root / "dev"))
        self._call("ip", "netns", "add", self.namespace)
        self.run("ip", "link", "set", "lo", "up")
        self.run("install", "-d", "-o", "frr", "-g", "frr", "/run/frr")
        daemons = self.root / "etc/frr/daemons"
        text = daemons.read_text()
        for daemon in self.daemons:
            text = text.replace(f"{daemon}=no", f"{daemon}=yes")
        daemons.write_text(text)

    def __exit__(self, *_details) -> None:
        self.stop()
        subprocess.run(["ip", "netns", "delete", self.namespace], check=False)
        subprocess.run(["umount", "--recursive", str(self.root)], check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self) -> None:
        """Starts the daemons and waits until vtysh reaches them all."""
        # Daemons keep the output they inherit, so it must not be a pipe that somebody waits for.
        subprocess.run(self._inside("/usr/lib/frr/frrinit.sh", "start"), check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not {"zebra", *self.daemons} <= set(self.run("vtysh", "-c", "show daemons", check=False).stdout.split()):
            assert time.monotonic() < deadline, "FRR did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends the daemons that this host started, by their process ids."""
        self.run("/usr/lib/frr/frrinit.sh", "stop", check=False)

    def run(self, *command: str, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command on the host."""
        result = subprocess.run(self._inside(*command), input=stdin, capture_output=True, text=True, check=False)
        assert not check or result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result

    def module(self, module: str, arguments: dict, check_mode: bool = False, diff: bool = True) -> dict:
        """Runs one of the collection's modules as Ansible runs it; returns its result."""
        arguments = {**arguments, "_ansible_check_mode": check_mode, "_ansible_diff": diff, "_ansible_remote_tmp": "/tmp"}
        result = self.run("env", "PYTHONPATH=/test", "PYTHONDONTWRITEBYTECODE=1", "python3", "-m",
                          f"ansible_collections.evpn.fabric.plugins.modules.{module}", check=False,
                          stdin=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
        assert result.stdout.startswith(("{", "\n{")), result.stdout + result.stderr
        return json.loads(result.stdout)

    def running_config(self) -> str:
        """What FRR shows as its running configuration."""
        return self.run("vtysh", "-c", "show running-config").stdout

    def _inside(self, *command: str) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, "chroot", str(self.root), *command]

    @staticmethod
    def _call(*command: str) -> None:
        subprocess.run(command, check=True, stdout=sys.stderr)
