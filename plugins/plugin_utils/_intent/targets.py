# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Route distinguishers and route targets: how they are written, and which must not meet. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem

from . import addresses
from .fabric import Fabric, Network, RouteTargets, Vrf
from .section import Section, as_number, shown

NUMBER_PAIR = re.compile(r"([0-9]{1,10}):([0-9]{1,10})\Z")
ADDRESS_PAIR = re.compile(r"([0-9.]+):([0-9]{1,5})\Z")
TWO_BYTES, FOUR_BYTES = 65535, 4294967295


def read_distinguisher(section: Section) -> str | None:
    """The key ``rd``: a number, or a pair as FRR writes it."""
    value = as_number(section.value("rd"))
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= TWO_BYTES:
        return str(value)
    return pair(value) or section.wrong(
        "rd",
        f"{shown(value)} is not a route distinguisher",
        "Write a number up to 65535 to go with each router id, or ASN:NUMBER or ADDRESS:NUMBER (RFC 4364)",
    )


def read_targets(section: Section) -> RouteTargets:
    """The key ``route_targets``."""
    targets = section.section("route_targets")
    return RouteTargets(_listed(targets, "import"), _listed(targets, "export"))


def _listed(targets: Section, option: str) -> tuple[str, ...]:
    if _has_numbers(targets.value(option)):
        # YAML 1.1 takes digits, a colon and digits up to 59 for a number of base 60.
        targets.wrong(option, f"{shown(targets.value(option))} is a number to YAML", 'Write it in quotes, as "65000:1"')
        return ()
    values = targets.texts(option, '["65000:1"]')
    for value in values:
        if not pair(value):
            targets.wrong(option, f"{shown(value)} is not a route target", "Write ASN:NUMBER or ADDRESS:NUMBER (RFC 4360)")
    return targets.once(option, filter(None, map(pair, values)))


def _has_numbers(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, (list, tuple)) and any(isinstance(item, int) for item in value))


def pair(text: Any) -> str | None:
    """ASN:NUMBER or ADDRESS:NUMBER of six bytes in all (RFC 4364, RFC 5668), without zeros in front; None for anything else."""
    numbers = NUMBER_PAIR.match(text) if isinstance(text, str) else None
    if numbers:
        first, second = map(int, numbers.groups())
        fits = (first <= TWO_BYTES and second <= FOUR_BYTES) or (first <= FOUR_BYTES and second <= TWO_BYTES)
        return f"{first}:{second}" if fits else None
    found = ADDRESS_PAIR.match(text) if isinstance(text, str) else None
    address = addresses.address(found[1]) if found else None
    return f"{address}:{int(found[2])}" if found and address and int(found[2]) <= TWO_BYTES else None


def check(fabric: Fabric) -> Iterator[Problem]:
    """Targets and distinguishers of a fabric that FRR does not keep, or that two have."""
    yield from _lost(fabric)
    yield from _shared(fabric)
    yield from _distinguishers(fabric)


def _written(item: Vrf | Network) -> dict[str, str]:
    """Explicit targets, and where each is written first."""
    options = (("export", item.route_targets.exports), ("import", item.route_targets.imports))
    return {target: f"{item.path}.route_targets.{option}" for option, targets in options for target in targets}


def _derives(item: Vrf | Network) -> bool:
    """Whether FRR derives a target of an item by itself, of either direction."""
    return not (item.route_targets.imports and item.route_targets.exports)


def derived_from(target: str) -> int | None:
    """The VNI of which a target could be what FRR derives: it imports what any AS number derives from the VNI."""
    head, _colon, tail = target.partition(":")
    return int(tail) if head.isdigit() and int(head) <= TWO_BYTES else None


def _lost(fabric: Fabric) -> Iterator[Problem]:
    """FRR does not keep a target of an L2VNI that equals the one it derives: beside others it would be lost."""
    for network in fabric.networks.values():
        for option, targets in (("import", network.route_targets.imports), ("export", network.route_targets.exports)):
            own = [target for target in targets if derived_from(target) == network.vni] if len(targets) > 1 else []
            numbers = {str(fabric.hosts[vtep].asn & TWO_BYTES) for vtep in network.vteps} if own else set()
            lost = [target for target in own if target.partition(":")[0] in numbers]
            if lost:
                yield Problem(
                    f"{network.path}.route_targets.{option}",
                    f"{sorted(lost)[0]} is what FRR derives by itself, and it does not keep that beside others",
                    "Write other numbers",
                )


def _shared(fabric: Fabric) -> Iterator[Problem]:
    """Targets of a network that a VRF has too, and those that FRR derives for another: routes go where they do not belong.

    FRR before 10.7 also loses the router's MAC address of a route with a target that an L2VNI and an L3VNI import (FRRouting
    pull request 21448). VRFs may share targets: that is how they exchange routes.
    """
    vrfs = [vrf for vrf in fabric.vrfs.values() if vrf.l3vni]
    of_vrfs = {target: path for vrf in reversed(vrfs) for target, path in _written(vrf).items()}
    derived: dict[int | None, Vrf | Network] = {vrf.l3vni: vrf for vrf in vrfs if _derives(vrf)}
    derived.update({network.vni: network for network in fabric.networks.values() if network.vni and _derives(network)})
    items: list[Vrf | Network] = [*vrfs, *fabric.networks.values()]
    for item in items:
        for target, path in _written(item).items():
            other = derived.get(derived_from(target))
            if isinstance(item, Network) and target in of_vrfs:
                message = f"{target} is {of_vrfs[target]} too, and routes of the VRF would be taken for the network's"
                yield Problem(path, message, "Give VRFs and networks targets of their own")
            elif other and other is not item and not (isinstance(item, Vrf) and isinstance(other, Vrf)):
                message = f"{target} ends in the VNI of {other.path}, which imports all such targets by itself"
                yield Problem(path, message, "Write another number")


def _distinguishers(fabric: Fabric) -> Iterator[Problem]:
    """Route distinguishers that two have, or that FRR may give to another VNI of a host by itself."""
    items: list[Vrf | Network] = [*fabric.vrfs.values(), *fabric.networks.values()]
    # FRR numbers a host's VNIs and VRFs, the default one among them, from 1 on (bgp_evpn.c, form_auto_rd). One that is asked
    # for what it has by itself does not keep it as its own.
    automatic = len(items) + 1
    router_ids = {host.loopback for host in fabric.hosts.values()}
    seen: dict[str, str] = {}
    numbers = {item.rd: f"{item.path}.rd" for item in reversed(items) if item.rd and item.rd.isdigit()}
    for item in items:
        if not item.rd:
            continue
        path = f"{item.path}.rd"
        head, _colon, tail = item.rd.rpartition(":")
        other = seen.setdefault(item.rd, path)
        if other == path and head in router_ids:
            other = numbers.get(tail, path)
        if other != path:
            yield Problem(path, f"{item.rd} is {other} too", "Give each its own route distinguisher")
        if (head in router_ids or not head) and int(tail) <= automatic:
            message = f"{tail} is a number that FRR gives by itself, which numbers VNIs and VRFs from 1 on"
            yield Problem(path, message, f"Write one above {automatic}")
