# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a maintenance, which the host itself sees to: a timer of systemd, or a process that waits. Private to this
collection."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import NamedTuple, Optional, Sequence, Tuple

from ..._core import program
from ..._core.errors import FabricError
from ..._core.operation import HITLESS, Operation
from ..._core.plane import Stopped
from . import record
from .record import FILE, Record

#: What waits for the end, where systemd runs.
UNIT = "evpn-fabric-maintenance"
#: Has FRR read the file after each of its starts. It stays until the host restarts: without the file it does nothing.
DROP_IN = "/run/systemd/system/frr.service.d/evpn-fabric-maintenance.conf"
_DROP_IN_TEXT = "# Written by evpn.fabric.\n[Service]\nExecStartPost=-/usr/bin/vtysh -f %s\n" % FILE
#: Ends a maintenance: its arguments are the seconds to wait for that, the file, and a command that FRR is told. FRR may be
#: restarting, or hang: it is told for up to an hour, and then its lines are a difference like any other. It stands by itself:
#: what the host keeps of this collection may be of another release by then.
_END = """\
import os, subprocess, sys, time
time.sleep(float(sys.argv[1]))
deadline = time.monotonic() + 3600
while time.monotonic() < deadline:
    try:
        if subprocess.call(sys.argv[3:], stdin=subprocess.DEVNULL, timeout=60) == 0:
            break
    except subprocess.TimeoutExpired:
        pass
    time.sleep(5)
os.unlink(sys.argv[2])
"""


class Desired(NamedTuple):
    """The maintenance that the host shall be in, None for none. ``ends`` is the command that takes FRR's lines of maintenance
    away, ``begins`` are these lines."""

    record: Optional[Record]
    ends: Tuple[str, ...]
    begins: Tuple[str, ...]


class ExpiryPlan(NamedTuple):
    operations: Tuple[Operation, ...]
    desired: Desired
    actual: Optional[Record]


class Expiry:
    """The file and what waits for the end, as a plane."""

    name = "maintenance"

    def read(self, desired: Desired) -> Optional[Record]:
        """The maintenance that the host is in."""
        return record.current()

    def plan(self, desired: Desired, actual: Optional[Record]) -> ExpiryPlan:
        """What leads from one to the other."""
        wanted = desired.record
        if wanted == actual:
            return ExpiryPlan((), desired, actual)
        action = "create" if actual is None else "delete" if wanted is None else "change"
        reason = "until %s" % wanted.until if wanted else "it has ended"
        return ExpiryPlan((Operation(action, actual, wanted, HITLESS, reason),), desired, actual)

    def apply(self, plan: ExpiryPlan, stopped: Stopped = lambda: None) -> None:
        """Has the host wait for the end of the desired maintenance, or for none. Raises :class:`FabricError`; it is as before
        then, or the message says that it is not."""
        if not plan.operations:
            return
        try:
            _bring(plan.desired.record, plan.actual, plan.desired)
        except FabricError as error:
            try:
                self.revert(plan)
            except FabricError as failure:
                raise FabricError("%s\n%s" % (error, failure)) from error
            raise

    def revert(self, plan: ExpiryPlan) -> None:
        """Has it be as before a plan. Raises :class:`FabricError`."""
        if plan.operations:
            _bring(plan.actual, record.current(), plan.desired)


def _bring(wanted: Optional[Record], actual: Optional[Record], desired: Desired) -> None:
    """Has the host be in the maintenance ``wanted``, and not in ``actual`` any more. Raises :class:`FabricError`."""
    try:
        if actual is not None:
            _stop_waiting(actual)
        if wanted is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(FILE)
            return
        process = _wait(max(wanted.deadline - time.monotonic(), 1.0), desired.ends)
        record.write(Record(wanted.since, wanted.until, wanted.deadline, process), desired.begins)
    except OSError as error:
        raise FabricError("%s: %s" % (error.filename or FILE, error.strerror)) from error


def _wait(delay: float, command: Sequence[str]) -> int:
    """Has a command run after ``delay`` seconds, and the file be removed then: the number of the process that waits, 0 where
    systemd does. Raises :class:`FabricError` and :class:`OSError`."""
    waiting = [sys.executable, "-I", "-c", _END]
    if not program.systemd_serves_here():
        return program.leave_running([*waiting, "%.3f" % delay, FILE, *command])
    _keep_through_restarts()
    when = ["--on-active=%.3fs" % delay, "--timer-property=AccuracySec=1s"]
    words = ["--description=End of the maintenance of this host (evpn.fabric)", "--unit=%s" % UNIT, "--quiet", "--collect"]
    program.run("systemd-run", *words, *when, "--", *waiting, "0", FILE, *command)
    return 0


def _keep_through_restarts() -> None:
    """Has systemd give FRR the lines of the file after a start of FRR alone. Raises as :func:`_wait` does."""
    if not os.path.exists(DROP_IN):
        os.makedirs(os.path.dirname(DROP_IN), exist_ok=True)
        with open(DROP_IN, "w", encoding="utf-8") as file:
            file.write(_DROP_IN_TEXT)
        program.run("systemctl", "daemon-reload")


def _stop_waiting(actual: Record) -> None:
    """Has nothing wait for the end of a maintenance any more."""
    if actual.process == 0:
        with contextlib.suppress(FabricError):  # its time may have come meanwhile
            program.run("systemctl", "stop", "%s.timer" % UNIT)
        return
    with contextlib.suppress(OSError):
        with open("/proc/%d/cmdline" % actual.process, "rb") as opened:
            words = opened.read().split(b"\0")
        if FILE.encode() in words:  # and not another process that has its number since
            os.kill(actual.process, signal.SIGTERM)
