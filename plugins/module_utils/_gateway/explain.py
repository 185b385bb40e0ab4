# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ownership for people: why a gateway owns a VNI, who is next, and what the others carry when gateways are lost. Private to
this collection."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import Dict, List, Mapping, NamedTuple

from .mixing import BITS, mix64
from .ownership import Names, Ownership, bucket_of, heirs, owners
from .rendezvous import COST_BITS, bounds, scores
from .request import WEIGHT_UNIT, Request
from .ring import Ring

#: How many gateways may be lost at once in :func:`losses`.
TOGETHER = 2


class Loss(NamedTuple):
    """What is left when gateways are lost: VNIs by the name of each that remains, and how many nobody serves.

    ``highest`` is the most that one of them carries of what its weight entitles it to: 1.0 is perfect.
    """

    lost: Names
    loads: Dict[str, int]
    unserved: int
    highest: float


def explanation(request: Request, vni: int) -> List[str]:
    """Why a VNI (int) belongs to its gateway, a list of lines: the reason, every gateway's score, who is next, what moves."""
    if vni not in request.vnis:
        return [f"VNI {vni} is not among the VNIs of the gateways."]
    number, subject = vni, f"VNI {vni}"
    lines = []
    if request.buckets:
        number = bucket_of(vni, request.buckets)
        subject = f"bucket {number}"
        lines.append(f"VNI {vni} is in bucket {number} of {request.buckets}, whatever other VNIs there are.")
    ownership = owners(replace(request, standbys=max(request.standbys, TOGETHER)))
    names = ownership.ranks[number]
    if not names:
        return [*lines, f"Nobody owns {subject}: no gateway is active."]
    lines.append(f"{names[0]} owns {subject}: {_reason(request, ownership, number)}.")
    lines += _places(request, number)
    lines += _pin_without_effect(request, number)
    lines += [f"{gateway.name} is {gateway.state}." for gateway in request.gateways if gateway.state != "active"]
    lines.append(f"Next {'is ' + ', then '.join(names[1:]) if len(names) > 1 else 'is nobody'}.")
    going = heirs(ownership, names[0])
    shares = ", ".join(f"{count} to {name or 'nobody'}" for name, count in sorted(going.items()))
    lines.append(
        f"If {names[0]} goes, {_of_vnis(sum(going.values()))} {'move' if sum(going.values()) != 1 else 'moves'}: {shares}."
    )
    return lines


def _reason(request: Request, ownership: Ownership, number: int) -> str:
    """Why the owner owns a number, as the end of a sentence."""
    owner = ownership.ranks[number][0]
    pin = request.pins.get(number)
    if pin is not None and pin.gateway == owner:
        return f"{pin.path} pins it there"
    if request.placement == "ring":
        return f"its uid is the first from fmix64({number}) = {mix64(number)} on"
    best = scores(number, request.active)[0].name
    if best == owner:
        return "its score is the highest"
    most = bounds(len(request.numbers), request.active)[best]
    return f"{best} scores higher, but others had filled its share of {most} before"


def _places(request: Request, number: int) -> List[str]:
    """A line for each active gateway: its score, or its point on the ring."""
    if request.placement == "ring":
        ring = Ring(request.active)
        start = ring.position(number)
        uids = ring.uids[start:] + ring.uids[:start]
        names = ring.names[start:] + ring.names[:start]
        return [f"{name} has the uid {uids[names.index(name)]} there." for name in dict.fromkeys(names)]
    lines = []
    for score in scores(number, request.active):
        weight = next(gateway.weight for gateway in request.active if gateway.name == score.name) / WEIGHT_UNIT
        # Costs are of thousandths of weight and of logarithms to base 2; scores in papers, and here, of whole ones and natural.
        natural = score.cost / 2**COST_BITS * WEIGHT_UNIT * math.log(2)
        worth = "beyond measure" if not natural else f"{1 / natural:.3g}" if natural > 0.01 else f"{1 / natural:.0f}"
        lines.append(f"{score.name} scores {worth}: weight {weight:g}, draw {score.draw / 2**BITS:.4f} of 1.")
    return lines


def _pin_without_effect(request: Request, number: int) -> List[str]:
    pin = request.pins.get(number)
    if pin is None or pin.gateway in {gateway.name for gateway in request.active}:
        return []
    return [f"{pin.path} would pin it to {pin.gateway}, which is not active."]


def _of_vnis(count: int) -> str:
    return f"its {count} VNIs" if count != 1 else "its only VNI"


def losses(request: Request) -> List[Loss]:
    """What the gateways carry when none, any one and any two of the active ones are lost: a list of :class:`Loss`.

    This is what holds as soon as standbys have taken over, before anybody decides anything. Without bounded loads it is also
    what holds afterwards.
    """
    ownership = owners(replace(request, standbys=max(request.standbys, TOGETHER)))
    weights = {gateway.name: gateway.weight for gateway in request.active}
    successors = _successors(ownership)
    return [
        _loss(lost, successors, weights, len(request.vnis))
        for together in range(min(TOGETHER, len(weights)) + 1)
        for lost in combinations(sorted(weights), together)
    ]


def _successors(ownership: Ownership) -> Dict[Names, Counter[str]]:
    """Who comes behind some gateways for how many VNIs, by the tuple of those: behind () are the owners. "" is nobody."""
    successors: Dict[Names, Counter[str]] = {(): Counter()}
    for names, vnis in ownership.vnis_by_ranks().items():
        line = (*names[: TOGETHER + 1], "")
        for place, name in enumerate(line[: TOGETHER + 1]):
            successors.setdefault(line[:place], Counter())[name] += len(vnis)
    return successors


def _loss(lost: Names, successors: Mapping[Names, Counter[str]], weights: Mapping[str, int], total: int) -> Loss:
    """The :class:`Loss` of some gateways."""
    loads = {name: 0 for name in weights if name not in lost}
    unserved = 0
    waiting: List[Names] = [()]
    while waiting:
        before = waiting.pop()
        for name, count in successors.get(before, {}).items():
            if name in lost:
                waiting.append((*before, name))
            elif name:
                loads[name] += count
            else:
                unserved += count
    left = sum(weights[name] for name in loads)
    highest = max((load * left / weights[name] / total for name, load in loads.items()), default=0.0) if total else 0.0
    return Loss(lost, loads, unserved, highest)
