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


def plan(found: Difference, actual: State) -> Tuple[Operation, ...]:
    """The operations that bring a host to the document that it differs from, sorted by kind.

    ``actual`` is its state as `_kernel/netlink` reads it, ``found`` the difference of that. What the document does not specify
    is left alone; only kinds in its scope are purged. Raises :class:`ValidationError` with every reason why the document
    cannot be applied to this host.
    """
    desired = found.desired
    gone = dying_with(found.deleted | set(found.renewed), actual["link"])
    lost = links.lost(desired, actual, found.deleted, gone)
    problems = conflicts(desired, actual, lost, found.renewed, gone)
    if problems:
        raise ValidationError(problems)
    left = without(actual, gone)
    operations, shocks = links.operations(desired, actual, left, lost, found.renewed, found.differing)
    left = after_shocks(left, shocks)
    fragile = lost_by_lowering(actual, {made.before.name for made in operations if links.raises(made)})
    operations = [entries.with_losses(operation, actual, left, fragile) for operation in operations]
    changed = {operation.object.name: operation for operation in operations}
    joining = {name: made.object.master for name, made in changed.items() if entries.joins(made)}
    bridges = {name: (made.before, made.after) for name, made in changed.items() if made.kind == "bridge" and made.after}
    with_vlans = with_default_vlans(left, joining, bridges)
    moved = left["bridge_vlan"].keys() - with_vlans["bridge_vlan"].keys()
    actual, left = {**actual, "bridge_vlan": _without(actual["bridge_vlan"], moved)}, with_vlans
    leaving, anew = (keys.intersection(left["address"]) for keys in (found.leaving, found.anew))
    left = without_addresses(left, leaving | anew)
    left = without_routes_from(left, anew)
    operations += entries.rules(desired, actual)
    operations += entries.nd_suppressions(desired, actual)
    operations += entries.sysctls(desired, left, found.setters)
    operations += entries.ports(desired, actual, left, changed)
    for name in ATTACHED:
        operations += entries.attached(name, desired, actual, left, changed)
    return tuple(operations)


def _without(objects, keys):
    return {key: made for key, made in objects.items() if key not in keys} if keys else objects
