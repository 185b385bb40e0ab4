# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of a rehearsal: network namespaces with FRR, and links that can be cut. Private to this collection."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time

from .._core.enclosure import NAMESPACES, command, started
from .._core.errors import FabricError
from .._frr import host
from .._frr.vtysh import Vtysh
from . import bring

DAEMONS = ("zebra", "bfdd", "bgpd")
#: zebra's receive buffer in bytes, so that thousands of devices do not overrun it.
NETLINK_BUFFER = 90000000
#: Bytes; more than any document asks for.
LINK_MTU = 9600
#: The namespace with what is between two ends of a link.
WIRES = "wires"


class Node:
    """A network namespace of this name; ``forwards`` says whether it is a router."""

    def __init__(self, name, forwards=True):
        self.name = name
        command("ip", "netns", "add", name)
        self.sysctls({"net/ipv4/conf/all/rp_filter": 0, "net/ipv4/conf/default/rp_filter": 0})
        if forwards:
            self.sysctls({"net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1})
        self.ip("link set lo up")

    def ip(self, *lines):
        """Runs lines of ip(8)."""
        command("ip", "-n", self.name, "-batch", "-", lines=lines)

    def sysctls(self, values):
        """Sets sysctls, by their paths below /proc/sys."""

        def write():
            for path, value in values.items():
                _write("/proc/sys/%s" % path, str(value))

        self.run(write)

    def run(self, work):
        """What ``work()`` returns in this namespace."""
        return started(self.name, work)()

    def start_frr(self):
        """Starts FRR's daemons as an instance of their own, without any configuration."""
        directory = host.programs()
        for parent in ("/run/frr", "/etc/frr", "/run/frr/%s" % self.name, "/etc/frr/%s" % self.name):
            command("install", "--directory", "--owner=frr", "--group=frr", parent)
        _write("/etc/frr/%s/vtysh.conf" % self.name, "service integrated-vtysh-config\n")
        for daemon in DAEMONS:
            words = ["nsenter", "--net=%s/%s" % (NAMESPACES, self.name), "%s/%s" % (directory, daemon)]
            words += ["--daemon", "--pathspace", self.name, "--vty_addr", "127.0.0.1"]
            words += ["--nl-bufsize", str(NETLINK_BUFFER)] if daemon == "zebra" else []
            # They keep the output that they inherit, so it must not be a pipe that somebody waits for.
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=60
            )
            if done.returncode:
                raise FabricError("%s: %s does not start" % (self.name, daemon))
        until(lambda: set(DAEMONS) <= self.vtysh.running().daemons, "%s: FRR does not start" % self.name, 30)
        # All nodes share this host's processors: what thousands of routes cost the others must not look like a node's death.
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(self._process("bfdd"), os.SCHED_RR, os.sched_param(1))

    def signal_frr(self, number):
        """Sends FRR's daemons a signal."""
        for daemon in DAEMONS:
            os.kill(self._process(daemon), number)

    def _process(self, daemon):
        """The process of a daemon."""
        with open("/run/frr/%s/%s.pid" % (self.name, daemon)) as file:
            return int(file.read())

    @property
    def vtysh(self):
        """FRR of this node."""
        return Vtysh(self.name)

    def dataplane(self, document):
        """Brings the node's kernel to a document, the options of `dataplane`. Raises :class:`FabricError`."""
        self.run(lambda: bring.dataplane(document))

    def configure(self, text):
        """Brings FRR to a configuration. Raises :class:`FabricError`."""
        self.run(lambda: bring.frr(self.name, text))

    def connect(self, interface, other, others_interface):
        """Makes a pair of interfaces, one of this node and one of another; both are down."""
        self.ip("link add %s type veth peer name %s netns %s" % (interface, others_interface, other))


class Wires:
    """Links between nodes, each of which can be made to lose everything while both of its ends stay up."""

    def __init__(self):
        self._node = Node(WIRES, forwards=False)
        self._of_node: dict[str, list] = {}

    def connect(self, one, interface, other, others_interface):
        """Links an interface of a node to one of another; both come into being."""
        number = sum(map(len, self._of_node.values())) // 2
        bridge, ends = "wire%d" % number, ((one, interface, "a"), (other, others_interface, "b"))
        lines = ["link add %s mtu %d type bridge mcast_snooping 0" % (bridge, LINK_MTU)]
        lines += ["link set %s addrgenmode none up" % bridge]
        for node, name, end in ends:
            peer = "peer name %s mtu %d netns %s" % (name, LINK_MTU, node.name)
            lines += ["link add %s%s mtu %d type veth %s" % (bridge, end, LINK_MTU, peer)]
            lines += ["link set %s%s addrgenmode none master %s up" % (bridge, end, bridge)]
            self._of_node.setdefault(node.name, []).append(bridge)
        self._node.ip(*lines)
        for node, name, _end in ends:
            node.ip("link set %s up" % name)

    def cut(self, node):
        """All links of a node lose what they are given, in both directions; no interface of hers goes down."""
        self._node.ip(*("link set %s down" % bridge for bridge in self._of_node[node.name]))

    def mend(self, node):
        """Takes :meth:`cut` back."""
        self._node.ip(*("link set %s up" % bridge for bridge in self._of_node[node.name]))


def until(condition, message, limit):
    """Waits until ``condition()`` holds. Raises :class:`FabricError` with the message after ``limit`` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise FabricError("%s (waited %d s)" % (message, limit))
        time.sleep(0.2)


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)
