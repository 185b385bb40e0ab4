"""VLANs of bridge ports, and one VXLAN device for many VNIs, on a stock kernel, seen by bridge(8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import bring, names
from tests.namespaces import link, show

pytestmark = pytest.mark.usefixtures("network")

LINKS: dict[str, Any] = {
    "bridges": [{"name": "br1", "vlan_filtering": True}],
    "vxlans": [
        {"name": "vx1", "external": True, "vnifilter": True, "local": "10.0.0.1", "bridge": "br1", "learning": False,
         "vlan_tunnel": True},
    ],
    "veths": [{"name": "dm1", "peer": "dm2", "bridge": "br1"}],
}  # fmt: skip


def vlans(dev: str) -> dict[int, set[str]]:
    """VLANs of a port: VLAN -> flags."""
    ports = show("bridge", "vlan", "show", "dev", dev)
    return {vlan: set(entry.get("flags", ())) for port in ports for entry in port["vlans"]
            for vlan in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)}  # fmt: skip


def test_vlans_stand_for_vnis() -> None:
    wanted: dict[str, Any] = {
        **LINKS,
        "bridge_vlans": [
            {"dev": "vx1", "vlan": "100-103", "vni": "10100-10103"},
            {"dev": "dm1", "vlan": "100", "pvid": True, "untagged": True},
            {"dev": "dm1", "vlan": "101"},
            {"dev": "br1", "vlan": "100"},
        ],
        "vnis": [{"dev": "vx1", "vni": "10100-10103"}],
        "purge": True,
    }
    bring(**wanted)
    assert vlans("dm1") == {100: {"PVID", "Egress Untagged"}, 101: set()}
    tunnels = {entry["vlan"]: entry["tunid"] for port in show("bridge", "vlan", "tunnelshow") for entry in port["tunnels"]}
    assert tunnels[100] == 10100
    assert set(vlans("vx1")) == {100, 101, 102, 103}
    assert (link("vx1") or {})["linkinfo"]["info_data"]["vnifilter"] is True
    assert bring(**wanted) == []
    fewer = {**wanted, "bridge_vlans": wanted["bridge_vlans"][1:3], "vnis": [{"dev": "vx1", "vni": "10100"}]}
    made = names(bring(**fewer))
    assert {action for action, _kind, _name in made} == {"delete"}
    assert vlans("vx1") == {}
    assert bring(**fewer) == []
