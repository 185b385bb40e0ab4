"""What the controller does for a run: check the inventory, derive every host's documents, render FRR's text.

The shape is that of :mod:`tests.fabrics`: two spines, an eBGP underlay, EVPN over it, every network and VRF on every leaf.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.fabric_documents import fabric_documents
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests.fabrics import fabric

from .measure import Row, progress, repeated, seconds

ROOT = pathlib.Path(__file__).parents[1]
PEER = ROOT / ".build/pyavd-venv"
PYAVD = "pyavd>=6.4,<6.5"
NETWORKS, VRFS = 100, 10


def rows() -> Iterator[Row]:
    """Milliseconds a host at 100 VTEPs beside pyavd; at 1,000 beside our own at 100, because pyavd would take minutes."""
    _install_peer()
    _milliseconds(leaves=2)
    progress("controller: 100 VTEPs, 1,000 VTEPs, 100 VTEPs with expectations, 100 VTEPs in pyavd")
    few, many, expected, peers = repeated(
        lambda: (_milliseconds(100), _milliseconds(1000), _milliseconds(100, expectations=True), _pyavd_milliseconds(100))
    )
    peer = "pyavd 6.4, same shape"
    shape = f"{NETWORKS} networks, {VRFS} VRFs"
    yield Row(f"100 VTEPs, {shape}: documents, FRR text", "ms/host", few, peer, peers, at_most=20)
    yield Row(f"1,000 VTEPs, {shape}: documents, FRR text", "ms/host", many, "ours at 100", few, at_most=20, ratio_at_most=2)
    yield Row(f"100 VTEPs, {shape}: and what verify expects", "ms/host", expected, peer, peers, at_most=20)
    numbered, fewer = repeated(lambda: (_validation_seconds(1000), _validation_seconds(250)))
    what = "1,000 leaves, 4 spines, links with subnets: validation"
    yield Row(what, "s", numbered, "250 leaves", fewer, at_most=0.5, ratio_at_most=5)


def _milliseconds(leaves: int, expectations: bool = False) -> float:
    """Ours, milliseconds a host: what the playbooks' filter and the role's template do, for all hosts of a fabric."""
    groups, hostvars = fabric(leaves=leaves, networks=NETWORKS, vrfs=VRFS)
    return 1000 * seconds(lambda: _derive(groups, hostvars, expectations)) / len(hostvars)


def _validation_seconds(leaves: int) -> float:
    """Seconds in which the filter says that nothing is wrong with a fabric whose links have subnets."""
    shape: dict[str, Any] = {
        "networks": 1,
        "vrfs": 0,
        "spines": 4,
        "numbered": "ipv4",
        "fabric_underlay": {"unnumbered": False},
    }
    groups, hostvars = fabric(leaves=leaves, **shape)
    assert not fabric_documents(hostvars, groups, hosts=())["problems"]
    return seconds(lambda: fabric_documents(hostvars, groups, hosts=()))


def _derive(groups: dict[str, list[str]], hostvars: dict[str, dict[str, Any]], expectations: bool) -> None:
    intent = fabric_documents(hostvars, groups, expectations=expectations)
    assert not intent["problems"], intent["problems"][0]
    for host in hostvars:
        frr_text(json.loads(intent["documents"][host])["frr"])


def _install_peer() -> None:
    """Gives pyavd an environment of its own, once."""
    if not (PEER / "bin/python").exists():
        progress("controller: making an environment for pyavd")
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
    pip = [str(PEER / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PYAVD]
    subprocess.run(pip, check=True, stdout=sys.stderr)


def _pyavd_milliseconds(leaves: int) -> float:
    """The peer's, milliseconds a host."""
    command = [str(PEER / "bin/python"), str(ROOT / "benchmarks/pyavd_peer.py"), *map(str, (leaves, NETWORKS, VRFS))]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
