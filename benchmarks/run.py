"""``python -m benchmarks.run [NAME ...]``: measures subjects, prints one table, exits with 1 if a target is missed."""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import signal
import sys
from collections.abc import Callable, Iterator

from . import controller, engine, failover, frr, gateway, hand_edits, moves, page, playbooks, rollback, site
from .measure import Row, progress
from .table import machine, table

REPORTS = pathlib.Path(__file__).parents[1] / ".build/bench"

SUBJECTS: dict[str, Callable[[], Iterator[Row]]] = {
    "controller": controller.rows,
    "playbooks": playbooks.rows,
    "page": page.rows,
    "engine": engine.rows,
    "links": engine.link_rows,
    "frr": frr.rows,
    "gateway": gateway.rows,
    "moves": moves.rows,
    "failover": failover.rows,
    "rollback": rollback.rows,
    "edits": hand_edits.rows,
    "site": site.rows,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(SUBJECTS)}; all if none is named")
    names = parser.parse_args().names
    if unknown := set(names) - set(SUBJECTS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    # As an exception it ends what was started: a playbook that outlives its lab would reach whoever has its addresses next.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    about = machine()
    rows: list[Row] = []
    for name in names or SUBJECTS:
        measured = list(_shown(name))
        _report(name, about, measured)
        rows += measured
    print("\n".join([*about, "", *table(rows)]))
    return 0 if all(row.met for row in rows) else 1


def _shown(name: str) -> Iterator[Row]:
    """The rows of a subject, each told as soon as it is there."""
    for row in SUBJECTS[name]():
        progress(f"{row.what}: {row.median:.3g} {row.unit}, {row.peer}: {row.peers_median:.3g}")
        yield row


def _report(name: str, about: list[str], rows: list[Row]) -> None:
    """Writes a subject's rows with every single figure to ``.build/bench``."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = {"machine": about, "rows": [{**dataclasses.asdict(row), "met": row.met} for row in rows]}
    (REPORTS / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
