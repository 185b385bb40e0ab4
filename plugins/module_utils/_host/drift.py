# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host differs from the document that it keeps. Private to this collection.

It is what a run that brings the host back would do, planned plane by plane, and what no plan is about: what others have put
into our VRFs and bridges. Nothing is changed. A plane that cannot be read does not keep the others from being told of.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional

from .._core.errors import FabricError, ValidationError
from .._frr import planning
from .._frr.configuration import Running
from .._frr.plane import FrrPlane
from .._frr.vtysh import Vtysh
from .._kernel.confirmed import ConfirmedPlane
from .._kernel.model.document import Document, State
from .._kernel.netlink import foreign as netlink
from .._kernel.netlink.channel import Channel
from .._kernel.netlink.kernel import Kernel
from .._kernel.plan.foreign import Foreign, foreign
from .._store import archive
from .._store import plane as store
from .._store.planning import ENGINE
from . import command, evpn, findings, restore
from .document import HostDocument
from .findings import FOREIGN, FRR, KERNEL, SERVICE, Finding
from .surroundings import KernelSurroundings

#: What to do about something foreign.
_REMEDY = "somebody else's %s: remove it yourself, or write it into the inventory"
_STARTED = "it did not run when this host was looked at, and watchfrr has started it anew since: journalctl -u frr says why"


class Drift(NamedTuple):
    """What differs. ``problems`` say why not all can be told; ``warnings`` are for the user."""

    findings: List[Finding]
    problems: List[str]
    warnings: List[str]


def look(document: HostDocument, content: Dict[str, Any]) -> Drift:
    """Compares this host with its confirmed document; ``content`` is what the host keeps of it.

    The planes are read side by side: most of what that takes is waiting for programs.
    """
    parts = side_by_side(
        lambda: _told(_kernel, document.kernel), lambda: _told(_frr, document.frr), lambda: _told(_store, content)
    )
    found, problems, warnings = ([each for part in parts for each in part[place]] for place in range(3))
    return Drift(findings.merged(found), problems, warnings)


def side_by_side(*tasks: Callable[[], Any]) -> List[Any]:
    """What functions return that run at once. Raises the first exception of one of them, when all have ended."""
    outcomes: Dict[int, Any] = {}
    failures: List[BaseException] = []

    def run(place: int) -> None:
        try:
            outcomes[place] = tasks[place]()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(1, len(tasks))]
    for thread in threads:
        thread.start()
    run(0)
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [outcomes[place] for place in range(len(tasks))]


def _told(compare: Callable[[Drift, Any], None], desired: Any) -> Drift:
    """What differs in a plane, and why not all of that can be told; nothing where the document does not speak of the plane."""
    drift = Drift([], [], [])
    try:
        if desired is not None:
            compare(drift, desired)
    except FabricError as error:
        drift.problems.append(str(error))
    return drift


def _kernel(drift: Drift, desired: Document) -> None:
    """Adds what differs in the data plane. Raises :class:`FabricError` if not all can be told."""
    with contextlib.closing(Kernel()) as kernel:
        _data_plane(drift, kernel, desired)


def _data_plane(drift: Drift, kernel: Kernel, desired: Document) -> None:
    plane = ConfirmedPlane(kernel)
    left_out: List[str] = []
    missing = restore.needed(desired) - {name for _number, name in socket.if_nameindex()}
    if missing:
        desired, left_out = restore.without(desired, missing)
        drift.findings.extend(findings.of_missing(missing, left_out))
    actual = plane.read(desired)
    try:
        operations = plane.plan(desired, actual).operations
    except ValidationError as error:
        drift.findings.extend(findings.of_problems(error.problems))
        raise FabricError("what else differs in the data plane is not known before this is settled:\n%s" % error) from error
    absent = set(left_out)
    drift.findings.extend(findings.of_kernel(each for each in operations if "%s %s" % (each.kind, each.name) not in absent))
    drift.findings.extend(_foreign(kernel, desired, actual.state))


def _foreign(kernel: Kernel, desired: Document, state: State) -> List[Finding]:
    found = _without_stations_of_frr(foreign(desired, netlink.read(kernel, state)), state)
    return [Finding(KERNEL, each.object.kind, each.object.name, FOREIGN, _REMEDY % each.where) for each in found]


def _without_stations_of_frr(found: List[Foreign], state: State) -> List[Foreign]:
    """What is foreign, without forwarding entries that zebra has from BGP.

    Those of MAC addresses that do not move, such as gateways', zebra makes as people do (netlink_macfdb_update_ctx in its
    rt_netlink.c). Where FRR does not answer nobody knows whose an entry is.
    """
    vnis = {name: link.vni for name, link in state["link"].items() if link.kind == "vxlan"}
    stations = {id(each): each.object for each in found if each.object.kind == "fdb" and each.object.dev in vnis}
    if not stations:
        return found
    try:
        known = {(each["vni"], each["mac"]) for each in evpn.gather(Vtysh(), ("macs",), ())["macs"]}
    except FabricError:
        return [each for each in found if id(each) not in stations]
    return [
        each
        for each in found
        if id(each) not in stations or (each.object.src_vni or vnis[each.object.dev], each.object.mac) not in known
    ]


def _frr(drift: Drift, desired: planning.Desired) -> None:
    """Adds what differs in FRR. Raises :class:`FabricError` if that cannot be told."""
    vtysh = _Vtysh()
    with contextlib.closing(Channel()) as channel:
        plane = FrrPlane(vtysh, KernelSurroundings(channel))
        actual = plane.read(desired)
        plan = plane.plan(desired, actual)
    drift.findings.extend(findings.of_frr(plan.operations))
    drift.warnings.extend(plan.warnings)
    if actual.unit and actual.unit.active:
        started = planning.needed_daemons(desired, actual) - (vtysh.first or frozenset()) - actual.dead
        drift.findings.extend(Finding(FRR, "frr daemon", name, SERVICE, _STARTED) for name in sorted(started))


def _store(drift: Drift, content: Dict[str, Any]) -> None:
    """Adds what differs in what the host keeps. Raises :class:`FabricError` if that cannot be told."""
    plane, desired = store.StorePlane(command.NAME), store.desired(content)
    actual = plane.read(desired)
    kept = actual.kept.get(ENGINE)
    if kept is not None and archive.is_kept():
        # The engine has more files than those of this module, and so another digest.
        desired.kept[ENGINE] = kept
    plan = plane.plan(desired._replace(room=0), actual)
    drift.findings.extend(findings.of_store(plan.operations))
    drift.warnings.extend(plan.warnings)


class _Vtysh(Vtysh):
    """vtysh, which remembers what ran when it was first asked: a daemon that has died may be back a moment later."""

    first: Optional[FrozenSet[str]] = None

    def running(self) -> Running:
        found = super().running()
        if self.first is None:
            self.first = found.daemons
        return found
