"""What ``gateway_failover`` takes when half of a gateway's VNIs change their owner, and when there is nothing to do.

The gateway has 4,000 VNIs with their devices, real FRR, and one neighbor that is not there. A run is the whole module as
Ansible runs it on the host, interpreter and imports included. The peer of a change is a run that finds nothing to do; that of a
withdrawal, FRR's part alone, is a vtysh that starts and shows its version.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._frr import batch, configuration

from tests.frr_host import FrrHost
from tests.gateways import PREFERS_NEW, SERVES, UNDERLAY, devices, gateways, load, until

from .measure import Row, progress, repeated, seconds, wait_for_kernel

IMAGES = ("debian12", "debian13")
COUNT, BUCKETS = 4000, 64
VNIS = range(10000, 10000 + COUNT)
#: Seconds; and how many times a bare vtysh a withdrawal may take, of so large a part.
AT_MOST = {"exclusive": 10, "anycast": 5}
WITHDRAWAL_AT_MOST, PART = 5, 16
LINES = "/run/lines"


def rows() -> Iterator[Row]:
    """Seconds of a change and of a run with nothing to do, in both modes; and of withdrawing a sixteenth."""
    for image in IMAGES:
        wait_for_kernel()
        with FrrHost(image, daemons=("bgpd",)) as host:
            version = host.run("vtysh", "-c", "show version").stdout.split()[1]
            progress(f"moves: FRR {version}: {COUNT:,} pairs of devices")
            devices(host, VNIS)
            load(host, UNDERLAY.replace(SERVES, PREFERS_NEW))
            until(lambda host=host: _known(host) == COUNT, limit=300)  # type: ignore[misc]
            for mode, at_most in AT_MOST.items():
                _halves(host, mode, lower=True)
                changed, idle = repeated(functools.partial(_cycle, host, mode))
                what = f"FRR {version}, {mode}: half of {COUNT:,} VNIs change their owner"
                yield Row(what, "s", changed, "nothing to do", idle, at_most=at_most)
                if mode == "exclusive":
                    withdrawn, bare = repeated(functools.partial(_withdrawn, host))
                    what = f"FRR {version}: 1/{PART} of {COUNT:,} served VNIs withdrawn by FRR"
                    yield Row(what, "s", withdrawn, "vtysh that starts", bare, ratio_at_most=WITHDRAWAL_AT_MOST)
                    _run(host, mode, gateways=gateways(gw1="drained"))


def _known(host: FrrHost) -> int:
    """How many VNIs FRR's BGP knows."""
    return sum(vni.isdigit() for vni in json.loads(host.run("vtysh", "-c", "show bgp l2vpn evpn vni json").stdout))


def _cycle(host: FrrHost, mode: str) -> tuple[float, float]:
    """Seconds of a change to the other half, and of a second run; then back to what was before."""
    changed = seconds(lambda: _halves(host, mode, lower=False))
    idle = seconds(lambda: _halves(host, mode, lower=False, changes=False))
    _halves(host, mode, lower=True)
    return changed, idle


def _halves(host: FrrHost, mode: str, lower: bool, changes: bool = True) -> None:
    """The gateway owns one half, and another the other."""
    if mode == "anycast":
        halves: list[dict[str, Any]] = [{"buckets": [f"0-{BUCKETS // 2 - 1}"]}, {"buckets": [f"{BUCKETS // 2}-{BUCKETS - 1}"]}]
    else:
        middle = VNIS[COUNT // 2]
        halves = [{"vnis": [f"{VNIS[0]}-{middle - 1}"]}, {"vnis": [f"{middle}-{VNIS[-1]}"]}]
    owners = ("gw1", "gw2") if lower else ("gw2", "gw1")
    _run(host, mode, changes, pins=[{**half, "gateway": owner} for half, owner in zip(halves, owners)])


def _run(host: FrrHost, mode: str, changes: bool = True, **options: Any) -> None:
    of_mode = {"vtep_prefix": "192.0.2.0/26", "route_map": "evpn-buckets", "buckets": BUCKETS} if mode == "anycast" else {}
    arguments = {"gateways": gateways(), "self": "gw1", "vnis": [f"{VNIS[0]}-{VNIS[-1]}"], "mode": mode, **of_mode, **options}
    made = host.module("gateway_failover", arguments, diff=False)
    assert made.get("changed") is changes, made.get("msg")


def _withdrawn(host: FrrHost) -> tuple[float, float]:
    """Seconds of a vtysh that takes a sixteenth of the VNIs out of the list, as the module tells it, and of one that starts."""
    running = configuration.parse(host.running_config())
    served = [path for path in running if re.match(r"bgp extcommunity-list standard evpn-gateway-served seq ", path[0])]
    assert len(served) == COUNT // 2
    gone = set(served[: COUNT // PART])
    wanted = {path: None for path in running if path not in gone}
    withdrawn = _told(host, before=running, after=wanted)
    bare = seconds(lambda: host.run("vtysh", "-c", "show version"))
    assert configuration.parse(host.running_config()).keys() == wanted.keys()
    _told(host, before=wanted, after=running)
    return withdrawn, bare


def _told(host: FrrHost, before: dict[Any, None], after: dict[Any, None]) -> float:
    """Seconds of a vtysh that reads what leads from one configuration to another."""
    ((daemon, text),) = batch.batches(batch.planned(after, before, {"bgpd": before}))
    host.run("tee", LINES, stdin=text)
    return seconds(lambda: host.run("vtysh", *(["-d", daemon] if daemon else []), "-f", LINES))
