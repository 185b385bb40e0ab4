# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations that turn a host's actual state into the desired one. Private to this collection."""

from __future__ import annotations

from typing import Tuple

from ..._core.errors import ValidationError
from ..._core.operation import Operation
from ..model.document import State
from . import entries, links
from .conflicts import conflicts
from .difference import Difference
from .loss import (
    ATTACHED,
    after_shocks,
    dying_with,
    lost_by_lowering,
    with_default_vlans,
    without,
    without_addresses,
    without_routes_from,
)


def plan(found: Difference, state: State) -> Tuple[Operation, ...]:
    """The operations that bring a host to the document that it differs from, sorted by kind.

    ``state`` is its actual state as `_kernel/netlink` reads it, ``found`` the difference of that. What the document does not
    specify is left alone; only kinds in its scope are purged. Raises :class:`ValidationError` with every reason why the
    document cannot be applied to this host.
    """
    document = found.document
    gone = dying_with(found.deleted | set(found.renewed), state["link"])
    lost = links.lost(document, state, found.deleted, gone)
    problems = conflicts(document, state, lost, found.renewed, gone)
    if problems:
        raise ValidationError(problems)
    remaining = without(state, gone)
    operations, shocks = links.operations(document, state, remaining, lost, found.renewed, found.differing)
    remaining = after_shocks(remaining, shocks)
    fragile = lost_by_lowering(state, {made.before.name for made in operations if links.raises(made)})
    operations = [entries.with_losses(operation, state, remaining, fragile) for operation in operations]
    changed = {operation.object.name: operation for operation in operations}
    joining = {name: made.object.master for name, made in changed.items() if entries.joins(made)}
    bridges = {name: (made.before, made.after) for name, made in changed.items() if made.kind == "bridge" and made.after}
    with_vlans = with_default_vlans(remaining, joining, bridges)
    moved = remaining["bridge_vlan"].keys() - with_vlans["bridge_vlan"].keys()
    state, remaining = {**state, "bridge_vlan": _without(state["bridge_vlan"], moved)}, with_vlans
    leaving, anew = (keys.intersection(remaining["address"]) for keys in (found.leaving, found.anew))
    remaining = without_addresses(remaining, leaving | anew)
    remaining = without_routes_from(remaining, anew)
    operations += entries.rules(document, state)
    operations += entries.nd_suppressions(document, state)
    operations += entries.sysctls(document, remaining, found.setters)
    operations += entries.ports(document, state, remaining, changed)
    for name in ATTACHED:
        operations += entries.attached(name, document, state, remaining, changed)
    return tuple(operations)


def _without(objects, keys):
    return {key: made for key, made in objects.items() if key not in keys} if keys else objects
