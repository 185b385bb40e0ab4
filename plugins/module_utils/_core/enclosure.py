# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A place of its own for FRR that is not the host's: nothing in it reaches the host, and all of it is gone when its first
process ends. Private to this collection.
"""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import select
import signal
import subprocess
import time
import traceback
from typing import Any, Callable, NoReturn, Optional

from .errors import FabricError, NoEnclosureError

NEW_MOUNTS, NEW_PROCESSES, NEW_NETWORK = 0x20000, 0x20000000, 0x40000000
_BIND_MOUNT = 0x1000
_SET_PARENT_DEATH_SIGNAL = 1
NAMESPACES = "/run/netns"
#: What FRR, its log files and `ip netns` keep outside of a network namespace: empty in here, whatever the host has there.
PRIVATE = ("/run", "/etc/frr", "/var/lib/frr", "/var/log", "/var/tmp", "/var/agentx")


def enclosed(work: Callable[[], Any], limit: float, what: str, remedy: str) -> Any:
    """Runs ``work()`` in namespaces of its own and returns what it returns, which has to be fit for JSON.

    Ends it after ``limit`` seconds; messages say ``what`` it is, and the ``remedy`` then. If this process ends, however it
    does, so does everything in there. Raises :class:`FabricError` with the words of one that was raised in there, and if time
    is up, and :class:`NoEnclosureError`.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _enclose(work, writing)
    os.close(writing)
    try:
        text = _read_all(reading, time.monotonic() + limit)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reading)
    if text is None:
        raise FabricError("%s did not end within %d s; %s" % (what, limit, remedy))
    if not text:
        raise FabricError("the process of %s ended without a word; dmesg may tell why, such as a lack of memory" % what)
    result = json.loads(text)
    if "error" in result:
        raise FabricError(result["error"])
    if "none" in result:
        raise NoEnclosureError("no namespaces for %s: %s" % (what, result["none"]))
    return result["made"]


def _read_all(descriptor: int, deadline: float) -> Optional[str]:
    """All that comes through a pipe until its other end is closed; None if the deadline passes first."""
    chunks: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return None
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return b"".join(chunks).decode()
        chunks.append(chunk)


def _enclose(work: Callable[[], Any], writing: int) -> NoReturn:
    """Becomes the process that stands between the host and the namespaces; never returns."""
    try:
        _end_with_parent()
        _call("unshare", NEW_MOUNTS | NEW_PROCESSES | NEW_NETWORK)
        first = os.fork()
        if not first:
            _end_with_parent()
            try:
                _furnish()
                outcome = {"made": work()}
            except FabricError as error:
                outcome = {"error": str(error)}
            except Exception:  # nobody else is left to tell of it
                outcome = {"error": "it broke off:\n%s" % traceback.format_exc()}
            with os.fdopen(writing, "w") as pipe:
                json.dump(outcome, pipe)
            os._exit(0)
        os.close(writing)
        os.waitpid(first, 0)
    except OSError as error:
        os.write(writing, json.dumps({"none": str(error)}).encode())
    finally:
        os._exit(0)


def _end_with_parent() -> None:
    _call("prctl", _SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def _call(name: str, *arguments: Any) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (name, os.strerror(number)))


def _furnish() -> None:
    """Makes the file system private where programs leave things, as the first process of the namespaces."""
    command("mount", "--make-rprivate", "/")
    command("mount", "-t", "proc", "proc", "/proc")
    for path in PRIVATE:
        if os.path.isdir(path):
            command("mount", "-t", "tmpfs", "tmpfs", path)
    os.makedirs(NAMESPACES)


def command(*words: str) -> str:
    """Runs a program and returns its output. Raises :class:`FabricError` with its own words if it fails."""
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            check=False,
            timeout=300,
        )
    except FileNotFoundError:
        raise FabricError("%s is not installed on this host" % words[0]) from None
    except subprocess.TimeoutExpired:
        raise FabricError("%s did not come back" % " ".join(words)) from None
    if done.returncode:
        raise FabricError("%s: %s" % (" ".join(words), (done.stdout + done.stderr).strip()[-2000:]))
    return done.stdout


def make_network(name: str) -> None:
    """Makes a network namespace of this name, as ``ip netns`` does; :func:`started` enters it. Raises :class:`FabricError`."""
    path = os.path.join(NAMESPACES, name)
    try:
        own = os.open("/proc/self/ns/net", os.O_RDONLY)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o444))
        _call("unshare", NEW_NETWORK)
        try:
            _call("mount", b"/proc/self/ns/net", os.fsencode(path), None, _BIND_MOUNT, None)
        finally:
            _call("setns", own, NEW_NETWORK)
            os.close(own)
    except OSError as error:
        raise FabricError("the network namespace %s cannot be made: %s" % (name, error)) from error


def started(namespace: str, work: Callable[[], Any]) -> Callable[[], Any]:
    """Starts ``work()`` in a process in a network namespace; returns a function that waits for what it returns.

    That function raises the :class:`FabricError` that was raised there.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.close(reading)
            descriptor = os.open(os.path.join(NAMESPACES, namespace), os.O_RDONLY)
            _call("setns", descriptor, NEW_NETWORK)
            outcome = work()
        except (FabricError, OSError) as error:
            outcome = FabricError("%s: %s" % (namespace, error))
        except Exception:  # the process above knows nothing of it
            outcome = FabricError("%s: %s" % (namespace, traceback.format_exc()))
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(outcome, pipe)
        os._exit(0)
    os.close(writing)

    def result() -> Any:
        with os.fdopen(reading, "rb") as pipe:
            content = pipe.read()
        os.waitpid(pid, 0)
        if not content:
            raise FabricError("%s: a process ended without a word" % namespace)
        outcome = pickle.loads(content)
        if isinstance(outcome, FabricError):
            raise outcome
        return outcome

    return result
