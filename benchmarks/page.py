"""What the page of ``evpn.fabric.report`` costs the control host: all hosts' observations merged, the page written.

The shape is that of :mod:`tests.fabrics`, with four spines; every tenth host has drifted.
"""

from __future__ import annotations

import json
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.fabric_page import fabric_page

from tests.fabrics import fabric
from tests.reports import AT, DRIFT, RUNS, observed, read

from .measure import Row, progress, repeated, seconds

SHAPE: dict[str, Any] = {"leaves": 1000, "networks": 100, "vrfs": 10, "spines": 4}


def rows() -> Iterator[Row]:
    """Seconds and MiB at 1,000 VTEPs, beside the same data as plain JSON."""
    groups, hostvars = fabric(**SHAPE)
    of = read(**SHAPE)
    seen = {name: observed(of, name) for name in of.hosts}
    for name, observation in seen.items():
        hostvars[name]["__report_observation"] = json.dumps(observation)
    drift = {**DRIFT, "hosts": dict.fromkeys([*of.hosts][::10], DRIFT["hosts"]["leaf1"])}
    runs = RUNS * 50
    progress("page: 1,000 VTEPs, and the same as JSON")
    with tempfile.TemporaryDirectory(prefix="evpn-bench-") as directory:
        page, plain = pathlib.Path(directory, "report.html"), pathlib.Path(directory, "report.json")
        ours, peers = repeated(
            lambda: (
                seconds(lambda: page.write_text(fabric_page(hostvars, groups, AT, drift, runs))),
                seconds(lambda: plain.write_text(json.dumps([seen, drift, runs]))),
            )
        )
        sizes = [path.stat().st_size / (1 << 20) for path in (page, plain)]
    what = "1,000 VTEPs, 100 networks, 10 VRFs: merged, the page written"
    yield Row(what, "s", ours, "json.dumps of the same", peers, at_most=10)
    yield Row("the same: the page", "MiB", (sizes[0],), "as JSON", (sizes[1],), at_most=8)
