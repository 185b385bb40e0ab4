"""Addresses that FRR has overlooked, with a kernel and a zebra that the test controls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError, VerificationError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import overlooked
from ansible_collections.evpn.fabric.plugins.module_utils._frr.configuration import Running

ADDRESS = ("lo", "10.0.0.1/32")


class Host:
    """A kernel that has an address, and a zebra that knows of it once it was announced ``needed`` times."""

    def __init__(self, needed: int):
        self.needed = needed
        self.sent: list[str] = []

    def addresses(self) -> dict[tuple[str, str], str]:
        return {ADDRESS: "its message"}

    def announce(self, messages: Iterable[str]) -> None:
        self.sent += messages

    def show(self, command: str) -> str:
        assert command == "show interface vrf all brief json"
        return json.dumps({"lo": {"addresses": ["10.0.0.1/32"] if len(self.sent) >= self.needed else []}})


@pytest.fixture(autouse=True)
def passing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """A clock that only sleep moves."""
    now = [0.0]
    monkeypatch.setattr(overlooked.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(overlooked.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return lambda: now[0]


def running(version: str = "8.4.4", *daemons: str) -> Running:
    return Running(frozenset(daemons or ["zebra", "bgpd"]), f"\nCurrent configuration:\n!\nfrr version {version}\n", "")


@pytest.mark.parametrize(
    ("needed", "seen", "expected"),
    [
        (1, running(), ["10.0.0.1/32 on lo"]),
        (0, running(), []),
        (1, running("9.1"), ["10.0.0.1/32 on lo"]),
        (1, running("10.3"), []),
        (1, running("8.4.4", "bgpd"), []),
    ],
)
def test_what_frr_does_not_know_is_found(needed: int, seen: Running, expected: list[str]) -> None:
    host: Any = Host(needed)
    assert [address.name for address in overlooked.find(host, host, seen)] == expected
    assert host.sent == []


def test_what_frr_reads_a_moment_later_is_not_overlooked() -> None:
    class Slow(Host):
        answers = iter([[], ["10.0.0.1/32"]])

        def show(self, command: str) -> str:
            return json.dumps({"lo": {"addresses": next(self.answers)}})

    host: Any = Slow(0)
    assert overlooked.find(host, host, running()) == ()
    assert next(host.answers, None) is None, "FRR was asked twice"


def test_it_is_announced_until_frr_knows_it() -> None:
    host: Any = Host(3)
    overlooked.announce(host, host)
    assert host.sent == ["its message"] * 3


def test_frr_that_is_still_reading_is_given_the_time(passing: Callable[[], float]) -> None:
    class Slow(Host):
        known = 0

        def addresses(self) -> dict[tuple[str, str], str]:
            return {("lo", f"10.0.0.{last}/32"): "its message" for last in range(40)}

        def show(self, command: str) -> str:
            self.known += 1
            return json.dumps({"lo": {"addresses": [f"10.0.0.{last}/32" for last in range(self.known)]}})

    host: Any = Slow(0)
    overlooked.announce(host, host)
    assert host.sent == []
    assert passing() > 2 * overlooked.LIMIT


@pytest.mark.parametrize(
    ("seen", "announced"), [(running(), 1), (running("10.3"), 0), (Running(frozenset(), "", ""), 0), (None, 0)]
)
def test_a_run_that_made_addresses_ends_when_frr_knows_them(seen: Running | None, announced: int) -> None:
    class Frr(Host):
        def running(self) -> Running:
            if seen is None:
                raise FrrError("FRR is not installed on this host")
            return seen

    host: Any = Frr(1)
    overlooked.follow(host, host)
    assert len(host.sent) == announced


def test_what_frr_never_notices_is_named(passing: Callable[[], float]) -> None:
    host: Any = Host(1000)
    with pytest.raises(VerificationError, match=r"does not notice these addresses[^\n]*\n  10\.0\.0\.1/32 on lo\nSee what"):
        overlooked.announce(host, host)
    assert overlooked.LIMIT <= passing() <= overlooked.LIMIT + 3
