"""Nodes of a rehearsal and the links between them, in namespaces of the running kernel."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.enclosure import command, enclosed, started
from ansible_collections.evpn.fabric.plugins.module_utils._rehearsal.nodes import LINK_MTU, Node, Wires

PORT = 4001


@pytest.fixture(scope="module")
def seen() -> Any:
    """What is seen of two nodes whose link is cut and mended; nothing finds a program, or pyroute2."""
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")
    return enclosed(_linked, 60, "the test", "look at it")


def _linked() -> dict[str, Any]:
    sys.modules["pyroute2"] = None  # type: ignore[assignment]
    programs, os.environ["PATH"] = os.environ["PATH"], "/nowhere"
    wires, nodes = Wires(), (Node("one"), Node("other"))
    wires.connect(nodes[0], "eth1", nodes[1], "eth1")
    for number, node in enumerate(nodes, 1):
        node.dataplane({"addresses": [{"dev": "eth1", "address": f"198.18.0.{number}/24"}]})
    found: dict[str, Any] = {"linked": _passes()}
    wires.cut(nodes[0])
    found["cut"] = _passes()
    found["up"] = [_links(name, programs)["eth1"]["flags"] for name in ("one", "other")]
    wires.mend(nodes[0])
    found["mended"] = _passes()
    nodes[0].dataplane({"veths": [], "purge": True})
    found["links"] = {name: _links(name, programs) for name in ("one", "other")}
    return found


def _links(name: str, programs: str) -> dict[str, Any]:
    os.environ["PATH"] = programs
    shown = json.loads(command("ip", "-n", name, "-j", "link"))
    os.environ["PATH"] = "/nowhere"
    return {link["ifname"]: link for link in shown}


def _passes() -> bool:
    """Whether one of some packets arrives."""

    def receive() -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
            opened.bind(("198.18.0.2", PORT))
            opened.settimeout(1)
            try:
                return bool(opened.recv(8))
            except socket.timeout:
                return False

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
            for _time in range(10):
                opened.sendto(b"here", ("198.18.0.2", PORT))
                time.sleep(0.1)

    received, sent = started("other", receive), started("one", send)
    sent()
    return bool(received())


def test_a_link_carries_packets_until_it_is_cut_and_again_once_it_is_mended(seen: Any) -> None:
    assert (seen["linked"], seen["cut"], seen["mended"]) == (True, False, True)


def test_the_ends_of_a_link_that_is_cut_stay_up(seen: Any) -> None:
    assert all({"UP", "LOWER_UP"} <= set(flags) for flags in seen["up"])


def test_an_end_is_an_interface_that_a_purge_of_the_node_leaves_alone(seen: Any) -> None:
    for links in seen["links"].values():
        assert sorted(links) == ["eth1", "lo"]
        assert links["eth1"]["mtu"] == LINK_MTU
