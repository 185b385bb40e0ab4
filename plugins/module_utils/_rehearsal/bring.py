# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a node to documents, through the planes and the transaction as the product does. Private to this collection.

Each function works in the network namespace that its process is in; they are for :meth:`.nodes.Node.run`.
"""

from __future__ import annotations

import os
import socket
from typing import Any, Dict, Mapping, NamedTuple, Sequence

from .._core.enclosure import NAMESPACES
from .._core.errors import FabricError
from .._core.operation import DAEMON
from .._frr.plane import FrrPlane
from .._frr.planning import Desired as DesiredFrr
from .._frr.vtysh import Vtysh
from .._gateway import request
from .._host import transaction
from .._host.gateway import host as gateway
from .._host.gateway.desired import Desired as DesiredGateway
from .._host.surroundings import KernelSurroundings
from .._kernel.model.document import Document
from .._kernel.netlink import links
from .._kernel.netlink.addresses import GATEWAY_PROTOCOL
from .._kernel.netlink.channel import Channel
from .._kernel.netlink.kernel import Kernel
from .._kernel.plane import KernelPlane

#: A run may disturb everything, changes what it plans, and waits so many seconds for others, of which there are none.
_LIMITS = (DAEMON, False, 0)


class End(NamedTuple):
    """A link that goes to another network namespace, its name there, and whether it is raised there."""

    link: str
    namespace: str
    name: str
    up: bool = False


def dataplane(params: Mapping[str, Any]) -> None:
    """Brings the kernel to a document, the options of the module `dataplane`. Raises :class:`FabricError`."""
    # The limits of the neighbor table are the machine's, and not to be seen in a namespace.
    sysctls = {path: value for path, value in (params.get("sysctls") or {}).items() if "/neigh/default/" not in path}
    _carry_out(KernelPlane(Kernel(remembers=False)), Document.from_params({**params, "sysctls": sysctls}))


def give(ends: Sequence[End]) -> None:
    """Moves links of this namespace into others. Raises :class:`FabricError`."""
    for end in ends:
        namespace = os.open(os.path.join(NAMESPACES, end.namespace), os.O_RDONLY)
        channel = Channel()
        try:
            refusals, _sent = channel.send([links.moved(socket.if_nametoindex(end.link), namespace, end.name, end.up)])
        finally:
            channel.close()
            os.close(namespace)
        if refusals:
            words = refusals[0].words or os.strerror(refusals[0].errno)
            raise FabricError("the kernel refuses to move %s to %s as %s: %s" % (end.link, end.namespace, end.name, words))


def frr(node: str, text: str) -> None:
    """Brings the FRR of a node to a configuration. Raises :class:`FabricError`."""
    _carry_out(FrrPlane(Vtysh(node), KernelSurroundings(Channel())), DesiredFrr(text))


def _carry_out(plane: Any, desired: Any) -> None:
    transaction.run(lambda: [transaction.Stage(plane, plane.plan(desired, plane.read(desired)))], *_LIMITS)


def failover(node: str, options: Mapping[str, Any], phase: str, states: Mapping[str, str]) -> int:
    """Brings a gateway to what it owns after a phase; the number of operations. Raises :class:`FabricError`.

    ``options`` are those of the module `gateway_failover`; ``states`` are those of gateways that are no longer active, by name.
    """
    given: Dict[str, Any] = {**options, "self": node}
    given["gateways"] = [{**each, "state": states.get(each["name"], each.get("state", "active"))} for each in given["gateways"]]
    kept = {key: given.pop(key) for key in ("mode", "route_map", "vtep_prefix") if key in given}
    desired = DesiredGateway(request=request.read(given), phase=phase, **kept)
    vtysh, kernel = Vtysh(node), Kernel(GATEWAY_PROTOCOL, remembers=False)
    stages = transaction.run(lambda: gateway.prepare(vtysh, kernel, desired)[1], *_LIMITS)
    return len(transaction.operations_of(stages))
