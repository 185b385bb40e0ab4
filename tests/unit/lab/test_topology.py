"""What a lab consists of."""

from __future__ import annotations

from pathlib import Path

from lab.topology import read

LAB = Path(__file__).parents[3] / "lab"


def test_a_host_for_rehearsals_needs_no_fabric_around_it() -> None:
    topology = read(LAB / "rehearsal.yml")
    assert [(node.name, node.services) for node in topology.nodes] == [("rehearsal", True)]
    assert not topology.cables and topology.kinds == ("VXLAN",)
