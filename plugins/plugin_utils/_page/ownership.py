# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owns which VNI, and what moves if a gateway goes, as tables. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._gateway import explain, request
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import Ownership, bucket_of, owners

from .. import _gateway_decision
from .._intent import gateways
from .._intent.fabric import Fabric
from .table import Cell, Table, state

NOBODY = "nobody"


class Owned(NamedTuple):
    """The tables, and what one should know besides: what the next run of ``evpn.fabric.gateways`` would move or refuse."""

    tables: list[Table]
    notes: list[str]
    ranks: Ownership | None

    def owner(self, vni: int) -> str:
        """The gateway that owns a VNI by the inventory."""
        names = self.ranks.of_vni(vni) if self.ranks else ()
        return names[0] if names else NOBODY


def ownership(fabric: Fabric, looks: Mapping[str, Mapping[str, Any] | None]) -> Owned:
    """What follows from the inventory, beside what the gateways were seen to serve; no tables where there are no gateways."""
    documents = (gateways.document(fabric, host) for host in fabric.hosts.values() if host.gateway)
    document = next(filter(None, documents), None)
    if document is None:
        return Owned([], [], None)
    asked = request.read_options(document["options"])
    ranks = owners(asked)
    decision = _gateway_decision.Decision(document, looks)
    notes = [*map(str, decision.problems), *decision.notes]
    if not decision.left_out:
        notes += [f"evpn.fabric.gateways would move {move}" for move in decision.moves]
    return Owned([_owners(fabric, ranks, decision), _losses(asked)], notes, ranks)


def _owners(fabric: Fabric, ranks: Ownership, decision: _gateway_decision.Decision) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for network in fabric.networks.values():
        if not network.central:
            continue
        names = ranks.of_vni(network.vni)
        now = decision.served.get(network.vni, [])
        if not decision.reachable:
            serves = "no gateway was seen"
        else:
            serves = state(list(names[:1]) == list(now), " and ".join(now) or NOBODY)
        bucket = bucket_of(network.vni, ranks.request.buckets) if ranks.request.buckets else None
        owner, heir = ([*names, NOBODY, NOBODY])[:2]
        rows.append((network.vni, network.name, bucket, owner, serves, heir, ", ".join(names[2:])))
    return Table(
        "owners",
        "Who owns which VNI",
        "Each central network with the gateway that owns it by the inventory, the one that was seen to serve it, and the one "
        "that takes over if the owner goes.",
        "No network is central.",
        ("VNI", "Network", "Bucket", "Owner", "Serves now", "Takes over", "Then"),
        rows,
    )


def _losses(asked: request.Request) -> Table:
    losses = explain.losses(asked)
    whole = losses[0].loads if losses else {}
    rows: list[tuple[Cell, ...]] = []
    for loss in losses[1:]:
        moving = sum(whole[name] for name in loss.lost)
        gained = ((name, load - whole[name]) for name, load in sorted(loss.loads.items()))
        to = ", ".join(f"{name} {count}" for name, count in gained if count)
        rows.append((" and ".join(loss.lost), moving, to or (NOBODY if moving else ""), loss.unserved, f"{loss.highest:.2f}"))
    return Table(
        "losses",
        "What moves if a gateway goes",
        "The loss of any one and any two active gateways: how many VNIs move, to whom, how many nobody serves, and the most "
        "that one of the others then carries of its share (1.00 is its exact share).",
        "No gateway is active.",
        ("Lost", "VNIs that move", "To", "Nobody serves", "Highest load"),
        rows,
    )
