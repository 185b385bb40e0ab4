"""A network namespace of its own for each test, in this process."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def own_network() -> Iterator[None]:
    """Moves this thread into a new network namespace with lo up, and back again."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if _libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        ip("link set lo up")
        yield
    finally:
        if _libc.setns(home, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(home)


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
