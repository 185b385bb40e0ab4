"""The table, and what has to be known about the machine to read it."""

from __future__ import annotations

import os
import pathlib
import platform
import subprocess
from collections.abc import Iterator

import ansible

from lab import __main__ as lab
from lab import topology
from lab.image import SUITES

from .measure import ROLLBACKS, RUNS, Row

ROOT = pathlib.Path(__file__).parents[1]
HEADINGS = ("what", "unit", "ours", "(spread)", "peer", "figure", "(spread)", "ratio", "target", "")

FOOT = (
    f"Medians of {RUNS} runs, {ROLLBACKS} of a rollback, with the least and the most; tasks are counted and growth is measured"
    " once. The ratio is ours to the peer's."
)


def machine() -> list[str]:
    """What the figures were taken on, a line each."""
    frr = [f"{version} ({name})" for name, version in _frr_versions()]
    return [
        f"{os.cpu_count()} cores ({_processor()}), load {os.getloadavg()[0]:.1f} before the first run",
        f"kernel {platform.release()}, Python {platform.python_version()}, ansible-core {ansible.__version__}, "
        f"FRR {', '.join(frr) or 'not there yet'}",
        lab.where(topology.read(ROOT / "inventories/lab")),
    ]


def _processor() -> str:
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _frr_versions() -> Iterator[tuple[str, str]]:
    """(image, version of its FRR) of the node images that have been built."""
    for name in SUITES:
        for database in (lab.STATE / "images").glob(f"{name}-*/var/lib/dpkg"):
            query = ["dpkg-query", f"--admindir={database}", "--show", "--showformat=${Version}", "frr"]
            yield name, subprocess.run(query, check=True, capture_output=True, text=True).stdout


def table(rows: list[Row]) -> list[str]:
    """The lines of the table; columns are as wide as they have to be."""
    cells = [HEADINGS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]
    return [lines[0], "-" * max(map(len, lines)), *lines[1:], FOOT]


def _cells(row: Row) -> tuple[str, ...]:
    targets = [f"<= {row.at_most:g} {row.unit}"] if row.at_most is not None else []
    targets += [f"ratio <= {row.ratio_at_most:g}"] if row.ratio_at_most is not None else []
    targets += [f"worst <= {row.worst_at_most:g} {row.unit}"] if row.worst_at_most is not None else []
    ours, peers = (_figures(median, sample) for median, sample in ((row.median, row.ours), (row.peers_median, row.peers)))
    return (row.what, row.unit, *ours, row.peer, *peers, _short(row.ratio), ", ".join(targets), "ok" if row.met else "MISSED")


def _figures(median: float, sample: tuple[float, ...]) -> tuple[str, str]:
    return _short(median), f"({_short(min(sample))} to {_short(max(sample))})"


def _short(figure: float) -> str:
    """Three digits, or all of a whole number's."""
    return f"{figure:.0f}" if figure >= 100 else f"{figure:.3g}"
