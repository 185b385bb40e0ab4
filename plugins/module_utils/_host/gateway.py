# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing one gateway to what it owns: kernel and FRR in one plan. Private to this collection."""

from __future__ import annotations

import json
from typing import Any, Dict, NamedTuple, Optional, Tuple

from .._core.errors import FabricError, FrrError, Problem, ValidationError, some
from .._core.operation import DAEMON, HITLESS, SESSION, Operation, refuse_stronger
from .._frr import configuration, converge, runtime
from .._frr import plane as frr
from .._frr.difference import difference
from .._gateway import phases
from .._gateway.ownership import bucket_of, owners
from .._gateway.phases import moving, settled
from .._gateway.vteps import vtep_addresses
from .._kernel import plane as execute
from .._kernel.model.address import Address
from .._kernel.model.document import Document, empty
from .._kernel.model.silence import ARP_SILENT, Silence
from .._kernel.model.sysctl import Sysctl
from .._kernel.model.vxlan import Vxlan
from .._kernel.netlink import announcements, silence, sysctls

EXCLUSIVE, ANYCAST = "exclusive", "anycast"


class Wish(NamedTuple):
    """What is wanted: who shall own what (a :class:`~.._gateway.request.Request`), and how this gateway comes to it."""

    request: Any
    mode: str
    phase: str
    route_map: str
    ospf: bool = False
    vtep_prefix: Optional[str] = None
    vtep_interface: str = "lo"


class FrrStage(NamedTuple):
    """From one configuration of FRR to another."""

    wanted: Dict[Tuple[str, ...], None]
    running: Dict[Tuple[str, ...], None]
    operations: Tuple[Operation, ...]

    def apply(self, vtysh, kernel, stopped):
        converge.bring(vtysh, self.wanted, self.running, stopped=stopped)


class KernelStage(NamedTuple):
    """A document of the data plane."""

    document: Document
    plan: execute.Plan

    @property
    def operations(self):
        return self.plan.operations

    def apply(self, vtysh, kernel, stopped):
        execute.apply(kernel, self.document, self.plan, stopped)


class AnnounceStage(NamedTuple):
    """Addresses that this gateway now answers for: (interface, MAC address, address)."""

    addresses: Tuple[Tuple[str, str, str], ...]
    operations: Tuple[Operation, ...] = ()

    def apply(self, vtysh, kernel, stopped):
        announcements.announce(self.addresses)


class Plan(NamedTuple):
    """Stages in the order in which they are safe, those with nothing to do left out.

    ``owned`` are the VNIs that this gateway serves before them, ``holds`` says whether it is ranked for anything.
    """

    stages: Tuple[Any, ...]
    owned: Tuple[int, ...]
    holds: bool

    @property
    def operations(self):
        return tuple(operation for stage in self.stages for operation in stage.operations)


def make_plan(vtysh, kernel, wish, max_disruption):
    """Reads the host and plans; changes nothing.

    ``vtysh`` is a :class:`~.._frr.vtysh.Vtysh`, ``kernel`` a :class:`~.._kernel.netlink.kernel.Kernel`. Raises
    :class:`ValidationError` with every reason why this host cannot be such a gateway, :class:`FrrError` if FRR does not
    run, and :class:`FabricError` if the plan is more disruptive than it may be.
    """
    seen = vtysh.running()
    if "bgpd" not in seen.daemons:
        raise FrrError(
            "FRR's bgpd is not running on this host: systemctl start frr, and see that /etc/frr/daemons has bgpd=yes"
        )
    running = configuration.parse(seen.text, shown=True)
    state = kernel.read(Document(empty(), empty(), frozenset({"address"})))
    problems: list = []
    make = _exclusive if wish.mode == EXCLUSIVE else _anycast
    stages = tuple(stage for stage in make(vtysh, kernel, wish, running, state, problems) if _does_something(stage))
    made = Plan(stages, *_owned_now(wish, running))
    refuse_stronger(made.operations, max_disruption)
    return made


def _does_something(stage):
    return bool(stage.operations) or bool(isinstance(stage, AnnounceStage) and stage.addresses)


def apply(vtysh, kernel, plan, stopped=lambda: None):
    """Carries a plan out, stage by stage, each of which is read back and verified.

    Raises :class:`FabricError` with the cause; the stage that failed has then been taken back, those before it stay: they are a
    state that is safe to be in, and from which the next run goes on.
    """
    done = 0
    try:
        for stage in plan.stages:
            stage.apply(vtysh, kernel, stopped)
            done += 1
    except FabricError as error:
        if not done:
            raise
        raise FabricError(
            "%s\nSteps before this one were carried out and stay; the next run finishes the move or takes it back" % error
        ) from error


def _exclusive(vtysh, kernel, wish, running, state, problems):
    """The stages of a gateway that alone advertises what it owns.

    The fabric's side is taken up and given up before the north side is: a new owner gets what hosts answer when the fabric uses
    it, and that may use the old one, whatever is preferred, until it has given up (RFC 7432, section 15: the lowest address).
    """
    vnis = wish.request.vnis
    mine = _owned(wish.request)
    preferred = runtime.prefers_what_is_new(running, wish.route_map)
    devices = _devices(state["link"], vnis, problems)
    bridges = _bridges(state["link"], devices, problems)
    way = runtime.way_of_exclusion(running, wish.route_map, problems)
    lists: Any = None
    if way == "list":
        shown = json.loads(vtysh.show("show bgp l2vpn evpn vni json"))
        lists = runtime.Served(runtime.own_targets(shown, mine, problems))
    elif way is not None:
        lists = runtime.Entries(wish.route_map, way, frozenset(vnis))
    if wish.ospf and ("router ospf",) not in running:
        problems.append(Problem("ospf", "FRR has no router ospf", "Configure it, or write ospf: false"))
    _check_arp(problems)
    _check_nft(problems)
    _check_sources(state, devices, problems)
    _raise(problems)
    cleared = _cleared_stage(running, runtime.PREFIXES, wish.phase)
    yield cleared
    running = cleared.wanted
    present = lists.present(running)
    ranks = dict.fromkeys(mine, 0)
    if preferred:
        ranks = moving(ranks, {vni: min(marks)[0] for vni, marks in present.items()}, wish.phase)
    try:
        wanted = lists.wanted(ranks, running)
    except ValueError as error:
        message = "%s has room for %s VNIs, one an entry; %d are to be served" % (wish.route_map, error, len(mine))
        remedy = "Write one entry with `match extcommunity %s` instead, which serves any number" % runtime.SERVED
        raise ValidationError([Problem("route_map", message, remedy)]) from None
    serving = _serving(bridges, mine)
    costs = {name: (runtime.OSPF_COST if serves else runtime.OSPF_COST_WITHDRAWN,) for name, serves in serving.items()}
    costs = costs if wish.ospf else {}
    there = {name: {(cost,)} for name, cost in runtime.ospf_costs(running).items() if name in costs}

    between, taken = running, []
    if wish.phase in (phases.ACQUIRE, phases.ALL):
        acquired = settled(wanted, present, phases.ACQUIRE)
        between, taken = runtime.with_marks(lists, running, acquired), sorted(set(acquired) - set(present))
        yield _frr_stage(between, running, HITLESS, "takes up %d VNIs" % len(taken))
    answering = _kernel_stage(kernel, _kernel_document(serving, wish.phase))
    yield answering
    # Those that begin to answer are announced, too: the run before this one may have died between taking up and announcing.
    changed = {operation.name for operation in answering.operations}
    begin = {bridge for bridge, serves in serving.items() if serves and bridge in changed}
    yield AnnounceStage(tuple(_announced(state, begin | {bridges[vni] for vni in taken})))
    north_phase = {phases.REDIRECT: phases.ACQUIRE, phases.ALL: phases.ALL}.get(wish.phase)
    ready = {bucket_of(vni, wish.request.buckets) for vni in present} if wish.request.buckets else set()
    north = _north_stage(wish.request, between, north_phase, ready)
    yield north
    after = settled(costs, there, north_phase) if north_phase else there
    settled_costs = {name: min(each)[0] for name, each in after.items()}
    given_up = runtime.with_marks(lists, north.wanted, settled(wanted, present, wish.phase))
    yield _given_up(runtime.with_costs(given_up, settled_costs), north.wanted, lists)


def _given_up(wanted, running, lists):
    """The last stage of an exclusive gateway: VNIs that it gives up, those that are no longer new, and OSPF costs."""
    before, after = lists.present(running), lists.present(wanted)
    costs, now = runtime.ospf_costs(running), runtime.ospf_costs(wanted)
    gone = set(before) - set(after)
    if gone or any(now[name] > cost for name, cost in costs.items()):
        return _frr_stage(wanted, running, SESSION, "gives up %d VNIs" % len(gone))
    settles = sum(before[vni] != after[vni] for vni in before)
    lower = sum(now[name] < cost for name, cost in costs.items())
    message = "%d VNIs that were taken up are served like any other" % settles
    return _frr_stage(wanted, running, HITLESS, message if settles else "takes up the way back of %d bridges" % lower)


def _anycast(vtysh, kernel, wish, running, state, problems):
    """The stages of a gateway that carries the addresses of buckets, each preferred by its rank."""
    request, links = wish.request, state["link"]
    addresses, carriers = vtep_addresses(wish.vtep_prefix, request.buckets), _carriers(wish)
    devices = _devices(links, request.vnis, problems)
    if wish.ospf:
        runtime.check_costs(running, carriers, wish.vtep_prefix, request.standbys, problems)
    else:
        runtime.check_ranks(running, wish.route_map, request.standbys, problems)
        runtime.check_unranked(running, wish.vtep_interface, problems)
    runtime.check_router_ids(running, wish.vtep_interface, problems)
    absent = [name for name in dict.fromkeys(carriers) if name not in links]
    if absent:
        remedy = "Write the name of one that does" if not wish.ospf else "Make one for each bucket, with the module dataplane"
        verb = "does" if len(absent) == 1 else "do"
        problems.append(Problem("vtep_interface", "%s %s not exist" % (some(absent), verb), remedy))
    places = dict(zip(addresses, carriers))
    for (dev, address), found in state["address"].items():
        if not found.owned and places.get(address.split("/")[0], dev) != dev:
            remedy = "Take it away there, or write another prefix"
            problems.append(Problem("vtep_prefix", "%s of it is on %s" % (address, dev), remedy))
    _raise(problems)
    document = _kernel_document(dict.fromkeys((device.master for device in devices.values()), True), wish.phase)
    made = [Address(carrier, "%s/32" % address, owned=True) for address, carrier in places.items()]
    document.present["address"].update((address.key, address) for address in made)
    document.present["link"].update(
        (device.name, Vxlan(name=device.name, local=addresses[bucket_of(vni, request.buckets)]))
        for vni, device in devices.items()
    )
    yield _kernel_stage(kernel, document)
    cleared = _cleared_stage(running, runtime.TARGETS, wish.phase)
    yield cleared
    running = cleared.wanted
    if wish.ospf:
        # The lists of communities, if there are some, change with the costs.
        yield _rank_stage(runtime.Ranks([]), _ranks(request), running, wish.phase, carriers)
    else:
        yield _rank_stage(runtime.Ranks(addresses), _ranks(request), running, wish.phase)


def _carriers(wish):
    """The interface of each bucket's address: one for all, or one for each, so that OSPF has a cost for each."""
    if not wish.ospf:
        return [wish.vtep_interface] * wish.request.buckets
    return ["%s%d" % (wish.vtep_interface, bucket) for bucket in range(wish.request.buckets)]


def _cleared_stage(running, kind, phase):
    """The stage after which FRR has no lists of the other mode, which are of this kind."""
    wanted = running if phase == phases.ACQUIRE else runtime.without_lists(running, kind)
    return _frr_stage(wanted, running, SESSION, "the other mode left it")


def _north_stage(request, running, phase, ready):
    """The stage after which what is advertised outside has the ranks of its buckets; it does nothing without buckets or phase.

    Before the last phase, the rank of an owner is taken up for the buckets that are ``ready`` only.
    """
    if not request.buckets or phase is None:
        return FrrStage(running, running, ())
    lists = runtime.Ranks([])
    now = lists.ranks(running)
    ranks = {
        bucket: rank if rank or phase == phases.ALL or bucket in ready else now.get(bucket)
        for bucket, rank in _ranks(request).items()
    }
    return _rank_stage(lists, {bucket: rank for bucket, rank in ranks.items() if rank is not None}, running, phase)


def _rank_stage(lists, ranks, running, phase, carriers=()):
    """The stage after which lists have what there is of ranks after a phase, and interfaces of buckets their costs."""
    now = runtime.cost_ranks(running, carriers) if carriers else lists.ranks(running)
    ranks = moving(ranks, now, phase)
    present = lists.present(running)
    after = settled(lists.wanted(ranks, running), present, phase)
    lost = set(present) - set(after)
    changed = {key[1] - 1 for key in {**present, **after} if present.get(key) != after.get(key)}
    costs = {name: (runtime.rank_cost(ranks.get(bucket)),) for bucket, name in enumerate(carriers)}
    there = {name: {(cost,)} for name, cost in runtime.ospf_costs(running).items() if name in costs}
    settled_costs = {name: min(marks)[0] for name, marks in settled(costs, there, phase).items()}
    changed |= {bucket for bucket, name in enumerate(carriers) if there[name] != {(settled_costs[name],)}}
    withdrawn = runtime.rank_cost(None)
    lost |= {name for name, cost in settled_costs.items() if cost == withdrawn and there[name] != {(cost,)}}
    return _frr_stage(
        runtime.with_costs(runtime.with_marks(lists, running, after), settled_costs),
        running,
        SESSION if lost else HITLESS,
        "%d buckets change their rank" % len(changed),
    )


def _owned_now(wish, running):
    """The VNIs that this gateway serves at the moment, and whether it is ranked for anything, as its lists say."""
    anycast = wish.mode == ANYCAST
    addresses = vtep_addresses(wish.vtep_prefix, wish.request.buckets) if anycast else []
    by_cost = anycast and wish.ospf
    ranked = runtime.cost_ranks(running, _carriers(wish)) if by_cost else runtime.Ranks(addresses).ranks(running)
    if anycast:
        owned = tuple(vni for vni in wish.request.vnis if ranked.get(bucket_of(vni, wish.request.buckets), 1) <= 0)
        return owned, bool(ranked)
    served = runtime.served(running, wish.route_map, wish.request.vnis)
    return tuple(sorted(served)), bool(served or ranked)


def sessions(vtysh):
    """The EVPN sessions of this host: how many are ``configured`` and ``established``, and the age of the ``youngest`` in s."""
    shown = json.loads(vtysh.show("show bgp l2vpn evpn summary json") or "{}")
    peers = shown.get("peers", {}).values()
    ages = [peer.get("peerUptimeMsec", 0) // 1000 for peer in peers if peer.get("state") == "Established"]
    return {"configured": len(peers), "established": len(ages), "youngest": min(ages, default=0)}


def _owned(request):
    """The VNIs that this gateway owns, in ascending order."""
    ownership = owners(request)
    return [vni for vni in request.vnis if ownership.of_vni(vni)[:1] == (request.self_name,)]


def _ranks(request):
    """Bucket -> rank of this gateway, of those that it is ranked for."""
    places = owners(request).ranked_at(request.self_name)
    return {bucket: rank for rank, buckets in enumerate(places) for bucket in buckets}


def _devices(links, vnis, problems):
    """VNI -> its VXLAN device, which is a port of a bridge; notes a Problem for each kind of VNI that has none."""
    by_vni = {link.vni: link for link in links.values() if link.kind == "vxlan" and link.vni}
    without = [vni for vni in vnis if vni not in by_vni]
    if without:
        remedy = "Make one for each with the module dataplane, or take them out of vnis"
        problems.append(Problem("vnis", "VNI %s: no VXLAN device on this host has it" % some(without), remedy))
    found = {vni: by_vni[vni] for vni in vnis if vni in by_vni}
    loose = [vni for vni, link in found.items() if getattr(links.get(link.master), "kind", None) != "bridge"]
    if loose:
        remedy = "Put the device into a bridge, or take them out of vnis"
        problems.append(Problem("vnis", "VNI %s: the VXLAN device is not in a bridge" % some(loose), remedy))
    return found


def _bridges(links, devices, problems):
    """VNI -> the name of its bridge; notes a Problem for bridges of several VNIs, which could not be silent for one of them."""
    users: dict[str, list] = {}
    for vni, device in devices.items():
        users.setdefault(device.master, []).append(vni)
    for bridge, vnis in users.items():
        if bridge and len(vnis) > 1:
            remedy = "Give each VNI a bridge of its own, or use the mode anycast"
            problems.append(Problem("vnis", "VNI %s share the bridge %s" % (some(vnis), bridge), remedy))
        if bridge and not silence.can_name(bridge):
            problems.append(Problem("vnis", "the bridge %r has a name that nft cannot take" % bridge, "Rename it"))
    return {vni: device.master for vni, device in devices.items()}


def _raise(problems):
    if problems:
        raise ValidationError(problems)


def _check_arp(problems):
    """Notes a Problem if the host's arp_ignore, of which the higher one counts, keeps a bridge from having its own."""
    path = "net/ipv4/conf/all/arp_ignore"
    value = sysctls.read([Sysctl(path, "")])[path].value
    if int(value) >= ARP_SILENT:
        message = "is %s, and the kernel goes by the higher of it and an interface's own" % value
        problems.append(Problem("net.ipv4.conf.all.arp_ignore", message, "Set it to 0, 1 or 2"))


def _check_nft(problems):
    """Notes a Problem if this host could not be silent for IPv6."""
    if not silence.is_installed():
        message = "needs nft, which keeps standby gateways from answering for their IPv6 addresses and is not on this host"
        problems.append(Problem("mode", message, "Install the package nftables"))


def _check_sources(state, devices, problems):
    """Notes a Problem for VXLAN devices whose tunnels start from addresses that buckets have in the mode anycast."""
    leaving = {address.split("/")[0] for (_dev, address), found in state["address"].items() if found.owned}
    sources = [device.name for device in devices.values() if device.local in leaving]
    if sources:
        message = "the tunnels of %s start from the addresses of buckets, which only the mode anycast has" % some(sources)
        problems.append(Problem("mode", message, "Give them a local that is this gateway's alone, with the module dataplane"))


def _serving(bridges, mine):
    """Bridge -> whether its VNI is served."""
    served = set(mine)
    return {bridge: vni in served for vni, bridge in bridges.items()}


def _kernel_document(serving, phase):
    """The document that has bridges answer, or not, and that takes away what gateways keep in the kernel besides.

    Who answers again takes up, and who falls silent gives up. What is left of other networks, or of the other mode, goes when
    gateways give up.
    """
    wanted, absent = empty(), empty()
    for bridge, serves in serving.items():
        if serves and phase in (phases.ACQUIRE, phases.ALL):
            absent["silence"][bridge] = Silence(bridge)
        elif serves or phase == phases.ACQUIRE:
            wanted["silence"][bridge] = Silence(bridge)  # it stays what it is
        else:
            wanted["silence"][bridge] = Silence(bridge, ARP_SILENT, nd=True)
    return Document(wanted, absent, frozenset({"address", "silence"}), purge=phase != phases.ACQUIRE)


def _announced(state, bridges):
    """What to announce of bridges."""
    for dev, address in state["address"]:
        if dev in bridges:
            yield dev, state["link"][dev].mac, address.split("/")[0]


def _kernel_stage(kernel, document):
    return KernelStage(document, execute.make_plan(kernel, document, DAEMON))


def _frr_stage(wanted, running, disruption, reason):
    changes = difference(wanted, running)
    operations = frr.line_operations(changes, wanted, running)
    return FrrStage(wanted, running, tuple(each._replace(disruption=disruption, reason=reason) for each in operations))
