"""A move that a crash interrupts, in any of its steps: a run on the survivors leaves exactly one owner among them.

The steps are those of wmgwd's state machine, by the names of its states, as far as this module has them: the next owner
acquires in stages, then the current one releases in stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest

from tests.frr_host import FrrHost
from tests.gateways import NAMES, UNDERLAY, devices, gateways, listed, load, own_sources, served
from tests.module_server import module_input

VNIS = range(10000, 10006)
BUCKETS = 4
#: FRR of both releases among the gateways; gw1 is the current owner of all, gw2 the next one, gw3 has no part in it.
IMAGES = {"gw1": "debian12", "gw2": "debian13", "gw3": "debian12"}
EXCLUSIVE: dict[str, Any] = {"vnis": ["10000-10005"], "mode": "exclusive"}
ANYCAST: dict[str, Any] = {
    "vnis": ["10000-10005"],
    "mode": "anycast",
    "buckets": BUCKETS,
    "standbys": 0,
    "vtep_prefix": "192.0.2.0/30",
    "route_map": "evpn-buckets",
}
#: The module, killed when so many of its stages are done, or before it announces addresses.
DYING = """\
import os
from ansible_collections.evpn.fabric.plugins.module_utils._host import transaction
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import announcements
from ansible_collections.evpn.fabric.plugins.modules import gateway_failover

def dying(stages, stopped, carry_out=transaction.carry_out):
    carry_out(stages[:{stages}], stopped)
    die()

def die(*_arguments):
    os.kill(os.getpid(), 9)

transaction.carry_out = dying
if {unannounced}:
    announcements.announce = die
gateway_failover.main()
"""

Hosts = dict[str, FrrHost]


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    with ExitStack() as stack:
        made = {name: stack.enter_context(FrrHost(image, ("bgpd",))) for name, image in IMAGES.items()}
        for host in made.values():
            devices(host, VNIS)
            load(host, UNDERLAY)
        yield made


def pinned(mode: dict[str, Any], owner: str) -> list[dict[str, Any]]:
    """A pin of everything."""
    numbers = {"buckets": [f"0-{BUCKETS - 1}"]} if mode.get("buckets") else {"vnis": mode["vnis"]}
    return [{**numbers, "gateway": owner}]


def bring(hosts: Hosts, names: list[str], arguments: dict[str, Any]) -> None:
    """Runs the module on some gateways at once."""

    def one(name: str) -> dict[str, Any]:
        return hosts[name].module("gateway_failover", {"gateways": gateways(), **arguments, "self": name})

    with ThreadPoolExecutor() as pool:
        for made in pool.map(one, names):
            assert "msg" not in made, made["msg"]


def killed(host: FrrHost, arguments: dict[str, Any], stages: int, unannounced: bool = False) -> None:
    """Runs the module and kills it when it has done so many stages, or before it announces addresses."""
    options = {"gateways": gateways(), **arguments}
    command = (
        "env",
        "PYTHONPATH=/test",
        "PYTHONDONTWRITEBYTECODE=1",
        "python3",
        "-c",
        DYING.format(stages=stages, unannounced=unannounced),
    )
    result = host.run(*command, check=False, stdin=module_input(options))
    assert result.returncode in (-9, 137), result.stdout + result.stderr


def answering_arp(host: FrrHost) -> set[int]:
    values = host.run("bash", "-c", "cd /proc/sys/net/ipv4/conf; grep -H . br*/arp_ignore").stdout.split()
    return {int(value[2:7]) for value in values if not value.endswith(":8")}


def answering_nd(host: FrrHost) -> set[int]:
    shown = host.run("nft", "list", "set", "ip6", "evpn_gateway", "silent", check=False).stdout
    return {vni for vni in VNIS if f'"br{vni}"' not in shown}


def ranked_first(host: FrrHost) -> set[int]:
    return {int(address.rsplit(".", 1)[1]) for address in listed(host, 0) | listed(host, "new")}


def one_owner(hosts: Hosts, names: list[str], numbers: range, *signs: Callable[[FrrHost], set[int]]) -> dict[str, set[int]]:
    """What each gateway owns by all signs, of which none may be in doubt."""
    owned = {name: signs[0](hosts[name]) for name in names}
    assert sorted(number for found in owned.values() for number in found) == list(numbers), owned
    for sign in signs[1:]:
        assert {name: sign(hosts[name]) for name in names} == owned, sign.__name__
    return owned


class Crash(NamedTuple):
    """How many stages the next owner and the current one had done, who dies, and whether the next owner announced nothing."""

    state: str
    acquired: int
    released: int
    dead: tuple[str, ...]
    unannounced: bool = False


#: Stages of acquiring: routes; ARP and ND, with the announcement. Of releasing: ARP and ND; routes.
CRASHES = (
    Crash("Idle", 0, 0, ("gw1",)),
    Crash("FailoverDecided", 1, 0, ("gw1", "gw2")),
    Crash("MigrationDecided", 0, 0, ("gw2",)),
    Crash("OspfAdvertised", 1, 0, ("gw1",)),
    Crash("OspfWithdrawn", 1, 0, ("gw2",)),
    Crash("ArpEnabled", 2, 0, ("gw1",), unannounced=True),
    Crash("ArpDisabled", 2, 1, ("gw2",)),
    Crash("GratuitousArpSent", 2, 1, ("gw1",)),
    Crash("EvpnWithdrawn", 2, 2, ("gw2",)),
)


@pytest.mark.parametrize("crash", CRASHES, ids=[crash.state for crash in CRASHES])
def test_a_crash_leaves_exactly_one_owner_among_the_survivors(hosts: Hosts, crash: Crash) -> None:
    bring(hosts, list(NAMES), {**EXCLUSIVE, "pins": pinned(EXCLUSIVE, "gw1")})
    signs = served, answering_arp, answering_nd
    assert one_owner(hosts, list(NAMES), VNIS, *signs)["gw1"] == set(VNIS)
    moving = {**EXCLUSIVE, "pins": pinned(EXCLUSIVE, "gw2")}
    if crash.acquired:
        killed(hosts["gw2"], {**moving, "self": "gw2", "phase": "acquire"}, crash.acquired, crash.unannounced)
        assert served(hosts["gw2"]) == set(VNIS)
    if crash.released:
        killed(hosts["gw1"], {**moving, "self": "gw1", "phase": "release"}, crash.released)
        assert answering_arp(hosts["gw1"]) == set()
    survivors = [name for name in NAMES if name not in crash.dead]
    bring(hosts, survivors, {**moving, "gateways": gateways(**dict.fromkeys(crash.dead, "failed"))})
    owned = one_owner(hosts, survivors, VNIS, *signs)
    if "gw2" in survivors:
        assert owned["gw2"] == set(VNIS)


@pytest.mark.parametrize("dead", ["gw1", "gw2"])
@pytest.mark.parametrize("done", ["nothing", "acquired", "released"])
def test_a_crash_leaves_exactly_one_gateway_that_is_ranked_first(hosts: Hosts, done: str, dead: str) -> None:
    bring(hosts, list(NAMES), {**ANYCAST, "pins": pinned(ANYCAST, "gw1")})
    assert one_owner(hosts, list(NAMES), range(BUCKETS), ranked_first)["gw1"] == set(range(BUCKETS))
    moving = {**ANYCAST, "pins": pinned(ANYCAST, "gw2")}
    if done != "nothing":
        killed(hosts["gw2"], {**moving, "self": "gw2", "phase": "acquire"}, 1)
        assert ranked_first(hosts["gw2"]) == set(range(BUCKETS))
    if done == "released":
        killed(hosts["gw1"], {**moving, "self": "gw1", "phase": "release"}, 1)
        assert ranked_first(hosts["gw1"]) == set()
    survivors = [name for name in NAMES if name != dead]
    bring(hosts, survivors, {**moving, "gateways": gateways(**{dead: "failed"})})
    one_owner(hosts, survivors, range(BUCKETS), ranked_first)


def test_a_gateway_alone_owns_all_and_one_that_is_drained_hands_over(hosts: Hosts) -> None:
    for host in hosts.values():
        own_sources(host, VNIS)
    bring(hosts, ["gw3"], {**EXCLUSIVE, "gateways": [{"name": "gw3"}]})
    signs = served, answering_arp, answering_nd
    assert one_owner(hosts, ["gw3"], VNIS, *signs) == {"gw3": set(VNIS)}
    for phase in ("acquire", "release"):
        bring(hosts, list(NAMES), {**EXCLUSIVE, "gateways": gateways(gw3="drained"), "phase": phase})
    assert one_owner(hosts, list(NAMES), VNIS, *signs)["gw3"] == set()
