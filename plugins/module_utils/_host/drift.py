# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host differs from the document that it keeps. Private to this collection.

It is what a run that brings the host back would do, planned plane by plane, and what no plan is about: what others have put
into our VRFs and bridges. Nothing is changed. A plane that cannot be read does not keep the others from being told of.
"""

from __future__ import annotations

import contextlib
import os
import socket
import zipfile
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional

from .. import _engine
from .._core.errors import FabricError, ValidationError
from .._frr import planning
from .._frr.configuration import Running
from .._frr.plane import FrrPlane
from .._frr.vtysh import Vtysh
from .._kernel.confirmed import ConfirmedPlane
from .._kernel.model.document import Document, State
from .._kernel.netlink import foreign as netlink
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
    """Compares this host with its confirmed document; ``content`` is what the host keeps of it."""
    drift, kernel = Drift([], [], []), Kernel()
    with contextlib.closing(kernel):
        if document.kernel is not None:
            _told(drift, _kernel, kernel, document.kernel)
        if document.frr is not None:
            _told(drift, _frr, kernel, document.frr)
        _told(drift, _store, content)
    return drift._replace(findings=findings.merged(drift.findings))


def _told(drift: Drift, compare: Callable[..., None], *what: Any) -> None:
    """Adds what differs in a plane, or why that cannot be told."""
    try:
        compare(drift, *what)
    except FabricError as error:
        drift.problems.append(str(error))


def _kernel(drift: Drift, kernel: Kernel, desired: Document) -> None:
    """Adds what differs in the data plane. Raises :class:`FabricError` if not all can be told."""
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


def _frr(drift: Drift, kernel: Kernel, desired: planning.Desired) -> None:
    """Adds what differs in FRR. Raises :class:`FabricError` if that cannot be told."""
    vtysh = _Vtysh()
    plane = FrrPlane(vtysh, KernelSurroundings(kernel.channel))
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
    if kept is not None and _is_of_this_release():
        # The engine has more files than those of this module: what matters is that they are of one release.
        desired.kept[ENGINE] = kept
    plan = plane.plan(desired._replace(room=0), actual)
    drift.findings.extend(findings.of_store(plan.operations))
    drift.warnings.extend(plan.warnings)


def _is_of_this_release() -> bool:
    """Whether the kept engine has every file that this process runs from."""
    try:
        kept = _engine.contents(os.path.realpath(_engine.ENGINE), _engine.PACKAGE)
    except (OSError, zipfile.BadZipFile):
        return False
    return archive.contents().items() <= kept.items()


class _Vtysh(Vtysh):
    """vtysh, which remembers what ran when it was first asked: a daemon that has died may be back a moment later."""

    first: Optional[FrozenSet[str]] = None

    def running(self) -> Running:
        found = super().running()
        if self.first is None:
            self.first = found.daemons
        return found
