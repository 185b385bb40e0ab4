"""Gateways of another mode, of other networks, or that are none any more: nothing of what they were is left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.frr_host import FrrHost
from tests.gateways import (
    ANYCAST,
    BUCKETS,
    EXCLUSIVE,
    UNDERLAY,
    VNIS,
    addresses,
    gateways,
    load,
    locals_of_vxlans,
    own_sources,
    refused,
    run,
)

#: A host's document that says nothing but that it is no gateway.
NO_GATEWAY: dict[str, Any] = {"addresses": [], "gateway": False, "purge": True}
DRAINED = gateways(gw1="drained")


@pytest.fixture
def vtep(gateway: FrrHost) -> FrrHost:
    """A host as it is before it is a gateway."""
    for address in addresses(gateway):
        gateway.run("ip", "address", "delete", f"{address}/32", "dev", "lo")
    own_sources(gateway, VNIS)
    return gateway


def arp_ignore(host: FrrHost) -> dict[str, int]:
    """Bridge -> its arp_ignore, of those that have another than 0."""
    shown = host.run("bash", "-c", "cd /proc/sys/net/ipv4/conf; grep -H -v '^0' br*/arp_ignore", check=False).stdout
    return {line.split("/")[0]: int(line.split(":")[1]) for line in shown.splitlines()}


def tables(host: FrrHost) -> list[str]:
    return host.run("nft", "list", "tables").stdout.splitlines()


def lists(host: FrrHost, kind: str) -> list[str]:
    """FRR's lines of the gateways' lists of a kind."""
    return [line for line in host.running_config().splitlines() if line.startswith(f"{kind} evpn-gateway-")]


def bring(host: FrrHost, document: dict[str, Any]) -> list[dict[str, Any]]:
    """Brings a host to a document: what check mode says must be what is done, and doing it again must do nothing."""
    predicted = host.module("dataplane", document, check_mode=True)
    made = host.module("dataplane", document)
    assert "msg" not in made, made["msg"]
    assert predicted["operations"] == made["operations"]
    assert host.module("dataplane", document)["operations"] == []
    operations: list[dict[str, Any]] = made["operations"]
    return operations


@pytest.mark.parametrize("phase", ["acquire", "all"])
def test_a_gateway_that_becomes_anycast_answers_for_all_its_networks(vtep: FrrHost, phase: str) -> None:
    run(vtep, EXCLUSIVE, gateways=DRAINED)
    assert arp_ignore(vtep) == {f"br{vni}": 8 for vni in VNIS}
    made = run(vtep, ANYCAST, gateways=DRAINED, phase=phase)
    assert sum(operation["kind"] == "nd_suppression" for operation in made) == len(VNIS)
    assert (arp_ignore(vtep), tables(vtep)) == ({}, [])


def test_a_gateway_that_becomes_anycast_has_no_list_of_what_it_served(vtep: FrrHost) -> None:
    run(vtep, EXCLUSIVE)
    served = lists(vtep, "bgp extcommunity-list standard")
    assert served
    run(vtep, ANYCAST, phase="acquire")
    assert lists(vtep, "bgp extcommunity-list standard") == served, "it takes up first"
    run(vtep, ANYCAST, phase="release")
    assert lists(vtep, "bgp extcommunity-list standard") == []


def test_a_gateway_that_becomes_exclusive_has_neither_addresses_nor_lists_of_buckets(vtep: FrrHost) -> None:
    run(vtep, ANYCAST)
    assert lists(vtep, "ip prefix-list")
    message = refused(vtep, EXCLUSIVE)
    assert "mode: the tunnels of vxlan10000, vxlan10001, vxlan10002, vxlan10003, vxlan10004 and 35 more start from" in message
    own_sources(vtep, VNIS)
    run(vtep, EXCLUSIVE, phase="acquire")
    assert len(addresses(vtep)) == BUCKETS and lists(vtep, "ip prefix-list"), "it takes up first"
    run(vtep, EXCLUSIVE, phase="release")
    assert addresses(vtep) == set() and lists(vtep, "ip prefix-list") == []


def test_a_bridge_whose_network_the_gateways_no_longer_serve_answers(vtep: FrrHost) -> None:
    run(vtep, EXCLUSIVE, gateways=DRAINED)
    run(vtep, EXCLUSIVE, gateways=DRAINED, vnis=["10001-10039"])
    assert arp_ignore(vtep) == {f"br{vni}": 8 for vni in VNIS[1:]}
    assert '"br10000"' not in vtep.run("nft", "list", "table", "ip6", "evpn_gateway").stdout


def test_an_exclusive_gateway_that_is_none_any_more_answers(vtep: FrrHost) -> None:
    run(vtep, EXCLUSIVE, gateways=DRAINED)
    vtep.run("bash", "-c", "ip link add br-own type bridge; echo 8 > /proc/sys/net/ipv4/conf/br-own/arp_ignore")
    assert bring(vtep, {"addresses": [], "purge": True}) == [], "nobody says whether this is a gateway"
    assert bring(vtep, {**NO_GATEWAY, "gateway": True}) == []
    made = bring(vtep, NO_GATEWAY)
    assert {(operation["action"], operation["kind"]) for operation in made} == {("delete", "nd_suppression")}
    assert (arp_ignore(vtep), tables(vtep)) == ({"br-own": 8}, []), "that one is the operator's"
    vtep.run("ip", "link", "delete", "br-own")


def test_an_anycast_gateway_that_is_none_any_more_has_no_addresses_of_buckets(vtep: FrrHost) -> None:
    run(vtep, ANYCAST)
    assert set(locals_of_vxlans(vtep)) == addresses(vtep)
    made = bring(vtep, NO_GATEWAY)
    assert {(operation["action"], operation["kind"], operation["disruption"]) for operation in made} == {
        ("delete", "address", "session")
    }
    assert addresses(vtep) == set()
    assert "10.0.0.1/32" in vtep.run("ip", "address", "show", "dev", "lo").stdout, "that one is nobody's"
    load(vtep, "router bgp 65001\nexit\n")
    assert "evpn-gateway" not in vtep.running_config()
    load(vtep, UNDERLAY)
    own_sources(vtep, VNIS)
    run(vtep, ANYCAST)
    assert len(addresses(vtep)) == BUCKETS, "it is one again"


def test_a_run_that_fails_leaves_a_gateway_what_it_was(vtep: FrrHost) -> None:
    run(vtep, ANYCAST)
    vtep.run("bash", "-c", "echo 1 > /proc/sys/net/ipv4/conf/br10000/arp_ignore")
    own_sources(vtep, VNIS)
    before = json.loads(vtep.run("ip", "-j", "address", "show", "dev", "lo").stdout)
    own = {"sysctls": {"net/ipv4/conf/br10000/rp_filter": "nonsense"}}
    made = vtep.module("dataplane", {**NO_GATEWAY, **own})
    assert "was reverted" in made["msg"], made
    assert json.loads(vtep.run("ip", "-j", "address", "show", "dev", "lo").stdout) == before
    run(vtep, ANYCAST)
    assert vtep.module("dataplane", NO_GATEWAY)["changed"], "they are the gateways' again"
    run(vtep, EXCLUSIVE, gateways=DRAINED)
    silent = arp_ignore(vtep), vtep.run("nft", "list", "ruleset").stdout
    made = vtep.module("dataplane", {**NO_GATEWAY, **own})
    assert "was reverted" in made["msg"], made
    assert (arp_ignore(vtep), vtep.run("nft", "list", "ruleset").stdout) == silent


def test_bridges_of_ours_answer_also_after_somebody_has_flushed_nftables(vtep: FrrHost) -> None:
    document = {**NO_GATEWAY, "bridges": [{"name": "br-flushed"}]}
    bring(vtep, {"bridges": document["bridges"]})
    try:
        vtep.run("sysctl", "-qw", "net.ipv4.conf.br-flushed.arp_ignore=8")
        setting = {"net/ipv4/conf/br-flushed/arp_ignore": 8}
        assert bring(vtep, {**document, "sysctls": setting}) == [], "the document wants it so"
        assert [operation["kind"] for operation in bring(vtep, document)] == ["nd_suppression"]
        assert arp_ignore(vtep) == {}
    finally:
        vtep.run("ip", "link", "delete", "br-flushed")
