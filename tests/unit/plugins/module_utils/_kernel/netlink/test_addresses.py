"""Addresses on the wire, against pyroute2."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.address import Address
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import addresses, by_hand
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink import NLM_F_CREATE, NLM_F_REPLACE, NLM_F_REQUEST
from pyroute2.netlink.rtnl import RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR
from pyroute2.netlink.rtnl.ifaddrmsg import (
    IFA_F_DADFAILED,
    IFA_F_DEPRECATED,
    IFA_F_NODAD,
    IFA_F_NOPREFIXROUTE,
    IFA_F_PERMANENT,
    IFA_F_SECONDARY,
    IFA_F_TEMPORARY,
    IFA_F_TENTATIVE,
)

from tests.unit.plugins.module_utils._kernel.netlink import reference
from tests.unit.plugins.module_utils._kernel.netlink.reference import Attributes

NUMBERS = {"lo": 1, "br1": 3}
NAMES = {number: name for name, number in NUMBERS.items()}
OURS = 213
#: Header fields of the two families (AF_INET, AF_INET6 in include/linux/socket.h).
FOUR, SIX = 2, 10
#: RT_SCOPE_* in include/uapi/linux/rtnetlink.h.
RT_SCOPE_LINK, RT_SCOPE_HOST = 253, 254


def sent(message: tuple[int, int, bytes]) -> dict[str, Any]:
    return reference.read(reference.ADDRESS, message[2])


def told(attributes: Attributes, **fields: int) -> bytes:
    """An address of br1 as pyroute2 writes it."""
    return reference.written(reference.ADDRESS, attributes, **{"index": NUMBERS["br1"], **fields})


@pytest.mark.parametrize(
    ("address", "family", "attributes"),
    [
        (Address("br1", "10.0.0.1/24"), FOUR, {"IFA_FLAGS": IFA_F_PERMANENT}),
        (Address("br1", "10.0.0.1/24", owned=True), FOUR, {"IFA_FLAGS": IFA_F_PERMANENT, "IFA_PROTO": OURS}),
        (Address("br1", "2001:db8::1/64", nodad=True), SIX, {"IFA_FLAGS": IFA_F_PERMANENT | IFA_F_NODAD}),
        (Address("br1", "10.0.0.1/24", metric=4294967295), FOUR, {"IFA_FLAGS": IFA_F_PERMANENT, "IFA_RT_PRIORITY": 4294967295}),
        (Address("br1", "10.0.0.1/24", metric=0), FOUR, {"IFA_FLAGS": IFA_F_PERMANENT}),
        (Address("br1", "2001:db8::1/64", noprefixroute=True), SIX, {"IFA_FLAGS": IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE}),
    ],
)
def test_an_addition_says_what_pyroute2_would(address: Address, family: int, attributes: Attributes) -> None:
    (message,) = addresses.add(address, NUMBERS.__getitem__, OURS)
    assert message[:2] == (RTM_NEWADDR, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE)
    value, length = address.address.split("/")
    expected = told({"IFA_LOCAL": value, "IFA_ADDRESS": value, **attributes}, family=family, prefixlen=int(length))
    assert sent(message) == reference.read(reference.ADDRESS, expected)


def test_a_removal_names_the_address_and_nothing_else() -> None:
    (message,) = addresses.delete(Address("br1", "10.0.0.1/24", nodad=True, owned=True), NUMBERS.__getitem__)
    assert message[:2] == (RTM_DELADDR, NLM_F_REQUEST)
    expected = told({"IFA_LOCAL": "10.0.0.1", "IFA_ADDRESS": "10.0.0.1"}, family=FOUR, prefixlen=24)
    assert sent(message) == reference.read(reference.ADDRESS, expected)


INTERFACES = st.ip_addresses().flatmap(
    lambda ip: st.builds(lambda length: ipaddress.ip_interface((ip, length)), st.integers(0, ip.max_prefixlen))
)


@given(INTERFACES, st.booleans(), st.booleans(), st.integers(0, 4294967295), st.booleans())
def test_any_address_that_pyroute2_wrote_is_read(
    interface: Any, nodad: bool, noprefixroute: bool, metric: int, owned: bool
) -> None:
    flags = IFA_F_PERMANENT | (IFA_F_NODAD if nodad else 0) | (IFA_F_NOPREFIXROUTE if noprefixroute else 0)
    attributes = {"IFA_ADDRESS": str(interface.ip), "IFA_FLAGS": flags, **({"IFA_PROTO": OURS} if owned else {})}
    attributes.update({"IFA_RT_PRIORITY": metric} if metric else {})
    body = told(attributes, family=FOUR if interface.version == 4 else SIX, prefixlen=interface.network.prefixlen)
    [(key, made)] = list(addresses.decode([body], NAMES, {OURS}).items())
    assert (made.dev, type(interface)(made.address), key) == ("br1", interface, made.key)
    assert (made.nodad, made.noprefixroute, made.metric, made.owned) == (nodad, noprefixroute, metric, owned)


def test_of_a_point_to_point_address_it_is_our_end_that_counts() -> None:
    body = told({"IFA_ADDRESS": "10.0.0.2", "IFA_LOCAL": "10.0.0.1", "IFA_FLAGS": IFA_F_PERMANENT}, family=FOUR, prefixlen=32)
    assert [made.address for made in addresses.decode([body], NAMES, {OURS}).values()] == ["10.0.0.1/32"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"IFA_FLAGS": IFA_F_PERMANENT, "IFA_PROTO": 2},  # IFAPROT_KERNEL_RA
        {"IFA_FLAGS": IFA_F_PERMANENT, "IFA_PROTO": 3},  # IFAPROT_KERNEL_LL
        {"IFA_FLAGS": 0, "IFA_PROTO": OURS},
        {"IFA_FLAGS": IFA_F_TEMPORARY | IFA_F_DEPRECATED},
    ],
)
def test_addresses_of_the_kernel_and_those_that_expire_are_left_out(attributes: Attributes) -> None:
    body = told({"IFA_ADDRESS": "2001:db8::1", **attributes}, family=SIX, prefixlen=64)
    assert addresses.decode([body], NAMES, {OURS}) == {}


@pytest.mark.parametrize(
    ("attributes", "header", "expected"),
    [
        ({"IFA_LOCAL": "10.0.0.1", "IFA_ADDRESS": "10.0.0.1"}, {"family": FOUR, "prefixlen": 24}, "10.0.0.1/24"),
        ({"IFA_LOCAL": "10.0.0.1", "IFA_ADDRESS": "10.0.0.2"}, {"family": FOUR, "prefixlen": 32}, "10.0.0.1/32"),
        ({"IFA_ADDRESS": "2001:db8::1", "IFA_PROTO": 99}, {"family": SIX, "prefixlen": 64}, "2001:db8::1/64"),
        ({"IFA_ADDRESS": "2001:db8::1", "IFA_FLAGS": IFA_F_TENTATIVE}, {"family": SIX, "prefixlen": 64}, None),
        ({"IFA_ADDRESS": "2001:db8::1", "IFA_FLAGS": IFA_F_DADFAILED}, {"family": SIX, "prefixlen": 64}, None),
        ({"IFA_LOCAL": "10.0.0.1", "IFA_FLAGS": IFA_F_SECONDARY}, {"family": FOUR, "prefixlen": 24}, None),
        ({"IFA_LOCAL": "127.0.0.1"}, {"family": FOUR, "prefixlen": 8, "scope": RT_SCOPE_HOST}, None),
        ({"IFA_ADDRESS": "fe80::1"}, {"family": SIX, "prefixlen": 64, "scope": RT_SCOPE_LINK}, None),
    ],
)
def test_what_a_routing_daemon_should_know_is_told_again_as_it_was_told(
    attributes: Attributes, header: dict[str, int], expected: str | None
) -> None:
    body = told({"IFA_FLAGS": IFA_F_PERMANENT, **attributes}, **header)
    assert list(addresses.of_routers([body])) == ([(NUMBERS["br1"], expected, body)] if expected else [])
    assert addresses.repeated(body) == (RTM_NEWADDR, NLM_F_REQUEST | NLM_F_REPLACE, body)


def test_an_address_of_an_interface_that_has_come_since_the_links_were_read_is_left_out() -> None:
    body = told({"IFA_ADDRESS": "2001:db8::1", "IFA_FLAGS": IFA_F_PERMANENT}, family=SIX, prefixlen=64)
    assert addresses.decode([body], {}, {OURS}) == {}
    assert by_hand.split_addresses([body], {}, OURS)[1] == []


def test_an_address_of_another_program_is_not_ours() -> None:
    body = told({"IFA_ADDRESS": "2001:db8::1", "IFA_FLAGS": IFA_F_PERMANENT, "IFA_PROTO": 186}, family=SIX, prefixlen=64)
    assert [made.owned for made in addresses.decode([body], NAMES, {OURS}).values()] == [False]


def test_a_dump_asks_for_both_families() -> None:
    kind, body = addresses.dump_request()
    assert kind == RTM_GETADDR
    empty = {"family": 0, "prefixlen": 0, "flags": 0, "scope": 0, "index": 0, "attrs": {}}
    assert reference.read(reference.ADDRESS, body) == empty


def test_addresses_of_gateways_keep_their_mark_whosever_they_are() -> None:
    theirs = addresses.GATEWAY_PROTOCOL
    bucket = Address("lo", "192.0.2.1/32", gateways=True, owned=True)
    for owner, owners, owned in ((OURS, {OURS}, False), (OURS, {OURS, theirs}, True), (theirs, {theirs}, True)):
        ((_kind, _flags, body),) = addresses.add(bucket, {"lo": 1}.__getitem__, owner)
        [found] = list(addresses.decode([body], {1: "lo"}, owners).values())
        assert (found.gateways, found.owned) == (True, owned)
