# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vtysh: reading FRR's state, checking a configuration, applying a batch. Private to this collection.

Configuration reaches vtysh in a file of mode 0600, never as an argument: arguments are in the process list.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
from typing import FrozenSet, NamedTuple

from .._errors import FrrError
from .commands import masked

PROGRAM = "vtysh"
#: Seconds after which a vtysh that does not come back is given up.
TIMEOUT = 300
_VERSION = re.compile(r"^frr version (\d+)", re.MULTILINE)
#: What vtysh says besides; an instance need not have a vtysh.conf of its own.
_NOISE = re.compile(
    r"\[\d+\|\w+\] |Waiting for children|Configuration file\[|% Can't open configuration file \S+/vtysh\.conf |\s*$"
)


class Running(NamedTuple):
    """Names of ``daemons``, the running configuration as vtysh merges it from all of them, and what bgpd itself has of it."""

    daemons: FrozenSet[str]
    text: str
    of_bgpd: str

    @property
    def version(self):
        """The major version of FRR; 0 if nothing runs."""
        found = _VERSION.search(self.text)
        return int(found.group(1)) if found else 0


class Vtysh:
    """FRR as vtysh reaches it; ``pathspace`` is the one given to its daemons with -N, None for the host's own."""

    def __init__(self, pathspace=None):
        self.command = [PROGRAM] + (["-N", pathspace] if pathspace else [])

    def show(self, *commands):
        """The output of show commands. Raises :class:`FrrError` if FRR does not answer."""
        arguments = [argument for command in commands for argument in ("-c", command)]
        result = self._run(arguments)
        if result.returncode:
            raise FrrError("vtysh %s: %s" % (commands[0], _words(result) or "exit status %d" % result.returncode))
        return result.stdout

    def running(self):
        """What runs, as :class:`Running`; without any daemon an empty set and empty texts."""
        result = self._run(["-c", "show daemons", "-c", "show running-config bgpd no-header", "-c", "show running-config"])
        if result.returncode:
            return Running(frozenset(), "", "")
        daemons, _newline, rest = result.stdout.partition("\n")
        of_bgpd, _header, text = rest.partition("Building configuration...\n")
        return Running(frozenset(daemons.split()), text, of_bgpd)

    def check(self, text):
        """Raises :class:`FrrError` with every line of a configuration that FRR does not know."""
        with _file(text) as path:
            result = self._run(["--dryrun", "-f", path])
        if result.returncode:
            raise FrrError("FRR does not know these lines of the configuration; nothing was changed:\n%s" % _rejected(result))

    def apply(self, batches):
        """Reads batches into FRR. Returns None, or FRR's own words and the lines it rejects."""
        for daemon, text in batches:
            with _file(text) as path:
                result = self._run((["-d", daemon] if daemon else []) + ["-f", path])
            if result.returncode:
                return _rejected(result)
        return None

    def _run(self, arguments):
        try:
            return subprocess.run(
                self.command + arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                universal_newlines=True,
                timeout=TIMEOUT,
                check=False,
            )
        except FileNotFoundError:
            raise FrrError(
                "FRR is not installed on this host (there is no vtysh). Install the package frr (Debian and Ubuntu: "
                "apt install frr; Fedora: dnf install frr), or run the role evpn.fabric.host, which does that"
            ) from None
        except subprocess.TimeoutExpired:
            raise FrrError(
                "vtysh did not come back within %d s; look at `systemctl status frr` and its journal" % TIMEOUT
            ) from None


@contextlib.contextmanager
def _file(text):
    """The path of a file that only root can read, for as long as it is needed."""
    with tempfile.NamedTemporaryFile("w", prefix="evpn-fabric-", suffix=".conf") as file:
        file.write(text)
        file.flush()
        yield file.name


def _words(result):
    return "\n".join(
        masked(line.strip()) for line in (result.stdout + "\n" + result.stderr).split("\n") if not _NOISE.match(line)
    )


def _rejected(result):
    """FRR's words and the lines they are about: vtysh prints the reasons and the places on different outputs."""
    reasons = [line.strip() for line in result.stdout.split("\n") if not _NOISE.match(line)]
    places = [line.strip() for line in result.stderr.split("\n") if not _NOISE.match(line)]
    return "\n".join("  " + masked(line) for line in reasons + places)
