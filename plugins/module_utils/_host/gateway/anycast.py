# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mode anycast: a gateway carries the addresses of all buckets, each preferred by its rank. Pure. Private to this
collection."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping

from ..._core.errors import Problem, ValidationError, some
from ..._frr import prerequisites, runtime
from ..._frr.configuration import Configuration
from ..._gateway.ownership import bucket_of
from ..._kernel.model.address import Address
from ..._kernel.model.document import Document
from ..._kernel.model.vxlan import Vxlan
from .desired import Desired, Snapshot, check_devices, devices
from .exclusive import answering
from .stages import Stage, cleared_stage, kernel_stage, rank_stage


def document(desired: Desired, links: Mapping[str, Any]) -> Document:
    """What the kernel is to be after a phase: all bridges answer, addresses are there, tunnels start from them."""
    found, addresses = devices(desired, links), desired.addresses
    made = answering({device.master: True for device in found.values() if device.master}, desired.phase)
    carried = [Address(dev, "%s/32" % address, owned=True) for dev, address in zip(desired.carriers, addresses)]
    made.present["address"].update((address.key, address) for address in carried)
    made.present["link"].update(
        (device.name, Vxlan(name=device.name, local=addresses[bucket_of(vni, desired.request.buckets)]))
        for vni, device in found.items()
    )
    return made


def stages(desired: Desired, snapshot: Snapshot) -> Iterator[Stage]:
    """The stages that lead to the ranks of this gateway, in the order in which they are safe.

    Raises :class:`ValidationError` with every reason why this host cannot be such a gateway.
    """
    problems: List[Problem] = []
    check_devices(desired, snapshot.kernel.state["link"], problems)
    _check_frr(desired, snapshot.lines, problems)
    _check_addresses(desired, snapshot, problems)
    if problems:
        raise ValidationError(problems)
    yield kernel_stage(document(desired, snapshot.kernel.state["link"]), snapshot.kernel)
    cleared = cleared_stage(snapshot.lines, runtime.TARGETS, desired.phase)
    yield cleared
    # Where ranks are costs, the lists of communities, if there are some, change with these.
    lists = runtime.Ranks(() if desired.ospf else desired.addresses)
    carriers = desired.carriers if desired.ospf else ()
    yield rank_stage(lists, desired.ranks, cleared.desired, desired.phase, carriers)


def _check_frr(desired: Desired, running: Configuration, problems: List[Problem]) -> None:
    """Notes a Problem for what FRR's configuration lacks to prefer buckets by their rank."""
    standbys = desired.request.standbys
    if desired.ospf:
        prerequisites.check_costs(running, desired.carriers, str(desired.vtep_prefix), standbys, problems)
    else:
        prerequisites.check_ranks(running, desired.route_map, standbys, problems)
        prerequisites.check_unranked(running, desired.vtep_interface, problems)
    prerequisites.check_router_ids(running, desired.vtep_interface, problems)


def _check_addresses(desired: Desired, snapshot: Snapshot, problems: List[Problem]) -> None:
    """Notes a Problem for interfaces that do not exist, and for addresses of buckets that others have."""
    links, carriers = snapshot.kernel.state["link"], desired.carriers
    absent = [name for name in dict.fromkeys(carriers) if name not in links]
    if absent:
        remedy = (
            "Write the name of one that does" if not desired.ospf else "Make one for each bucket, with the module dataplane"
        )
        verb = "does" if len(absent) == 1 else "do"
        problems.append(Problem("vtep_interface", "%s %s not exist" % (some(absent), verb), remedy))
    places = dict(zip(desired.addresses, carriers))
    for (dev, address), found in snapshot.kernel.state["address"].items():
        if not found.owned and places.get(address.split("/")[0], dev) != dev:
            remedy = "Remove it there, or write another prefix"
            problems.append(Problem("vtep_prefix", "%s of it is on %s" % (address, dev), remedy))
