"""Addresses that FRR has overlooked, with a kernel and a zebra that do as they are told."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError, VerificationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import HITLESS, Operation
from ansible_collections.evpn.fabric.plugins.module_utils._frr import overlooked
from ansible_collections.evpn.fabric.plugins.module_utils._frr.vtysh import Running
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.address import Address
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.step import Step
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.order import PHASE

from tests.unit.plugins.module_utils._kernel.netlink import reference

LO = socket.if_nametoindex("lo")
BODY = reference.written(
    reference.ADDRESS, {"IFA_ADDRESS": "10.0.0.1", "IFA_LOCAL": "10.0.0.1"}, family=2, prefixlen=32, index=LO
)


class Host:
    """The kernel's messages, and a zebra that knows of the address once it was announced ``needed`` times."""

    def __init__(self, needed: int):
        self.needed = needed
        self.sent: list[tuple[int, int, bytes]] = []

    def dump(self, _kind: int, _body: bytes) -> list[bytes]:
        return [BODY]

    def send(self, messages: list[tuple[int, int, bytes]]) -> None:
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
def test_what_frr_does_not_know_is_an_operation(needed: int, seen: Running, expected: list[str]) -> None:
    host = Host(needed)
    found = overlooked.operations(host, host, seen)
    assert [operation.name for operation in found] == expected
    assert host.sent == []
    assert all(
        operation.to_output() == {
            "kind": "frr address", "name": "10.0.0.1/32 on lo", "action": "create", "disruption": "hitless",
            "reason": "FRR has overlooked it", "before": None, "after": {"dev": "lo", "address": "10.0.0.1/32"}}
        for operation in found
    )  # fmt: skip


def test_what_frr_reads_a_moment_later_is_not_overlooked() -> None:
    class Slow(Host):
        answers = iter([[], ["10.0.0.1/32"]])

        def show(self, command: str) -> str:
            return json.dumps({"lo": {"addresses": next(self.answers)}})

    host = Slow(0)
    assert overlooked.operations(host, host, running()) == []
    assert next(host.answers, None) is None, "FRR was asked twice"


def test_it_is_announced_until_frr_knows_it() -> None:
    host = Host(3)
    overlooked.tell(host, host)
    assert [body for _kind, _flags, body in host.sent] == [BODY] * 3


def test_frr_that_is_still_reading_is_given_the_time(passing: Callable[[], float]) -> None:
    class Slow(Host):
        known = 0

        def dump(self, _kind: int, _body: bytes) -> list[bytes]:
            return [
                reference.written(reference.ADDRESS, {"IFA_LOCAL": f"10.0.0.{last}"}, family=2, prefixlen=32, index=LO)
                for last in range(40)
            ]

        def show(self, command: str) -> str:
            self.known += 1
            return json.dumps({"lo": {"addresses": [f"10.0.0.{last}/32" for last in range(self.known)]}})

    host = Slow(0)
    overlooked.tell(host, host)
    assert host.sent == []
    assert passing() > 2 * overlooked.LIMIT


@pytest.mark.parametrize(
    ("phase", "seen", "announced"),
    [
        ("address", running(), 1),
        ("link", running(), 0),
        ("address", running("10.3"), 0),
        ("address", Running(frozenset(), "", ""), 0),
        ("address", None, 0),
    ],
)
def test_a_run_that_made_addresses_ends_when_frr_knows_them(phase: str, seen: Running | None, announced: int) -> None:
    class Frr(Host):
        def running(self) -> Running:
            if seen is None:
                raise FrrError("FRR is not installed on this host")
            return seen

    host = Frr(1)
    made = Address("lo", "10.0.0.1/32")
    done = [Operation("create", None, made, HITLESS, "in the document", (Step(PHASE[phase], 0, None, made),))]
    overlooked.follow(host, host, done)
    assert len(host.sent) == announced


def test_what_frr_never_notices_is_named(passing: Callable[[], float]) -> None:
    host = Host(1000)
    with pytest.raises(VerificationError, match=r"does not notice these addresses[^\n]*\n  10\.0\.0\.1/32 on lo\nSee what"):
        overlooked.tell(host, host)
    assert overlooked.LIMIT <= passing() <= overlooked.LIMIT + 3
