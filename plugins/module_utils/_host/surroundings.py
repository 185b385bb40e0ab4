# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel as FRR's plane sees it. Private to this collection."""

from __future__ import annotations

import socket
from typing import Any, Dict, Iterable, Mapping, Sequence, Tuple

from .._core.operation import Operation
from .._frr import surroundings
from .._frr.surroundings import Expected, Link
from .._kernel.model.address import Address
from .._kernel.model.bridge import Bridge
from .._kernel.model.document import GROUPS, Document, empty
from .._kernel.model.step import Step
from .._kernel.model.vrf import Vrf
from .._kernel.netlink import addresses
from .._kernel.netlink.channel import Channel
from .._kernel.plan.order import PHASE, in_order


class KernelSurroundings:
    """A :class:`.._frr.surroundings.Surroundings` of the network namespace that this process is in.

    ``planned`` are the operations of the kernel's plane in the same transaction.
    """

    def __init__(self, channel: Channel, planned: Iterable[Operation] = ()) -> None:
        self.channel, self.planned = channel, tuple(planned)

    def expected(self) -> Expected:
        """What the kernel will have once its plane has been applied."""
        # Imported when it is needed: most runs have nothing to do.
        from .._kernel.netlink.kernel import Kernel

        kernel = Kernel(remembers=False)
        state = after(kernel.read(Document(empty(), empty(), frozenset({"address"}))), self.planned)
        kernel.close()
        links = state["link"]
        return Expected(tuple(_link(link, links) for link in links.values()), tuple(state["address"]))

    def addresses(self) -> Dict[surroundings.Address, Any]:
        """The addresses that the kernel has now and keeps, each with the body of its message."""
        last = last_steps(self.planned)
        gone = {place for place, step in last.items() if step.after is None}
        names = {number: name for number, name in socket.if_nameindex() if ("link", name) not in gone}
        found = addresses.of_routers(self.channel.dump(*addresses.dump_request()))
        actual = {(names[number], address): body for number, address, body in found if number in names}
        return {key: body for key, body in actual.items() if ("address", key) not in gone}

    def announce(self, bodies: Iterable[Any]) -> None:
        """Sets addresses once more as they are."""
        # An address that goes in between is refused, and is not there when FRR is asked again.
        self.channel.send([addresses.repeated(body) for body in bodies])

    def make(self, links: Sequence[Link], addresses: Sequence[surroundings.Address]) -> None:
        """Makes interfaces and addresses: VRFs, and a bridge for each interface of another kind."""
        from .._kernel.netlink.kernel import Kernel

        kernel = Kernel(remembers=False)
        steps = [Step(PHASE["link"], 0, None, _stand_in(link)) for link in links]
        steps += [Step(PHASE["address"], 0, None, Address(dev, address, nodad=":" in address)) for dev, address in addresses]
        for step in steps:
            # What cannot be made is missing here: FRR then treats its lines as those of interfaces that are not there yet.
            kernel.perform([step])
        kernel.close()


def after(actual: Mapping[str, Mapping[Any, Any]], operations: Iterable[Operation]) -> Dict[str, Dict[Any, Any]]:
    """A state of the kernel, as the kernel's plane reads it, after operations that have been planned."""
    state = {group: dict(actual[group]) for group in GROUPS}
    for (group, key), step in last_steps(operations).items():
        if step.after is None:
            state[group].pop(key, None)
        else:
            state[group][key] = step.after
    return state


def last_steps(operations: Iterable[Operation]) -> Dict[Tuple[str, Any], Step]:
    """The step after which an object is as the operations leave it, by the group and key of the object."""
    found: Dict[Tuple[str, Any], Step] = {}
    for step in in_order(operations):
        subject = step.after or step.before
        found[subject.kind if subject.kind in GROUPS else "link", subject.key] = step
    return found


def _link(link: Any, links: Mapping[str, Any]) -> Link:
    vrf = link.master if getattr(links.get(link.master), "kind", None) == "vrf" else None
    return Link(link.name, bool(link.up), vrf, link.table if link.kind == "vrf" else None)


def _stand_in(link: Link) -> Any:
    if link.table is not None:
        return Vrf(name=link.name, table=link.table, up=True)
    return Bridge(name=link.name, master=link.vrf, up=link.up)
