"""The module gateway_failover in the mode exclusive, on hosts with real FRR, as Ansible runs it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import bucket_of

from tests.frr_host import FrrHost
from tests.gateways import (
    BUCKETS,
    EXCLUSIVE,
    PREFERS_NEW,
    SERVES,
    UNDERLAY,
    VNIS,
    gateways,
    listed,
    load,
    marked,
    paths,
    refused,
    run,
    served,
    subnets,
    until,
    with_north,
)

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


def test_phases_take_up_before_they_give_up(gateway: FrrHost) -> None:
    pinned = [{"vnis": ["10000-10019"], "gateway": "gw1"}, {"vnis": ["10020-10039"], "gateway": "gw2"}]
    swapped = [{"vnis": ["10000-10019"], "gateway": "gw2"}, {"vnis": ["10020-10039"], "gateway": "gw1"}]
    run(gateway, EXCLUSIVE, pins=pinned)
    assert served(gateway) == set(range(10000, 10020))
    run(gateway, EXCLUSIVE, pins=swapped, phase="acquire")
    assert served(gateway) == set(VNIS)
    made = run(gateway, EXCLUSIVE, pins=swapped, phase="release")
    assert served(gateway) == set(range(10020, 10040))
    assert {operation["kind"] for operation in made} == {"frr", "nd_suppression"}
    assert "max_disruption is hitless" in refused(gateway, EXCLUSIVE, pins=pinned, max_disruption="hitless")


def test_buckets_and_their_subnets_are_taken_up_and_given_up_together(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
    load(gateway, with_north(gateway))
    exclusive = {**EXCLUSIVE, "buckets": BUCKETS, "placement": "bounded"}
    pinned = [{"buckets": ["0-3"], "gateway": "gw1"}, {"buckets": ["4-7"], "gateway": "gw2"}]
    swapped = [{"buckets": ["0-3"], "gateway": "gw2"}, {"buckets": ["4-7"], "gateway": "gw1"}]
    lower, upper = set(range(4)), set(range(4, 8))

    def vnis(buckets: set[int]) -> set[int]:
        return {vni for vni in VNIS if bucket_of(vni, BUCKETS) in buckets}

    def seen(served: set[int], owned: set[int], stood_by: set[int], new: Collection[int] = ()) -> bool:
        wanted = {**dict.fromkeys(subnets(stood_by), 4), **dict.fromkeys(subnets(owned), 2), **dict.fromkeys(subnets(new), 1)}
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
    names = [operation["name"] for operation in made if operation["kind"] == "frr"]
    assert names == ["bgp extcommunity-list standard evpn-gateway-served"], "the way back stays where it is"
    until(lambda: seen(upper, lower, stood_by))
    run(gateway, exclusive, pins=swapped, phase="redirect")
    assert (marked(gateway, 0), marked(gateway, "new")) == (lower, upper), "the new one is better, none has gone"
    until(lambda: seen(upper, lower, stood_by - upper, new=upper))
    run(gateway, exclusive, pins=swapped)
    assert marked(gateway, 0) == upper
    until(lambda: seen(upper, upper, marked(gateway, 1)))


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_move_that_dies_before_its_way_back_is_finished_or_taken_back(gateway: FrrHost, goes_on: bool) -> None:
    load(gateway, with_north(gateway))
    exclusive = {**EXCLUSIVE, "buckets": BUCKETS, "placement": "bounded"}
    before = [{"buckets": ["0-3"], "gateway": "gw1"}, {"buckets": ["4-7"], "gateway": "gw2"}]
    after = [{"buckets": ["0-3"], "gateway": "gw2"}, {"buckets": ["4-7"], "gateway": "gw1"}]
    run(gateway, exclusive, pins=before)
    for phase in ("acquire", "release"):
        run(gateway, exclusive, pins=after, phase=phase)
    upper = set(range(4, 8))
    assert served(gateway) == {vni for vni in VNIS if bucket_of(vni, BUCKETS) in upper}
    assert (marked(gateway, 0), marked(gateway, "new")) == (set(range(4)), set()), "the way back has not followed"
    run(gateway, exclusive, pins=after if goes_on else before)
    owned = upper if goes_on else set(range(4))
    assert served(gateway) == {vni for vni in VNIS if bucket_of(vni, BUCKETS) in owned}
    assert (marked(gateway, 0), marked(gateway, "new")) == (owned, set())


def test_owners_are_preferred_from_the_first_phase_on(pair: tuple[FrrHost, FrrHost], gateway: FrrHost) -> None:
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
    assert (marked(gateway, 0), marked(gateway, "new")) == ({0, 1, 2, 3}, set()), "the way back waits until the fabric follows"
    run(gateway, exclusive, pins=swapped, phase="redirect")
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


def test_targets_of_another_as_and_of_vnis_that_are_gone_go(gateway: FrrHost) -> None:
    load(gateway, with_north(gateway).replace(SERVES, PREFERS_NEW))
    exclusive = {**EXCLUSIVE, "buckets": BUCKETS, "placement": "bounded"}
    run(gateway, exclusive)
    run(gateway, exclusive, gateways=gateways(gw2="drained"), phase="acquire")
    assert served(gateway) and served(gateway, "new"), "both lists have entries"
    load(gateway, with_north(gateway).replace(SERVES, PREFERS_NEW).replace("65001", "65003"))
    until(lambda: "65003:10000" in gateway.run("vtysh", "-c", "show bgp l2vpn evpn vni json").stdout)
    fewer = {**exclusive, "vnis": ["10000-10009"], "buckets": 2}
    run(gateway, fewer)
    left = re.findall(r"evpn-gateway-(\S+) seq (\d+) permit (?:rt )?(\S+)\n", gateway.running_config())
    targets = {(name, int(number), target) for name, number, target in left if not name.startswith("rank")}
    assert targets == {("served", vni, f"65003:{vni}") for vni in served(gateway)} != set()
    assert served(gateway) <= set(range(10000, 10010))
    buckets = [(int(number), target) for name, number, target in left if name.startswith("rank")]
    assert buckets and set(buckets) <= {(1, "65534:0"), (2, "65534:1")}


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


def announced(gateway: FrrHost, pins: list[dict[str, Any]]) -> str:
    """Six packets that br10000 announces in a run."""
    watch = "timeout 20 tcpdump -l -e -n -vv -c 6 -i br10000 'arp or (icmp6 and ip6[40] == 136)' > /tmp/seen 2>&1 & sleep 1"
    gateway.run("bash", "-c", f"({watch}) > /dev/null 2>&1")
    run(gateway, EXCLUSIVE, pins=pins)
    until(lambda: "6 packets captured" in gateway.run("cat", "/tmp/seen").stdout)
    return gateway.run("cat", "/tmp/seen").stdout


def test_a_takeover_is_announced(gateway: FrrHost) -> None:
    run(gateway, EXCLUSIVE, gateways=gateways(gw1="drained"))
    pins = [{"vnis": [10000], "gateway": "gw1"}]
    seen = announced(gateway, pins)
    mac = json.loads(gateway.run("ip", "-j", "link", "show", "br10000").stdout)[0]["address"]
    assert seen.count(f"Reply 172.16.0.1 is-at {mac}") == 3
    assert seen.count("tgt is 2001:db8::1, Flags [router, override]") == 3
    assert "bad icmp6 cksum" not in seen and "icmp6 sum ok" in seen
    # As a run leaves it that dies after it has taken up in FRR.
    gateway.run("sysctl", "-qw", "net.ipv4.conf.br10000.arp_ignore=8")
    assert announced(gateway, pins).count(f"Reply 172.16.0.1 is-at {mac}") == 3


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
    assert ospf_costs(gateway) == {vni: 100 if vni in owned.values() else 65535 for vni in VNIS}
    assert gateway.module("frr_config", {"config": config, "save": False})["operations"] == []
    run(gateway, wmgwd, gateways=gateways(gw2="drained"))
    assert owned.items() < entries(gateway).items(), "entries that are there keep their numbers"
    run(gateway, wmgwd, gateways=gateways(gw1="drained"))
    assert entries(gateway) == {}


def test_the_way_back_follows_the_fabric_by_ospf_too(gateway: FrrHost) -> None:
    load(gateway, "log syslog informational\n")
    gateway.run("bash", "-c", "cat > /tmp/wmgwd && vtysh -f /tmp/wmgwd", stdin=WMGWD)
    wmgwd = {**EXCLUSIVE, "route_map": "filter-vni", "ospf": True}
    elsewhere, here = ({"pins": [{"vnis": [10001], "gateway": name}]} for name in ("gw2", "gw1"))
    seen = []
    run(gateway, {**wmgwd, **elsewhere})
    for pins in (here, elsewhere):
        for phase in ("acquire", "release", "redirect", "all"):
            run(gateway, {**wmgwd, **pins}, phase=phase)
            seen.append((10001 in entries(gateway).values(), ospf_costs(gateway)[10001]))
    taken_up = [(True, 65535), (True, 65535), (True, 100), (True, 100)]
    given_up = [(True, 100), (False, 100), (False, 100), (False, 65535)]
    assert seen == taken_up + given_up


def ospf_costs(host: FrrHost) -> dict[int, int]:
    """VNI -> the OSPF cost of its bridge."""
    found = re.findall(r"interface br(\d+)\n ip ospf cost (\d+)", host.running_config())
    return {int(vni): int(cost) for vni, cost in found}


def entries(host: FrrHost) -> dict[int, int]:
    """Number -> VNI, of the entries of the route-map filter-vni."""
    found = re.findall(r"filter-vni permit (\d+)\n match evpn vni (\d+)", host.running_config())
    return {int(number): int(vni) for number, vni in found}
