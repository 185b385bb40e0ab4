"""Nothing waits for ever: what takes longer than it ever should is ended, and what it was waiting for is told."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from types import FrameType

#: The exit status of a command that has been ended because it took too long: "temporary failure", of sysexits.h.
TOOK_TOO_LONG = os.EX_TEMPFAIL


class TookTooLong(SystemExit):
    """What was to be done has been ended, and so have the processes that it had started."""


@contextlib.contextmanager
def within(seconds: int, doing: str) -> Iterator[None]:
    """If the body takes longer than ``seconds``: prints the processes it waits for, ends them, raises :class:`TookTooLong`.

    For the main thread, and not within another: there is one timer, the alarm (signal(7)).
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        started = descendants(os.getpid())
        told = "\n".join(started.values()) or "none: it waits by itself"
        print(f"lab: {doing} has not ended after {seconds} s; its processes:\n{told}", flush=True)
        end_processes(started)
        raise TookTooLong(f"lab: {doing} took longer than {seconds} s and has been ended")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def descendants(ancestor: int) -> dict[int, str]:
    """Processes that ``ancestor`` has started, and those that these have, in whatever session: id -> a line about each.

    A line has the process's id and its parent's, the seconds since it began, its state, the function of the kernel that it
    waits in, and its arguments.
    """
    command = ["ps", "-ww", "-eo", "pid=,ppid=,etimes=,stat=,wchan:24=,args="]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ps:
        lines = ps.communicate()[0].splitlines()
    listed = {int(line.split()[0]): line for line in lines}
    parents = {pid: int(line.split()[1]) for pid, line in listed.items() if pid != ps.pid}
    found: dict[int, str] = {}
    generation = {ancestor}
    while generation:
        generation = {pid for pid, parent in parents.items() if parent in generation}
        found.update((pid, listed[pid]) for pid in sorted(generation))
    return found


def end_processes(pids: Iterable[int], tidying: float = 10) -> None:
    """Ends processes; they have ``tidying`` seconds to tidy up what they are at."""
    with contextlib.ExitStack() as opened:
        # A number that has passed to another process by the time of the second signal is not this process's file.
        files: dict[int, int] = {}

        def open_files(numbers: Iterable[int]) -> None:
            for pid in numbers:
                with contextlib.suppress(ProcessLookupError):
                    files[pid] = os.pidfd_open(pid)
                    opened.callback(os.close, files[pid])

        open_files(pids)
        _signal(files.values(), signal.SIGTERM)
        deadline = time.monotonic() + tidying
        while time.monotonic() < deadline and any(map(_lives, files.values())):
            time.sleep(0.1)
        # What they have started to tidy up, or in spite of it.
        open_files({child for pid, file in files.items() if _lives(file) for child in descendants(pid)} - set(files))
        _signal(files.values(), signal.SIGKILL)


def _lives(process: int) -> bool:
    return not select.select([process], [], [], 0)[0]


def _signal(processes: Iterable[int], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, number)
