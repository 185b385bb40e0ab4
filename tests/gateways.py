"""Gateways as tests see them: what they are given, and what then runs on them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any, Union

from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import bucket_of

from tests.frr_host import FrrHost, FrrInstance

Host = Union[FrrHost, FrrInstance]
NAMES = ("gw1", "gw2", "gw3")
#: What both modes need of a gateway's configuration; it is short because nothing in it is about single VNIs.
UNDERLAY = """\
route-map evpn-buckets permit 1
 match ip address prefix-list evpn-gateway-rank-new
exit
!
route-map evpn-buckets permit 10
 match ip address prefix-list evpn-gateway-rank-0
 set as-path prepend 65001
exit
!
route-map evpn-buckets permit 20
 match ip address prefix-list evpn-gateway-rank-1
 set as-path prepend 65001 65001 65001
exit
!
route-map evpn-gateway permit 10
 match extcommunity evpn-gateway-served
exit
!
router bgp 65001
 bgp router-id 10.0.0.1
 no bgp ebgp-requires-policy
 neighbor 10.9.0.2 remote-as 65002
 !
 address-family ipv4 unicast
  redistribute connected route-map evpn-buckets
 exit-address-family
 !
 address-family l2vpn evpn
  neighbor 10.9.0.2 activate
  neighbor 10.9.0.2 route-map evpn-gateway out
  advertise-all-vni
  advertise-svi-ip
 exit-address-family
exit
!
bgp route-map delay-timer 1
"""
#: Entries of the route-map of exclusive gateways: one for what they serve, and two that prefer what they take up.
SERVES = """\
route-map evpn-gateway permit 10
 match extcommunity evpn-gateway-served
exit
"""
PREFERS_NEW = """\
route-map evpn-gateway permit 1
 match extcommunity evpn-gateway-new
exit
!
route-map evpn-gateway permit 10
 match extcommunity evpn-gateway-served
 set as-path prepend 65001
exit
"""
VNIS = range(10000, 10040)
BUCKETS = 8
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


def gateways(**states: str) -> list[dict[str, Any]]:
    return [{"name": name, "state": states.get(name, "active")} for name in NAMES]


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


def devices(host: Host, vnis: Iterable[int]) -> None:
    """Gives a host an address of its own, and for each VNI a VXLAN device and a bridge with addresses."""
    lines = ["address add 10.0.0.1/32 dev lo"]
    for number, vni in enumerate(vnis):
        lines += [
            f"link add br{vni} type bridge",
            f"link set br{vni} up",
            f"link add vxlan{vni} type vxlan id {vni} local 10.0.0.1 dstport 4789 nolearning",
            f"link set vxlan{vni} master br{vni} up",
            f"address add 172.{16 + number // 256}.{number % 256}.1/24 dev br{vni}",
            f"address add 2001:db8:{number:x}::1/64 dev br{vni} nodad",
        ]
    host.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")


def own_sources(host: Host, vnis: Iterable[int]) -> None:
    """Has tunnels start from a host's own address, as before they had those of buckets."""
    lines = [f"link set vxlan{vni} type vxlan local 10.0.0.1" for vni in vnis]
    host.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")


def load(host: Host, text: str) -> None:
    made = host.module("frr_config", {"config": text})
    assert "msg" not in made, made.get("msg")


def run(host: Host, arguments: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    """Runs the module: what check mode says must be what is done, and doing it again must do nothing."""
    arguments = {**arguments, **changes}
    predicted = host.module("gateway_failover", arguments, check_mode=True)
    made = host.module("gateway_failover", arguments)
    assert "msg" not in made, made["msg"]
    assert predicted["operations"] == made["operations"]
    assert predicted["diff"] == made["diff"]
    again = host.module("gateway_failover", arguments)
    assert (again["changed"], again["operations"]) == (False, [])
    operations: list[dict[str, Any]] = made["operations"]
    return operations


def addresses(host: Host) -> set[str]:
    """The addresses of lo that are in the prefix of the buckets."""
    shown = host.run("ip", "-4", "-o", "address", "show", "dev", "lo").stdout
    return set(re.findall(r"inet (192\.0\.2\.\d+)/32", shown))


def listed(host: Host, rank: int | str) -> set[str]:
    """The addresses in the list of a rank."""
    return set(re.findall(rf"prefix-list evpn-gateway-rank-{rank} seq \d+ permit (\S+)/32", host.running_config()))


def marked(host: Host, rank: int | str) -> set[int]:
    """The buckets whose communities are in the list of a rank."""
    found = re.findall(
        rf"community-list standard evpn-gateway-rank-{rank} seq (\d+) permit 65534:(\d+)\n", host.running_config()
    )
    assert all(int(number) == int(bucket) + 1 for number, bucket in found)
    return {int(bucket) for _number, bucket in found}


def served(host: Host, listed: str = "served") -> set[int]:
    """The VNIs whose route targets are in the list of those served, or of those ("new") that are being taken up."""
    return set(map(int, re.findall(rf"evpn-gateway-{listed} seq (\d+) permit rt ", host.running_config())))


def until(condition: Callable[[], bool], limit: float = 30) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.3)


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


def refused_with(host: FrrHost, config: str, arguments: dict[str, Any]) -> str:
    """The message with which the module refuses where FRR has this configuration."""
    load(host, config)
    return refused(host, arguments)


def paths(observer: FrrHost, prefix: str) -> dict[str, int]:
    """Address of each network that begins so -> how long its AS path is."""
    shown = json.loads(observer.run("vtysh", "-c", "show bgp ipv4 unicast json").stdout)
    return {
        network.split("/")[0]: len(found[0]["path"].split())
        for network, found in shown.get("routes", {}).items()
        if network.startswith(prefix)
    }


def with_north(gateway: FrrHost, neighbor: str = "10.9.0.2") -> str:
    """A gateway's configuration that advertises the subnets of VNIs by the ranks of their buckets, which addresses tell."""
    lines = []
    for number, vni in enumerate(VNIS):
        metric = 1000 + bucket_of(vni, BUCKETS)
        lines += [f"address {word} 172.16.{number}.1/24 dev br{vni}" for word in ("delete", f"add metric {metric}")]
    gateway.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")
    redistribute = "  redistribute connected route-map evpn-buckets\n"
    return NORTH + UNDERLAY.replace(redistribute, f"{redistribute}  neighbor {neighbor} route-map evpn-north out\n")


def subnets(buckets: Collection[int]) -> set[str]:
    """The subnets of the VNIs of buckets."""
    return {f"172.16.{number}.0" for number, vni in enumerate(VNIS) if bucket_of(vni, BUCKETS) in buckets}


def numbers(addresses_of_buckets: set[str]) -> set[int]:
    return {int(address.rsplit(".", 1)[1]) for address in addresses_of_buckets}


def locals_of_vxlans(host: FrrHost) -> list[str]:
    shown = json.loads(host.run("ip", "-d", "-j", "link", "show", "type", "vxlan").stdout)
    return [entry["linkinfo"]["info_data"]["local"] for entry in shown]
