"""Documents that follow from inventories."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import configuration
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests.engine import document as dataplane_document
from tests.fabrics import GATEWAYS, KINDS, OSPF, fabric


def documents(**options: Any) -> dict[str, Any]:
    built = build(*fabric(**options))
    assert built.problems == []
    return {host: {**made, "expected": built.expectations[host]} for host, made in built.documents.items()}


def remote_vteps(document: dict[str, Any], kind: str, place: int) -> list[str]:
    expected = document["expected"]
    entry = expected[kind][place]
    return list(expected["vtep_sets"][entry["remote_vteps" if kind == "vnis" else "vteps"]])


def lines(document: dict[str, Any]) -> set[tuple[str, ...]]:
    return set(configuration.parse(frr_text(document["frr"])))


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_is_one_that_the_modules_take(kind: str) -> None:
    for made in documents(**KINDS[kind]).values():
        dataplane_document(**made["kernel"])
        assert configuration.parse(frr_text(made["frr"]))


def test_a_routed_network_has_a_gateway_on_every_vtep() -> None:
    made = documents()
    for leaf in ("leaf1", "leaf2"):
        plane = made[leaf]["kernel"]
        bridge = next(bridge for bridge in plane["bridges"] if bridge["name"] == "br10000")
        assert (bridge["mac"], bridge["vrf"], bridge["mtu"]) == ("02:00:5e:00:01:01", "tenant0", 1450)
        addresses = [entry["address"] for entry in plane["addresses"] if entry["dev"] == "br10000"]
        assert addresses == ["10.0.0.1/24", "2001:db8::1/64"]


def test_a_host_loads_the_kernel_modules_of_its_devices() -> None:
    made = documents()
    assert made["leaf1"]["system"]["kernel_modules"] == ["bridge", "vxlan", "vrf"]
    assert made["spine1"]["system"]["kernel_modules"] == []
    assert documents(vrfs=0)["leaf1"]["system"]["kernel_modules"] == ["bridge", "vxlan"]


def test_a_fabric_with_ipv6_outside_shows_its_gateways_ipv6_routes() -> None:
    made = documents(**GATEWAYS)
    family = ("router bgp 65000", "address-family ipv6 unicast")
    spine, gateway = lines(made["spine1"]), lines(made["gw1"])
    assert (*family, "neighbor fabric activate") in spine
    assert (*family, "network 100::aff:1/128") in spine, "of its loopback, 10.255.0.1"
    assert ("ipv6 route 100::aff:1/128 blackhole",) in spine
    assert any(path[-1].endswith("advertise-map evpn-north exist-map evpn-fabric-alive") for path in gateway
               if path[1:2] == ("address-family ipv6 unicast",))  # fmt: skip
    assert not any("100::" in path[-1] for path in gateway)


def test_a_fabric_without_ipv6_outside_carries_none() -> None:
    groups, hostvars = fabric(**GATEWAYS)
    for gateway in groups["gateways"]:
        hostvars[gateway]["fabric_north"] = hostvars[gateway]["fabric_north"][:1]
    made = build(groups, hostvars).documents
    outside_vrfs = {path for host in made for path in lines(made[host]) if " vrf " not in path[0]}
    assert not any("ipv6 unicast" in line or "100::" in line for path in outside_vrfs for line in path)


def learned_is_kept(document: dict[str, Any]) -> bool:
    """Whether a host keeps what it learns from its neighbors to itself, in the underlay and in EVPN."""
    found = lines(document)
    router = f"router bgp {document['frr']['asn']}"
    underlay = (router, "address-family ipv4 unicast", "neighbor fabric route-map evpn-fabric out") in found
    overlay = (router, "address-family l2vpn evpn", "neighbor fabric route-map evpn-overlay out") in found
    kept = ("route-map evpn-fabric deny 5", "match as-path evpn-remote") in found
    assert overlay == kept and underlay >= kept, "a gateway has the underlay's route-map in any case, for its subnets"
    assert (("route-map evpn-overlay deny 5", "match as-path evpn-spines") in found) == kept
    return kept


def test_between_spines_nothing_is_passed_on_by_leaves_and_gateways() -> None:
    made = documents(**GATEWAYS)
    assert {host for host, document in made.items() if learned_is_kept(document)} == {"leaf1", "leaf2", "gw1", "gw2"}


def test_in_evpn_spines_are_not_told_what_spines_told() -> None:
    groups, hostvars = fabric(**GATEWAYS)
    hostvars["spine2"]["fabric_asn"] = 65009
    found = lines(build(groups, hostvars).documents["leaf1"])
    assert ("bgp as-path access-list evpn-spines seq 5 permit ^(65000|65009)_",) in found
    assert ("route-map evpn-overlay permit 10",) in found, "what tenants' routers tell has a path as well, and is told"


def test_exclusive_gateways_tell_the_fabric_of_their_own_routes_only() -> None:
    found = lines(documents(**KINDS["exclusive_gateways"])["gw1"])
    assert ("route-map evpn-fabric deny 5", "match as-path evpn-remote") in found
    evpn = [path[-1] for path in found if path[1:2] == ("address-family l2vpn evpn",)]
    assert "neighbor fabric route-map evpn-gateway out" in evpn and not any("evpn-overlay" in path[-1] for path in found)


def test_a_leaf_with_a_gateway_behind_it_passes_its_routes_on() -> None:
    groups, hostvars = fabric(**GATEWAYS)
    for found in hostvars.values():
        others = [link for link in found["fabric_links"] if not any(end.startswith("gw2:") for end in link["ends"])]
        found["fabric_links"] = [*others, {"ends": ["gw2:eth1", "leaf2:eth8"]}]
    made = build(groups, hostvars).documents
    assert {host for host, document in made.items() if learned_is_kept(document)} == {"leaf1", "gw1"}


@pytest.mark.parametrize(
    ("spines_of_leaf2", "spared"),
    [(("spine1", "spine2"), True), (("spine1",), False), (("spine3", "spine4"), False), (("spine1", "spine2", "spine3"), True)],
)
def test_leaves_pass_routes_on_where_others_depend_on_it(spines_of_leaf2: tuple[str, ...], spared: bool) -> None:
    groups, hostvars = fabric(leaves=3)
    reach = {"leaf1": ("spine1", "spine2"), "leaf2": spines_of_leaf2, "leaf3": ("spine1", "spine2", "spine3", "spine4")}
    for number, spine in enumerate(("spine3", "spine4"), 8):
        hostvars[spine] = {**hostvars["spine1"], "fabric_loopback": f"10.255.0.{number}"}
        groups["fabric"].append(spine)
    links = [{"ends": [f"{spine}:{leaf}", f"{leaf}:{spine}"]} for leaf, spines in reach.items() for spine in spines]
    for found in hostvars.values():
        found["fabric_links"] = links
    made = build(groups, hostvars)
    expected = set(reach) if spared else set()
    assert {host for host, document in made.documents.items() if learned_is_kept(document)} == expected


def test_a_leaf_that_joins_two_halves_passes_routes_on() -> None:
    groups, hostvars = fabric(leaves=3)
    reach = {"leaf1": ("spine1",), "leaf2": ("spine2",), "leaf3": ("spine1", "spine2")}
    links = [{"ends": [f"{spine}:{leaf}", f"{leaf}:{spine}"]} for leaf, spines in reach.items() for spine in spines]
    for found in hostvars.values():
        found["fabric_links"] = links
    assert not any(learned_is_kept(document) for document in build(groups, hostvars).documents.values())
    for found in hostvars.values():
        found["fabric_links"] = [*links, {"ends": ["spine1:top", "spine2:top"]}]
    hostvars["spine2"]["fabric_asn"] = 65001
    made = build(groups, hostvars).documents
    assert {host for host, document in made.items() if learned_is_kept(document)} == set(reach), "the spines are linked"


def test_fabrics_with_interior_sessions_have_no_need_of_it() -> None:
    assert not any("evpn-fabric" in path[-1] for document in documents(**OSPF).values() for path in lines(document))


def test_router_macs_differ_between_vteps_and_stay() -> None:
    first, again = documents(), documents()
    macs = [next(bridge["mac"] for bridge in made[leaf]["kernel"]["bridges"] if bridge["name"] == "br50001")
            for made in (first, again) for leaf in ("leaf1", "leaf2")]  # fmt: skip
    assert macs[0] != macs[1]
    assert macs[:2] == macs[2:]


def test_an_l2_only_network_has_no_address_and_no_link_local() -> None:
    plane = documents(vrfs=0)["leaf1"]["kernel"]
    assert all(bridge["ipv6_link_local"] is False and "vrf" not in bridge for bridge in plane["bridges"])
    assert [entry["dev"] for entry in plane["addresses"]] == ["lo"]


def test_only_a_network_with_an_ipv6_gateway_has_ipv6_on_its_bridge() -> None:
    plane = documents(**GATEWAYS)["gw1"]["kernel"]
    bridges = {bridge["name"]: bridge["ipv6_link_local"] for bridge in plane["bridges"]}
    assert (bridges["br10100"], bridges["br10101"]) == (True, False), "web has an IPv6 gateway, app has none"
    of_ipv6 = {name: {path for path in plane["sysctls"] if "ipv6" in path and f"/{name}/" in path} for name in bridges}
    assert {path.rpartition("/")[2] for path in of_ipv6["br10100"]} >= {"accept_dad", "accept_untracked_na", "retrans_time_ms"}
    assert not of_ipv6["br10101"]
    leaf = documents(**GATEWAYS)["leaf1"]["kernel"]
    own = next(bridge for bridge in leaf["bridges"] if bridge["name"] == "br10103")
    assert own["ipv6_link_local"] is False, "its gateway is an IPv4 one, and on every VTEP"


def test_mtu_follows_the_underlay() -> None:
    jumbo = documents(fabric_underlay={"mtu": 9000})["leaf1"]["kernel"]
    assert {bridge["mtu"] for bridge in jumbo["bridges"]} == {8950}
    groups, hostvars = fabric(fabric_underlay={"mtu": 9000})
    for number, leaf in enumerate(groups["vteps"], 1):
        hostvars[leaf]["fabric_vtep"] = f"2001:db8::{number}"
    six = build(groups, hostvars)
    assert {bridge["mtu"] for bridge in six.documents["leaf1"]["kernel"]["bridges"]} == {8930}
    assert six.documents["leaf1"]["system"]["frr_minimum"] == "10.6"
    family = ("router bgp 65000", "address-family ipv6 unicast")
    assert (*family, "neighbor fabric activate") in lines(six.documents["spine1"]), "spines carry addresses they have none of"


def test_no_frr_line_grows_with_the_l2vnis_unless_their_targets_are_explicit() -> None:
    assert len(lines(documents(networks=4)["leaf1"])) == len(lines(documents(networks=400)["leaf1"]))


def test_route_reflectors_have_clients_and_leaves_have_reflectors() -> None:
    made = documents(**OSPF)
    spine, leaf = lines(made["spine1"]), lines(made["leaf1"])
    bgp, family = "router bgp 65000", "address-family l2vpn evpn"
    assert (bgp, "neighbor 10.255.1.2 peer-group clients") in spine
    assert (bgp, "neighbor 10.255.0.2 peer-group reflectors") in spine
    assert (bgp, family, "neighbor clients route-reflector-client") in spine
    assert (bgp, family, "advertise-all-vni") not in spine
    assert (bgp, "neighbor 10.255.0.1 peer-group reflectors") in leaf
    assert (bgp, "neighbor reflectors update-source 10.255.1.2") in leaf
    assert ("interface eth1", "ip ospf area 0.0.0.0") in leaf
    assert not any("clients" in path[-1] for path in leaf)


def test_targets_that_frr_derives_by_itself_are_left_out() -> None:
    targets = {"import": ["65000:1"], "export": ["59905:7"]}  # 59905 is what is left of leaf1's number in two bytes
    made = documents(fabric_networks=[{"name": "web", "vni": 7, "route_targets": targets}], fabric_vrfs=[])
    first, second = lines(made["leaf1"]), lines(made["leaf2"])
    export = "route-target export 59905:7"
    assert not any(path[-1] == export for path in first)
    assert any(path[-1] == export for path in second)


def test_a_network_can_be_on_some_vteps_only() -> None:
    networks = [{"name": "web", "vni": 10, "vrf": "tenant0", "gateways": ["10.0.0.1/24"], "vteps": ["leaf2"]}]
    made = documents(leaves=3, fabric_networks=networks)
    assert [vrf["name"] for vrf in made["leaf1"]["kernel"]["vrfs"]] == []
    assert [vrf["name"] for vrf in made["leaf2"]["kernel"]["vrfs"]] == ["tenant0"]
    assert remote_vteps(made["leaf2"], "vnis", 0) == []


def test_spines_carry_no_tenants() -> None:
    spine = documents()["spine1"]
    assert spine["kernel"]["vxlans"] == spine["kernel"]["vrfs"] == []
    assert not any("vrf" in path[0] or "vni" in path[-1] for path in lines(spine))


def test_expectations_name_every_other_vtep() -> None:
    made = documents(leaves=4)["leaf2"]
    expected = made["expected"]
    assert remote_vteps(made, "vnis", 0) == ["10.255.1.2", "10.255.1.4", "10.255.1.5"]
    assert {session["family"] for session in expected["sessions"]} == {"ipv4_unicast", "l2vpn_evpn"}
    prefixes = [
        (entry["prefix"], len(remote_vteps(made, "prefixes", place))) for place, entry in enumerate(expected["prefixes"])
    ]
    assert prefixes[:2] == [("10.0.0.0/24", 3), ("2001:db8::/64", 3)]


def test_the_same_inventory_gives_the_same_documents_in_any_order() -> None:
    groups, hostvars = fabric(leaves=3)
    backwards = ({name: hosts[::-1] for name, hosts in groups.items()}, dict(list(hostvars.items())[::-1]))
    first, second = build(groups, hostvars), build(*backwards)
    for host, made in first.documents.items():
        assert frr_text(made["frr"]) == frr_text(second.documents[host]["frr"])
        assert made["kernel"] == second.documents[host]["kernel"]


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [
        ("8.4.4", {"vrfs": 1}, True),
        ("9.1", {"vrfs": 1}, True),
        ("10.3", {"vrfs": 1}, False),
        ("8.4.4", {"vrfs": 0}, False),
        ("8.4.4", {**GATEWAYS, "fabric_networks": GATEWAYS["fabric_networks"][:3]}, True),
    ],
    ids=["8.4 with a VRF", "9.1 with a VRF", "10.3 with a VRF", "8.4 only bridged", "8.4 with central networks"],
)
def test_an_frr_that_loses_macs_of_others_takes_messages_one_by_one(version: str, kind: dict[str, Any], expected: bool) -> None:
    groups, hostvars = fabric(**kind)
    made = build(groups, hostvars, {name: {"frr_version": version, "kernel": "6.1.0"} for name in hostvars}).documents
    both = {("zebra zapi-packets 1",), ("zebra work-queue 0",)}
    assert both & lines(made["leaf1"]) == (both if expected else set())
    assert not both & lines(made["spine1"])


@pytest.mark.parametrize(("active", "expected"), [(True, True), (False, False), (None, False)])
def test_beside_networkd_frr_makes_no_next_hop_objects(active: bool | None, expected: bool) -> None:
    groups, hostvars = fabric()
    managers = {} if active is None else {"systemd-networkd": {"active": active, "files": {}}}
    facts = {"frr_version": "10.3", "kernel": "6.1.0", "network_managers": managers}
    made = build(groups, hostvars, dict.fromkeys(hostvars, facts)).documents
    for document in made.values():
        assert (("no zebra nexthop kernel enable",) in lines(document)) == expected


def test_what_a_gateway_owns_follows_from_the_inventory_alone() -> None:
    groups, hostvars = fabric(**GATEWAYS)
    old = {"frr_version": "8.4.4", "kernel": "5.10.0", "network_managers": {"systemd-networkd": {"active": True}}}
    known, unknown = build(groups, hostvars, dict.fromkeys(hostvars, old)).documents, build(groups, hostvars).documents
    for name in groups["gateways"]:
        assert known[name]["frr"] != unknown[name]["frr"] and known[name]["kernel"] != unknown[name]["kernel"]
        assert known[name]["gateway"] is not None
        assert known[name]["gateway"] == unknown[name]["gateway"]


def test_the_fabrics_interfaces_are_all_that_its_document_configures() -> None:
    made = documents(**GATEWAYS)
    for document in made.values():
        plane = document["kernel"]
        named = {entry["name"] for section in ("vrfs", "bridges", "vxlans", "vlans", "interfaces") for entry in plane[section]}
        assert set(document["system"]["interfaces"]) == named | {entry["dev"] for entry in plane["addresses"]}
        assert len(document["system"]["interfaces"]) == len(set(document["system"]["interfaces"]))
    assert {"lo", "eth1", "br10100", "vxlan10100"} <= set(made["leaf1"]["system"]["interfaces"])


def test_what_tenants_send_follows_the_routes_from_outside_and_no_others() -> None:
    made = documents(**GATEWAYS)
    dataplane_document(rules=made["gw1"]["system"]["rules"])
    for family in ("ipv4", "ipv6"):
        found = [rule for rule in made["gw1"]["system"]["rules"] if rule["family"] == family]
        rules = sorted(found, key=lambda rule: rule["priority"])
        *known, outside, rest = rules
        assert {rule["iif"] for rule in known} == {"lo", "eth1", "eth2", "eth9"}, "no bridge of a tenant is among them"
        assert {rule["table"] for rule in known} == {"main"}
        assert all(2000 < rule["priority"] < outside["priority"] for rule in known), "the local table comes first"
        assert (outside["table"], rest["action"]) == ("210", "unreachable")
        assert ("route-map evpn-accept-" + family + " permit 10", "set table 210") in lines(made["gw1"])
    assert made["leaf1"]["system"]["rules"] == []


def test_gateways_have_a_mac_address_that_no_vtep_has() -> None:
    made = documents(**GATEWAYS)
    macs = {
        host: {bridge["name"]: bridge.get("mac") for bridge in made[host]["kernel"]["bridges"]}
        for host in ("gw1", "gw2", "leaf1")
    }
    assert macs["gw1"]["br10100"] == macs["gw2"]["br10100"] == "02:00:5e:00:01:02"
    assert "02:00:5e:00:01:02" not in macs["leaf1"].values()


def test_every_host_that_is_no_gateway_is_rid_of_what_gateways_leave() -> None:
    made = documents(**GATEWAYS)
    gateways = {host: dataplane_document(**made[host]["kernel"]).gateway for host in made}
    assert gateways == {host: host.startswith("gw") for host in made}
    assert all(document["kernel"]["purge"] and document["kernel"]["addresses"] for document in made.values())


def test_several_routers_outside_may_be_in_one_subnet() -> None:
    groups, hostvars = fabric(**GATEWAYS)
    north = {"interface": "eth9", "address": "203.0.113.1/28", "asn": 64999}
    hostvars["gw1"]["fabric_north"] = [{**north, "peer": f"203.0.113.{router}"} for router in (2, 3)]
    made = build(groups, hostvars).documents["gw1"]
    wanted = dataplane_document(**made["kernel"]).present["address"]
    assert ("eth9", "203.0.113.1/28") in wanted
    peers = {path[1].split()[1] for path in lines(made) if path[-1].endswith("remote-as 64999")}
    assert peers == {"203.0.113.2", "203.0.113.3"}


def test_each_port_of_a_bridge_is_expected_to_carry_what_its_network_does() -> None:
    networks = [
        {"name": "web", "vni": 10, "vlan": 5},
        {"name": "db", "vni": 20, "vlan": 6, "mtu": 1400},
        {"name": "app", "vni": 30},
    ]
    groups, hostvars = fabric(fabric_networks=networks, fabric_vrfs=[])
    hostvars["leaf1"]["fabric_ports"] = [{"interface": "eth3", "untagged": "app", "tagged": ["web", "db"]}]
    expected = build(groups, hostvars).expectations
    assert [tuple(port.values()) for port in expected["leaf1"]["ports"]] == [
        ("eth3", "app", 1450), ("eth3.5", "web", 1450), ("eth3.6", "db", 1400)]  # fmt: skip
    assert expected["leaf2"]["ports"] == []


def test_a_description_of_200_bytes_is_one_that_the_modules_take() -> None:
    made = documents(fabric_networks=[{"name": "web", "vni": 10, "description": "Ä" * 100}], fabric_vrfs=[])
    bridge = dataplane_document(**made["leaf1"]["kernel"]).present["link"]["br10"]
    assert len(bridge.alias().encode()) <= 255, "the kernel takes no more"


def test_of_a_gateway_in_maintenance_others_expect_nothing_and_its_documents_stay() -> None:
    until = {"since": "2026-11-27T10:00:00Z", "until": "2026-11-27T12:00:00Z"}
    groups, hostvars = fabric(**{**KINDS["exclusive_gateways"], "fabric_gateways": {"mode": "exclusive", "buckets": 1}})
    plain = build(groups, hostvars)
    vteps = {name: hostvars[name]["fabric_loopback"] for name in groups["gateways"]}
    owner = next(name for name in vteps if any(vteps[name] in each for each in plain.expectations["leaf1"]["vtep_sets"]))
    facts = {owner: {"maintenance": until}}
    without = build(groups, hostvars, facts)
    sets = without.expectations["leaf1"]["vtep_sets"]
    assert not any(vteps[owner] in each for each in sets)
    assert any(vteps[name] in each for each in sets for name in vteps if name != owner)
    assert dict(without.documents) == dict(plain.documents)
    every = build(groups, hostvars, {name: {"maintenance": until} for name in vteps})
    assert not every.problems and every.expectations["leaf1"] == plain.expectations["leaf1"]
