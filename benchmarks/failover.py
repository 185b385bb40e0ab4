"""How long a tenant has no traffic when a gateway dies, beside gateways that are preferred VNI by VNI, and beside gateways that
take over when they are told to.

Two gateways with real FRR in network namespaces, as ``make rehearse`` builds them; BFD every 100 ms, a packet every 10 ms. A
figure is that of the sampled VNI of the dead gateway that waits longest. The peers are the mode exclusive in two ways: its
routes are not held back but advertised as worse, so that the fabric changes to the standby for each VNI by itself; and as wmgwd
runs it, with a lease of 3 s that the dead gateway no longer renews, after which the survivor takes over by a run of
``gateway_failover``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.frr_host import FrrHost
from tests.rehearsals import gateways

from .measure import RUNS, Row, progress, wait_for_kernel

IMAGE = "debian12"
COUNTS = (1, 1000, 4000)
SAMPLE = 16
PREFERRED = "preferred VNI by VNI"
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
        peers = _rehearsed(count, PREFERRED, kill=["gw1"], standbys=["cold", "warm"], repeat=2)
        leased = _rehearsed(count, "exclusive", kill=["gw1"], takeover=LEASE, repeat=2)
        for way, words in WAYS.items():
            own, what = _outages(ours, way, "standbys cold"), f"{count:,} VNIs, a gateway dies, {words}"
            yield Row(what, "ms", own, "exclusive, lease 3 s", _outages(leased, way, ""))
        for standbys in ("cold", "warm"):
            for way, words in WAYS.items():
                own = _outages(ours, way, f"standbys {standbys}")
                what = f"{count:,} VNIs, a gateway dies, standby {standbys}, {words}"
                preferred = _outages(peers, way, f"standbys {standbys}")
                yield Row(what, "ms", own, "VNI by VNI", preferred, at_most=DEATH_AT_MOST)
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
        "gateways": _owned_by_first(_preferred(gateways(count, "exclusive")) if mode == PREFERRED else gateways(count, mode)),
        "drain": [],
        "sample": SAMPLE,
        "time_limit": 1800,
        **options,
    }
    wait_for_kernel()
    with FrrHost(IMAGE, daemons=()) as host:
        made = host.module("gateway_rehearsal", arguments)
    assert "msg" not in made, made["msg"]
    trials: list[dict[str, Any]] = made["trials"]
    return trials


def _preferred(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Exclusive gateways whose route-map lets everything through, but what they do not serve as worse than all else."""
    for each in listed:
        asn = re.findall(r"^router bgp (\d+)$", each["frr"], re.MULTILINE)[0]
        rest = f"route-map evpn-gateway permit 20\n set as-path prepend {' '.join([asn] * 6)}\nexit\n!\n"
        assert "route-map evpn-gateway permit 2\n" in each["frr"]
        each["frr"] = each["frr"].replace("route-map evpn-gateway permit 1\n", f"{rest}route-map evpn-gateway permit 1\n", 1)
    return listed


def _owned_by_first(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gateways of which the first owns everything, so that everything has to move."""
    pins = [{"buckets": "0-63", "gateway": listed[0]["name"]}]
    return [{**each, "options": {**each["options"], "pins": pins}} for each in listed]


def _outages(trials: list[dict[str, Any]], way: str, what: str) -> tuple[float, ...]:
    """The longest outage of each trial of this kind, in ms."""
    found = [[each[way]["outage"] for each in trial["vnis"]] for trial in trials if what in trial["what"]]
    return tuple(float("inf") if None in outages else max(outages) for outages in found)


def _total(trial: dict[str, Any], what: str) -> int:
    return sum(each[way][what] for each in trial["vnis"] for way in WAYS)
