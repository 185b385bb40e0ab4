"""Configurations of FRR as people write them, made of commands of its manual: each choice takes one of several lines, or none.

What FRR makes of a text is FRR's own business: tests compare with what it shows after it has started from it. Lines are written
as people write them: with and without sequence numbers, with host bits, in short forms. Choices depend on nothing but what is
defined by :data:`ALWAYS`, so that every combination can be meant.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

Path = tuple[str, ...]

BGP, RED = "router bgp 65001", "router bgp 65001 vrf red"
FOUR, SIX, EVPN = "address-family ipv4 unicast", "address-family ipv6 unicast", "address-family l2vpn evpn"
MAP, OSPF = "route-map OUT permit 10", "router ospf"
N1, N2, G = "neighbor 192.0.2.1", "neighbor 192.0.2.2", "neighbor fabric"

#: What other lines refer to.
ALWAYS: tuple[tuple[Path, str], ...] = (
    ((), "ip prefix-list ONE seq 5 permit 10.0.0.0/8"),
    ((), "ip prefix-list TWO seq 5 permit 10.0.0.0/16 le 24"),
    ((), "ipv6 prefix-list SIX seq 5 permit 2001:db8::/32"),
    ((), "access-list A1 seq 5 permit 10.0.0.0/8"),
    ((), "bgp as-path access-list PATH seq 5 permit ^65000_"),
    ((), "bgp community-list standard MARK seq 5 permit 65000:1"),
    ((), "bgp extcommunity-list standard RT seq 5 permit rt 65000:1"),
    ((), "bgp large-community-list standard BIG seq 5 permit 65000:1:1"),
    (("route-map IN permit 10",), "match ip address prefix-list ONE"),
    ((MAP,), "match ip address prefix-list TWO"),
    (("bfd", "profile fast"), "transmit-interval 100"),
    (("bfd", "profile slow"), "transmit-interval 900"),
    ((BGP,), "bgp router-id 192.0.2.9"),
    ((BGP,), f"{G} peer-group"),
    ((BGP,), f"{N1} remote-as 65002"),
    ((BGP,), f"{N2} remote-as 65001"),
    ((OSPF,), "ospf router-id 192.0.2.9"),
)


def _in(*path: str) -> Callable[..., tuple[Path, tuple[str, ...]]]:
    return lambda *lines: (path, lines)


_top, _bgp, _four, _six, _evpn = _in(), _in(BGP), _in(BGP, FOUR), _in(BGP, SIX), _in(BGP, EVPN)
_red, _red_four, _red_evpn = _in(RED), _in(RED, FOUR), _in(RED, EVPN)
_vrf, _eth1, _eth9, _lo, _map, _ospf = (
    _in("vrf red"),
    _in("interface eth1"),
    _in("interface eth9"),
    _in("interface lo"),
    _in(MAP),
    _in(OSPF),
)

#: Each of these is a choice: a context, and the lines of which one is taken or none.
CHOICES: tuple[tuple[Path, tuple[str, ...]], ...] = (
    # What concerns all daemons.
    _top("password one", "password two", "password 8 rMNL6iMmlBxZg"),
    _top("enable password one", "enable password 8 rMNL6iMmlBxZg"),
    _top("log syslog informational", "log syslog warnings", "log syslog"),
    _top("log facility local0", "log facility local7"),
    _top("log timestamp precision 3", "log timestamp precision 6"),
    _top("log record-priority"),
    _top("log commands"),
    _top("service cputime-warning 1000", "no service cputime-warning"),
    _top("debug bgp updates in", "debug bgp neighbor-events"),
    _top("debug zebra events", "debug ospf event"),
    _in("line vty")("exec-timeout 5 0", "exec-timeout 0 0"),
    _in("line vty")("access-class A1"),
    # zebra and staticd
    _top("ip router-id 192.0.2.9", "ip router-id 192.0.2.8", "router-id 192.0.2.7"),
    _top("ip nht resolve-via-default"),
    _top("ip import-table 100", "ip import-table 100 distance 20"),
    _top("ip protocol bgp route-map OUT", "ip protocol bgp route-map IN"),
    _top("zebra nexthop keep 60", "zebra work-queue 100"),
    _top("evpn mh mac-holdtime 60", "evpn mh mac-holdtime 90"),
    _top("evpn mh startup-delay 10", "evpn mh startup-delay 30"),
    _top("nexthop-group NHG\n nexthop 192.0.2.1", "nexthop-group NHG\n nexthop 192.0.2.2 eth1"),
    _top("ip route 10.1.0.0/16 192.0.2.1", "ip route 10.1.0.0/16 192.0.2.1 200", "ip route 10.1.0.0/16 192.0.2.2"),
    _top("ip route 10.2.0.0/16 Null0", "ip route 10.2.0.0/16 blackhole 250", "ip route 10.2.0.0/16 reject"),
    _top("ip route 10.3.1.1/16 192.0.2.1 tag 7", "ip route 10.3.0.0/16 192.0.2.1 tag 8"),
    _top("ip route 10.8.0.0 255.255.0.0 192.0.2.1", "ip route 10.8.0.0/16 192.0.2.2"),
    _top("ip route 10.4.0.0/16 eth1", "ip route 10.4.0.0/16 192.0.2.1 eth1"),
    _top("ipv6 route 2001:db8:1::/48 2001:db8::1", "ipv6 route 2001:DB8:1::/48 2001:db8::2 150"),
    _top("ipv6 route 2001:db8:2::/48 null0", "ipv6 route 2001:db8:2::/48 blackhole"),
    _vrf("vni 5001", "vni 5002"),
    _vrf("ip route 10.5.0.0/16 blackhole", "ip route 10.5.0.0/16 192.0.2.1 tag 5"),
    _vrf("ip router-id 192.0.2.5", "ip router-id 192.0.2.6"),
    _eth1("description to spine1", "description to  spine2"),
    _eth1("ip address 198.51.100.1/24", "ip address 198.51.100.2/24", "ip address 198.51.100.1/25"),
    _eth1("ipv6 address 2001:db8:7::1/64"),
    _eth1("bandwidth 1000", "bandwidth 2000"),
    _eth1("ipv6 nd ra-interval 10", "ipv6 nd ra-interval 30"),
    _eth1("no ipv6 nd suppress-ra"),
    _eth1("ipv6 nd prefix 2001:db8:7::/64", "ipv6 nd prefix 2001:db8:7::/64 300 200"),
    _eth1("ip ospf cost 10", "ip ospf cost 20"),
    _eth1("ip ospf area 0", "ip ospf area 0.0.0.1"),
    _eth1("ip ospf network point-to-point", "ip ospf network broadcast"),
    _eth1("ip ospf authentication message-digest", "ip ospf authentication"),
    _eth1("ip ospf message-digest-key 1 md5 one", "ip ospf message-digest-key 1 md5 two"),
    _eth1("ip ospf dead-interval 20", "ip ospf dead-interval minimal hello-multiplier 4"),
    _eth1("ip ospf hello-interval 5"),
    _eth1("ip ospf bfd", "ip ospf bfd profile fast"),
    _eth1("ip ospf passive"),
    _eth1("ip ospf mtu-ignore"),
    _eth9("description a card that is gone", "description another"),
    _eth9("ip address 203.0.113.1/24", "ip address 203.0.113.2/24"),
    _eth9("ip ospf priority 5", "ip ospf retransmit-interval 9"),
    _lo("ip address 192.0.2.9/32"),
    # Lists and maps
    _top("ip prefix-list ONE seq 10 permit 172.16.0.0/12", "ip prefix-list ONE permit 192.168.0.0/16 ge 24"),
    _top("ip prefix-list ONE description the first", "ip prefix-list ONE description the only one"),
    _top("ip prefix-list THREE seq 5 permit any", "ip prefix-list THREE seq 5 deny 10.9.0.1/16 le 32"),
    _top("ip prefix-list THREE seq 15 permit 10.3.0.0/16", "ip prefix-list THREE seq 25 permit 10.3.0.0/16"),
    _top("ipv6 prefix-list SIX seq 10 permit any", "ipv6 prefix-list SIX seq 10 deny ::/0 ge 64"),
    _top("access-list A1 seq 10 deny any", "access-list A1 seq 10 permit 192.168.0.0/16"),
    _top("access-list A1 remark the first", "access-list A1 remark the only one"),
    _top("ipv6 access-list A6 seq 5 permit 2001:db8::/32", "ipv6 access-list A6 seq 5 deny any"),
    _top("bgp as-path access-list PATH seq 10 deny .*", "bgp as-path access-list PATH seq 10 permit _65010_"),
    _top("bgp community-list standard MARK seq 10 deny 65000:2", "bgp community-list standard MARK seq 10 permit no-export"),
    _top("bgp community-list expanded WIDE seq 5 permit 65000:.*", "bgp community-list expanded WIDE seq 5 deny 65000:.*"),
    _top("bgp large-community-list standard BIG seq 10 permit 65000:2:2"),
    _top("bgp extcommunity-list standard RT seq 10 permit soo 65000:1"),
    _map("set metric 10", "set metric +20", "set metric rtt"),
    _map("set local-preference 200", "set local-preference 300"),
    _map("set weight 5", "set weight 6"),
    _map("set community 65000:2 65000:1", "set community none", "set community 65000:3 additive"),
    _map("set extcommunity rt 65000:5", "set extcommunity rt 65000:6 65000:7"),
    _map("set large-community 65000:5:5"),
    _map("set as-path prepend 65001", "set as-path prepend 65001 65001", "set as-path prepend last-as 2"),
    _map("set origin incomplete", "set origin igp"),
    _map("set ip next-hop 192.0.2.7", "set ip next-hop peer-address", "set ip next-hop unchanged"),
    _map("set tag 5", "set tag 6"),
    _map("set src 192.0.2.9"),
    _map("match community MARK", "match community MARK exact-match"),
    _map("match as-path PATH"),
    _map("match interface eth1", "match interface lo"),
    _map("match tag 5", "match tag 9"),
    _map("match source-protocol static"),
    _map("match peer 192.0.2.1", "match peer local"),
    _map("match evpn route-type prefix", "match evpn vni 100"),
    _map("match local-preference 100"),
    _map("on-match next", "on-match goto 20"),
    _map("call IN"),
    _map("description what leaves", "description what leaves us"),
    _in("route-map OUT deny 20")("match ip address prefix-list ONE", "match ipv6 address prefix-list SIX"),
    _in("route-map LAST permit 5")("match ip address A1", "match ip next-hop prefix-list ONE"),
    # bgpd
    _bgp("no bgp ebgp-requires-policy"),
    _bgp("no bgp default ipv4-unicast"),
    _bgp("bgp log-neighbor-changes"),
    _bgp("bgp always-compare-med"),
    _bgp("bgp deterministic-med"),
    _bgp("bgp bestpath as-path multipath-relax", "bgp bestpath as-path confed"),
    _bgp("bgp bestpath compare-routerid"),
    _bgp("bgp bestpath med missing-as-worst", "bgp bestpath med confed"),
    _bgp("bgp cluster-id 192.0.2.9", "bgp cluster-id 192.0.2.8"),
    _bgp("bgp graceful-restart", "bgp graceful-restart-disable"),
    _bgp("bgp graceful-restart restart-time 60", "bgp graceful-restart stalepath-time 100"),
    _bgp("bgp graceful-shutdown"),
    _bgp("bgp default local-preference 200", "bgp default local-preference 50"),
    _bgp("bgp listen limit 50"),
    _bgp("bgp listen range 198.51.100.0/24 peer-group fabric"),
    _bgp("bgp max-med on-startup 60", "bgp max-med administrative 5"),
    _bgp("bgp suppress-fib-pending"),
    _bgp("bgp fast-convergence"),
    _bgp("no bgp fast-external-failover"),
    _bgp("bgp network import-check", "no bgp network import-check"),
    _bgp("coalesce-time 2000"),
    _bgp("read-quanta 5"),
    _bgp("update-delay 20", "update-delay 30 10"),
    _bgp("timers bgp 3 9", "timers bgp 10 30", "timers bgp 60 180"),
    _bgp(f"{G} remote-as external", f"{G} remote-as 65009"),
    _bgp(f"{N1} description the first", f"{N1} description the only one"),
    _bgp(f"{N1} password one", f"{N1} password two"),
    _bgp(f"{N1} bfd", f"{N1} bfd profile fast", f"{N1} bfd check-control-plane-failure"),
    _bgp(f"{N1} ebgp-multihop 2", f"{N1} ebgp-multihop 255", f"{N1} ttl-security hops 2"),
    _bgp(f"{N1} timers 3 9", f"{N1} timers 1 3"),
    _bgp(f"{N1} timers connect 5", f"{N1} timers connect 120"),
    _bgp(f"{N1} advertisement-interval 5"),
    _bgp(f"{N1} update-source lo", f"{N1} update-source 192.0.2.9"),
    _bgp(f"{N1} local-as 65099", f"{N1} local-as 65098 no-prepend replace-as"),
    _bgp(f"{N1} shutdown", f"{N1} shutdown message back soon"),
    _bgp(f"{N1} disable-connected-check"),
    _bgp(f"{N1} capability extended-nexthop"),
    _bgp(f"{N1} strict-capability-match"),
    _bgp(f"{N1} passive"),
    _bgp(f"{N1} enforce-first-as", f"no {N1} enforce-first-as"),
    _bgp(f"{N2} description inside"),
    _bgp("neighbor eth1 interface peer-group fabric", "neighbor eth1 interface remote-as external"),
    _four("network 10.6.0.0/16", "network 10.6.0.0/16 route-map OUT", "network 10.6.0.1/16"),
    _four("aggregate-address 10.0.0.0/8", "aggregate-address 10.0.0.0/8 summary-only", "aggregate-address 10.0.0.0/8 as-set"),
    _four("redistribute connected", "redistribute connected route-map OUT", "redistribute connected metric 5"),
    _four("redistribute static", "redistribute static metric 7"),
    _four("redistribute ospf", "redistribute ospf route-map IN"),
    _four("maximum-paths 4", "maximum-paths 8"),
    _four("maximum-paths ibgp 4", "maximum-paths ibgp 4 equal-cluster-length"),
    _four("distance bgp 100 150 200", "distance bgp 20 200 200"),
    _four("table-map OUT", "table-map IN"),
    _four(f"{N1} route-map IN in", f"{N1} route-map OUT in"),
    _four(f"{N1} route-map OUT out", f"{N1} route-map IN out"),
    _four(f"{N1} prefix-list ONE in", f"{N1} prefix-list TWO in"),
    _four(f"{N1} filter-list PATH out"),
    _four(f"{N1} distribute-list A1 in"),
    _four(f"{N1} unsuppress-map OUT"),
    _four(f"{N1} maximum-prefix 100", f"{N1} maximum-prefix 100 warning-only", f"{N1} maximum-prefix 100 80 restart 5"),
    _four(f"{N1} allowas-in", f"{N1} allowas-in 2", f"{N1} allowas-in origin"),
    _four(f"{N1} as-override"),
    _four(f"{N1} next-hop-self", f"{N1} next-hop-self force"),
    _four(f"{N1} remove-private-AS", f"{N1} remove-private-AS all replace-AS"),
    _four(f"{N1} default-originate", f"{N1} default-originate route-map OUT"),
    _four(f"{N1} soft-reconfiguration inbound"),
    _four(f"{N1} send-community both", f"no {N1} send-community", f"{N1} send-community large"),
    _four(f"{N1} weight 5", f"{N1} weight 6"),
    _four(f"{N1} addpath-tx-all-paths", f"{N1} addpath-tx-bestpath-per-AS"),
    _four(f"{N1} attribute-unchanged", f"{N1} attribute-unchanged as-path med"),
    _four(f"{N1} advertise-map OUT exist-map IN", f"{N1} advertise-map OUT non-exist-map IN"),
    _four(f"{N2} route-reflector-client"),
    _four("import vrf red", "import vrf route-map OUT"),
    _six("network 2001:db8:6::/48", "network 2001:DB8:6::/48 route-map OUT"),
    _six(f"{N1} activate"),
    _six("redistribute connected", "redistribute kernel"),
    _evpn(f"{N1} activate"),
    _evpn("advertise-all-vni"),
    _evpn("advertise-default-gw", "advertise-svi-ip"),
    _evpn("advertise ipv4 unicast", "advertise ipv4 unicast route-map OUT"),
    _evpn("no use-es-l3nhg", "disable-ead-evi-rx"),
    _evpn("dup-addr-detection max-moves 7 time 200", "no dup-addr-detection"),
    _evpn("dup-addr-detection freeze 60", "dup-addr-detection freeze permanent"),
    _evpn("flooding disable"),
    _in(BGP, EVPN, "vni 100")("rd 65000:100", "rd 65000:101"),
    _in(BGP, EVPN, "vni 100")("route-target import 65000:100", "route-target both 65000:100"),
    _in(BGP, EVPN, "vni 100")("route-target export 65000:101", "route-target export 65000:102"),
    _red("bgp router-id 192.0.2.7", "bgp router-id 192.0.2.6"),
    _red("neighbor 192.0.2.33 remote-as 65033", "neighbor 192.0.2.33 remote-as external"),
    _red_four("redistribute connected", "redistribute connected route-map OUT"),
    _red_four("import vrf default"),
    _red_four("network 10.7.0.0/16"),
    _red_evpn("advertise ipv4 unicast", "advertise ipv4 unicast gateway-ip"),
    _red_evpn("default-originate ipv4"),
    _red_evpn("rd 65000:5001", "rd 65000:5002"),
    _red_evpn("route-target import 65000:5001", "route-target import *:5001"),
    _red_evpn("route-target export 65000:5001", "route-target both 65000:5003"),
    # ospfd
    _ospf("network 192.0.2.0/24 area 0", "network 192.0.2.0/24 area 0.0.0.1"),
    _ospf("redistribute connected", "redistribute connected metric 10 route-map OUT", "redistribute static metric-type 1"),
    _ospf("default-information originate", "default-information originate always metric 5"),
    _ospf("passive-interface default", "passive-interface eth1"),
    _ospf("area 1 stub", "area 1 nssa", "area 1 stub no-summary"),
    _ospf("area 0 range 10.0.0.0/8", "area 0 range 10.0.0.0/8 cost 5"),
    _ospf("area 0 authentication message-digest", "area 0 authentication"),
    _ospf("area 0 filter-list prefix ONE in", "area 0 filter-list prefix TWO in"),
    _ospf("timers throttle spf 0 50 500", "timers throttle spf 10 100 1000"),
    _ospf("timers lsa min-arrival 500"),
    _ospf("auto-cost reference-bandwidth 10000", "auto-cost reference-bandwidth 40000"),
    _ospf("max-metric router-lsa administrative", "max-metric router-lsa on-startup 60"),
    _ospf("distance 120", "distance ospf external 200"),
    _ospf("default-metric 20"),
    _ospf("log-adjacency-changes", "log-adjacency-changes detail"),
    _ospf("capability opaque"),
    _ospf("ospf abr-type standard"),
    _ospf("maximum-paths 4"),
    # bfdd
    _in("bfd", "profile fast")("detect-multiplier 5", "detect-multiplier 3"),
    _in("bfd", "profile fast")("receive-interval 100", "receive-interval 300"),
    _in("bfd", "profile fast")("passive-mode", "echo-mode"),
    _in("bfd", "profile fast")("minimum-ttl 250"),
    _in("bfd", "peer 192.0.2.1")("transmit-interval 150", "detect-multiplier 7", "shutdown"),
    _in("bfd", "peer 192.0.2.2 multihop local-address 192.0.2.9")("profile slow", "minimum-ttl 100"),
)  # fmt: skip


def text(lines: Iterable[tuple[Path, str]]) -> str:
    """A configuration with these lines in their contexts, indented by one blank a context, as FRR prints it."""
    below: dict[Path, list[str]] = {}
    for path, line in lines:
        for depth in range(len(path)):
            if path[depth] not in below.setdefault(path[:depth], []):
                below[path[:depth]].append(path[depth])
        below.setdefault(path, []).append(line)
    return "".join(_written(below, ())) or "!\n"


def _written(below: dict[Path, list[str]], path: Path) -> Iterable[str]:
    indent = " " * len(path)
    contexts = {other[len(path)] for other in below if len(other) > len(path) and other[: len(path)] == path}
    for line in [line for line in below.get(path, ()) if line not in contexts] + [
        line for line in below.get(path, ()) if line in contexts
    ]:
        yield from (f"{indent}{part}\n" for part in line.split("\n"))
        if line in contexts:
            yield from _written(below, (*path, line))
            ending = {"vrf": "exit-vrf", "address-family": "exit-address-family", "vni": "exit-vni"}.get(
                line.split(" ")[0], "exit"
            )
            yield f"{indent}{ending}\n"


def configuration(seed: int, known: Callable[[Path, str], bool], share: float = 0.3) -> str:
    """A configuration: every choice is made with the probability ``share``, of lines that a release knows."""
    chosen = random.Random(seed)
    lines = list(ALWAYS)
    for path, alternatives in CHOICES:
        # The same draws whatever a release knows, so that a seed means nearly the same to each.
        taken, number = chosen.random() < share, chosen.randrange(len(alternatives))
        if taken and known(path, alternatives[number]):
            lines.append((path, alternatives[number]))
    return text(lines)
