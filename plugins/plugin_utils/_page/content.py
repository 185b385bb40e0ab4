# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page shows: the inventory and all that was seen, as tables and a drawing. Pure. Private to this collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import some

from .._intent.fabric import Fabric, Host
from . import ownership
from .drawing import Drawing, Edge, Node, drawing
from .observation import Observation, Session
from .table import Cell, Table, state


class Sight(NamedTuple):
    """What is known of a host: what was seen, or, where that is None, why nothing was."""

    observation: Observation | None
    problem: str = ""


class Sources(NamedTuple):
    """What the page is made of.

    ``sights`` are by host. ``looks`` are the results of looking at gateways by name (:mod:`.._gateway_decision`). ``drift`` is
    the report of ``evpn.fabric.drift``, None where it has never run; ``runs`` are the runs that have changed something, the
    newest first.
    """

    fabric: Fabric
    sights: Mapping[str, Sight]
    looks: Mapping[str, Mapping[str, Any] | None]
    drift: Mapping[str, Any] | None
    runs: Sequence[Mapping[str, Any]]


class Figure(NamedTuple):
    """A figure at the top of the page, which leads to the section ``anchor``. ``good`` is None where it is neither."""

    anchor: str
    title: str
    text: str
    good: bool | None


class Content(NamedTuple):
    """Everything on the page."""

    figures: list[Figure]
    drawing: Drawing
    tables: list[Table]
    notes: dict[str, list[str]]


def content(sources: Sources) -> Content:
    """Merges what is known of a fabric."""
    fabric, sights = sources.fabric, sources.sights
    owned = ownership.ownership(fabric, sources.looks)
    hosts = _hosts(sources)
    sessions = _sessions(fabric, sights)
    networks = _networks(sources, owned)
    drift, ended = _drift(sources.drift), _ended(sources.drift)
    runs = _runs(sources.runs)
    tables = [
        hosts,
        sessions,
        _failed(sights),
        networks,
        _vnis(fabric, sights),
        *owned.tables,
        drift,
        ended,
        runs,
    ]
    return Content(
        [*_figures(sources, hosts, sessions, networks), _drift_figure(sources.drift, drift), _run_figure(sources.runs)],
        _topology(fabric, sights),
        tables,
        {"owners": owned.notes, "drift": list((sources.drift or {}).get("notes", ()))},
    )


def role(host: Host) -> str:
    """What a host is in the fabric, in a word."""
    return "gateway" if host.gateway else "VTEP" if host.vtep else "spine"


def _figures(sources: Sources, hosts: Table, sessions: Table, networks: Table) -> Iterator[Figure]:
    for table, title in ((hosts, "Hosts"), (sessions, "Sessions"), (networks, "VNIs")):
        good = len(table.rows) - table.bad
        yield Figure(table.name, title, f"{good:,} of {len(table.rows):,} as they should be", not table.bad)


def _drift_figure(report: Mapping[str, Any] | None, drift: Table) -> Figure:
    if report is None:
        return Figure("drift", "Drift", "not looked for yet", None)
    unknown = [name for name, host in report["hosts"].items() if host["problem"]]
    told = [_findings(len(drift.rows))] + ([f"unknown on {some(unknown)}"] if unknown else []) + [str(report["at"])]
    return Figure("drift", "Drift", ", ".join(told), not drift.rows and not unknown)


def _findings(count: int) -> str:
    return f"{count:,} {'finding' if count == 1 else 'findings'}"


def _run_figure(runs: Sequence[Mapping[str, Any]]) -> Figure:
    return Figure("runs", "Last change", str(runs[0]["at"]) if runs else "none recorded", None)


def _hosts(sources: Sources) -> Table:
    drift = (sources.drift or {}).get("hosts", {})
    rows = sorted(
        (
            (
                name,
                role(host),
                condition(sources.sights[name]),
                host.loopback,
                host.vtep,
                host.asn,
                host.frr_version,
                len(sources.fabric.networks_of[name]),
                *_drift_of(drift.get(name)),
            )
            for name, host in sources.fabric.hosts.items()
        ),
        key=_bad_first,
    )
    return Table(
        "hosts",
        "Hosts",
        "Each host of the inventory, and whether all that verify checks is as it should be there.",
        "The inventory has no hosts.",
        ("Host", "Role", "State", "Loopback", "VTEP", "AS", "FRR", "Networks", "Drift", "Inventory"),
        rows,
    )


def condition(sight: Sight) -> str:
    """The state of a host, in words."""
    if sight.observation is None:
        return state(False, sight.problem)
    failed = len(sight.observation["failed"])
    checks = sight.observation["passed"] + failed
    return state(not failed, f"{failed} of {checks} checks failed" if failed else f"{checks} checks passed")


def _bad_first(row: tuple[Cell, ...]) -> bool:
    """For sorting: rows with something that is not as it should be first, in the order that they have otherwise."""
    return not any(isinstance(cell, str) and cell.startswith(state(False, "")) for cell in row)


def _drift_of(report: Mapping[str, Any] | None) -> tuple[str, str]:
    """What is known of a host's drift, and whether the inventory is what was confirmed there."""
    if report is None:
        return "not looked for", ""
    count = len(report["findings"])
    found = state(not count, _findings(count) if count else "none")
    changes = ": " + some(report["inventory_changes"]) if report["inventory_changes"] else ""
    return state(False, report["problem"]) if report["problem"] else found, f"{report['inventory']}{changes}"


def _sessions(fabric: Fabric, sights: Mapping[str, Sight]) -> Table:
    rows = []
    for name, sight in sights.items():
        peers = {link.interface: link.peer for link in fabric.hosts[name].links}
        for session in sight.observation["sessions"] if sight.observation else ():
            peer = session["peer"] or peers.get(session["neighbor"], "")
            shown = state(session["passed"], session["state"])
            rows.append((name, session["kind"], peer, session["neighbor"], session["family"], shown, session["received"]))
    return Table(
        "sessions",
        "Sessions",
        "BGP sessions, BFD sessions and OSPF adjacencies that the inventory asks for, as each end sees them.",
        "No host was seen that should have a session.",
        ("Host", "Kind", "Peer", "Neighbor", "Family", "State", "Routes received"),
        sorted(rows, key=_bad_first),
    )


def _failed(sights: Mapping[str, Sight]) -> Table:
    return Table(
        "checks",
        "Failed checks",
        "What differs from the inventory, as the playbook verify says it.",
        "No check has failed.",
        ("Host", "Check", "Subject", "Desired", "Actual"),
        [
            (name, *failed)
            for name, sight in sights.items()
            for failed in (sight.observation["failed"] if sight.observation else ())
        ],
    )


def _networks(sources: Sources, owned: ownership.Owned) -> Table:
    """A row for each VNI, with what all of its hosts say of it."""
    fabric = sources.fabric
    on: Counter[int] = Counter()
    wrong: dict[int, list[str]] = {}
    for name, sight in sources.sights.items():
        for vni in sight.observation["vnis"] if sight.observation else ():
            on[vni["vni"]] += 1
            if vni["wrong"]:
                wrong.setdefault(vni["vni"], []).append(name)

    def told(vni: int, places: int) -> str:
        if vni in wrong:
            return state(False, f"wrong on {some(wrong[vni])}")
        if on[vni] < places:
            return state(False, f"not seen on {places - on[vni]} of {places} hosts")
        return state(True, f"as it should be on {places} hosts") if places else "on no host"

    rows: list[tuple[Cell, ...]] = [
        (
            network.vni,
            network.name,
            "L2VNI",
            network.vrf,
            network.vlan,
            network.mtu,
            ", ".join(network.gateways),
            told(network.vni, len(network.vteps)),
            owned.owner(network.vni) if network.central else None,
        )
        for network in fabric.networks.values()
    ]
    places: Counter[str] = Counter(vrf.name for vrfs in fabric.vrfs_of.values() for vrf in vrfs)
    rows += [
        (vrf.l3vni, vrf.name, "L3VNI", vrf.name, None, None, "", told(vrf.l3vni, places[vrf.name]), None)
        for vrf in fabric.vrfs.values()
        if vrf.l3vni
    ]
    return Table(
        "vnis",
        "VNIs",
        "Each VNI of the inventory, and what the hosts that have it say of it.",
        "The inventory has no VNIs.",
        ("VNI", "Name", "Type", "VRF", "VLAN", "MTU", "Gateway addresses", "State", "Owner"),
        sorted(rows, key=_bad_first),
    )


def _vnis(fabric: Fabric, sights: Mapping[str, Sight]) -> Table:
    names = {network.vni: network.name for network in fabric.networks.values()}
    names.update({vrf.l3vni: vrf.name for vrf in fabric.vrfs.values() if vrf.l3vni})
    good = state(True, "as it should be")
    rows = [
        (
            name,
            vni["vni"],
            names.get(vni["vni"]),
            vni["remote_vteps"],
            state(False, ", ".join(vni["wrong"])) if vni["wrong"] else good,
        )
        for name, sight in sights.items()
        for vni in (sight.observation["vnis"] if sight.observation else ())
    ]
    return Table(
        "hosts-vnis",
        "VNIs on hosts",
        "Each VNI on each host that was seen, and the kinds of checks that fail for it.",
        "No host was seen that should have a VNI.",
        ("Host", "VNI", "Name", "Remote VTEPs", "State"),
        sorted(rows, key=_bad_first),
    )


def _drift(report: Mapping[str, Any] | None) -> Table:
    rows = [
        (
            name,
            found["plane"],
            f"{found['kind']} {found['name']}",
            found["whose"],
            found["reason"],
            found["action"],
            found["disruption"],
            "yes" if found["repairable"] else "no",
            found["since"],
        )
        for name, host in ((report or {}).get("hosts") or {}).items()
        for found in host["findings"]
    ]
    empty = "Nothing differs from what was confirmed." if report else "Run evpn.fabric.drift to look for it."
    return Table(
        "drift",
        "Drift",
        "What differs on hosts from the document that they have confirmed, since when, and what its repair disturbs.",
        empty,
        ("Host", "Plane", "Object", "Whose", "Reason", "Repair", "Disruption", "Repairable", "Since"),
        rows,
    )


def _ended(report: Mapping[str, Any] | None) -> Table:
    rows = [
        (
            found["host"],
            found["plane"],
            f"{found['kind']} {found['name']}",
            found["whose"],
            found["reason"],
            found["since"],
            found["until"],
        )
        for found in (report or {}).get("ended", ())
    ]
    return Table(
        "history",
        "Drift that has ended",
        "What earlier runs of evpn.fabric.drift have found and a later one has not, the newest first.",
        "None is known.",
        ("Host", "Plane", "Object", "Whose", "Reason", "Since", "Until"),
        rows,
    )


def _runs(runs: Iterable[Mapping[str, Any]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for run in runs:
        for name, host in run["hosts"].items():
            for made in host["operations"]:
                what = f"{made['kind']} {made['name']}"
                rows.append((run["at"], run["playbook"], name, made["action"], what, made["disruption"], made["reason"]))
            if host["problem"]:
                rows.append((run["at"], run["playbook"], name, state(False, "failed"), "", "", host["problem"]))
    return Table(
        "runs",
        "Last runs",
        "The operations of the last runs from this control host that changed something or failed, the newest first.",
        "None is recorded.",
        ("Time", "Playbook", "Host", "Operation", "Object", "Disruption", "Reason"),
        rows,
    )


def _topology(fabric: Fabric, sights: Mapping[str, Sight]) -> Drawing:
    """Routers outside at the top, then gateways, spines, VTEPs."""
    nodes = {
        name: Node(
            name,
            role(host),
            "unknown" if sights[name].observation is None else "bad" if sights[name].observation["failed"] else "good",  # type: ignore[index]
            condition(sights[name])[2:],
        )
        for name, host in fabric.hosts.items()
    }
    edges = list(_edges(fabric, sights))
    outside = {
        north.peer: Node(north.peer, "router outside", "outside", "not part of the inventory")
        for host in fabric.hosts.values()
        if host.gateway
        for north in host.gateway.north
    }
    layers = [list(outside.values())]
    layers += [[node for node in nodes.values() if node.role == each] for each in ("gateway", "spine", "VTEP")]
    return drawing(layers, edges)


def _edges(fabric: Fabric, sights: Mapping[str, Sight]) -> Iterator[Edge]:
    """Each link once, with what the sessions over it say."""
    states: dict[tuple[str, str], list[Session]] = {}
    for name, sight in sights.items():
        for session in sight.observation["sessions"] if sight.observation else ():
            states.setdefault((name, session["neighbor"]), []).append(session)
    seen = set()
    for name, host in fabric.hosts.items():
        for link in host.links:
            ends = frozenset([(name, link.interface), (link.peer, link.peer_interface)])
            if ends not in seen:
                seen.add(ends)
                here = (name, link.interface), (name, (link.peer_address or "").split("/")[0])
                there = (link.peer, link.peer_interface), (link.peer, (link.address or "").split("/")[0])
                over = [session for end in (*here, *there) for session in states.get(end, ())]
                yield _edge((name, link.peer), f"{name}:{link.interface} to {link.peer}:{link.peer_interface}", over)
        for north in host.gateway.north if host.gateway else ():
            yield _edge((name, north.peer), f"{name}:{north.interface} to {north.peer}", states.get((name, north.peer), []))


def _edge(ends: tuple[str, str], name: str, over: Sequence[Session]) -> Edge:
    failed = [f"{session['kind']} {session['state']}" for session in over if not session["passed"]]
    if failed:
        return Edge(ends, "bad", f"{name}: {some(list(dict.fromkeys(failed)))}")
    return Edge(ends, "good" if over else "unknown", f"{name}: {'all sessions are up' if over else 'not seen'}")
