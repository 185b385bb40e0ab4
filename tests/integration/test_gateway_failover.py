"""The module gateway_failover whatever the mode: instances, what it refuses, and what frr_config leaves of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.frr_host import FrrHost, FrrInstance
from tests.gateways import (
    ANYCAST,
    BUCKETS,
    EXCLUSIVE,
    NORTH,
    UNDERLAY,
    VNIS,
    addresses,
    devices,
    gateways,
    listed,
    load,
    locals_of_vxlans,
    marked,
    numbers,
    own_sources,
    refused,
    refused_with,
    run,
    served,
    until,
)


@pytest.mark.parametrize("arguments", [ANYCAST, EXCLUSIVE], ids=["anycast", "exclusive"])
def test_frr_config_after_a_failover_undoes_nothing(gateway: FrrHost, arguments: dict[str, Any]) -> None:
    own_sources(gateway, VNIS)
    run(gateway, arguments)
    running = gateway.running_config()
    made = gateway.module("frr_config", {"config": UNDERLAY})
    assert (made.get("changed"), made.get("operations")) == (False, [])
    assert gateway.running_config() == running
    load(gateway, UNDERLAY.replace("delay-timer 1", "delay-timer 2"))
    assert served(gateway) or listed(gateway, 0)
    assert "evpn-gateway-served seq" not in gateway.run("cat", "/etc/frr/frr.conf").stdout
    load(gateway, UNDERLAY)


def test_an_instance_in_a_namespace_is_a_gateway_of_its_own(gateway: FrrHost) -> None:
    inside = FrrInstance(gateway, "blue")
    devices(inside, VNIS[:4])
    config = NORTH + UNDERLAY
    load(inside, config)
    outside = gateway.running_config(), addresses(gateway), locals_of_vxlans(gateway)
    few = {"vnis": ["10000-10003"], "buckets": BUCKETS, "placement": "bounded"}
    run(inside, {**ANYCAST, **few})
    assert len(addresses(inside)) == BUCKETS and listed(inside, 0) and marked(inside, 0) == numbers(listed(inside, 0))
    own_sources(inside, VNIS[:4])
    made = run(inside, {**EXCLUSIVE, **few, "gateways": gateways(gw1="drained")})
    assert {operation["kind"] for operation in made} == {"address", "frr", "nd_suppression"}
    assert inside.run("nft", "list", "table", "ip6", "evpn_gateway").stdout.count("br1000") == 4
    assert gateway.run("nft", "list", "table", "ip6", "evpn_gateway", check=False).returncode
    assert inside.run("cat", "/proc/sys/net/ipv4/conf/br10000/arp_ignore").stdout == "8\n"
    assert gateway.run("cat", "/proc/sys/net/ipv4/conf/br10000/arp_ignore").stdout == "0\n"
    watch = "timeout 20 tcpdump -l -n -c 6 -i br10000 'arp or (icmp6 and ip6[40] == 136)' > /tmp/inside 2>&1 & sleep 1"
    inside.run("bash", "-c", f"({watch}) > /dev/null 2>&1")
    run(inside, {**EXCLUSIVE, **few, "gateways": gateways(gw2="drained", gw3="failed")})
    assert served(inside) == set(VNIS[:4]) and marked(inside, 0) == set(range(BUCKETS))
    until(lambda: "6 packets captured" in gateway.run("cat", "/tmp/inside").stdout)
    assert (gateway.running_config(), addresses(gateway), locals_of_vxlans(gateway)) == outside
    assert inside.module("frr_config", {"config": config})["operations"] == []
    message = inside.module("frr_config", {"config": config + "nonsense\n"})["msg"]
    assert "nonsense" in message and "vtysh.conf" not in message, "an instance needs none"


def test_a_namespace_or_an_instance_that_is_not_there_is_named(gateway: FrrHost) -> None:
    assert "the network namespace red does not exist" in refused(gateway, EXCLUSIVE, netns="red")
    assert "bgpd is not running" in refused(gateway, EXCLUSIVE, pathspace="red")


def test_what_cannot_be_is_refused_all_at_once(gateway: FrrHost) -> None:
    message = refused(gateway, EXCLUSIVE, vnis=["10000-10041"], route_map="filter-vni")
    assert "vnis: VNI 10040, 10041: no VXLAN device on this host has it" in message
    assert "route_map: filter-vni does not exist in FRR" in message
    message = refused(gateway, {**EXCLUSIVE, "self": "gw9", "vtep_prefix": "192.0.2.0/29", "vnis": ["9-5"]})
    assert "self: 'gw9' is not in gateways" in message
    assert "vtep_prefix: has no meaning in the mode exclusive" in message
    assert "vnis[0]: 9-5 is reversed" in message
    message = refused(gateway, EXCLUSIVE, gateways=gateways(gw1="drained", gw2="failed", gw3="drained"))
    assert "gateways: are all drained or failed" in message
    assert "192.0.2.0/30 has 4 addresses for 8 buckets" in refused(gateway, ANYCAST, vtep_prefix="192.0.2.0/30")
    message = refused(gateway, ANYCAST, standbys=2)
    assert "no entry of evpn-buckets matches the prefix-list evpn-gateway-rank-2" in message
    message = refused(gateway, ANYCAST, route_map="evpn-gateway", vtep_interface="lo9")
    assert "nothing in FRR advertises by evpn-gateway" in message and "lo9 does not exist" in message
    for mode in (EXCLUSIVE, ANYCAST):
        assert "vnis: names no VNI. Write those that the gateways serve" in refused(gateway, mode, vnis=[], pins=[])
    missing = gateway.module("gateway_failover", {**ANYCAST, "buckets": None})
    assert "buckets: is missing in the mode anycast" in missing["msg"]


def test_a_route_map_that_a_neighbor_does_not_use_is_refused(gateway: FrrHost) -> None:
    message = refused_with(gateway, UNDERLAY.replace("  neighbor 10.9.0.2 route-map evpn-gateway out\n", ""), EXCLUSIVE)
    assert "evpn-gateway holds nothing back in address-family l2vpn evpn of 10.9.0.2" in message
    assert "neighbor 10.9.0.2 route-map evpn-gateway out" in message


def test_arp_that_the_host_does_not_let_be_is_refused(gateway: FrrHost) -> None:
    gateway.run("sysctl", "-w", "net.ipv4.conf.all.arp_ignore=8")
    try:
        assert "net.ipv4.conf.all.arp_ignore: is 8" in refused(gateway, EXCLUSIVE)
    finally:
        gateway.run("sysctl", "-w", "net.ipv4.conf.all.arp_ignore=0")


def test_a_bridge_of_several_vnis_is_refused(gateway: FrrHost) -> None:
    gateway.run("ip", "link", "set", "vxlan10001", "master", "br10000")
    try:
        assert "VNI 10000, 10001 share the bridge br10000" in refused(gateway, EXCLUSIVE)
    finally:
        gateway.run("ip", "link", "set", "vxlan10001", "master", "br10001")


def test_a_device_out_of_its_bridge_is_named(gateway: FrrHost) -> None:
    gateway.run("ip", "link", "set", "vxlan10001", "nomaster")
    try:
        assert "VNI 10001: the VXLAN device is not in a bridge" in refused(gateway, EXCLUSIVE)
    finally:
        gateway.run("ip", "link", "set", "vxlan10001", "master", "br10001")
