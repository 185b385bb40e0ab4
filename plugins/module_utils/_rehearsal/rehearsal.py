# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rehearsal tries, and what it reports. Private to this collection."""

from __future__ import annotations

import statistics
import time
from typing import Any, Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .._core.enclosure import enclosed
from .._core.errors import FabricError
from .._gateway.ownership import owners
from .._gateway.phases import ACQUIRE, ALL, REDIRECT, RELEASE
from .._gateway.request import read_options
from .._host.gateway.desired import EXCLUSIVE
from .scene import Gateway, Scene

COLD, WARM = "cold", "warm"
#: Seconds: of traffic before something happens; after a death with BFD, and without, when sessions time out after 9 s.
BEFORE, AFTER, AFTER_WITHOUT_BFD = 1, 4, 15

#: A trial as the module returns it: what was tried, on which gateway, and the outcome of each VNI.
Trial = Dict[str, Any]
#: Seconds until a gateway that comes back has its sessions and its tracking again (FRR looks at conditions every 5 s).
RETURN = 12


class Request(NamedTuple):
    """What to rehearse: gateways that die, with standbys that are ``cold`` or ``warm``, and gateways that are drained.

    ``sample`` is how many VNIs have a tenant, ``interval`` how many seconds are between two packets of one, ``settle`` how many
    between the phases of a drain, ``takeover`` how many after a death `gateway_failover` runs on the others (None: never).
    """

    gateways: Tuple[Gateway, ...]
    kill: Tuple[str, ...]
    standbys: Tuple[str, ...]
    drain: Tuple[str, ...]
    sample: int
    interval: float
    settle: float
    takeover: Optional[float]
    repeat: int
    limit: int


def rehearse(request: Request) -> List[Trial]:
    """Builds the fabric, tries, and removes everything. Raises :class:`FabricError`."""
    return enclosed(lambda: _trials(request), request.limit, "the rehearsal", "give it more with time_limit, or fewer VNIs")


def _trials(request: Request) -> List[Trial]:
    names = [each.name for each in request.gateways]
    unknown = sorted({*request.kill, *request.drain} - set(names))
    if unknown:
        raise FabricError("%s: no such gateway; there are %s" % (", ".join(unknown), ", ".join(names)))
    asked = read_options(request.gateways[0].options)
    owner_of = {vni: ranked[0] for ranked, vnis in owners(asked).vnis_by_ranks().items() if ranked for vni in vnis}
    scene = Scene(request.gateways, sampled(asked.vnis, request.sample))
    scene.build()
    trials: List[Trial] = []
    for _run in range(request.repeat):
        for name in request.drain:
            trials.append(_move(scene, request, "drain", name, (name,)))
            trials.append(_move(scene, request, "undrain", name, ()))
        for name in request.kill:
            trials += [_kill(scene, request, name, standbys) for standbys in request.standbys]
    return [_named(trial, owner_of) for trial in trials]


def sampled(vnis: Sequence[int], count: int) -> List[int]:
    """At most so many of some VNIs, evenly spread: a list."""
    count = min(count, len(vnis))
    return [vnis[place * len(vnis) // count] for place in range(count)]


def _kill(scene: Scene, request: Request, name: str, standbys: str) -> Trial:
    """A gateway loses everything it sends and receives, while all links stay up."""
    _bring_back(scene)
    if standbys == COLD:
        scene.forget_tenants(but=(name,))
    probe = scene.probe(request.interval)
    time.sleep(BEFORE)
    scene.cut(name)
    if request.takeover is not None:
        time.sleep(request.takeover)
        scene.fail_over()
    time.sleep(AFTER if scene.speakers[name].bfd else AFTER_WITHOUT_BFD)
    return {"what": "silent death, standbys %s" % standbys, "gateway": name, "ways": probe.stop()}


def _bring_back(scene: Scene) -> None:
    """Connects gateways that died again, and waits until they own what they owned before."""
    if scene.dead:
        scene.mend()
        time.sleep(RETURN)
        scene.fail_over()
        scene.settle()


def _move(scene: Scene, request: Request, what: str, name: str, drained: Collection[str]) -> Trial:
    """A gateway is drained, or taken in again, in the phases of the playbooks."""
    _bring_back(scene)
    probe = scene.probe(request.interval)
    time.sleep(BEFORE)
    begun, changes = time.monotonic(), 0
    steps = (ACQUIRE, RELEASE, REDIRECT) if request.gateways[0].options["mode"] == EXCLUSIVE else (ACQUIRE, RELEASE)
    for phase in steps:
        changes += scene.fail_over(phase, drained)
        time.sleep(request.settle)
    changes += scene.fail_over(ALL, drained)
    seconds = time.monotonic() - begun
    time.sleep(request.settle)
    return {"what": what, "gateway": name, "seconds": round(seconds, 1), "changes": changes, "ways": probe.stop()}


def _named(trial: Trial, owner_of: Mapping[int, str]) -> Trial:
    """A trial as the module returns it: each sampled VNI with its owner and the outcome of both ways."""
    ways = trial.pop("ways")
    vnis = [
        {"vni": vni, "owner": owner_of.get(vni), **{way: found[vni]._asdict() for way, found in ways.items()}}
        for vni in ways["out"]
    ]
    return {**trial, "vnis": vnis}


def table(trials: Sequence[Trial]) -> List[str]:
    """Lines for people: each sampled VNI of each trial, and a summary of those VNIs that the gateway owned."""
    lines: List[str] = []
    for trial in trials:
        took = ", %s s" % trial["seconds"] if "seconds" in trial else ""
        lines.append("%s of %s%s" % (trial["what"], trial["gateway"], took))
        lines += [
            "  VNI %d of %s: out %s; back %s" % (each["vni"], each["owner"], _shown(each["out"]), _shown(each["back"]))
            for each in trial["vnis"]
        ]
        lines += ["  %s: %s" % (way, summary(trial, way)) for way in ("out", "back")]
    return lines


def _shown(found: Mapping[str, Any]) -> str:
    outage = "nothing arrived any more" if found["outage"] is None else "%.0f ms without traffic" % found["outage"]
    return "%s, %d of %d lost" % (outage, found["lost"], found["sent"])


def outages(trial: Trial, way: str) -> List[float]:
    """The outages of the VNIs that the gateway owned, in ms; infinity where no packet arrived any more."""
    found = [each[way]["outage"] for each in trial["vnis"] if each["owner"] == trial["gateway"]]
    return [float("inf") if each is None else each for each in found]


def lost(trial: Trial, way: str) -> int:
    """How many packets of all VNIs were lost."""
    return sum(each[way]["lost"] for each in trial["vnis"])


def summary(trial: Trial, way: str) -> str:
    """Median and maximum of :func:`outages`, and what was lost, in words."""
    found = outages(trial, way)
    text = "%d of %d packets lost" % (lost(trial, way), sum(each[way]["sent"] for each in trial["vnis"]))
    if not found:
        return "it owned none of these VNIs; " + text
    return "median %.0f ms, at most %.0f ms; %s" % (statistics.median(found), max(found), text)
