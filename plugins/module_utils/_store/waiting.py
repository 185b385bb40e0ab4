# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process on a host that waits for the deadline of a checkpoint, named by its id. Private to this collection."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import Iterator, List

from .. import _engine
from .._core import namespace, program
from .._core.errors import FabricError

PYTHON = ("/usr/bin/python3", "-I")
#: Where the process writes what it says if systemd does not run it.
LOG = "%s/revert.log" % namespace.DIRECTORY


def command(identity: str) -> List[str]:
    """The command of the process: the engine itself, whatever the link to it names later."""
    return [*PYTHON, os.path.realpath(_engine.ENGINE), "revert", "--when-due", identity]


def start(identity: str) -> None:
    """Starts the process. It ends with neither this one nor the connection that this one was started by. Raises
    :class:`FabricError`.
    """
    try:
        if program.systemd_serves_here():
            unit = "--unit=evpn-fabric-revert-%s" % identity
            # Somebody may kill it, but not what it is for. systemd starts a unit five times within 10 s at most.
            properties = ("--service-type=exec", "--property=Restart=on-failure", "--property=RestartSec=3")
            description = "--description=Revert this host unless its checkpoint is confirmed"
            program.run("systemd-run", "--quiet", "--collect", unit, description, *properties, *command(identity))
        else:
            program.leave_running(command(identity), LOG)
    except (FabricError, OSError) as error:
        raise FabricError("what waits for the deadline cannot be started: %s" % error) from error


@contextlib.contextmanager
def alone(identity: str) -> Iterator[bool]:
    """Shows others that this process waits: yields whether no other does. The kernel ends that with the process."""
    path = _path(identity)
    with open(path, "a") as file:
        is_alone = _locked(file.fileno())
        try:
            yield is_alone
        finally:
            if is_alone:
                os.unlink(path)


def is_waited_for(identity: str) -> bool:
    """Whether a process waits."""
    try:
        with open(_path(identity)) as file:
            return not _locked(file.fileno())
    except FileNotFoundError:
        return False


def _path(identity: str) -> str:
    namespace.path("")  # it makes the directory
    return "%s/revert-%s.lock" % (namespace.DIRECTORY, identity)


def _locked(descriptor: int) -> bool:
    """Whether the lock of a file could be taken; it is held until the file is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
