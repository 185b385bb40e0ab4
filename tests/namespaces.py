"""Namespaces of their own for tests: of the network, in this process; of all that the lab keeps on a machine, for a command."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pathlib
import subprocess
from collections.abc import Iterator
from typing import Any

CLONE_NEWNET = 0x40000000
#: Where a host keeps what stands for its network namespace.
RUNTIME = pathlib.Path("/run/evpn-fabric")
#: A shell is the first process, because it takes care of orphans.
ENCLOSE = 'mount -t tmpfs tmpfs /run && ip link set lo up && "$@"; exit $?'
_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def own_network() -> Iterator[None]:
    """Moves this thread into a new network namespace with lo up, and back again."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if _libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        # What a test that was killed has left behind; numbers of namespaces come back.
        for left in RUNTIME.glob(f"netns-{os.stat('/proc/thread-self/ns/net').st_ino}.*"):
            left.unlink(missing_ok=True)
        ip("link set lo up")
        yield
    finally:
        if _libc.setns(home, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(home)


@contextlib.contextmanager
def network_of(descriptor: int) -> Iterator[None]:
    """Moves this thread into a network namespace that is open as a file, and back again."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if _libc.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        if _libc.setns(home, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(home)


def enclosed(*command: str) -> list[str]:
    """The command in namespaces where names of containers and addresses of the lab are in nobody's way.

    Control groups are the machine's all the same, so the lab needs a name that nobody else has.
    """
    return [
        # It ends with the thread that started it, whatever becomes of that.
        *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"),
        *("--mount-proc", "sh", "-c", ENCLOSE, "sh", *command),
    ]


def ip(*lines: str) -> None:
    """Runs lines of ``ip`` commands."""
    done = subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=False, capture_output=True)
    assert not done.returncode, done.stderr


def show(*command: str) -> list[dict[str, Any]]:
    """What ``ip -j ...`` or ``bridge -j ...`` shows: an observer that is not ours."""
    program, *arguments = command
    shown = subprocess.run([program, "-d", "-j", *arguments], check=True, capture_output=True, text=True).stdout
    return [entry for entry in json.loads(shown or "[]") if entry]


def link(name: str) -> dict[str, Any] | None:
    """A link as ip(8) shows it, None if there is none."""
    return next((entry for entry in show("ip", "link", "show") if entry["ifname"] == name), None)


def addresses(name: str, family: str | None = None) -> list[str]:
    """Global addresses of a link as ip(8) shows them."""
    shown = show("ip", "address", "show", "dev", name)
    return [
        f"{made['local']}/{made['prefixlen']}"
        for entry in shown
        for made in entry.get("addr_info", ())
        if made["scope"] == "global" and family in (None, made["family"])
    ]
