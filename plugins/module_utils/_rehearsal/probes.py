# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbered packets between tenants and an address outside, and for how long none arrived. Private to this collection."""

from __future__ import annotations

import contextlib
import itertools
import mmap
import os
import socket
import struct
import time
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from .._core.enclosure import started
from .nodes import Node

PORT = 4000
#: Seconds for which packets that were sent last may still arrive.
GRACE = 1.0
#: Memory that sender and receiver share, and its bytes: each is set once.
_Signals = Union[mmap.mmap, bytearray]
_STOP, _RECEIVING = 0, 1
#: The probe, the flow, the number of the packet.
_PACKET = struct.Struct("!III")
_PROBES = itertools.count()
_RECEIVE_BUFFER = 8 << 20
#: Socket options that Python has no names for, or not on all versions.
_BIND_TO_DEVICE, _FORCED_RECEIVE_BUFFER = 25, 33
_PRIORITY = 10


class Flow(NamedTuple):
    """Packets of one network in one direction, from one address to another, out of an interface if it is named."""

    number: int
    source: str
    target: str
    interface: Optional[str] = None


class Outcome(NamedTuple):
    """What became of a flow: its longest outage in ms (None: until the end), packets sent and lost."""

    outage: Optional[float]
    sent: int
    lost: int


class Probe:
    """Sends flows from one node to another, one packet each per interval (s), from its creation until it is stopped."""

    def __init__(self, flows: Sequence[Flow], source: Node, target: Node, interval: float) -> None:
        self._flows = flows
        self._signals = mmap.mmap(-1, 2)
        probe = next(_PROBES)
        self._received = started(target.name, lambda: _receive(probe, self._signals))
        self._sent = started(source.name, lambda: _send(probe, flows, interval, self._signals))

    def stop(self) -> None:
        """Ends the sending of packets."""
        self._signals[_STOP] = 1

    def outcomes(self) -> Dict[int, Outcome]:
        """The :class:`Outcome` of each flow, by its number, once it is stopped."""
        times, arrivals = self._sent(), self._received()
        return {flow.number: outcome(times, arrivals.get(flow.number, [])) for flow in self._flows}


def _send(probe: int, flows: Sequence[Flow], interval: float, signals: _Signals) -> List[float]:
    """Sends, as soon as somebody receives, until it is stopped; returns the time of each round."""
    with contextlib.ExitStack() as stack:
        sockets = [(flow.number, stack.enter_context(_socket(flow)), (flow.target, PORT)) for flow in flows]
        with contextlib.suppress(OSError):
            # Whatever else the host does should not look like a failure of the network.
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
        times: List[float] = []
        while not signals[_RECEIVING] and not signals[_STOP]:
            time.sleep(0.001)
        start = time.monotonic()
        while not signals[_STOP]:
            now = time.monotonic()
            due = start + len(times) * interval
            if due > now:
                time.sleep(due - now)
            now = time.monotonic()
            for number, opened, target in sockets:
                with contextlib.suppress(OSError):  # no route, or no answer from the gateway: the packet counts as lost
                    opened.sendto(_PACKET.pack(probe, number, len(times)), target)
            times.append(now)
    return times


def _socket(flow: Flow) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in flow.source else socket.AF_INET, socket.SOCK_DGRAM)
    if flow.interface:
        made.setsockopt(socket.SOL_SOCKET, _BIND_TO_DEVICE, flow.interface.encode() + b"\0")
    made.bind((flow.source, 0))
    made.setblocking(False)
    return made


def _receive(probe: int, signals: _Signals) -> Dict[int, List[Tuple[int, float]]]:
    """(number, time) of every packet in the order of arrival, by flow, until it is stopped and some time longer.

    Packets of an earlier probe, which waited for a neighbor to answer, do not count.
    """
    found: Dict[int, List[Tuple[int, float]]] = {}
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as opened:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.setsockopt(socket.SOL_SOCKET, _FORCED_RECEIVE_BUFFER, _RECEIVE_BUFFER)
        opened.bind(("::", PORT))
        opened.settimeout(0.1)
        signals[_RECEIVING] = 1
        deadline = None
        while deadline is None or time.monotonic() < deadline:
            if deadline is None and signals[_STOP]:
                deadline = time.monotonic() + GRACE
            with contextlib.suppress(socket.timeout):
                mark, flow, number = _PACKET.unpack(opened.recv(64))
                if mark == probe:
                    found.setdefault(flow, []).append((number, time.monotonic()))
    return found


def outcome(times: Sequence[float], arrivals: Sequence[Tuple[int, float]]) -> Outcome:
    """The :class:`Outcome` of a flow, from the time of each packet sent and (number, time) of each that arrived.

    The outage is the longest time from the last packet that arrived before some were lost to the next that arrived. Where none
    was lost, it is the longest that a packet was under way.
    """
    first: Dict[int, float] = {}
    for number, when in arrivals:
        first.setdefault(number, when)
    lost = len(times) - len(first)
    if not first or max(first) < len(times) - 1:
        return Outcome(None, len(times), lost)
    outage = max(when - times[number] for number, when in first.items())
    latest, last = times[0], -1
    for number in sorted(first):
        if number > last + 1:
            outage = max(outage, first[number] - latest)
        latest, last = first[number], number
    return Outcome(round(1000 * outage, 1), len(times), lost)
