"""How long a tenant has no traffic when a gateway dies, beside gateways of which one takes over when it is told to.

Two gateways with real FRR in network namespaces, as ``make rehearse`` builds them; BFD every 100 ms, a packet every 10 ms. A
figure is that of the sampled VNI of the dead gateway that waits longest. The peer is the mode exclusive as wmgwd runs it: a
lease of 3 s that the dead gateway no longer renews, and then the survivor takes over, which is a run of ``gateway_failover``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

from tests.frr_host import FrrHost
from tests.rehearsals import gateways

from .measure import RUNS, Row, progress

IMAGE = "debian12"
COUNTS = (1, 1000, 4000)
SAMPLE = 16
LEASE = 3.0
WAYS = {"out": "to the outside", "back": "from the outside"}
#: Milliseconds, and growth from one VNI to the most.
DEATH_AT_MOST, GROWTH = 450, 1.2
DRAIN_AT_MOST, DRAINED = 15, 100


def rows() -> Iterator[Row]:
    """Milliseconds without traffic after a silent death, both ways; packets that a drain and its end lose, and seconds."""
    least: dict[tuple[str, str], tuple[float, ...]] = {}
    for count in COUNTS:
        ours = _rehearsed(count, "anycast", kill=["gw1"], standbys=["cold", "warm"], repeat=RUNS)
        peers = _rehearsed(count, "exclusive", kill=["gw1"], takeover=LEASE, repeat=2)
        for standbys in ("cold", "warm"):
            for way, words in WAYS.items():
                own = _silences(ours, way, f"standbys {standbys}")
                what = f"{count:,} VNIs, a gateway dies, standby {standbys}, {words}"
                yield Row(what, "ms", own, "exclusive, lease 3 s", _silences(peers, way, ""), at_most=DEATH_AT_MOST)
                if count == COUNTS[0]:
                    least[standbys, way] = own
                elif count == COUNTS[-1]:
                    yield Row(f"{what}: growth", "ms", own, "ours at 1 VNI", least[standbys, way], ratio_at_most=GROWTH)
    for mode in ("anycast", "exclusive"):
        moved = _rehearsed(DRAINED, mode, kill=[], drain=["gw1"], sample=DRAINED, interval=50, repeat=2)
        sent = tuple(float(_total(trial, "sent")) for trial in moved)
        lost = tuple(float(_total(trial, "lost")) for trial in moved)
        yield Row(f"{DRAINED} VNIs, {mode}, drain and its end: packets lost", "packets", lost, "sent", sent, at_most=0)
        took = tuple(trial["seconds"] for trial in moved)
        yield Row(f"{DRAINED} VNIs, {mode}, drain and its end", "s", took, "the same run", took, at_most=DRAIN_AT_MOST)


def _rehearsed(count: int, mode: str, **options: Any) -> list[dict[str, Any]]:
    """The trials of a rehearsal with so many VNIs."""
    progress(f"failover: {count:,} VNIs, mode {mode}")
    arguments = {
        "gateways": _owned_by_first(gateways(count, mode)),
        "drain": [],
        "sample": SAMPLE,
        "time_limit": 1800,
        **options,
    }
    # The kernel makes no network namespace while it takes away the thousands of devices of the one before.
    subprocess.run(["unshare", "--net", "true"], check=True, timeout=900)
    with FrrHost(IMAGE, daemons=()) as host:
        made = host.module("gateway_rehearsal", arguments)
    assert "msg" not in made, made["msg"]
    trials: list[dict[str, Any]] = made["trials"]
    return trials


def _owned_by_first(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gateways of which the first owns everything, so that everything has to move."""
    pins = [{"buckets": "0-63", "gateway": listed[0]["name"]}]
    return [{**each, "options": {**each["options"], "pins": pins}} for each in listed]


def _silences(trials: list[dict[str, Any]], way: str, what: str) -> tuple[float, ...]:
    """The longest silence of each trial of this kind, in ms."""
    found = [[each[way]["silence"] for each in trial["vnis"]] for trial in trials if what in trial["what"]]
    return tuple(float("inf") if None in silences else max(silences) for silences in found)


def _total(trial: dict[str, Any], what: str) -> int:
    return sum(each[way][what] for each in trial["vnis"] for way in WAYS)
