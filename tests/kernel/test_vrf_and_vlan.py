"""What needs VRF and VLAN devices, on a stock kernel, seen by ip(8)."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from tests.engine import bring, names
from tests.namespaces import addresses, ip, link, show

pytestmark = pytest.mark.usefixtures("network")

TENANT: dict[str, Any] = {
    "vrfs": [{"name": "a", "table": 50001}],
    "bridges": [{"name": "br1", "vrf": "a", "mac": "02:00:5e:00:01:01"}, {"name": "br2"}],
    "vxlans": [{"name": "vx1", "vni": 1, "bridge": "br1", "learning": False}],
    "veths": [{"name": "eth3", "peer": "host3"}],
    "vlans": [{"name": "eth3.100", "link": "eth3", "vlan": 100, "bridge": "br1"}],
    "addresses": [{"dev": "br1", "address": "10.1.0.1/24"}, {"dev": "br1", "address": "2001:db8:1::1/64", "nodad": True}],
    "sysctls": {"net/ipv4/conf/eth3.100/forwarding": 0},
    "purge": True,
}


def test_a_tenant_with_a_tagged_port() -> None:
    bring(**TENANT)
    vrf, bridge, vlan = link("a"), link("br1"), link("eth3.100")
    assert vrf and bridge and vlan
    assert vrf["linkinfo"]["info_data"]["table"] == 50001
    assert bridge["master"] == "a"
    assert (vlan["linkinfo"]["info_data"]["id"], vlan["link"], vlan["master"]) == (100, "eth3", "br1")
    assert {
        route["dst"] for route in show("ip", "route", "show", "table", "50001") if route.get("type", "unicast") == "unicast"
    } == {"10.1.0.0/24"}
    with open("/proc/sys/net/ipv4/conf/eth3.100/forwarding") as file:
        assert file.read() == "0\n"
    assert bring(**TENANT) == []


def test_another_table_makes_the_vrf_anew_and_puts_its_devices_back() -> None:
    bring(**TENANT)
    changed = {**TENANT, "vrfs": [{"name": "a", "table": 50002}]}
    made = bring(**changed)
    assert ("recreate", "vrf", "a") in names(made)
    assert ("recreate", "address", "2001:db8:1::1/64 on br1") in names(made)
    bridge = link("br1")
    assert bridge
    assert bridge["master"] == "a"
    assert addresses("br1") == ["10.1.0.1/24", "2001:db8:1::1/64"]
    assert bring(**changed) == []


def test_a_bridge_keeps_its_ipv6_address_when_it_moves_into_a_vrf() -> None:
    bring(bridges=[{"name": "br1"}], addresses=TENANT["addresses"])
    bring(vrfs=TENANT["vrfs"], bridges=[{"name": "br1", "vrf": "a"}])
    assert addresses("br1") == ["10.1.0.1/24", "2001:db8:1::1/64"]


def test_a_lower_device_takes_its_vlans_with_it() -> None:
    bring(**TENANT)
    made = bring(veths=[{"name": "eth3", "peer": "host3", "state": "absent"}])
    assert ("delete", "vlan", "eth3.100") in names(made)
    assert link("eth3.100") is None
    assert link("host3") is None


def test_no_packet_of_a_vrf_reaches_what_is_outside() -> None:
    ip("address add 192.0.2.1/32 dev lo", "link add out type dummy", "address add 198.51.100.1/24 dev out", "link set out up")
    bring(**TENANT)
    outside, local = ["ip", "route", "get", "198.51.100.9", "vrf", "a"], ["ip", "route", "get", "192.0.2.1", "vrf", "a"]
    leaks = [subprocess.run(command, capture_output=True, check=False).returncode == 0 for command in (outside, local)]
    assert leaks == [True, True], "without rules a VRF leaks: otherwise this test shows nothing"
    bring(rules=[
        {"priority": 1001, "family": "ipv4", "l3mdev": True, "action": "unreachable"},
        {"priority": 2000, "family": "ipv4", "table": "local"},
        {"priority": 0, "family": "ipv4", "table": "local", "state": "absent"},
    ])  # fmt: skip
    leaks = [subprocess.run(command, capture_output=True, check=False).returncode == 0 for command in (outside, local)]
    assert leaks == [False, False]


def test_the_rule_for_vrfs_stands_once_before_the_first_vrf_and_after_it_and_comes_back_when_it_was_flushed() -> None:
    """The kernel adds it with the first VRF only (drivers/net/vrf.c, vrf_newlink), beside an equal one of another protocol."""
    wanted = [{"priority": 1000, "family": family, "l3mdev": True} for family in ("ipv4", "ipv6")]

    def standing() -> list[list[str]]:
        return [
            [rule["protocol"] for rule in show("ip", family, "rule", "show") if rule["priority"] == 1000]
            for family in ("-4", "-6")
        ]

    bring(rules=wanted, purge=True)
    bring(**TENANT)
    assert standing() == [["kernel"], ["kernel"]]
    assert bring(rules=wanted, purge=True) == []
    for family in ("-4", "-6"):
        subprocess.run(["ip", family, "rule", "del", "priority", "1000"], check=True)
    assert standing() == [[], []]
    bring(rules=wanted, purge=True)
    assert standing() == [["kernel"], ["kernel"]]
    bring(rules=[], purge=True)
    assert standing() == [["kernel"], ["kernel"]], "VRFs that stay would leak"


def test_vlan_filtering() -> None:
    bring(bridges=[{"name": "br1", "vlan_filtering": False}])
    made = bring(bridges=[{"name": "br1", "vlan_filtering": True}])
    assert [(operation["disruption"], operation["reason"]) for operation in made] == [("link", "vlan_filtering off -> on")]
    bridge = link("br1")
    assert bridge
    assert bridge["linkinfo"]["info_data"]["vlan_filtering"] == 1
