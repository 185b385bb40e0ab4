# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""plan(desired, actual): the operations that turn one into the other. Private to this collection."""

from __future__ import annotations

from ..._core.errors import ValidationError
from ..._core.operation import raises
from ..model.link import MTU_OF_IPV6
from . import entries, links
from .conflicts import conflicts
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
from .returning import with_what_returns


def plan(desired, actual):
    """The operations that bring a host to its document: a tuple of :class:`~..._core.operation.Operation`, sorted by kind.

    ``desired`` is a :class:`~..model.document.Document`, ``actual`` a state as `_kernel/netlink` reads it. What the document
    does not specify is left alone; only kinds in its scope are purged. Raises :class:`ValidationError` with every reason
    why the document cannot be applied to this host.
    """
    desired = with_what_returns(desired, actual)
    deleted = links.deleted(desired, actual)
    differing = links.differing(desired, actual)
    renewed = links.renewed(desired, differing, actual)
    gone = dying_with(deleted | set(renewed), actual["link"])
    lost = links.lost(desired, actual, deleted, gone)
    problems = conflicts(desired, actual, lost, renewed, gone)
    if problems:
        raise ValidationError(problems)
    left = without(actual, gone)
    operations, shocks = links.operations(desired, actual, left, lost, renewed, differing)
    left = after_shocks(left, shocks)
    fragile = lost_by_lowering(actual, {made.before.name for made in operations if raises(made)})
    operations = [entries.with_losses(operation, actual, left, fragile) for operation in operations]
    changed = {operation.object.name: operation for operation in operations}
    joining = {name: made.object.master for name, made in changed.items() if entries.joins(made)}
    bridges = {name: (made.before, made.after) for name, made in changed.items() if made.kind == "bridge" and made.after}
    with_vlans = with_default_vlans(left, joining, bridges)
    moved = left["bridge_vlan"].keys() - with_vlans["bridge_vlan"].keys()
    actual, left = {**actual, "bridge_vlan": _without(actual["bridge_vlan"], moved)}, with_vlans
    anew = entries.renewed_addresses(desired, left)
    left = without_addresses(left, entries.leaving_addresses(desired, left) | anew)
    left = without_routes_from(left, anew)
    for group in (entries.rules, entries.silences, entries.sysctls, entries.ports):
        operations += group(desired, actual, left, changed)
    for name in ATTACHED:
        operations += entries.attached(name, desired, actual, left, changed)
    return tuple(operations)


def _without(objects, keys):
    return {key: made for key, made in objects.items() if key not in keys} if keys else objects


def needs_everything(desired, actual):
    """Whether the plan takes something away from links that has to be read before it can be put back.

    That is so where a link goes, goes down, loses IPv6 by its MTU, or changes its master or MAC address, where taking back its
    raising would lower it, where an IPv4 address goes or comes that may be its only one, where a sysctl overwrites others, and
    where an address is made anew. What a link gets back depends on who uses it.
    """
    with_returns = with_what_returns(desired, actual)
    if with_returns.present["link"] is not desired.present["link"]:
        return True
    differing = links.differing(desired, actual)
    if links.deleted(desired, actual) or links.renewed(desired, differing, actual):
        return True
    if entries.first_addresses(desired.present["address"].values(), actual):
        return True
    if any(":" not in address for _dev, address in entries.leaving_addresses(desired, actual)):
        return True
    if entries.renewed_addresses(desired, actual) or entries.setters(desired, actual):
        return True
    return any(
        attribute in ("up", "mac")
        or (attribute == "master" and actual["link"][name].up)
        or (attribute == "mtu" and value < MTU_OF_IPV6)
        for name, found in differing.items()
        for attribute, _present, value in found
    )
