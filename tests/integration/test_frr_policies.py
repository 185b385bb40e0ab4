"""Policies that change while a BGP session uses them, on real FRR of each tested release.

A neighbor keeps each route that the policy before and the one after permit: it is never withdrawn on the way.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from lab.image import SUITES
from tests.frr_host import FrrHost, connect
from tests.gateways import load

A, B, C, D = (f"10.{number}.0.0/16" for number in range(4))
#: What is sent, whatever the list says, once FRR has looked at its policies again.
MARK, MARKED = "192.0.2.0/24", "192.0.2.1/24"
#: Seconds after which FRR looks at its policies again (the smallest "bgp route-map delay-timer"), and some more.
DELAY = 1.5
SEEN = "/run/frr/updates.log"
SENDER = """\
ip prefix-list MARK seq 5 permit {mark}
{entries}
route-map OUT permit 10
 match ip address prefix-list MARK
exit
route-map OUT permit 20
 match ip address prefix-list LIST
exit
bgp route-map delay-timer 1
router bgp 65001
 no bgp ebgp-requires-policy
 bgp router-id 10.9.0.1
 neighbor 10.9.0.2 remote-as 65002
 address-family ipv4 unicast
  redistribute connected
  neighbor 10.9.0.2 route-map OUT out
 exit-address-family
exit
"""
OBSERVER = f"""\
log file {SEEN}
debug bgp updates in
router bgp 65002
 no bgp ebgp-requires-policy
 bgp router-id 10.9.0.2
 neighbor 10.9.0.1 remote-as 65001
exit
"""


@pytest.fixture(scope="module", params=SUITES)
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[FrrHost, FrrHost]]:
    """A host with FRR of each release, and a neighbor that writes down what it is told."""
    with FrrHost(request.param) as sender, FrrHost("debian12") as observer:
        connect(sender, observer, "e0")
        for number, host in enumerate((sender, observer), 1):
            host.run("ip", "address", "add", f"10.9.0.{number}/30", "dev", "e0")
        for prefix in (A, B, C, D):
            sender.run("ip", "address", "add", prefix.replace("0.0/", "0.1/"), "dev", "lo")
        load(observer, OBSERVER)
        yield sender, observer


def bring(sender: FrrHost, entries: dict[int, str]) -> None:
    """Has the sender permit what ``entries`` say, by their numbers."""
    listed = "\n".join(f"ip prefix-list LIST seq {number} permit {prefix}" for number, prefix in entries.items())
    load(sender, SENDER.format(mark=MARK, entries=listed))


def await_routes(observer: FrrHost, wanted: set[str]) -> None:
    deadline = time.monotonic() + 60
    while (seen := set(json.loads(observer.run("vtysh", "-c", "show bgp ipv4 unicast json").stdout)["routes"])) != wanted:
        assert time.monotonic() < deadline, f"{seen} instead of {wanted}"
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({5: A, 10: B}, {5: B, 10: A}),
        ({5: A, 10: B, 15: C}, {5: D, 10: A, 15: B, 20: C}),
        ({5: D, 10: A, 15: B}, {5: A, 10: B}),
        ({5: A, 10: B, 15: C}, {10: B}),
        ({10: A}, {10: B, 20: A}),
        ({10: A}, {20: A}),
    ],
    ids=["swap", "insertion in front", "removal in front", "shrinking", "insertion before the only one", "another number"],
)  # fmt: skip
def test_a_route_that_a_list_permits_before_and_after_is_never_withdrawn(
    pair: tuple[FrrHost, FrrHost], before: dict[int, str], after: dict[int, str]
) -> None:
    sender, observer = pair
    sender.run("ip", "address", "del", MARKED, "dev", "lo", check=False)
    bring(sender, before)
    await_routes(observer, set(before.values()))
    observer.run("truncate", "--size", "0", SEEN)
    bring(sender, after)
    time.sleep(DELAY)
    sender.run("ip", "address", "add", MARKED, "dev", "lo")  # when this has come, all that was said before has
    await_routes(observer, {*after.values(), MARK})
    withdrawn = [line for line in observer.run("cat", SEEN).stdout.split("\n") if "withdrawn" in line]
    kept = set(before.values()) & set(after.values())
    assert [line for line in withdrawn if any(prefix in line for prefix in kept)] == []
    assert len(withdrawn) == len(set(before.values()) - kept), "what goes is seen"
