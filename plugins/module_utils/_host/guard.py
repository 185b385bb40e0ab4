# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time in a network namespace, and none that a signal ends half-way. Private to this collection."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from typing import Callable, Iterator, Optional, TextIO

from .._core import namespace
from .._core.errors import FabricError

POLL = 0.1
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@contextlib.contextmanager
def lock(timeout: float) -> Iterator[None]:
    """Holds the lock of this process's network namespace; waits up to ``timeout`` seconds for another run to end.

    The kernel releases the lock when the process ends, however it ends. Raises :class:`FabricError` with who holds it.
    """
    with open(namespace.path("lock"), "a+") as file:
        deadline = time.monotonic() + timeout
        while not _locked(file):
            if time.monotonic() > deadline:
                file.seek(0)
                raise FabricError(
                    "another run is at work in this network namespace (process %s), and did not end within %d s; nothing was "
                    "changed. Run again later, or raise lock_timeout" % (file.read().strip() or "unknown", timeout)
                )
            time.sleep(POLL)
        with contextlib.suppress(OSError):  # a full /run keeps no host from going back
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), b"%d\n" % os.getpid())
        yield


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def deferred_signals() -> Iterator[Callable[[], Optional[str]]]:
    """Keeps signals that would end the process for later: yields a function that returns the name of the first one, or None.

    The code inside calls it at every point where stopping is safe. A signal that the process ignores, as nohup(1) has it,
    stays ignored.
    """
    received: list[str] = []
    previous = {
        number: signal.signal(number, lambda number, _frame: received.append(signal.Signals(number).name))
        for number in SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield lambda: received[0] if received else None
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
