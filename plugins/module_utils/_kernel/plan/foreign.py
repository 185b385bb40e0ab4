# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others have put into VRFs and bridges of ours. Private to this collection.

It is not ours to change, and no run does; but it can lead packets elsewhere than the document says.
"""

from __future__ import annotations

from typing import Any, FrozenSet, Iterator, List, NamedTuple

from ..model.document import Document, State
from ..model.fdb import FLOOD
from ..model.kind import LINK
from ..model.link import Interface
from ..model.rule import USUAL_TABLES

#: Kinds of devices by which virtual machines are plugged in (`tun` is a tap device's, too): what a bridge is for.
_OF_MACHINES = ("tun", "macvtap")
_CONTAINERS = ("bridge", "vrf")


class Foreign(NamedTuple):
    """An object that somebody else has put there; ``where`` says in words where that is."""

    object: Any
    where: str


def foreign(document: Document, state: State) -> List[Foreign]:
    """What is in VRFs, bridges and tables of the document's, and neither in the document nor ours.

    ``state`` has what people and their scripts configured, without what the kernel and routing daemons made.
    """
    return [
        found
        for part in (_ports, _addresses, _routes, _rules, _entries, _neighbors)
        for found in part(document, state, devices(document))
    ]


def devices(document: Document) -> FrozenSet[str]:
    """The names of the links that a document makes."""
    return frozenset(name for name, link in document.present[LINK].items() if link.kind != Interface.kind)


def tables(document: Document) -> FrozenSet[int]:
    """The routing tables that are the document's: those of its VRFs, and those that its rules look up."""
    found = {link.table for link in document.present[LINK].values() if link.kind == "vrf"}
    found.update(rule.table for rule in document.present["rule"].values())
    return frozenset(table for table in found if table is not None and table not in USUAL_TABLES)


def _ports(document: Document, state: State, ours: FrozenSet[str]) -> Iterator[Foreign]:
    listed = document.present[LINK]
    for name, link in state[LINK].items():
        if link.master in ours and listed[link.master].kind in _CONTAINERS and name not in listed and not _is_workload(link):
            yield Foreign(link, "in %s %s" % (listed[link.master].kind, link.master))


def _is_workload(link: Any) -> bool:
    """Whether a virtual machine or a container is behind a link: the other end of its veth pair is in another namespace."""
    return getattr(link, "type", "") in (*_OF_MACHINES, "veth") or (link.kind == "veth" and not link.peer)


def _addresses(document: Document, state: State, ours: FrozenSet[str]) -> Iterator[Foreign]:
    for key, made in state["address"].items():
        marked = made.owned or made.gateways
        # Kernels before 5.18 do not tell which link-local addresses they have made.
        if made.dev in ours and not marked and key not in document.present["address"] and not made.address.startswith("fe80:"):
            yield Foreign(made, "on %s" % made.dev)


def _routes(document: Document, state: State, _ours: FrozenSet[str]) -> Iterator[Foreign]:
    names = {link.table: name for name, link in document.present[LINK].items() if link.kind == "vrf"}
    mine = tables(document)
    for key, made in state["route"].items():
        if made.table in mine and not made.daemon and key not in document.present["route"]:
            yield Foreign(made, "in vrf %s" % names[made.table] if made.table in names else "in table %d" % made.table)


def _rules(document: Document, state: State, ours: FrozenSet[str]) -> Iterator[Foreign]:
    mine = tables(document)
    for key, made in state["rule"].items():
        if key in document.present["rule"] or made.owned or made.of_kernel:
            continue
        if made.table in mine or made.l3mdev or {made.iif, made.oif} & ours:
            yield Foreign(made, "for VRFs or devices of the fabric")


def _entries(document: Document, state: State, ours: FrozenSet[str]) -> Iterator[Foreign]:
    listed = document.present[LINK]
    inside = ours | {name for name, link in listed.items() if link.master in ours}
    purged = document.purge and "fdb" in document.scope  # then the plan tells of those that are not listed
    for key, made in state["fdb"].items():
        # zebra does not mark its flood lists.
        if made.dev in inside and not made.daemon and made.mac != FLOOD and key not in document.present["fdb"] and not purged:
            yield Foreign(made, "on %s" % made.dev)


def _neighbors(document: Document, state: State, ours: FrozenSet[str]) -> Iterator[Foreign]:
    for key, made in state["neighbor"].items():
        if made.dev in ours and not made.daemon and not made.owned and key not in document.present["neighbor"]:
            yield Foreign(made, "on %s" % made.dev)
