"""Dumps of ARP and ND entries, message by message as the kernel lays them out (neigh_fill_info in net/core/neighbour.c)."""

from __future__ import annotations

import socket
from struct import pack

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.neighbor import Neighbor
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import neighbors

MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"
OURS, ZEBRA = 213, 11
PERMANENT, REACHABLE = 0x80, 0x02
PROXY, LEARNED, ROUTER = 0x08, 0x10, 0x80


def entry(
    ip: str = "10.0.0.1",
    mac: str | None = MAC,
    number: int = 1,
    state: int = PERMANENT,
    flags: int = 0,
    protocol: int | None = OURS,
    ages: tuple[int, int, int] = (0, 0, 0),
) -> bytes:
    """The body of a message of a dump."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    address = socket.inet_pton(family, ip)
    body = pack("=BxxxiHBB", family, number, state, flags, 1) + pack("=HH", 4 + len(address), 1) + address
    if mac is not None:
        body += pack("=HH6sxx", 10, 2, bytes.fromhex(mac.replace(":", "")))
        body += pack("=HH4I", 20, 3, *ages, 1) + pack("=HHI", 8, 4, 0)
    return body + (pack("=HHBxxx", 5, 12, protocol) if protocol is not None else b"")


def decoded(*bodies: bytes) -> list[Neighbor]:
    return list(neighbors.decode(bodies, {1: "eth1", 2: "eth2"}, OURS).values())


def test_entries_that_differ_in_their_addresses_and_ages_are_told_apart() -> None:
    found = decoded(entry(), entry("10.0.0.2", OTHER, ages=(1, 2, 3)), entry("10.0.0.1", OTHER, number=2))
    assert found == [
        Neighbor("eth1", "10.0.0.1", False, MAC, False, True),
        Neighbor("eth1", "10.0.0.2", False, OTHER, False, True),
        Neighbor("eth2", "10.0.0.1", False, OTHER, False, True),
    ]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (entry("10.0.0.2", protocol=None), Neighbor("eth1", "10.0.0.2", False, MAC, False, False)),
        (entry("10.0.0.2", protocol=ZEBRA), Neighbor("eth1", "10.0.0.2", False, MAC, False, False, "zebra")),
        (entry("10.0.0.2", flags=LEARNED), Neighbor("eth1", "10.0.0.2", False, MAC, False, True, "zebra")),
        (entry("10.0.0.2", None, flags=PROXY), Neighbor("eth1", "10.0.0.2", True, None, False, True)),
        (entry("fd00::2", flags=ROUTER), Neighbor("eth1", "fd00::2", False, MAC, True, True)),
        (entry("10.0.0.2", state=REACHABLE), None),
        (entry("10.0.0.2", number=9), None),
        (entry("10.0.0.2", None), None),
    ],
)
def test_what_an_entry_has_besides_its_addresses_is_its_own(other: bytes, expected: Neighbor | None) -> None:
    assert decoded(entry(), other, entry("10.0.0.3")) == [
        Neighbor("eth1", "10.0.0.1", False, MAC, False, True),
        *([] if expected is None else [expected]),
        Neighbor("eth1", "10.0.0.3", False, MAC, False, True),
    ]


@pytest.mark.parametrize(
    "made",
    [
        Neighbor("eth1", "10.0.0.1", False, MAC, None, True),
        Neighbor("eth1", "10.0.0.1", True, None, None, True),
        Neighbor("eth2", "fd00::1", False, MAC, True, True),
    ],
)
def test_what_adds_an_entry_is_read_as_that_entry(made: Neighbor) -> None:
    first = Neighbor("eth1", "10.0.0.9", False, OTHER, None, True)
    added = neighbors.add_all([first, made], {"eth1": 1, "eth2": 2}.__getitem__, OURS)
    assert decoded(added[1][2]) == [made._replace(router=bool(made.router))]
