"""What of a host's look goes to the page."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._page.observation import observation

EXPECTED: dict[str, Any] = {
    "sessions": [
        {"neighbor": "eth1", "peer": "spine1", "family": "ipv4_unicast"},
        {"neighbor": "eth1", "peer": "spine1", "family": "l2vpn_evpn"},
    ],
    "bfd": ["eth1"],
    "ospf": ["eth2"],
    "interfaces": {"eth1": 1500},
    "ports": [],
    "vnis": [
        {"vni": vni, "vrf": "red", "vxlan": f"vx{vni}", "vtep": "10.0.0.1", "remote_vteps": 0, "imports": [], "exports": []}
        for vni in (1, 10)
    ],
    "l3vnis": [{"vni": 50, "vrf": "red", "vxlan": "vx50", "vtep": "10.0.0.1", "imports": []}],
    "prefixes": [],
    "vtep_sets": [["10.0.0.2"]],
    "isolation": [],
    "lookups": [],
    "owners": [],
}


def vni(number: int, kind: str, *remote: str) -> dict[str, Any]:
    return {"vni": number, "type": kind, "vrf": "red", "vxlan": f"vx{number}", "svi": "", "vtep": "10.0.0.1", "state": "up",
            "router_mac": "", "remote_vteps": list(remote)}  # fmt: skip


def route(number: int) -> dict[str, Any]:
    return {"type": 3, "rd": "10.0.0.2:2", "mac": "", "ip": "", "prefix": "", "vtep": "10.0.0.2", "local": False,
            "route_targets": [f"65002:{number}"]}  # fmt: skip


#: A host on which all is well.
SEEN: dict[str, Any] = {
    "sessions": [
        {"neighbor": "eth1", "family": family, "state": "established", "description": "", "received": received}
        for family, received in (("ipv4_unicast", 7), ("l2vpn_evpn", 9))
    ],
    "bfd": [{"peer": "fe80::1", "interface": "eth1", "state": "up"}],
    "ospf": [{"router_id": "10.0.0.9", "interface": "eth2", "state": "full"}],
    "interfaces": {"eth1": {"mtu": 1500, "up": True, "kind": "", "master": ""}},
    "vnis": [vni(1, "l2", "10.0.0.2"), vni(10, "l2", "10.0.0.2"), vni(50, "l3")],
    "routes": [route(1), route(10)],
}


def seen(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SEEN), **changes}


def test_each_session_that_is_expected_has_its_state_and_the_routes_received() -> None:
    bfd, ospf = (
        {"neighbor": "eth1", "kind": "bfd", "state": "up"},
        {"neighbor": "eth2", "kind": "ospf adjacency", "state": "full"},
    )
    bgp = {"kind": "bgp session", "neighbor": "eth1", "peer": "spine1", "state": "established", "passed": True}
    other = {"peer": "", "family": "", "passed": True, "received": None}
    assert observation(EXPECTED, SEEN)["sessions"] == [
        {**bgp, "family": "ipv4_unicast", "received": 7},
        {**bgp, "family": "l2vpn_evpn", "received": 9},
        {**other, **bfd},
        {**other, **ospf},
    ]


def test_a_session_that_is_not_there_is_told_as_such() -> None:
    made = observation(EXPECTED, seen(sessions=SEEN["sessions"][:1], bfd=[]))
    assert [(each["state"], each["passed"], each["received"]) for each in made["sessions"][1:3]] == [
        ("not configured", False, None),
        ("no session", False, None),
    ]


def test_a_host_on_which_all_is_well_has_no_failed_check() -> None:
    made = observation(EXPECTED, SEEN)
    assert made["failed"] == [] and made["passed"] > 10
    assert made["vnis"] == [
        {"vni": 1, "remote_vteps": 1, "wrong": []},
        {"vni": 10, "remote_vteps": 1, "wrong": []},
        {"vni": 50, "remote_vteps": None, "wrong": []},
    ]


def test_a_vni_has_the_kinds_of_its_own_failed_checks_and_not_those_of_one_that_begins_alike() -> None:
    made = observation(EXPECTED, seen(vnis=[vni(1, "l2", "10.0.0.2"), {**vni(10, "l2"), "vrf": "blue"}], routes=[route(1)]))
    assert [(each["vni"], each["wrong"]) for each in made["vnis"]] == [
        (1, []),
        (10, ["l2vni", "remote vteps", "type-3 routes"]),
        (50, ["l3vni"]),
    ]
    assert ["l2vni", "10 VRF", "red", "blue"] in made["failed"]
    assert len(made["failed"]) == 4


def test_what_neither_session_nor_vni_has_is_among_the_failed_checks() -> None:
    made = observation(EXPECTED, seen(interfaces={}))
    assert made["failed"] == [["interface", "eth1", "mtu 1500, up", "absent"]]
