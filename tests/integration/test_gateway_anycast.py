"""The module gateway_failover in the mode anycast, on hosts with real FRR, as Ansible runs it."""

from __future__ import annotations

import json
import re

from tests.frr_host import FrrHost
from tests.gateways import (
    ANYCAST,
    BUCKETS,
    OBSERVER,
    OSPF,
    UNDERLAY,
    addresses,
    gateways,
    listed,
    load,
    locals_of_vxlans,
    marked,
    numbers,
    paths,
    refused,
    refused_with,
    run,
    subnets,
    until,
    with_north,
)


def paths_of_buckets(observer: FrrHost) -> dict[str, int]:
    """Address of a bucket -> how long its AS path is."""
    return paths(observer, "192.0.2.")


def test_buckets_are_carried_and_preferred_by_rank(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    run(gateway, ANYCAST)
    assert len(addresses(gateway)) == BUCKETS
    owned, stood_by = listed(gateway, 0), listed(gateway, 1)
    assert owned and stood_by and not owned & stood_by and len(owned | stood_by) < BUCKETS
    until(lambda: paths_of_buckets(pair[1]) == {**dict.fromkeys(owned, 2), **dict.fromkeys(stood_by, 4)})
    assert set(locals_of_vxlans(gateway)) == addresses(gateway)


def test_ranks_are_followed_by_ospf_too(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    config = UNDERLAY.replace("  redistribute connected route-map evpn-buckets\n", "")
    for place, (rank, metric) in enumerate((("new", 5), (0, 10), (1, 1000)), 1):
        config += f"route-map evpn-ospf permit {place}\n match ip address prefix-list evpn-gateway-rank-{rank}\n"
        config += f" set metric {metric}\nexit\n"
    config += OSPF.replace("ROUTER_ID", "10.0.0.1\n redistribute connected route-map evpn-ospf")
    anycast = {**ANYCAST, "route_map": "evpn-ospf"}
    message = refused_with(gateway, config.replace(" ospf router-id 10.0.0.1\n", ""), anycast)
    assert "router ospf takes its router id from addresses of lo, which all gateways have" in message
    load(gateway, config)
    load(pair[1], OBSERVER + OSPF.replace("ROUTER_ID", "10.0.0.2"))

    def metrics() -> dict[str, int]:
        shown = json.loads(pair[1].run("vtysh", "-c", "show ip route ospf json").stdout)
        return {prefix.split("/")[0]: route[0]["metric"] for prefix, route in shown.items() if prefix.startswith("192.0.2.")}

    for changed in ({}, {"gw2": "drained"}, {"gw3": "drained"}):
        run(gateway, anycast, gateways=gateways(**changed))
        wanted = {**dict.fromkeys(listed(gateway, 0), 10), **dict.fromkeys(listed(gateway, 1), 1000)}
        until(lambda wanted=wanted: metrics() == wanted)  # type: ignore[misc]


def costs(host: FrrHost) -> dict[int, int]:
    """Bucket -> the OSPF cost of its interface."""
    found = re.findall(r"^interface vtep(\d+)\n(?: .*\n)*? ip ospf cost (\d+)\n", host.running_config(), re.MULTILINE)
    return {int(bucket): int(cost) for bucket, cost in found}


def test_ranks_are_costs_of_ospf(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    config = UNDERLAY.replace("  redistribute connected route-map evpn-buckets\n", "")
    config += OSPF.replace("ROUTER_ID", "10.0.0.1")
    by_cost = {**ANYCAST, "ospf": True, "vtep_interface": "vtep"}
    message = refused_with(gateway, config + "interface vtep0\n ip ospf area 0.0.0.0\nexit\n", by_cost)
    assert "vtep_interface: vtep0, vtep1, vtep2, vtep3, vtep4 and 3 more do not exist" in message
    assert "vtep_interface: OSPF does not advertise vtep1, vtep2, vtep3, vtep4, vtep5 and 2 more" in message
    assert "vtep_interface: vtep0, vtep1, vtep2, vtep3, vtep4 and 3 more: no OSPF cost is configured" in message
    assert "standbys: 64 are more than there are OSPF costs for" in refused(gateway, by_cost, standbys=64)
    # This machine's kernel may have no dummy devices; a bridge without ports carries an address as well.
    lines = [
        f"link {words}" for bucket in range(BUCKETS) for words in (f"add vtep{bucket} type bridge", f"set vtep{bucket} up")
    ]
    gateway.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")
    for bucket in range(BUCKETS):
        config += f"interface vtep{bucket}\n ip ospf area 0.0.0.0\n ip ospf cost 65535\n ip ospf passive\nexit\n"
    load(gateway, config)
    load(pair[1], OBSERVER + OSPF.replace("ROUTER_ID", "10.0.0.2"))

    def metrics() -> dict[int, int]:
        shown = json.loads(pair[1].run("vtysh", "-c", "show ip route ospf json").stdout)
        found = {prefix.split("/")[0]: route[0]["metric"] for prefix, route in shown.items()}
        return {int(address.rsplit(".", 1)[1]): metric for address, metric in found.items() if address.startswith("192.0.2.")}

    try:
        run(gateway, by_cost)
        ranked = costs(gateway)
        assert set(ranked.values()) == {1000, 2000, 65535}
        # The link to the gateway costs 10; what is withdrawn may be seen, but only behind everything else.
        near = {bucket: cost + 10 for bucket, cost in ranked.items() if cost < 65535}
        until(lambda: {bucket: metric for bucket, metric in metrics().items() if metric < 65535} == near)
        elsewhere = gateways(gw2="drained")
        run(gateway, by_cost, gateways=elsewhere, phase="acquire")
        taken = {bucket for bucket, cost in costs(gateway).items() if cost == 1}
        assert taken and all(ranked[bucket] != 1000 for bucket in taken)
        run(gateway, by_cost, gateways=elsewhere, phase="release")
        run(gateway, by_cost, gateways=elsewhere)
        assert {bucket for bucket, cost in costs(gateway).items() if cost == 1000} == taken | {
            bucket for bucket, cost in ranked.items() if cost == 1000
        }
        now = costs(gateway)
        assert gateway.module("frr_config", {"config": config})["operations"] == [], "costs of ranks are runtime state"
        assert costs(gateway) == now
        busy = config.replace("interface vtep0\n ip ospf area 0.0.0.0\n ip ospf cost 65535\n ip ospf passive\n",
                              "interface vtep0\n ip ospf area 0.0.0.0\n ip ospf cost 65535\n")  # fmt: skip
        names = {made["name"] for made in gateway.module("frr_config", {"config": busy}, check_mode=True)["operations"]}
        assert names == {"interface vtep0", "/etc/frr/frr.conf"}, "a link that is costed out is no bucket"
        run(gateway, by_cost, gateways=gateways(gw1="drained"))
        assert set(costs(gateway).values()) == {65535}
    finally:
        lines = [f"link del vtep{bucket}" for bucket in range(BUCKETS)]
        gateway.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")


def test_buckets_of_another_prefix_and_those_that_are_gone_go(gateway: FrrHost) -> None:
    run(gateway, ANYCAST)
    run(gateway, ANYCAST, gateways=gateways(gw2="drained"), phase="acquire")
    assert listed(gateway, 0) and listed(gateway, 1) and listed(gateway, "new")
    run(gateway, ANYCAST, vtep_prefix="192.0.2.64/30", buckets=4)
    ranks = [listed(gateway, rank) for rank in (0, 1, "new")]
    assert ranks[0] | ranks[1] <= {f"192.0.2.{last}" for last in range(64, 68)} and ranks[0] and not ranks[2]


def test_moves_touch_the_lists_of_ranks_only(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    run(gateway, ANYCAST)
    before = listed(gateway, 0)
    made = run(gateway, ANYCAST, gateways=gateways(gw2="drained"))
    assert {operation["name"].rsplit("-", 1)[0] for operation in made} == {"ip prefix-list evpn-gateway-rank"}
    assert listed(gateway, 0) > before
    until(lambda: {name for name, length in paths_of_buckets(pair[1]).items() if length == 2} == listed(gateway, 0))
    made = run(gateway, ANYCAST, gateways=gateways(gw1="drained"))
    assert {operation["disruption"] for operation in made} == {"session"}
    assert listed(gateway, 0) == listed(gateway, 1) == set()
    assert len(addresses(gateway)) == BUCKETS, "a gateway that is drained still sends what it receives from outside"
    until(lambda: paths_of_buckets(pair[1]) == {})


def test_subnets_follow_the_ranks_of_their_buckets(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    run(gateway, ANYCAST)
    assert marked(gateway, 0) == marked(gateway, 1) == set(), "nothing matches such lists"
    config = with_north(gateway)
    load(gateway, config)
    made = run(gateway, ANYCAST)
    assert {operation["name"] for operation in made} == {
        f"bgp community-list standard evpn-gateway-rank-{rank}" for rank in (0, 1)
    }
    for changed in ({}, {"gw2": "drained"}, {"gw3": "drained"}):
        for phase in ("acquire", "release", "all"):
            run(gateway, ANYCAST, gateways=gateways(**changed), phase=phase)
            for rank in ("new", 0, 1):
                assert marked(gateway, rank) == numbers(listed(gateway, rank))
        owned, stood_by = subnets(marked(gateway, 0)), subnets(marked(gateway, 1))
        until(lambda owned=owned, stood_by=stood_by: paths(pair[1], "172.16.") == {  # type: ignore[misc]
            **dict.fromkeys(owned, 2), **dict.fromkeys(stood_by, 4)})  # fmt: skip
    ranks = marked(gateway, 0), marked(gateway, 1)
    assert gateway.module("frr_config", {"config": config})["operations"] == []
    load(gateway, config.replace("delay-timer 1", "delay-timer 2"))
    assert (marked(gateway, 0), marked(gateway, 1)) == ranks and "65534:" in gateway.running_config()
    assert "community-list" not in gateway.run("cat", "/etc/frr/frr.conf").stdout
    load(gateway, UNDERLAY)
    run(gateway, ANYCAST)
    assert marked(gateway, 0) == marked(gateway, 1) == set()


def test_phases_take_up_before_they_give_up(gateway: FrrHost) -> None:
    run(gateway, ANYCAST, gateways=gateways(gw3="drained"))
    before = listed(gateway, 0), listed(gateway, 1)
    elsewhere = gateways(gw2="drained")
    run(gateway, ANYCAST, gateways=elsewhere, phase="acquire")
    new = listed(gateway, "new")
    assert new and not new & before[0], "what is taken up is better than what its owner has"
    assert listed(gateway, 0) == before[0] and new | listed(gateway, 0) | listed(gateway, 1) >= before[0] | before[1]
    run(gateway, ANYCAST, gateways=elsewhere, phase="release")
    assert listed(gateway, "new") == new, "others may still have it"
    kept = listed(gateway, 0)
    run(gateway, ANYCAST, gateways=elsewhere)
    assert (listed(gateway, "new"), listed(gateway, 0)) == (set(), kept | new)


def test_a_document_of_the_data_plane_does_not_purge_the_addresses_of_buckets(gateway: FrrHost) -> None:
    run(gateway, ANYCAST)
    made = gateway.module("dataplane", {"addresses": [], "purge": True})
    assert (made.get("operations"), len(addresses(gateway))) == ([], BUCKETS)
    run(gateway, ANYCAST, vtep_prefix="192.0.2.16/29")
    assert addresses(gateway) == {f"192.0.2.{last}" for last in range(16, 24)}, "those that are no longer needed go"
