"""The module gateway_failover on hosts with real FRR, as Ansible runs it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import bucket_of

from tests.frr_host import FrrHost, FrrInstance, connect
from tests.gateways import (
    PREFERS_NEW,
    SERVES,
    UNDERLAY,
    addresses,
    devices,
    gateways,
    listed,
    load,
    marked,
    run,
    served,
    until,
)

IMAGES = ("debian12", "debian13")
VNIS = range(10000, 10040)
BUCKETS = 8

OBSERVER = """\
router bgp 65002
 no bgp ebgp-requires-policy
 bgp router-id 10.0.0.2
 neighbor 10.9.0.1 remote-as 65001
 !
 address-family l2vpn evpn
  neighbor 10.9.0.1 activate
 exit-address-family
exit
"""
#: The configuration in wmgwd's README, but for the addresses.
WMGWD = """\
route-map filter-vni permit 1
 match evpn route-type 2
 on-match goto 4
exit
!
route-map filter-vni permit 2
 match evpn route-type 5
 on-match goto 4
exit
!
route-map filter-vni permit 3
exit
!
router bgp 65000
 timers bgp 1 3
 neighbor 10.9.0.2 remote-as 65000
 !
 address-family l2vpn evpn
  neighbor 10.9.0.2 activate
  neighbor 10.9.0.2 route-map filter-vni out
  advertise-all-vni
  advertise-svi-ip
 exit-address-family
exit
!
router ospf
 network 0.0.0.0/0 area 0.0.0.0
exit
!
ip nht resolve-via-default
"""


#: What a configuration has besides if the subnets of VNIs are advertised outside, by the ranks of their buckets.
NORTH = (
    "".join(
        f"""\
route-map evpn-buckets permit {1000 + bucket}
 match metric {1000 + bucket}
 set community 65534:{bucket}
exit
!
"""
        for bucket in range(BUCKETS)
    )
    + """\
route-map evpn-north permit 1
 match community evpn-gateway-rank-new
 set community none
exit
!
route-map evpn-north permit 10
 match community evpn-gateway-rank-0
 set as-path prepend 65001
 set community none
exit
!
route-map evpn-north permit 20
 match community evpn-gateway-rank-1
 set as-path prepend 65001 65001 65001
 set community none
exit
!
"""
)


OSPF = """\
interface e0
 ip ospf area 0.0.0.0
 ip ospf dead-interval 4
 ip ospf hello-interval 1
 ip ospf network point-to-point
exit
!
router ospf
 ospf router-id ROUTER_ID
exit
"""


ANYCAST: dict[str, Any] = {
    "gateways": gateways(),
    "self": "gw1",
    "vnis": ["10000-10039"],
    "mode": "anycast",
    "buckets": BUCKETS,
    "placement": "bounded",
    "vtep_prefix": "192.0.2.0/29",
    "route_map": "evpn-buckets",
}
EXCLUSIVE: dict[str, Any] = {"gateways": gateways(), "self": "gw1", "vnis": ["10000-10039"], "mode": "exclusive"}


@pytest.fixture(scope="module", params=IMAGES)
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[FrrHost, FrrHost]]:
    """A gateway with bridges and VXLAN devices, and a host that sees what it advertises."""
    with FrrHost(request.param) as gateway, FrrHost("debian12") as observer:
        connect(gateway, observer, "e0")
        gateway.run("ip", "address", "add", "10.9.0.1/30", "dev", "e0")
        observer.run("ip", "address", "add", "10.9.0.2/30", "dev", "e0")
        devices(gateway, VNIS)
        load(observer, OBSERVER)
        yield gateway, observer


@pytest.fixture
def gateway(pair: tuple[FrrHost, FrrHost]) -> FrrHost:
    """The gateway with the configuration of a fabric of ours and without runtime state."""
    started(pair[0], UNDERLAY)
    return pair[0]


def started(host: FrrHost, text: str) -> None:
    """Brings a gateway to a configuration and takes all runtime state away."""
    load(host, text)
    lists = ("ip prefix-list evpn-", "bgp extcommunity-list ", "bgp community-list ")
    runtime = [line for line in host.running_config().splitlines() if line.startswith(lists)]
    if runtime:
        host.run("bash", "-c", "cat > /tmp/clear && vtysh -f /tmp/clear", stdin="".join(f"no {line}\n" for line in runtime))
    host.run(
        "bash", "-c", "nft delete table ip6 evpn_gateway; for b in /proc/sys/net/ipv4/conf/br*/arp_ignore; do echo 0 > $b; done"
    )


def refused(host: FrrHost, arguments: dict[str, Any], **changes: Any) -> str:
    """The message with which the module refuses; nothing may have changed."""
    before = host.running_config(), addresses(host)
    made = host.module("gateway_failover", {**arguments, **changes})
    assert made.get("failed"), made
    assert (host.running_config(), addresses(host)) == before
    return str(made["msg"])


def evpn_vnis(observer: FrrHost) -> dict[int, set[int]]:
    """VNI -> the types of routes that an observer has from the gateway."""
    shown = json.loads(observer.run("vtysh", "-c", "show bgp l2vpn evpn json").stdout)
    found: dict[int, set[int]] = {}
    for table in shown.values():
        for key, route in table.items() if isinstance(table, dict) else ():
            for target in re.findall(r"RT:\d+:(\d+)", json.dumps(route)):
                found.setdefault(int(target), set()).add(int(key[1]))
    return found


def evpn_paths(observer: FrrHost) -> dict[int, int]:
    """VNI -> how long the AS path to its broadcast is, as an observer has it from the gateway."""
    shown = json.loads(observer.run("vtysh", "-c", "show bgp l2vpn evpn route type multicast json").stdout)
    found: dict[int, int] = {}
    for table in shown.values():
        for route in (each for each in table.values() if isinstance(each, dict)) if isinstance(table, dict) else ():
            (path,) = [path for paths in route["paths"] for path in paths]
            (vni,) = re.findall(r"RT:\d+:(\d+)", json.dumps(path))
            found[int(vni)] = len(path["path"].split())
    return found


def paths(observer: FrrHost, prefix: str) -> dict[str, int]:
    """Address of each network that begins so -> how long its AS path is."""
    shown = json.loads(observer.run("vtysh", "-c", "show bgp ipv4 unicast json").stdout)
    return {
        network.split("/")[0]: len(found[0]["path"].split())
        for network, found in shown.get("routes", {}).items()
        if network.startswith(prefix)
    }


def paths_of_buckets(observer: FrrHost) -> dict[str, int]:
    """Address of a bucket -> how long its AS path is."""
    return paths(observer, "192.0.2.")


def test_anycast_buckets_are_carried_and_preferred_by_rank(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    run(gateway, ANYCAST)
    assert len(addresses(gateway)) == BUCKETS
    owned, stood_by = listed(gateway, 0), listed(gateway, 1)
    assert owned and stood_by and not owned & stood_by and len(owned | stood_by) < BUCKETS
    until(lambda: paths_of_buckets(pair[1]) == {**dict.fromkeys(owned, 2), **dict.fromkeys(stood_by, 4)})
    assert set(locals_of_vxlans(gateway)) == addresses(gateway)


def locals_of_vxlans(host: FrrHost) -> list[str]:
    shown = json.loads(host.run("ip", "-d", "-j", "link", "show", "type", "vxlan").stdout)
    return [entry["linkinfo"]["info_data"]["local"] for entry in shown]


def test_anycast_ranks_are_followed_by_ospf_too(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
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


def test_anycast_ranks_are_costs_of_ospf(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
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


def test_anycast_moves_touch_the_lists_of_ranks_only(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
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


def with_north(gateway: FrrHost, neighbor: str = "10.9.0.2") -> str:
    """A gateway's configuration that advertises the subnets of VNIs by the ranks of their buckets, which addresses tell."""
    lines = []
    for number, vni in enumerate(VNIS):
        metric = 1000 + bucket_of(vni, BUCKETS)
        lines += [f"address {word} 172.16.{number}.1/24 dev br{vni}" for word in ("delete", f"add metric {metric}")]
    gateway.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")
    redistribute = "  redistribute connected route-map evpn-buckets\n"
    return NORTH + UNDERLAY.replace(redistribute, f"{redistribute}  neighbor {neighbor} route-map evpn-north out\n")


def subnets(buckets: set[int]) -> set[str]:
    """The subnets of the VNIs of buckets."""
    return {f"172.16.{number}.0" for number, vni in enumerate(VNIS) if bucket_of(vni, BUCKETS) in buckets}


def numbers(addresses_of_buckets: set[str]) -> set[int]:
    return {int(address.rsplit(".", 1)[1]) for address in addresses_of_buckets}


def test_anycast_subnets_follow_the_ranks_of_their_buckets(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
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


def test_anycast_phases_take_up_before_they_give_up(gateway: FrrHost) -> None:
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


def test_frr_config_after_a_failover_undoes_nothing(gateway: FrrHost) -> None:
    for arguments in (ANYCAST, EXCLUSIVE):
        run(gateway, arguments)
    running = gateway.running_config()
    made = gateway.module("frr_config", {"config": UNDERLAY})
    assert (made.get("changed"), made.get("operations")) == (False, [])
    assert gateway.running_config() == running
    load(gateway, UNDERLAY.replace("delay-timer 1", "delay-timer 2"))
    assert served(gateway) and listed(gateway, 0)
    assert "evpn-gateway-served seq" not in gateway.run("cat", "/etc/frr/frr.conf").stdout
    load(gateway, UNDERLAY)


def test_a_document_of_the_data_plane_does_not_purge_the_addresses_of_buckets(gateway: FrrHost) -> None:
    run(gateway, ANYCAST)
    made = gateway.module("dataplane", {"addresses": [], "purge": True})
    assert (made.get("operations"), len(addresses(gateway))) == ([], BUCKETS)
    run(gateway, ANYCAST, vtep_prefix="192.0.2.16/29")
    assert addresses(gateway) == {f"192.0.2.{last}" for last in range(16, 24)}, "those that are no longer needed go"


def test_only_the_owner_advertises(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    run(gateway, EXCLUSIVE)
    owned = served(gateway)
    assert 5 < len(owned) < 25
    until(lambda: evpn_vnis(pair[1]) == {vni: {2, 3} for vni in owned})
    run(gateway, EXCLUSIVE, gateways=gateways(gw2="drained"))
    assert served(gateway) > owned
    until(lambda: set(evpn_vnis(pair[1])) == served(gateway))
    run(gateway, EXCLUSIVE, gateways=gateways(gw1="drained"))
    until(lambda: evpn_vnis(pair[1]) == {})


def test_exclusive_phases_take_up_before_they_give_up(gateway: FrrHost) -> None:
    pinned = [{"vnis": ["10000-10019"], "gateway": "gw1"}, {"vnis": ["10020-10039"], "gateway": "gw2"}]
    swapped = [{"vnis": ["10000-10019"], "gateway": "gw2"}, {"vnis": ["10020-10039"], "gateway": "gw1"}]
    run(gateway, EXCLUSIVE, pins=pinned)
    assert served(gateway) == set(range(10000, 10020))
    run(gateway, EXCLUSIVE, pins=swapped, phase="acquire")
    assert served(gateway) == set(VNIS)
    made = run(gateway, EXCLUSIVE, pins=swapped, phase="release")
    assert served(gateway) == set(range(10020, 10040))
    assert {operation["kind"] for operation in made} == {"frr", "sysctl", "nd silence"}
    assert "max_disruption is hitless" in refused(gateway, EXCLUSIVE, pins=pinned, max_disruption="hitless")


def test_exclusive_buckets_and_their_subnets_are_taken_up_and_given_up_together(
    pair: tuple[FrrHost, FrrHost], gateway: FrrHost
) -> None:
    load(gateway, with_north(gateway))
    exclusive = {**EXCLUSIVE, "buckets": BUCKETS, "placement": "bounded"}
    pinned = [{"buckets": ["0-3"], "gateway": "gw1"}, {"buckets": ["4-7"], "gateway": "gw2"}]
    swapped = [{"buckets": ["0-3"], "gateway": "gw2"}, {"buckets": ["4-7"], "gateway": "gw1"}]
    lower, upper = set(range(4)), set(range(4, 8))

    def vnis(buckets: set[int]) -> set[int]:
        return {vni for vni in VNIS if bucket_of(vni, BUCKETS) in buckets}

    def seen(served: set[int], owned: set[int], stood_by: set[int]) -> bool:
        wanted = {**dict.fromkeys(subnets(stood_by), 4), **dict.fromkeys(subnets(owned), 2)}
        return set(evpn_vnis(pair[1])) == vnis(served) and paths(pair[1], "172.16.") == wanted

    run(gateway, exclusive, pins=pinned)
    stood_by = marked(gateway, 1)
    assert marked(gateway, 0) == lower and stood_by <= upper and listed(gateway, 0) == set()
    until(lambda: seen(lower, lower, stood_by))
    made = run(gateway, exclusive, pins=swapped, phase="acquire")
    names = [operation["name"] for operation in made if operation["kind"] == "frr"]
    assert names == ["bgp extcommunity-list standard evpn-gateway-served"], "the way back stays where it is"
    until(lambda: seen(lower | upper, lower, stood_by))
    made = run(gateway, exclusive, pins=swapped, phase="release")
    order = [operation["name"] for operation in made if operation["kind"] == "frr"]
    assert order[-1] == "bgp extcommunity-list standard evpn-gateway-served" and len(order) > 1
    assert marked(gateway, 0) == set() and marked(gateway, 1) & upper == stood_by
    until(lambda: seen(upper, set(), marked(gateway, 1)))
    run(gateway, exclusive, pins=swapped)
    assert marked(gateway, 0) == upper
    until(lambda: seen(upper, upper, marked(gateway, 1)))


def test_exclusive_owners_are_preferred_from_the_first_phase_on(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    load(gateway, with_north(gateway).replace(SERVES, PREFERS_NEW))
    exclusive = {**EXCLUSIVE, "buckets": BUCKETS, "placement": "bounded"}
    pinned = [{"buckets": ["0-3"], "gateway": "gw1"}, {"buckets": ["4-7"], "gateway": "gw2"}]
    swapped = [{"buckets": ["0-3"], "gateway": "gw2"}, {"buckets": ["4-7"], "gateway": "gw1"}]
    lower, upper = ({vni for vni in VNIS if bucket_of(vni, BUCKETS) in range(*ends)} for ends in ((0, 4), (4, 8)))

    run(gateway, exclusive, pins=pinned)
    assert (served(gateway), served(gateway, "new"), marked(gateway, 0)) == (lower, set(), {0, 1, 2, 3})
    until(lambda: evpn_paths(pair[1]) == dict.fromkeys(lower, 2))
    run(gateway, exclusive, pins=swapped, phase="acquire")
    assert (served(gateway), served(gateway, "new"), marked(gateway, 0)) == (lower, upper, {0, 1, 2, 3}), "the way back waits"
    until(lambda: evpn_paths(pair[1]) == {**dict.fromkeys(lower, 2), **dict.fromkeys(upper, 1)})
    run(gateway, exclusive, pins=swapped, phase="release")
    assert (served(gateway), served(gateway, "new")) == (set(), upper)
    assert (marked(gateway, 0), marked(gateway, "new")) == ({0, 1, 2, 3}, {4, 5, 6, 7}), "the new one is better, none has gone"
    until(lambda: evpn_paths(pair[1]) == dict.fromkeys(upper, 1))
    run(gateway, exclusive, pins=swapped)
    assert (served(gateway), served(gateway, "new")) == (upper, set())
    assert (marked(gateway, 0), marked(gateway, "new")) == ({4, 5, 6, 7}, set())
    until(lambda: evpn_paths(pair[1]) == dict.fromkeys(upper, 2))


def test_a_half_done_move_of_preferred_owners_is_finished_or_taken_back(gateway: FrrHost) -> None:
    load(gateway, UNDERLAY.replace(SERVES, PREFERS_NEW))
    run(gateway, EXCLUSIVE)
    before = served(gateway)
    for finish in (False, True):
        elsewhere = gateways(gw2="failed")
        run(gateway, EXCLUSIVE, gateways=elsewhere, phase="acquire")
        taken = served(gateway, "new")
        assert taken and served(gateway) == before
        run(gateway, EXCLUSIVE, gateways=elsewhere if finish else gateways())
        assert (served(gateway), served(gateway, "new")) == (before | taken if finish else before, set())


def test_a_half_done_move_is_taken_back_if_the_input_says_so(gateway: FrrHost) -> None:
    run(gateway, EXCLUSIVE)
    before = served(gateway)
    run(gateway, EXCLUSIVE, gateways=gateways(gw2="failed"), phase="acquire")
    assert served(gateway) > before
    run(gateway, EXCLUSIVE)
    assert served(gateway) == before


def test_frr_that_starts_again_is_silent_until_the_next_run(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    run(gateway, EXCLUSIVE)
    owned = served(gateway)
    until(lambda: set(evpn_vnis(pair[1])) == owned)
    gateway.stop()
    gateway.start()
    until(lambda: "Established" in pair[1].run("vtysh", "-c", "show bgp neighbors 10.9.0.1").stdout)
    time.sleep(3)
    assert evpn_vnis(pair[1]) == {} and served(gateway) == set()
    run(gateway, EXCLUSIVE)
    until(lambda: set(evpn_vnis(pair[1])) == owned)


def answers(gateway: FrrHost, vni: int) -> set[str]:
    """Which of ARP and ND the gateway answers to a host behind the bridge of a VNI: what the host's interface receives."""
    namespace = f"host{vni}"
    number = VNIS.index(vni)
    setup = f"""
        set -e
        ip netns add {namespace}
        ip link add p{vni} type veth peer name h0 netns {namespace}
        ip link set p{vni} master br{vni} up
        ip -n {namespace} link set h0 up
        ip -n {namespace} address add 172.16.{number}.9/24 dev h0
        ip -n {namespace} address add 2001:db8:{number:x}::9/64 dev h0 nodad
        ip netns exec {namespace} timeout 6 tcpdump -l -n -i h0 -Q in 'arp or icmp6' > /tmp/capture 2>/tmp/capture.err &
        sleep 1
        ip netns exec {namespace} ping -c 3 -i 0.5 -W 1 172.16.{number}.1 > /dev/null || true
        ip netns exec {namespace} ping -c 3 -i 0.5 -W 1 2001:db8:{number:x}::1 > /dev/null || true
        wait
    """
    try:
        gateway.run("bash", "-c", setup)
        captured = gateway.run("cat", "/tmp/capture").stdout
    finally:
        gateway.run("bash", "-c", f"ip link delete p{vni}; ip netns delete {namespace}", check=False)
    found = {"ARP"} if "ARP, Reply" in captured else set()
    return found | ({"ND"} if "neighbor advertisement" in captured else set())


def test_a_standby_is_silent_on_arp_and_nd_and_an_owner_is_not(gateway: FrrHost) -> None:
    pins = [{"vnis": [10000], "gateway": "gw1"}, {"vnis": [10001], "gateway": "gw2"}]
    assert answers(gateway, 10001) == {"ARP", "ND"}, "this test would not see an answer"
    run(gateway, EXCLUSIVE, pins=pins)
    assert answers(gateway, 10000) == {"ARP", "ND"}
    assert answers(gateway, 10001) == set()
    run(gateway, EXCLUSIVE, pins=[{**pins[1], "gateway": "gw1"}])
    assert answers(gateway, 10001) == {"ARP", "ND"}


def test_a_takeover_is_announced(gateway: FrrHost) -> None:
    run(gateway, EXCLUSIVE, gateways=gateways(gw1="drained"))
    watch = "timeout 20 tcpdump -l -e -n -vv -c 6 -i br10000 'arp or (icmp6 and ip6[40] == 136)' > /tmp/seen 2>&1 & sleep 1"
    gateway.run("bash", "-c", f"({watch}) > /dev/null 2>&1")
    run(gateway, EXCLUSIVE, pins=[{"vnis": [10000], "gateway": "gw1"}])
    until(lambda: "6 packets captured" in gateway.run("cat", "/tmp/seen").stdout)
    seen = gateway.run("cat", "/tmp/seen").stdout
    mac = json.loads(gateway.run("ip", "-j", "link", "show", "br10000").stdout)[0]["address"]
    assert seen.count(f"Reply 172.16.0.1 is-at {mac}") == 3
    assert seen.count("tgt is 2001:db8::1, Flags [router, override]") == 3
    assert "bad icmp6 cksum" not in seen and "icmp6 sum ok" in seen


def test_the_configuration_of_wmgwd_serves_as_it_stands(gateway: FrrHost) -> None:
    load(gateway, "log syslog informational\n")
    gateway.run("bash", "-c", "cat > /tmp/wmgwd && vtysh -f /tmp/wmgwd", stdin=WMGWD)
    config = gateway.running_config()
    left = [f"-c{line}" for line in ("configure", "route-map filter-vni permit 10011", "match evpn vni 10001", "end")]
    gateway.run("vtysh", *left)
    wmgwd = {**EXCLUSIVE, "route_map": "filter-vni", "ospf": True, "pins": [{"vnis": [10001], "gateway": "gw2"}]}
    made = run(gateway, wmgwd)
    assert made[0]["name"] == "route-map filter-vni"
    owned = entries(gateway)
    assert sorted(owned) == list(range(4, 4 + len(owned))), "they are dense, and the one that wmgwd left is gone"
    costs = dict(re.findall(r"interface br(\d+)\n ip ospf cost (\d+)", gateway.running_config()))
    assert {int(vni) for vni, cost in costs.items() if cost == "100"} == set(owned.values())
    assert {int(vni) for vni, cost in costs.items() if cost == "65535"} == set(VNIS) - set(owned.values())
    assert gateway.module("frr_config", {"config": config, "save": False})["operations"] == []
    run(gateway, wmgwd, gateways=gateways(gw2="drained"))
    assert owned.items() < entries(gateway).items(), "entries that are there keep their numbers"
    run(gateway, wmgwd, gateways=gateways(gw1="drained"))
    assert entries(gateway) == {}


def entries(host: FrrHost) -> dict[int, int]:
    """Number -> VNI, of the entries of the route-map filter-vni."""
    found = re.findall(r"filter-vni permit (\d+)\n match evpn vni (\d+)", host.running_config())
    return {int(number): int(vni) for number, vni in found}


def test_an_instance_in_a_namespace_is_a_gateway_of_its_own(gateway: FrrHost) -> None:
    inside = FrrInstance(gateway, "blue")
    devices(inside, VNIS[:4])
    config = NORTH + UNDERLAY
    load(inside, config)
    outside = gateway.running_config(), addresses(gateway), locals_of_vxlans(gateway)
    few = {"vnis": ["10000-10003"], "buckets": BUCKETS, "placement": "bounded"}
    run(inside, {**ANYCAST, **few})
    assert len(addresses(inside)) == BUCKETS and listed(inside, 0) and marked(inside, 0) == numbers(listed(inside, 0))
    made = run(inside, {**EXCLUSIVE, **few, "gateways": gateways(gw1="drained")})
    assert {operation["kind"] for operation in made} == {"frr", "sysctl", "nd silence"}
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
    missing = gateway.module("gateway_failover", {**ANYCAST, "buckets": None})
    assert "buckets: is missing in the mode anycast" in missing["msg"]


def refused_with(host: FrrHost, config: str, arguments: dict[str, Any]) -> str:
    """The message with which the module refuses where FRR has this configuration."""
    load(host, config)
    return refused(host, arguments)


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
