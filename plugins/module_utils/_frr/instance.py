# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting an FRR beside the host's: in namespaces where nobody else's files are. Private to this collection."""

from __future__ import annotations

import os
import subprocess
import time
from typing import Mapping, Sequence

from .._core.errors import FabricError
from . import host
from .vtysh import Vtysh

#: Seconds for the daemons to start.
START_LIMIT = 60


def start(vtysh: Vtysh, commands: Mapping[str, Sequence[str]], what: str) -> None:
    """Starts daemons without any configuration, and waits until all of them answer.

    ``commands`` has the arguments of each daemon by its name, in the order of their start. ``what`` is the FRR in messages.
    Raises :class:`FabricError` with the daemons that do not start.
    """
    startup = host.startup_file(vtysh.pathspace)
    runtime = host.directory(host.RUNTIME, vtysh.pathspace)
    for path in (host.RUNTIME, os.path.dirname(host.STARTUP_FILE), runtime, os.path.dirname(startup)):
        os.makedirs(path, exist_ok=True)
        host.give_to_frr(path)
    with open(os.path.join(os.path.dirname(startup), "vtysh.conf"), "w") as file:
        file.write("service integrated-vtysh-config\n")
    for name, words in commands.items():
        _run(words, "%s of %s" % (name, what))
    deadline = time.monotonic() + START_LIMIT
    while not commands.keys() <= vtysh.alive():
        if time.monotonic() > deadline:
            missing = sorted(commands.keys() - vtysh.alive())
            raise FabricError("%s of %s did not start within %d s" % (" and ".join(missing), what, START_LIMIT))
        time.sleep(0.02)


def _run(words: Sequence[str], what: str) -> None:
    try:
        # A daemon keeps the output that it inherits, so it must not be a pipe that somebody waits for.
        subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=START_LIMIT,
        )
    except subprocess.TimeoutExpired:
        raise FabricError("%s did not start within %d s" % (what, START_LIMIT)) from None
