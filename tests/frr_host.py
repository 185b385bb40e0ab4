"""A host with real FRR for tests: a node image's file system and FRR's daemons, no virtual machine.

It lives in mount, network and process namespaces of its own, so that all of it is gone when its first process ends.
Everything a module does on such a host it does for real, except that the kernel is this machine's own.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import sysconfig
import time
from typing import Any

from lab import image
from tests.module_server import ModuleServer, module_input

ROOT = pathlib.Path(__file__).parents[1]

#: FRR prints the bytes that it was given, whatever they are.
_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace"}

#: What the Pythons of all hosts compile, kept for the next ones.
BYTECODE = ROOT / ".build/test/bytecode"

#: What runs Python on a host, with the collection.
PYTHON = ("env", "-u", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH=/test", "PYTHONPYCACHEPREFIX=/test/bytecode", "python3")

SETUP = r"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/changes /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir="$1",upperdir=/mnt/changes,workdir=/mnt/work /mnt/root
cd /mnt/root
mkdir -p test/ansible test/ansible_collections/evpn/fabric/plugins test/bytecode
mount --bind -o ro "$2" test/ansible
mount --bind -o ro "$3" test/ansible_collections/evpn/fabric/plugins
mount --bind "$4" test/bytecode
mount --bind /dev dev
mount -t proc proc proc
mount -t tmpfs tmpfs run
chroot . install -d -o frr -g frr /run/frr
ip link set lo up
exec chroot . bash -c 'touch /run/ready; while :; do sleep infinity & wait $!; done'
"""


class FrrHost:
    """FRR of one Debian release, with ``daemons`` enabled; use it as a context."""

    def __init__(self, image_name: str, daemons: tuple[str, ...] = ("bgpd", "ospfd", "bfdd")):
        self.image = image_name
        self.daemons = daemons
        self.process: subprocess.Popen[bytes] | None = None
        self.modules = ModuleServer(lambda: self._inside(*PYTHON))

    def __enter__(self) -> FrrHost:
        root = image.build(self.image, ROOT / ".lab/images")
        BYTECODE.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [
                # It ends with the thread that started it, whatever becomes of that.
                *("setpriv", "--pdeathsig", "KILL", "unshare"),
                "--mount",
                "--net",
                "--pid",
                "--fork",
                "--kill-child",
                "bash",
                "-c",
                SETUP,
                "frr-host",
                str(root),
                f"{sysconfig.get_paths()['purelib']}/ansible",
                str(ROOT / "plugins"),
                str(BYTECODE),
            ],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        try:
            self._until(
                lambda: self.run("test", "-e", "/run/ready", check=False).returncode == 0,
                "the namespaces are not ready",
                limit=120,  # the kernel makes none while it takes one with thousands of devices away
            )
            enable = "".join(f"s/^{daemon}=no/{daemon}=yes/;" for daemon in self.daemons)
            self.run("sed", "-i", enable, "/etc/frr/daemons")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_details: object) -> None:
        assert self.process
        self.process.kill()  # its death ends the first process of the namespace, and with it all others
        self.process.wait()
        self.modules.end()

    def start(self) -> None:
        """Starts the daemons and waits until vtysh reaches them all."""
        # Daemons keep the output they inherit, so it must not be a pipe that somebody waits for.
        subprocess.run(
            self._inside("/usr/lib/frr/frrinit.sh", "start"),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wanted = {"zebra", *self.daemons}
        self._until(
            lambda: wanted <= set(self.run("vtysh", "-c", "show daemons", check=False).stdout.split()),
            "FRR did not start",
        )

    def stop(self) -> None:
        """Ends FRR's daemons."""
        self.run("/usr/lib/frr/frrinit.sh", "stop", check=False)

    def run(self, *command: str, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command on the host."""
        result = subprocess.run(self._inside(*command), input=stdin, capture_output=True, check=False, **_TEXT)
        assert not check or result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result

    def module(
        self, module: str, arguments: dict, check_mode: bool = False, diff: bool = True, user: str | None = None
    ) -> dict:
        """Runs one of the collection's modules as Ansible runs it, as root or another user; returns its result."""
        if not user:
            return self.modules.module(module, arguments, check_mode, diff)
        result = self.run(
            *("setpriv", "--reuid", user, "--clear-groups", "--inh-caps=-all"),
            *PYTHON,
            "-m",
            f"ansible_collections.evpn.fabric.plugins.modules.{module}",
            check=False,
            stdin=module_input(arguments, check_mode, diff),
        )
        assert result.stdout.startswith(("{", "\n{")), result.stdout + result.stderr
        return json.loads(result.stdout)

    def running_config(self) -> str:
        """What FRR shows as its running configuration."""
        return self.run("vtysh", "-c", "show running-config").stdout

    def configure(self, text: str) -> None:
        """Has FRR read lines, until it shows them: mgmtd that has just started may lose what it is given."""

        def shown() -> bool:
            self.run("vtysh", "-f", "/dev/stdin", stdin=text)
            return set(text.splitlines()) <= set(self.running_config().splitlines())

        self._until(shown, "FRR does not show what it was given")

    @property
    def pid(self) -> str:
        """The number of its first process; "0" while there is none."""
        assert self.process
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return children[0] if children else "0"

    def _inside(self, *command: str) -> list[str]:
        """What runs a command on the host."""
        return ["nsenter", "--all", "--root", "--wd", "--target", self.pid, *command]

    @staticmethod
    def _until(condition: object, message: str, limit: float = 20) -> None:
        deadline = time.monotonic() + limit
        while not condition():  # type: ignore[operator]
            assert time.monotonic() < deadline, message
            time.sleep(0.05)


class FrrInstance:
    """One more FRR on a host, in a network namespace and a pathspace of this ``name``; it ends with the host."""

    def __init__(self, host: FrrHost, name: str, daemons: tuple[str, ...] = ("zebra", "bgpd")):
        self.host = host
        self.name = name
        host.run("ip", "netns", "add", name)
        self.run("ip", "link", "set", "lo", "up")
        for directory in (f"/etc/frr/{name}", f"/run/frr/{name}"):
            host.run("install", "-d", "-o", "frr", "-g", "frr", directory)
        for daemon in daemons:
            self.run("bash", "-c", f"/usr/lib/frr/{daemon} -d -N {name} > /dev/null 2>&1 < /dev/null")

    def run(self, *command: str, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command in the namespace."""
        return self.host.run("ip", "netns", "exec", self.name, *command, check=check, stdin=stdin)

    def module(self, module: str, arguments: dict, check_mode: bool = False) -> dict:
        """Runs one of the collection's modules on the host, told of the instance."""
        place = {"pathspace": self.name, **({} if module == "frr_config" else {"netns": self.name})}
        return self.host.module(module, {**arguments, **place}, check_mode)

    def running_config(self) -> str:
        """What this FRR shows as its running configuration."""
        return self.host.run("vtysh", "-N", self.name, "-c", "show running-config").stdout


def connect(one: FrrHost, other: FrrHost, name: str) -> None:
    """Links two hosts by interfaces of this name, which are up."""
    peer = ["peer", "name", name, "netns", other.pid]
    subprocess.run(
        ["nsenter", "--net", "--target", one.pid, "ip", "link", "add", name, "type", "veth", *peer],
        check=True,
        capture_output=True,
    )
    for host in (one, other):
        host.run("ip", "link", "set", name, "up")
