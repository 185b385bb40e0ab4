"""Who owns which VNI: how long it takes to say, how even it is, and what moves needlessly when a gateway goes.

The peer is a plain ring with 160 points a gateway, which knows neither weights nor bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._gateway.mixing import mix64, name_key
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import Ownership, owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import read

from .measure import Row, progress, repeated, seconds

POINTS = 160
RING = f"ring, {POINTS} points"


def rows() -> Iterator[Row]:
    """Seconds for 100,000 VNIs over 64 gateways; balance and needless moves of 16,384 VNIs over 16, which are exact."""
    yield from _speed(vnis=100_000, gateways=64)
    yield from _balance(vnis=16_384, gateways=16)


def _speed(vnis: int, gateways: int) -> Iterator[Row]:
    names = _names(gateways)
    weights = [1 + place % 4 for place in range(gateways)]
    # What is timed begins with what a user writes, the checks included.
    trials: list[Callable[[], object]] = [
        partial(_place, vnis, names, "rendezvous"),
        partial(_place, vnis, names, "rendezvous", weights),
        partial(_place, vnis, names, "bounded"),
        partial(_place, vnis, names, "ring"),
    ]
    progress("gateway: rendezvous, with weights, bounded, ring")
    plain, with_weights, bounded, ring = repeated(lambda: tuple(seconds(trial) for trial in trials))
    what = f"{vnis:,} VNIs, {gateways} gateways, a standby"
    yield Row(f"{what}: owners", "s", plain, RING, ring, at_most=2.5)
    yield Row(f"{what}: owners, 4 weights", "s", with_weights, RING, ring, at_most=2.5)
    yield Row(f"{what}: owners, bounded loads", "s", bounded, RING, ring, at_most=2.5)


def _balance(vnis: int, gateways: int) -> Iterator[Row]:
    what = f"{vnis:,} VNIs, {gateways} gateways"
    ring = _highest(vnis, _names(gateways), "ring")
    for placement, words, at_most in (("rendezvous", "", 1.08), ("bounded", ", bounded loads", 1.01)):
        highest = _highest(vnis, _names(gateways), placement)
        yield Row(f"{what}{words}: highest load", "of mean", (highest,), RING, (ring,), at_most=at_most)
    # A ring moves nothing needlessly either, and there is no ratio to 0: the peer is what has to move, a gateway's share.
    needed = 100 / gateways
    for placement, words, at_most in (("rendezvous", "", 0.0), ("bounded", ", bounded loads", 1.0)):
        needless = _needless(vnis, _names(gateways), placement)
        yield Row(f"{what}{words}: needless moves, worst", "%", (needless,), "needed moves", (needed,), at_most=at_most)


def _names(count: int) -> list[str]:
    return [f"gw{number}" for number in range(1, count + 1)]


def _place(vnis: int, names: Sequence[str], placement: str, weights: Sequence[int] = ()) -> Ownership:
    listed: list[dict[str, Any]] = [{"name": name, **_points(name, placement)} for name in names]
    for gateway, weight in zip(listed, weights):
        gateway["weight"] = weight
    return owners(read({"gateways": listed, "vnis": f"10000-{9999 + vnis}", "placement": placement}))


def _points(name: str, placement: str) -> dict[str, Any]:
    """A gateway's points on the ring, which follow from its name."""
    return {"uids": [mix64(name_key(f"{name}/{point}")) for point in range(POINTS)]} if placement == "ring" else {}


def _highest(vnis: int, names: Sequence[str], placement: str) -> float:
    """The most that a gateway owns, as a multiple of the mean."""
    return max(_place(vnis, names, placement).loads().values()) * len(names) / vnis


def _needless(vnis: int, names: Sequence[str], placement: str) -> float:
    """Per cent of all VNIs that go from one gateway to another although neither went, for the worst one that goes."""
    before = _place(vnis, names, placement).ranks
    worst = 0
    for gone in names:
        after = _place(vnis, [name for name in names if name != gone], placement).ranks
        worst = max(worst, sum(before[vni][0] not in (gone, after[vni][0]) for vni in before))
    return 100 * worst / vnis
