# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mode exclusive: a gateway alone advertises, and answers for, what it owns. Pure. Private to this collection.

The fabric's side is acquired and released before the north side is: a new owner gets what hosts answer when the fabric uses
it, and the fabric may use the old one, whatever is preferred, until that has released it (RFC 7432, section 15: the lowest
address).
"""

from __future__ import annotations

from typing import Any, Collection, Dict, Iterator, List, Mapping, Union

from ..._core.errors import Problem, ValidationError, some
from ..._core.operation import HITLESS, SESSION
from ..._frr import prerequisites, runtime
from ..._frr.configuration import Configuration
from ..._gateway import phases
from ..._gateway.ownership import bucket_of
from ..._gateway.phases import moving, settled
from ..._kernel.model.document import Document, State, empty
from ..._kernel.model.nd_suppression import ARP_SUPPRESSED, NdSuppression, can_be_named
from .desired import Desired, Snapshot, check_devices, devices
from .stages import Announcement, FrrStage, Stage, cleared_stage, frr_stage, kernel_stage, rank_stage, settled_costs

#: The way back moves behind the fabric's side: phase of a run -> phase of the way back; it stays as it is in others.
_PHASE_OF_NORTH = {phases.REDIRECT: phases.ACQUIRE, phases.ALL: phases.ALL}

_State = Union[runtime.Served, runtime.Entries]


def document(desired: Desired, links: Mapping[str, Any]) -> Document:
    """What the kernel is to be after a phase, as far as gateways are concerned."""
    return answering(_serving(_bridges(desired, links), desired.owned), desired.phase)


def answering(serving: Mapping[str, bool], phase: str) -> Document:
    """The document that has bridges answer or not (``serving``), and that removes what gateways keep in the kernel besides.

    To answer again is to acquire, to suppress answers is to release. What belongs to networks that gateways no longer serve, or
    to the other mode, goes with a release.
    """
    present, absent = empty(), empty()
    for bridge, serves in serving.items():
        if serves and phase in (phases.ACQUIRE, phases.ALL):
            absent["nd_suppression"][bridge] = NdSuppression(bridge)
        elif serves or phase == phases.ACQUIRE:
            present["nd_suppression"][bridge] = NdSuppression(bridge)  # it stays what it is
        else:
            present["nd_suppression"][bridge] = NdSuppression(bridge, ARP_SUPPRESSED, nd=True)
    return Document(present, absent, frozenset({"address", "nd_suppression"}), purge=phase != phases.ACQUIRE)


def stages(desired: Desired, snapshot: Snapshot) -> Iterator[Stage]:
    """The stages that lead to what a gateway owns, in the order in which they are safe.

    Raises :class:`ValidationError` with every reason why this host cannot be such a gateway.
    """
    links, phase = snapshot.kernel.state["link"], desired.phase
    bridges, owned = _bridges(desired, links), desired.owned
    problems: List[Problem] = []
    check_devices(desired, links, problems)
    _check_bridges(bridges, problems)
    lists = _lists(desired, snapshot, owned, problems)
    _check_host(desired, snapshot, problems)
    if problems or lists is None:
        raise ValidationError(problems)
    prefers_new = runtime.prefers_what_is_new(snapshot.lines, desired.route_map)
    cleared = cleared_stage(snapshot.lines, runtime.PREFIXES, phase)
    yield cleared
    running = cleared.desired
    actual = lists.actual(running)
    marks = _marks(desired, lists, dict.fromkeys(owned, 0), running, prefers_new)

    acquired = running
    fresh: Collection[int] = ()
    if phase in (phases.ACQUIRE, phases.ALL):
        after = settled(marks, actual, phases.ACQUIRE)
        fresh = sorted(set(after) - set(actual))
        acquired = runtime.with_marks(lists, running, after)
    acquiring = frr_stage(acquired, running, HITLESS, "acquires %d VNIs" % len(fresh))
    serving = _serving(bridges, owned)
    answers = kernel_stage(answering(serving, phase), snapshot.kernel)
    # Those that begin to answer are announced, too: the run before this one may have died between acquiring and announcing.
    begin = {operation.name for operation in answers.operations if serving.get(operation.name)}
    announced = tuple(_announced(snapshot.kernel.state, begin | {bridges[vni] for vni in fresh}))
    if answers.operations:
        yield from (acquiring, answers._replace(announced=announced))
    else:
        yield acquiring._replace(announced=announced)

    served_buckets = {bucket_of(vni, desired.request.buckets) for vni in actual} if desired.request.buckets else set()
    north = _north_stage(desired, acquired, served_buckets)
    yield north
    released = runtime.with_marks(lists, north.desired, settled(marks, actual, phase))
    yield _released_stage(runtime.with_costs(released, _costs(desired, serving, running)), north.desired, lists)


def _serving(bridges: Mapping[int, str], owned: Collection[int]) -> Dict[str, bool]:
    """Bridge -> whether its VNI is owned."""
    mine = set(owned)
    return {bridge: vni in mine for vni, bridge in bridges.items()}


def _bridges(desired: Desired, links: Mapping[str, Any]) -> Dict[int, str]:
    """VNI -> the name of its bridge, of the VNIs that have one."""
    return {vni: device.master for vni, device in devices(desired, links).items() if device.master}


def _check_bridges(bridges: Mapping[int, str], problems: List[Problem]) -> None:
    """Notes a Problem for bridges of several VNIs, on which answers cannot be suppressed for one of them."""
    users: Dict[str, List[int]] = {}
    for vni, bridge in bridges.items():
        users.setdefault(bridge, []).append(vni)
    for bridge, vnis in users.items():
        if len(vnis) > 1:
            remedy = "Give each VNI a bridge of its own, or use the mode anycast"
            problems.append(Problem("vnis", "VNI %s share the bridge %s" % (some(vnis), bridge), remedy))
        if not can_be_named(bridge):
            problems.append(Problem("vnis", "nft cannot take the name of the bridge %r" % bridge, "Rename it"))


def _lists(desired: Desired, snapshot: Snapshot, owned: Collection[int], problems: List[Problem]) -> Union[_State, None]:
    """How FRR's configuration marks served VNIs; None after noting that it does not."""
    way = prerequisites.way_of_exclusion(snapshot.lines, desired.route_map, problems)
    if way == "list":
        return runtime.Served(prerequisites.own_targets(snapshot.vnis, owned, problems))
    return runtime.Entries(desired.route_map, way, frozenset(desired.request.vnis)) if isinstance(way, int) else None


def _check_host(desired: Desired, snapshot: Snapshot, problems: List[Problem]) -> None:
    """Notes a Problem for whatever else keeps this host from being an exclusive gateway."""
    if desired.ospf and ("router ospf",) not in snapshot.lines:
        problems.append(Problem("ospf", "FRR has no router ospf", "Configure it, or write ospf: false"))
    if snapshot.arp_ignore_of_all >= ARP_SUPPRESSED:
        message = "is %d, and the kernel uses the higher of it and an interface's own" % snapshot.arp_ignore_of_all
        problems.append(Problem("net.ipv4.conf.all.arp_ignore", message, "Set it to 0, 1 or 2"))
    if not snapshot.has_nft:
        message = "needs nft, which keeps standby gateways from answering for their IPv6 addresses and is not on this host"
        problems.append(Problem("mode", message, "Install the package nftables"))
    of_buckets = {address.split("/")[0] for (_dev, address), found in snapshot.kernel.state["address"].items() if found.owned}
    tunnels = devices(desired, snapshot.kernel.state["link"]).values()
    sources = [device.name for device in tunnels if device.local in of_buckets]
    if sources:
        message = "the tunnels of %s start from the addresses of buckets, which only the mode anycast has" % some(sources)
        problems.append(Problem("mode", message, "Give them a local that is this gateway's alone, with the module dataplane"))


def _marks(desired: Desired, lists: _State, ranks: Dict[int, int], running: Configuration, prefers_new: bool) -> Dict[int, Any]:
    """The marks of VNIs that are owned. Raises :class:`ValidationError` if FRR has no room for them."""
    if prefers_new:
        ranks = moving(ranks, {vni: min(marks)[0] for vni, marks in lists.actual(running).items()}, desired.phase)
    try:
        return lists.desired(ranks, running)
    except ValueError as error:
        message = "%s has room for %s VNIs, one an entry; %d are to be served" % (desired.route_map, error, len(ranks))
        remedy = "Write one entry with `match extcommunity %s` instead, which serves any number" % runtime.SERVED
        raise ValidationError([Problem("route_map", message, remedy)]) from None


def _announced(state: State, bridges: Collection[str]) -> Iterator[Announcement]:
    """What to announce of bridges."""
    for dev, address in state["address"]:
        if dev in bridges:
            yield dev, state["link"][dev].mac, address.split("/")[0]


def _north_stage(desired: Desired, running: Configuration, served_buckets: Collection[int]) -> FrrStage:
    """The stage after which what is advertised outside has the ranks of its buckets; nothing changes without buckets.

    Before the last phase, the rank of an owner is acquired for the buckets that are served only.
    """
    phase = _PHASE_OF_NORTH.get(desired.phase)
    if not desired.request.buckets or phase is None:
        return FrrStage((), running, running)
    lists = runtime.Ranks(())
    actual = lists.ranks(running)
    ranks = {
        bucket: rank if rank or phase == phases.ALL or bucket in served_buckets else actual.get(bucket)
        for bucket, rank in desired.ranks.items()
    }
    return rank_stage(lists, {bucket: rank for bucket, rank in ranks.items() if rank is not None}, running, phase)


def _costs(desired: Desired, serving: Mapping[str, bool], running: Configuration) -> Dict[str, int]:
    """The OSPF costs of bridges after this phase."""
    if not desired.ospf:
        return {}
    costs = {name: runtime.OSPF_COST if serves else runtime.OSPF_COST_WITHDRAWN for name, serves in serving.items()}
    actual = {name: cost for name, cost in runtime.ospf_costs(running).items() if name in costs}
    phase = _PHASE_OF_NORTH.get(desired.phase)
    return settled_costs(costs, actual, phase) if phase else actual


def _released_stage(desired: Configuration, running: Configuration, lists: _State) -> FrrStage:
    """The last stage: VNIs that are released, those that are no longer new, and OSPF costs."""
    before, after = lists.actual(running), lists.actual(desired)
    costs, now = runtime.ospf_costs(running), runtime.ospf_costs(desired)
    gone = set(before) - set(after)
    if gone or any(now[name] > cost for name, cost in costs.items()):
        return frr_stage(desired, running, SESSION, "releases %d VNIs" % len(gone))
    settles = sum(before[vni] != after[vni] for vni in before)
    lower = sum(now[name] < cost for name, cost in costs.items())
    message = "%d VNIs that were acquired are served like any other" % settles
    return frr_stage(desired, running, HITLESS, message if settles else "acquires the way back of %d bridges" % lower)
