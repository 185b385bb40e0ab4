# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of a rehearsal: network namespaces with FRR, and links that can be cut. Private to this collection."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Any, Callable, Mapping, Sequence

from .._core.enclosure import make_network, started
from .._core.errors import FabricError
from .._frr import host, instance
from .._frr.vtysh import Vtysh
from . import bring

DAEMONS = ("zebra", "bfdd", "bgpd")
#: zebra's receive buffer in bytes, so that thousands of devices do not overrun it.
NETLINK_BUFFER = 90000000
#: Bytes; more than any document asks for.
LINK_MTU = 9600
#: Sysctls of all nodes, whose packets need not come the way that answers go, and of routers.
UNFILTERED = {"net/ipv4/conf/all/rp_filter": 0, "net/ipv4/conf/default/rp_filter": 0}
FORWARDS = {"net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1}
#: The namespace with what is between two ends of a link.
WIRES = "wires"


class Node:
    """A network namespace of this name; ``forwards`` says whether it is a router."""

    def __init__(self, name: str, forwards: bool = True) -> None:
        self.name = name
        make_network(name)
        self.dataplane(
            {"interfaces": [{"name": "lo", "up": True}], "sysctls": {**UNFILTERED, **(FORWARDS if forwards else {})}}
        )

    def run(self, work: Callable[[], Any]) -> Any:
        """What ``work()`` returns in this namespace."""
        return started(self.name, work)()

    def start_frr(self) -> None:
        """Starts FRR's daemons as an instance of their own, without any configuration."""
        commands = host.start_commands(DAEMONS, self.name)
        commands["zebra"] += ["--nl-bufsize", str(NETLINK_BUFFER)]
        self.run(lambda: instance.start(self.vtysh, commands, self.name))
        # All nodes share this host's processors: what thousands of routes cost the others must not look like a node's death.
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(self._process("bfdd"), os.SCHED_RR, os.sched_param(1))

    def signal_frr(self, number: int) -> None:
        """Sends FRR's daemons a signal."""
        for daemon in DAEMONS:
            os.kill(self._process(daemon), number)

    def _process(self, daemon: str) -> int:
        """The number of a daemon's process."""
        with open("/run/frr/%s/%s.pid" % (self.name, daemon)) as file:
            return int(file.read())

    @property
    def vtysh(self) -> Vtysh:
        """FRR of this node."""
        return Vtysh(self.name)

    def dataplane(self, document: Mapping[str, Any]) -> None:
        """Brings the node's kernel to a document, the options of `dataplane`. Raises :class:`FabricError`."""
        self.run(lambda: bring.dataplane(document))

    def configure(self, text: str) -> None:
        """Brings FRR to a configuration. Raises :class:`FabricError`."""
        self.run(lambda: bring.frr(self.name, text))

    def give(self, ends: Sequence[bring.End]) -> None:
        """Moves links to other nodes, each as its :class:`.bring.End` says. Raises :class:`FabricError`."""
        self.run(lambda: bring.give(ends))


class Wires:
    """Links between nodes, each of which can be made to lose everything while both of its ends stay up."""

    def __init__(self) -> None:
        self._node = Node(WIRES, forwards=False)
        self._of_node: dict[str, list[str]] = {}

    def connect(self, one: Node, interface: str, other: Node, others_interface: str) -> None:
        """Links an interface of a node to one of another; both come into being."""
        number = sum(map(len, self._of_node.values())) // 2
        bridge, veths, far = "wire%d" % number, [], []
        for node, name, end in ((one, interface, "a"), (other, others_interface, "b")):
            here, there = bridge + end, "far%s" % end
            veths.append({"name": here, "peer": there, "mtu": LINK_MTU, "bridge": bridge, "ipv6_link_local": False})
            veths.append({"name": there, "peer": here, "mtu": LINK_MTU, "up": False})
            far.append(bring.End(there, node.name, name, up=True))
            self._of_node.setdefault(node.name, []).append(bridge)
        made = {"name": bridge, "mtu": LINK_MTU, "mcast_snooping": False, "ipv6_link_local": False}
        self._node.dataplane({"bridges": [made], "veths": veths})
        self._node.give(far)

    def cut(self, node: Node) -> None:
        """Makes all links of a node lose packets in both directions; none of its interfaces goes down."""
        self._raise(node, False)

    def mend(self, node: Node) -> None:
        """Reverts :meth:`cut`."""
        self._raise(node, True)

    def _raise(self, node: Node, up: bool) -> None:
        self._node.dataplane({"bridges": [{"name": bridge, "up": up} for bridge in self._of_node[node.name]]})


def until(condition: Callable[[], bool], message: str, limit: float) -> None:
    """Waits until ``condition()`` holds. Raises :class:`FabricError` with the message after ``limit`` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise FabricError("%s (waited %d s)" % (message, limit))
        time.sleep(0.2)
