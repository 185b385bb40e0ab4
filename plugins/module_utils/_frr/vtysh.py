# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vtysh: reading FRR's state, checking a configuration, applying a batch. Private to this collection.

Configuration reaches vtysh in a file that is on no disk, never as an argument: arguments are in the process list.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import signal
import socket
import subprocess
import time
from typing import Dict, FrozenSet, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from .._core import namespace
from .._core.errors import FrrError
from .._core.plane import Stopped
from . import host
from .configuration import Running
from .secrets import masked, masked_if_mistyped

PROGRAM = "vtysh"
#: Seconds that vtysh is given for a batch of thousands of lines; then it is killed.
TIMEOUT = 300
#: Seconds within which a daemon has to say something when it is asked why vtysh does not end.
ANSWER_LIMIT = 2
#: Seconds within which daemons that let vtysh wait in vain have to answer again before vtysh is started once more.
RECOVERY = 30
#: What vtysh says besides; an instance need not have a vtysh.conf of its own.
_NOISE = re.compile(
    r"\[\d+\|\w+\] |Waiting for children|Configuration file\[|% Can't open configuration file \S+/vtysh\.conf |"
    r"MGMTD: No connected daemons interested|Please be aware that removing the password|\s*$"
)
#: How vtysh says which line of a file it does not know: number, then what is wrong, then the line.
_UNKNOWN = re.compile(r"line (\d+): % (?:Unknown|Ambiguous) command|line (\d+): % Command incomplete")
#: Daemons that have no configuration of their own.
_WITHOUT_CONFIGURATION = ("watchfrr",)


def refuse_if_stopped(stopped: Stopped) -> None:
    """Raises :class:`FrrError` once ``stopped()`` names a signal that asks the run to stop."""
    if stopped():
        raise FrrError("%s came, so this run was stopped" % stopped())


class Vtysh:
    """FRR as vtysh reaches it; ``pathspace`` is the one given to its daemons with -N, None for the host's own."""

    def __init__(self, pathspace: Optional[str] = None) -> None:
        self.pathspace = pathspace
        self.command = [PROGRAM] + (["-N", pathspace] if pathspace else [])
        #: How often vtysh did not end in time, and until when daemons are waited for since then (of time.monotonic()).
        self._timeouts, self._recovery_ends = 0, 0.0

    def show(self, *commands: str) -> str:
        """The output of show commands. Raises :class:`FrrError` if FRR does not answer."""
        arguments = [argument for command in commands for argument in ("-c", command)]
        result = self._run(arguments)
        if result.returncode:
            raise FrrError("vtysh %s: %s" % (commands[0], _words(result) or "exit status %d" % result.returncode))
        return result.stdout

    def running(self) -> Running:
        """What runs, as :class:`Running`; without any daemon an empty set and empty texts."""
        result = self._run(["-c", "show daemons", "-c", "show running-config bgpd no-header", "-c", "show running-config"])
        if result.returncode:
            return Running(frozenset(), "", "")
        daemons, _newline, rest = result.stdout.partition("\n")
        of_bgpd, _header, text = rest.partition("Building configuration...\n")
        in_maintenance = not self.pathspace and os.path.exists(namespace.MAINTENANCE)
        return Running(frozenset(daemons.split()), text, of_bgpd, in_maintenance)

    def alive(self) -> FrozenSet[str]:
        """The names of the daemons that vtysh reaches; none if FRR does not run."""
        result = self._run(["-c", "show daemons"])
        return frozenset() if result.returncode else frozenset(result.stdout.split())

    def own(self, daemons: Iterable[str]) -> Dict[str, str]:
        """What each of these daemons itself has of the running configuration: name -> text.

        After a start every daemon has read the whole file, and has its own copy of every route-map and list.
        """
        names = sorted(set(daemons) - set(_WITHOUT_CONFIGURATION))
        shown = self.show(*("show running-config %s no-header" % name for name in names))
        return dict(zip(names, re.split(r"^end$", shown, flags=re.MULTILINE)))

    def unknown(self, text: str) -> Set[int]:
        """The numbers of the lines of a configuration that FRR does not know, the first being 1: a set."""
        result = self._read(["--dryrun"], text)
        return {int(found[1] or found[2]) for found in _UNKNOWN.finditer(result.stdout + result.stderr)}

    def check(self, text: str) -> Optional[str]:
        """What FRR says of the lines of a configuration that it does not know, in a dry run; None if it knows all."""
        result = self._read(["--dryrun"], text)
        return _rejected(result) if result.returncode else None

    def apply(self, batches: Iterable[Tuple[Optional[str], str]], stopped: Stopped = lambda: None) -> Optional[str]:
        """Reads batches into FRR. Returns None, or FRR's own words and the lines it rejects.

        Raises :class:`FrrError` if vtysh does not end in time, and before another batch is read once ``stopped()`` names a
        signal that asks the run to stop.
        """
        rejected = []
        for daemon, text in batches:
            refuse_if_stopped(stopped)
            result = self._read(["-d", daemon] if daemon else [], text)
            # FRR 8.4 exits with 0 although it has rejected what a batch asks for (northbound: "Configuration failed").
            if result.returncode or "Configuration failed" in result.stdout + result.stderr:
                rejected.append(_rejected(result))
        return "\n".join(rejected) or None

    def start(self) -> Optional[str]:
        """Has FRR read its startup file, as at its own start. Returns None, or what it says of lines that it rejects."""
        result = self._run(["-b"])
        return _rejected(result) if result.returncode or _UNKNOWN.search(result.stdout + result.stderr) else None

    def _silent(self) -> List[str]:
        """The names of the daemons that run and do not answer, sorted."""
        paths = sorted(glob.glob(os.path.join(host.directory(host.RUNTIME, self.pathspace), "*.vty")))
        return [os.path.basename(path)[: -len(".vty")] for path in paths if not _answers(path)]

    def _read(self, arguments: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
        with _file(text) as descriptor:
            return self._run([*arguments, "-f", "/proc/self/fd/%d" % descriptor], (descriptor,))

    def _refuse_to_wait_again(self) -> None:
        """Raises :class:`FrrError` where vtysh would not end once more: because daemons still do not answer, or because it has
        not ended twice.

        A transaction that is reverted calls vtysh many times, and a host must not hang for the time limit of each.
        """
        if not self._timeouts:
            return
        silent = self._silent()
        while silent and time.monotonic() < self._recovery_ends:
            time.sleep(0.5)
            silent = self._silent()
        if silent or self._timeouts > 1:
            raise FrrError("vtysh was not started again after it did not end within %d s%s" % (TIMEOUT, _why(silent)))

    def _run(self, arguments: Sequence[str], inherited: Sequence[int] = ()) -> subprocess.CompletedProcess[str]:
        self._refuse_to_wait_again()
        try:
            # A session of its own: what vtysh has started ends with it, and what ends our terminal does not end it half-way.
            process = subprocess.Popen(
                [*self.command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="surrogateescape",
                start_new_session=True,
                pass_fds=inherited,
            )
        except FileNotFoundError:
            raise FrrError(
                "FRR is not installed on this host (there is no vtysh). Install the package frr (Debian and Ubuntu: "
                "apt install frr; Fedora: dnf install frr), or run the role evpn.fabric.host, which does that"
            ) from None
        with process:
            try:
                output, errors = process.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                self._timeouts += 1
                if self._timeouts == 1:
                    self._recovery_ends = time.monotonic() + RECOVERY
                raise FrrError("vtysh did not end within %d s%s" % (TIMEOUT, _why(self._silent()))) from None
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def _why(silent: Sequence[str]) -> str:
    if not silent:
        return "; all daemons answer: look at `systemctl status frr` and its journal, and run again"
    return (
        ": %s does not answer. Look at `journalctl -u frr`; if it stays so, `systemctl restart frr`, and run again"
        % " and ".join(silent)
    )


def _answers(path: str) -> bool:
    """Whether the daemon behind a socket of vtysh's says anything to a command, or is none that runs."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.settimeout(ANSWER_LIMIT)
        try:
            opened.connect(path)
            opened.sendall(b"show version\0")
            return bool(opened.recv(1))
        except ConnectionError:
            return True
        except OSError:
            return False


@contextlib.contextmanager
def _file(text: str) -> Iterator[int]:
    """The descriptor of a file in memory, which goes with the last process that has it open, however that ends."""
    descriptor = os.memfd_create("evpn-fabric")
    try:
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape", closefd=False) as file:
            file.write(text)
        yield descriptor
    finally:
        os.close(descriptor)


def _said(output: str) -> Iterator[str]:
    """The lines of an output that are about the configuration, without secrets."""
    for line in map(str.strip, output.split("\n")):
        if not _NOISE.match(line):
            yield masked_if_mistyped(line) if _UNKNOWN.match(line) else masked(line)


def _words(result: subprocess.CompletedProcess[str]) -> str:
    return "\n".join(_said(result.stdout + "\n" + result.stderr))


def _rejected(result: subprocess.CompletedProcess[str]) -> str:
    """FRR's words and the lines they are about: vtysh prints the reasons and the places on different outputs."""
    return "\n".join("  " + line for line in dict.fromkeys([*_said(result.stdout), *_said(result.stderr)]))
