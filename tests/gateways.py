"""Gateways as tests see them: what they are given, and what then runs on them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any, Union

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


def gateways(**states: str) -> list[dict[str, Any]]:
    return [{"name": name, "state": states.get(name, "active")} for name in NAMES]


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
