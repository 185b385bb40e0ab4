"""How a figure is taken, set beside its peer's and judged."""

from __future__ import annotations

import dataclasses
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

#: How often each figure is taken.
RUNS = 5
#: How often a host goes back by itself in each case that it has to survive.
ROLLBACKS = 20
#: Seconds in which the kernel makes every network namespace at once, after which it counts as done with taking others away.
QUIET = 6


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table: samples of ours and of the peer's, both in ``unit``, and the most that is allowed.

    ``at_most`` is in ``unit`` and judges our median, ``worst_at_most`` each of our samples; ``ratio_at_most`` judges our median
    divided by the peer's.
    """

    what: str
    unit: str
    ours: tuple[float, ...]
    peer: str
    peers: tuple[float, ...]
    at_most: float | None = None
    ratio_at_most: float | None = None
    worst_at_most: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.ours)

    @property
    def peers_median(self) -> float:
        return statistics.median(self.peers)

    @property
    def ratio(self) -> float:
        return self.median / self.peers_median

    @property
    def met(self) -> bool:
        """Whether every target of the row is met."""
        limits = ((self.median, self.at_most), (self.ratio, self.ratio_at_most), (max(self.ours), self.worst_at_most))
        return all(limit is None or figure <= limit for figure, limit in limits)


def repeated(cycle: Callable[[], tuple[float, ...]], runs: int = RUNS) -> list[tuple[float, ...]]:
    """Runs a cycle so many times; returns the samples of each of its figures.

    A cycle takes every figure once, ours and the peer's in turn, so that whatever else the machine does meets them alike.
    """
    figures = []
    for run in range(1, runs + 1):
        figures.append(cycle())
        progress(f"run {run} of {runs}: " + ", ".join(f"{figure:.3g}" for figure in figures[-1]))
    return list(zip(*figures))


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def wait_for_kernel() -> None:
    """Waits until the kernel has taken away what ended processes leave: with thousands of devices it is minutes, in which it
    makes no network namespace.
    """
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < QUIET:
        time.sleep(0.5)
        if seconds(lambda: subprocess.run(["unshare", "--net", "true"], check=True, timeout=900)) > 0.5:
            quiet_since = time.monotonic()


def progress(text: str) -> None:
    """Tells whoever waits what goes on; the table alone is on standard output."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
