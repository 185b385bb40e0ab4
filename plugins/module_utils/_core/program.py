# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the host's service manager. Private to this collection."""

from __future__ import annotations

import os
import subprocess
from typing import Sequence

from .errors import FabricError

#: Seconds that a program is given.
TIMEOUT = 60


def run(*command: str) -> None:
    """Runs a program. Raises :class:`FabricError` with its own words if it fails, is not there, or does not end in time."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            env={**os.environ, "LC_ALL": "C"},
            timeout=TIMEOUT,
            check=False,
            start_new_session=True,  # what ends our terminal does not end it half-way
        )
    except OSError as error:
        raise FabricError("%s cannot be run: %s" % (command[0], error.strerror)) from error
    except subprocess.TimeoutExpired:
        raise FabricError("%s did not end within %d s" % (command[0], TIMEOUT)) from None
    if done.returncode:
        raise FabricError("%s: %s" % (command[0], done.stdout.strip() or "exit status %d" % done.returncode))


def leave_running(command: Sequence[str], log: str = os.devnull) -> int:
    """Starts a program that outlasts this process and the connection that this one was started by; what it says goes to a
    file. Returns its number. Raises :class:`OSError`.
    """
    with open(log, "a") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
        ).pid


def systemd_serves_here() -> bool:
    """Whether systemd runs (sd_booted(3)), and in the network namespace of this process: a service would be in its own."""
    return os.path.isdir("/run/systemd/system") and (os.stat("/proc/1/ns/net").st_ino == os.stat("/proc/self/ns/net").st_ino)
