"""What verification finds: a host as it should be, and then one fault each."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.checks import checks

from tests.fabrics import fabric

Answers = dict[str, Any]
Failure = tuple[str, str, str, str]

#: What leaf1 of three leaves should see. Network 10 has the route targets that FRR derives, network 20 explicit ones.
EXPECTED: dict[str, Any] = {
    "sessions": [
        {"neighbor": "eth1", "peer": "spine1", "family": "ipv4_unicast"},
        {"neighbor": "eth1", "peer": "spine1", "family": "l2vpn_evpn"},
    ],
    "bfd": ["eth1"],
    "ospf": ["eth2"],
    "interfaces": {"eth1": 1500, "br10": 1450},
    "ports": [
        {"interface": "eth3", "network": "web", "mtu": 1450},
        {"interface": "eth4.20", "network": "db", "mtu": 1400},
    ],
    "vnis": [
        {"vni": 10, "vrf": "red", "vxlan": "vx10", "vtep": "10.0.0.1", "remote_vteps": 0, "imports": [], "exports": []},
        {"vni": 20, "vrf": "red", "vxlan": "vx20", "vtep": "10.0.0.1", "remote_vteps": 1, "imports": ["9:9", "8:8"],
         "exports": ["8:8"]},
    ],
    "l3vnis": [{"vni": 50, "vrf": "red", "vxlan": "vx50", "vtep": "10.0.0.1", "imports": []}],
    "prefixes": [
        {"prefix": "10.1.0.0/24", "vrf": "red", "l3vni": 50, "imports": [], "vteps": 0},
        {"prefix": "10.1.0.0/24", "vrf": "blue", "l3vni": 60, "imports": ["7:7"], "vteps": 1},
    ],
    "vtep_sets": [["10.0.0.2", "10.0.0.3"], ["10.0.0.2"]],
    "isolation": ["red"],
    "lookups": [{"vrf": "", "address": "10.1.0.1"}],
    "owners": ["red"],
}  # fmt: skip

OWN, OTHER, SAME = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"


def l2vni(vni: int, *remote: str) -> Answers:
    return {"vni": vni, "type": "l2", "vrf": "red", "vxlan": f"vx{vni}", "svi": f"br{vni}", "vtep": "10.0.0.1", "state": "up",
            "router_mac": "", "remote_vteps": list(remote)}  # fmt: skip


def route(kind: int, vtep: str, target: str, mac: str = "", prefix: str = "") -> Answers:
    return {"type": kind, "rd": f"{vtep}:2", "mac": mac, "ip": "", "prefix": prefix, "vtep": vtep, "route_targets": [target],
            "local": vtep == "10.0.0.1"}  # fmt: skip


def host_route(vtep: str, address: str, ip: str, *targets: str) -> Answers:
    return {**route(2, vtep, "", mac=address), "ip": ip, "route_targets": list(targets)}


def mac(vni: int, address: str, kind: str) -> Answers:
    return {"vni": vni, "mac": address, "type": kind, "interface": "", "vtep": "", "duplicate": False}


def entry(dev: str, address: str, destination: str, external: bool = True) -> Answers:
    return {"dev": dev, "mac": address, "dst": destination, "external": external, "permanent": False, "vni": None}


def rules(family: str) -> list[Answers]:
    return [
        {"priority": 1000, "family": family, "action": "lookup", "l3mdev": True},
        {"priority": 1001, "family": family, "action": "unreachable", "l3mdev": True},
        {"priority": 2000, "family": family, "action": "lookup", "table": 255},
        {"priority": 32766, "family": family, "action": "lookup", "table": 254},
    ]


#: What leaf1 sees when all is well. OTHER is behind leaf2; SAME has moved here from leaf2, whose route is still there.
SEEN: Answers = {
    "sessions": [
        {"neighbor": "eth1", "family": family, "state": "established", "description": "spine1", "received": 9}
        for family in ("ipv4_unicast", "l2vpn_evpn")
    ],
    "bfd": [{"peer": "fe80::1", "interface": "eth1", "state": "up"}],
    "ospf": [{"router_id": "10.0.0.9", "interface": "eth2", "state": "full"}],
    "interfaces": {
        "eth1": {"mtu": 1500, "up": True, "kind": "interface", "master": ""},
        "br10": {"mtu": 1450, "up": True, "kind": "bridge", "master": "red"},
        "eth3": {"mtu": 1450, "up": True, "kind": "interface", "master": "br10"},
        "eth4.20": {"mtu": 9000, "up": True, "kind": "vlan", "master": "br20"},
    },
    "vnis": [
        l2vni(10, "10.0.0.2", "10.0.0.3"),
        l2vni(20, "10.0.0.2"),
        {**l2vni(50), "type": "l3"},
    ],
    "routes": [
        route(3, "10.0.0.1", "65001:10"), route(3, "10.0.0.2", "65002:10"), route(3, "10.0.0.3", "65003:10"),
        route(3, "10.0.0.1", "8:8"), route(3, "10.0.0.2", "9:9"),
        route(2, "10.0.0.1", "65001:10", mac=OWN), route(2, "10.0.0.1", "65001:10", mac=SAME),
        route(2, "10.0.0.2", "65002:10", mac=OTHER), route(2, "10.0.0.2", "65002:10", mac=SAME),
        route(5, "10.0.0.1", "65001:50", prefix="10.1.0.0/24"), route(5, "10.0.0.2", "65002:50", prefix="10.1.0.0/24"),
        route(5, "10.0.0.3", "65003:50", prefix="10.1.0.0/24"), route(5, "10.0.0.2", "7:7", prefix="10.1.0.0/24"),
        host_route("10.0.0.2", OTHER, "10.1.0.9", "65002:10", "65002:50"), host_route("10.0.0.2", OTHER, "fe80::9", "65002:10"),
    ],
    "next_hops": [{"vni": 50, "vtep": "10.0.0.2", "mac": "02:45:0a:00:00:02"}],
    "macs": [mac(10, OWN, "local"), mac(10, SAME, "local"), mac(10, OTHER, "remote")],
    "neighbors": [{"vni": 10, "ip": "10.1.0.9", "mac": OTHER, "type": "remote", "vtep": "10.0.0.2", "duplicate": False}],
    "forwarding": [entry("vx10", OTHER, "10.0.0.2"), entry("vx10", "00:00:00:00:00:00", "10.0.0.2", external=False)],
    "rules": rules("ipv4") + rules("ipv6"),
    "lookups": [{"vrf": "", "address": "10.1.0.1", "interface": "eth1", "inside": ""}],
}  # fmt: skip


def failures(seen: Answers) -> list[Failure]:
    return [(made.name, made.subject, made.desired, made.actual) for made in checks(EXPECTED, seen) if not made.passed]


def test_a_host_on_which_all_is_well_passes_every_check() -> None:
    made = checks(EXPECTED, SEEN)
    assert [check for check in made if not check.passed] == []
    assert {check.name for check in made} == {
        "bgp session", "bfd", "ospf adjacency", "l2vni", "remote vteps", "l3vni", "type-3 routes", "type-5 routes",
        "type-2 routes", "fdb against bgp", "router macs", "interface", "port mtu", "duplicates", "vrf isolation"}  # fmt: skip


def test_a_port_that_takes_more_than_its_network_carries_is_told_and_passes() -> None:
    told = {made.subject: made.note for made in checks(EXPECTED, SEEN) if made.note}
    assert told == {"eth4.20 of db": "eth4.20 takes 9000 bytes, db carries 1400"}


def test_these_expectations_have_the_form_that_an_inventory_gives() -> None:
    groups, hostvars = fabric()
    hostvars["leaf1"]["fabric_ports"] = [{"interface": "eth3", "untagged": "net0"}]
    made = build(groups, hostvars).expectations["leaf1"]
    assert set(made) == {*EXPECTED, "gather"}
    for key in ("sessions", "vnis", "l3vnis", "prefixes", "lookups", "ports"):
        assert set(made[key][0]) == set(EXPECTED[key][0])


def first(kind: str, **wanted: Any) -> Callable[[Answers], Answers]:
    """Finds the first entry of a kind with these values."""
    return lambda seen: next(found for found in seen[kind] if wanted.items() <= found.items())


def changed(kind: str, where: dict[str, Any], **values: Any) -> Callable[[Answers], object]:
    return lambda seen: first(kind, **where)(seen).update(values)


def removed(kind: str, **where: Any) -> Callable[[Answers], object]:
    return lambda seen: seen[kind].remove(first(kind, **where)(seen))


def added(kind: str, found: Answers) -> Callable[[Answers], object]:
    return lambda seen: seen[kind].append(found)


FOUR, SIX = {"family": "ipv4"}, {"family": "ipv6"}
ORDER = "unreachable after l3mdev, before local"
TWO = "2 as in the inventory"
EVPN = {"family": "l2vpn_evpn"}
FAULTS: dict[str, tuple[Callable[[Answers], object], list[Failure]]] = {
    "a session that is down": (
        changed("sessions", EVPN, state="active"),
        [("bgp session", "spine1 via eth1, l2vpn_evpn", "established", "active")]),
    "a session that is not configured": (
        removed("sessions", **EVPN),
        [("bgp session", "spine1 via eth1, l2vpn_evpn", "established", "not configured")]),
    "a BFD session that is down": (changed("bfd", {}, state="down"), [("bfd", "eth1", "up", "down")]),
    "no BFD session": (removed("bfd"), [("bfd", "eth1", "up", "no session")]),
    "an adjacency that does not come up": (
        changed("ospf", {}, state="exstart"), [("ospf adjacency", "eth2", "full", "exstart")]),
    "no OSPF neighbor": (removed("ospf"), [("ospf adjacency", "eth2", "full", "no neighbor")]),
    "a VNI that FRR does not know": (removed("vnis", vni=20), [("l2vni", "20", "present", "absent")]),
    "a VNI in another VRF": (changed("vnis", {"vni": 10}, vrf="default"), [("l2vni", "10 VRF", "red", "default")]),
    "a VNI on another device": (changed("vnis", {"vni": 10}, vxlan="old"), [("l2vni", "10 device", "vx10", "old")]),
    "a VNI with another source": (
        changed("vnis", {"vni": 10}, vtep="10.9.9.9"), [("l2vni", "10 local VTEP", "10.0.0.1", "10.9.9.9")]),
    "a remote VTEP that is missing": (
        changed("vnis", {"vni": 10}, remote_vteps=["10.0.0.3"]), [("remote vteps", "10", TWO, "missing 10.0.0.2")]),
    "a remote VTEP that nobody wants": (
        changed("vnis", {"vni": 20}, remote_vteps=["10.0.0.2", "10.0.0.7"]),
        [("remote vteps", "20", "1 as in the inventory", "unexpected 10.0.0.7")]),
    "one remote VTEP in place of another": (
        changed("vnis", {"vni": 10}, remote_vteps=["10.0.0.2", "10.0.0.7"]),
        [("remote vteps", "10", TWO, "missing 10.0.0.3; unexpected 10.0.0.7")]),
    "an L3VNI that is down": (
        changed("vnis", {"vni": 50}, state="down"), [("l3vni", "50", "up in red", "down in red")]),
    "an L3VNI of another VRF": (
        changed("vnis", {"vni": 50}, vrf="blue"), [("l3vni", "50", "up in red", "up in blue")]),
    "an L3VNI that FRR takes for an L2VNI": (
        changed("vnis", {"vni": 50}, type="l2"), [("l3vni", "50", "up in red", "absent")]),
    "a type-3 route that is missing": (
        removed("routes", type=3, vtep="10.0.0.3"), [("type-3 routes", "10", TWO, "missing 10.0.0.3")]),
    "a type-3 route that is not imported": (
        changed("routes", {"type": 3, "vtep": "10.0.0.2", "route_targets": ["9:9"]}, route_targets=["65002:20"]),
        [("type-3 routes", "20", "1 as in the inventory", "missing 10.0.0.2")]),
    "a type-3 route of a VTEP that nobody wants": (
        added("routes", route(3, "10.0.0.7", "65007:10")), [("type-3 routes", "10", TWO, "unexpected 10.0.0.7")]),
    "a prefix that one VTEP does not announce": (
        removed("routes", type=5, vtep="10.0.0.3"),
        [("type-5 routes", "10.1.0.0/24 in red", TWO, "missing 10.0.0.3")]),
    "a prefix that is announced into another VRF": (
        changed("routes", {"type": 5, "vtep": "10.0.0.2", "route_targets": ["7:7"]}, route_targets=["65002:60"]),
        [("type-5 routes", "10.1.0.0/24 in blue", "1 as in the inventory", "missing 10.0.0.2")]),
    "a prefix announced by a VTEP that should not": (
        added("routes", route(5, "10.0.0.7", "7:7", prefix="10.1.0.0/24")),
        [("type-5 routes", "10.1.0.0/24 in blue", "1 as in the inventory", "unexpected 10.0.0.7")]),
    "a MAC address that is not advertised": (
        removed("routes", type=2, mac=OWN),
        [("type-2 routes", "10", "every local MAC advertised", f"not advertised: {OWN}")]),
    "a MAC address that is advertised in another network only": (
        added("macs", mac(20, OWN, "local")),
        [("type-2 routes", "20", "every local MAC advertised", f"not advertised: {OWN}")]),
    "a forwarding entry that is missing": (
        removed("forwarding", mac=OTHER),
        [("fdb against bgp", "10", "1 as in the inventory", f"missing {OTHER} to 10.0.0.2")]),
    "a forwarding entry that is left over": (
        added("forwarding", entry("vx20", OTHER, "10.0.0.2")),
        [("fdb against bgp", "20", "0 as in the inventory", f"unexpected {OTHER} to 10.0.0.2")]),
    "a forwarding entry to the wrong VTEP": (
        changed("forwarding", {"mac": OTHER}, dst="10.0.0.3"),
        [("fdb against bgp", "10", "1 as in the inventory",
          f"missing {OTHER} to 10.0.0.2; unexpected {OTHER} to 10.0.0.3")]),
    "a router MAC that FRR has lost": (
        removed("next_hops"), [("router macs", "50", "of 1 VTEPs", "missing 10.0.0.2")]),
    "a router MAC that only another VRF has": (
        changed("next_hops", {}, vni=60), [("router macs", "50", "of 1 VTEPs", "missing 10.0.0.2")]),
    "a prefix from elsewhere without a router MAC": (
        added("routes", route(5, "10.0.0.3", "65003:50", prefix="10.9.0.0/24")),
        [("router macs", "50", "of 2 VTEPs", "missing 10.0.0.3")]),
    "an interface that is down": (
        lambda seen: seen["interfaces"]["br10"].update(up=False),
        [("interface", "br10", "mtu 1450, up", "mtu 1450, down")]),
    "an interface with another MTU": (
        lambda seen: seen["interfaces"]["eth1"].update(mtu=9000),
        [("interface", "eth1", "mtu 1500, up", "mtu 9000, up")]),
    "an interface that is not there": (
        lambda seen: seen["interfaces"].pop("br10"), [("interface", "br10", "mtu 1450, up", "absent")]),
    "a port that is smaller than its network": (
        lambda seen: seen["interfaces"]["eth3"].update(mtu=1449),
        [("port mtu", "eth3 of web", "mtu 1450 or more", "mtu 1449: larger packets to it are lost")]),
    "a VLAN device that is smaller than its network": (
        lambda seen: seen["interfaces"]["eth4.20"].update(mtu=1396),
        [("port mtu", "eth4.20 of db", "mtu 1400 or more", "mtu 1396: larger packets to it are lost")]),
    "a port that is not there": (
        lambda seen: seen["interfaces"].pop("eth3"), [("port mtu", "eth3 of web", "mtu 1450 or more", "absent")]),
    "a MAC address in two places": (
        changed("macs", {"mac": OTHER}, duplicate=True), [("duplicates", "macs", "none", f"{OTHER} in 10")]),
    "a host address in two places": (
        changed("neighbors", {}, duplicate=True), [("duplicates", "neighbors", "none", "10.1.0.9 in 10")]),
    "no rule that bars the way out of a VRF": (
        removed("rules", action="unreachable", **SIX),
        [("vrf isolation", "ipv6 rules", ORDER, "l3mdev at 1000, unreachable at None, local at 2000")]),
    "local addresses looked up before the bar": (
        changed("rules", {"table": 255, **FOUR}, priority=0),
        [("vrf isolation", "ipv4 rules", ORDER, "l3mdev at 1000, unreachable at 1001, local at 0")]),
    "an address of a VRF that is reached from outside": (
        changed("lookups", {}, interface="br10", inside="red"),
        [("vrf isolation", "default to 10.1.0.1 of red", "not reachable", "by br10")]),
    "a lookup that was not made": (
        removed("lookups"),
        [("vrf isolation", "default to 10.1.0.1 of red", "not reachable", "by a lookup that was not made")]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_fails_exactly_the_checks_that_are_about_it(fault: str) -> None:
    spoil, expected = FAULTS[fault]
    seen = copy.deepcopy(SEEN)
    spoil(seen)
    assert failures(seen) == expected


def test_a_bar_in_front_of_the_vrfs_own_tables_is_found() -> None:
    seen = copy.deepcopy(SEEN)
    changed("rules", {"action": "unreachable", **FOUR}, priority=999)(seen)
    assert [found[:3] for found in failures(seen)] == [("vrf isolation", "ipv4 rules", ORDER)]


def test_a_host_that_answers_nothing_fails_whatever_needs_an_answer() -> None:
    failed = {name for name, _subject, _wanted, _seen in failures({})}
    assert failed == {"bgp session", "bfd", "ospf adjacency", "l2vni", "l3vni", "type-3 routes", "type-5 routes", "interface",
                      "port mtu", "vrf isolation"}  # fmt: skip


def test_a_host_without_networks_is_not_asked_about_them() -> None:
    spine = {**EXPECTED, "ports": [], "vnis": [], "l3vnis": [], "prefixes": [], "isolation": [], "lookups": [], "owners": []}
    seen = {key: SEEN[key] for key in ("sessions", "bfd", "ospf", "interfaces")}
    made = checks(spine, seen)
    assert {check.name for check in made} == {"bgp session", "bfd", "ospf adjacency", "interface"}
    assert all(check.passed for check in made)


def test_of_many_things_that_are_missing_five_are_named() -> None:
    seen = copy.deepcopy(SEEN)
    expected = copy.deepcopy(EXPECTED)
    expected["vtep_sets"][1] = [f"10.0.0.{number}" for number in range(2, 10)]
    found = next(check for check in checks(expected, seen) if (check.name, check.subject) == ("remote vteps", "20"))
    assert found.actual == "missing 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7 and 2 more"


@pytest.mark.parametrize(
    ("received", "passed", "seen"), [(1, True, "established"), (0, False, "established, no route accepted")]
)
def test_a_session_with_the_outside_has_to_bring_a_route(received: int, passed: bool, seen: str) -> None:
    north = {"neighbor": "198.51.100.0", "peer": "outside", "family": "ipv4_unicast", "accepts": True}
    session = {"neighbor": "198.51.100.0", "family": "ipv4_unicast", "state": "established", "received": received}
    nothing: dict[str, Any] = {
        "bfd": [],
        "ospf": [],
        "interfaces": {},
        "ports": [],
        "vnis": [],
        "l3vnis": [],
        "prefixes": [],
        "isolation": [],
        "lookups": [],
    }
    made = list(checks({**EXPECTED, **nothing, "owners": [], "sessions": [north]}, {"sessions": [session]}))
    assert [(check.passed, check.actual) for check in made if check.name == "bgp session"] == [(passed, seen)]


def test_a_gateway_s_mac_address_need_not_be_marked_as_learned_elsewhere() -> None:
    answers = copy.deepcopy(SEEN)
    for found in answers["forwarding"]:
        found["external"] = False
    assert all(check.passed for check in checks(EXPECTED, answers) if check.name == "fdb against bgp")
