"""The packets of a rehearsal, on loopback."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._rehearsal import probes


@pytest.mark.usefixtures("network")
def test_packets_of_an_earlier_probe_do_not_count() -> None:
    signals = bytearray(2)
    with ThreadPoolExecutor() as pool, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
        receiving: Any = pool.submit(probes._receive, 8, signals)
        deadline = time.monotonic() + 10
        while not signals[probes._RECEIVING] and time.monotonic() < deadline:
            time.sleep(0.01)
        late.sendto(probes._PACKET.pack(7, 100, 4000), ("127.0.0.1", probes.PORT))
        sending: Any = pool.submit(probes._send, 8, [probes.Flow(100, "127.0.0.1", "127.0.0.1")], 0.05, signals)
        time.sleep(0.5)
        signals[probes._STOP] = 1
        times, arrivals = sending.result(), receiving.result()
    assert len(times) > 5
    assert [number for number, _when in arrivals[100]] == list(range(len(times)))
    assert probes.outcome(times, arrivals[100]).lost == 0
