"""Modules where something that they need is missing: an error that says what to do, and nothing changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.frr_host import FrrHost

BRIDGE = {"bridges": [{"name": "br1"}]}


@pytest.fixture(scope="module")
def host() -> Iterator[FrrHost]:
    with FrrHost("debian12", daemons=()) as running:
        yield running


def links(host: FrrHost) -> list[str]:
    return [entry["ifname"] for entry in json.loads(host.run("ip", "-j", "link", "show").stdout)]


def test_a_module_works_on_the_host_as_it_is(host: FrrHost) -> None:
    made = host.module("dataplane", BRIDGE)
    assert made["changed"] and "br1" in links(host)
    assert not host.module("dataplane", BRIDGE)["changed"]
    assert host.module("bridge", {"name": "br1", "state": "absent"})["operations"][0]["action"] == "delete"


def test_the_single_modules_are_documents_of_one_object(host: FrrHost) -> None:
    made = host.module("bridge", {"name": "br7", "addresses": ["10.7.0.1/24", "2001:db8:7::1/64"]})
    assert [operation["kind"] for operation in made["operations"]] == ["bridge", "address", "address"]
    made = host.module("vxlan", {"name": "vx7", "vni": 7, "bridge": "br7", "learning": False})
    assert [operation["kind"] for operation in made["operations"]] == ["vxlan", "port"]
    made = host.module("ip_rules", {"rules": [{"priority": 77, "table": "7"}]})
    assert [operation["name"] for operation in made["operations"]] == ["77: from all lookup 7 (ipv4)"]
    made = host.module("vrf", {"name": "a", "table": 254})
    assert made["msg"].startswith("vrfs[0].table: 254 is one of the kernel's own tables")


def test_an_interface_that_exists_is_taken_in_hand_and_changed(host: FrrHost) -> None:
    host.run("ip", "link", "add", "eth8", "type", "veth", "peer", "name", "host8")
    host.module("bridge", {"name": "br8"})
    wanted = {"name": "eth8", "description": "to web 8", "mtu": 1400, "bridge": "br8", "isolated": True, "up": True}
    made = host.module("interface", wanted)
    assert [(operation["kind"], operation["name"], operation["action"]) for operation in made["operations"]] == [
        ("veth", "eth8", "change"), ("port", "eth8", "create")]  # fmt: skip
    (shown,) = json.loads(host.run("ip", "-d", "-j", "link", "show", "eth8").stdout)
    assert (shown["mtu"], shown["master"], shown["ifalias"]) == (1400, "br8", "to web 8 [evpn.fabric port]")
    assert shown["linkinfo"]["info_slave_data"]["isolated"] is True
    assert "UP" in shown["flags"]
    assert not host.module("interface", wanted)["changed"]
    (out,) = host.module("interface", {"name": "eth8", "bridge": ""})["operations"]
    assert (out["before"], out["after"]) == ({"name": "eth8", "bridge": "br8"}, {"name": "eth8", "bridge": ""})
    assert out["reason"] == "bridge br8 -> none"
    (shown,) = json.loads(host.run("ip", "-d", "-j", "link", "show", "eth8").stdout)
    assert ("master" in shown, shown["mtu"], "UP" in shown["flags"]) == (False, 1400, True)
    missing = host.module("interface", {"name": "eth99", "mtu": 1400})
    assert missing["failed"] and "interface eth99: does not exist on this host" in missing["msg"]


def test_what_dataplane_info_reports_is_what_dataplane_takes(host: FrrHost) -> None:
    host.run("ip", "netns", "add", "hand")
    for line in (
        "link add br1 type bridge",
        "link set br1 up",
        "address add 10.1.0.1/24 dev br1",
        "rule add priority 9 table 9",
    ):
        host.run("ip", "-n", "hand", *line.split())
    seen = host.module("dataplane_info", {"netns": "hand"})
    assert (seen["changed"], seen["owned"]["bridges"]) == (False, [])
    made = host.module("dataplane", {**seen["dataplane"], "netns": "hand"}, check_mode=True)
    assert [(operation["name"], operation["reason"]) for operation in made["operations"]] == [
        ("br1", "adopted"), ("lo", "taken in hand")]  # fmt: skip
    assert host.module("dataplane", {**seen["dataplane"], "netns": "hand"})["operations"] == made["operations"]
    again = host.module("dataplane_info", {"netns": "hand", "gather": ["bridges"]})
    assert (again["dataplane"], again["owned"]) == ({"bridges": seen["dataplane"]["bridges"]}, {"bridges": ["br1"]})


def test_looking_at_the_data_plane_needs_no_root_but_another_namespace_does(host: FrrHost) -> None:
    seen = host.module("dataplane_info", {"gather": ["interfaces"]}, user="nobody")
    assert "lo" in [entry["name"] for entry in seen["dataplane"]["interfaces"]]
    refused = host.module("dataplane_info", {"netns": "hand"}, user="nobody")
    assert refused["failed"] and "entering a network namespace needs root: add become: true" in refused["msg"]
    missing = host.module("dataplane_info", {"netns": "nowhere"})
    assert missing["failed"] and "the network namespace nowhere does not exist" in missing["msg"]


def test_without_root_the_user_is_told_to_become_it(host: FrrHost) -> None:
    before = links(host)
    for module, arguments in (("dataplane", BRIDGE), ("frr_config", {"config": "hostname x\n"})):
        made = host.module(module, arguments, user="nobody")
        assert made["failed"] and "needs root: add become: true" in made["msg"]
    assert links(host) == before


@pytest.fixture
def host_without_pyroute2(host: FrrHost) -> Iterator[FrrHost]:
    host.run("mv", "/usr/lib/python3/dist-packages/pyroute2", "/root/pyroute2")
    yield host
    host.run("mv", "/root/pyroute2", "/usr/lib/python3/dist-packages/pyroute2")


def test_without_pyroute2_a_host_is_configured_and_looked_at(host_without_pyroute2: FrrHost) -> None:
    host = host_without_pyroute2
    assert host.module("host_info", {})["pyroute2"] is False
    made = host.module("dataplane", {"bridges": [{"name": "br2"}], "rules": [{"priority": 78, "table": "7"}]})
    assert [(operation["kind"], operation["action"]) for operation in made["operations"]] == [
        ("bridge", "create"), ("rule", "create")]  # fmt: skip
    assert "br2" in [entry["name"] for entry in host.module("dataplane_info", {})["dataplane"]["bridges"]]


@pytest.mark.parametrize(("module", "options"), [("dataplane", BRIDGE), ("dataplane_info", {})])
def test_without_pyroute2_another_namespace_is_refused_and_the_package_is_named(
    host_without_pyroute2: FrrHost, module: str, options: dict[str, Any]
) -> None:
    made = host_without_pyroute2.module(module, {**options, "netns": "blue"})
    assert made["failed"] and "apt install python3-pyroute2" in made["msg"] and "pyroute2 (0.7.2 or newer)" in made["msg"]
    assert "evpn.fabric.host" not in made["msg"], "the role installs nothing where pyroute2 alone is missing"


def test_a_namespace_that_does_not_exist_is_named(host: FrrHost) -> None:
    made = host.module("dataplane", {**BRIDGE, "netns": "blue"})
    assert made["failed"] and "the network namespace blue does not exist" in made["msg"]


def test_a_namespace_is_worked_in(host: FrrHost) -> None:
    host.run("ip", "netns", "add", "blue")
    assert host.module("dataplane", {**BRIDGE, "netns": "blue"})["changed"]
    assert "br1" not in links(host)
    assert "br1" in host.run("ip", "-n", "blue", "link", "show").stdout
    assert not host.module("dataplane", {**BRIDGE, "netns": "blue"})["changed"]


def test_a_kernel_without_vrf_devices_says_what_provides_them(host: FrrHost) -> None:
    made = host.module("vrf", {"name": "a", "table": 10})
    if not made.get("failed"):
        pytest.skip("this kernel has VRF devices")
    assert "CONFIG_NET_VRF (module vrf)" in made["msg"] and "Unknown device type" in made["msg"]


def test_host_info_tells_versions(host: FrrHost) -> None:
    made = host.module("host_info", {})
    assert made["frr_version"].startswith("8.4")
    name = "Debian GNU/Linux 12 (bookworm)"
    assert made["distribution"] == {"id": "debian", "version": "12", "like": [], "name": name}
    assert made["pyroute2"] is True


def test_host_info_tells_which_interfaces_have_the_host_s_own_default_routes(host: FrrHost) -> None:
    def told(*lines: str) -> list[str]:
        for line in lines:
            host.run("ip", *line.split())
        found: list[str] = host.module("host_info", {}, user="nobody")["default_route_interfaces"]
        return found

    links = [f"link add {name} type veth peer name far-{name}" for name in ("mgmt", "nic2", "up1")]
    up = [f"link set {name} up" for end in ("mgmt", "nic2", "up1") for name in (end, f"far-{end}")]
    addresses = [f"address add 203.0.113.{place}9/28 dev {name}" for name, place in (("mgmt", ""), ("nic2", "2"), ("up1", "4"))]
    assert told(*links, *up, *addresses) == []
    assert told("route add default via 203.0.113.17 dev nic2 metric 200 proto dhcp onlink") == ["nic2"]
    assert told("route add default via 203.0.113.1 dev mgmt metric 100") == ["mgmt"], "it is the better one"
    assert told("route add default via 203.0.113.33 dev up1 metric 20 proto bgp onlink") == ["mgmt"], "a daemon's"
    assert told("route add default via 203.0.113.33 dev up1 table 7 onlink") == ["mgmt"], "of another table"
    assert told("-6 route add default via fe80::1 dev nic2 proto ra metric 1024") == ["mgmt"], "of a neighbor"
    assert told("-6 route replace default via fe80::1 dev nic2 metric 2048") == ["mgmt", "nic2"]
    both = "nexthop via 203.0.113.1 dev mgmt onlink nexthop via 203.0.113.33 dev up1 onlink"
    assert told("-6 route flush default", "route del default dev mgmt", f"route add default metric 5 {both}") == ["mgmt", "up1"]
    assert told("route del default metric 5", "route del default dev nic2") == []
