"""Netlink's layout, against include/uapi/linux/netlink.h, pyroute2's constants and the standard library."""

from __future__ import annotations

import ipaddress
import struct

import pyroute2.netlink as reference
import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import wire
from hypothesis import given
from hypothesis import strategies as st

KINDS = st.integers(min_value=0, max_value=0x3FFF)
PAYLOADS = st.binary(max_size=40)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (wire.REQUEST, "NLM_F_REQUEST"),
        (wire.ACK, "NLM_F_ACK"),
        (wire.DUMP, "NLM_F_DUMP"),
        (wire.REPLACE, "NLM_F_REPLACE"),
        (wire.EXCL, "NLM_F_EXCL"),
        (wire.CREATE, "NLM_F_CREATE"),
        (wire.APPEND, "NLM_F_APPEND"),
        (wire.DUMP_INTR, "NLM_F_DUMP_INTR"),
        (wire.ACK_TLVS, "NLM_F_ACK_TLVS"),
        (wire.NOOP, "NLMSG_NOOP"),
        (wire.ERROR, "NLMSG_ERROR"),
        (wire.DONE, "NLMSG_DONE"),
        (wire.OVERRUN, "NLMSG_OVERRUN"),
        (wire.NESTED, "NLA_F_NESTED"),
    ],
)
def test_numbers_are_those_of_netlink(ours: int, theirs: str) -> None:
    assert ours == getattr(reference, theirs)


def test_an_attribute_is_its_length_its_type_and_its_payload_padded_to_four_bytes() -> None:
    assert wire.attribute(3, b"lo\0") == struct.pack("=HH", 7, 3) + b"lo\0" + b"\0"
    assert wire.attribute(4, b"1234") == struct.pack("=HH", 8, 4) + b"1234"
    assert wire.attribute(9, b"") == struct.pack("=HH", 4, 9)


def test_a_nested_attribute_says_so_and_counts_the_padding_within() -> None:
    inner = struct.pack("=HH", 5, 1) + b"\1" + b"\0\0\0"
    assert wire.nested(18, inner, inner) == struct.pack("=HH", 20, 0x8012) + inner + inner


@given(st.lists(st.tuples(KINDS, PAYLOADS), unique_by=lambda pair: pair[0]))
def test_what_is_written_is_read_again(pairs: list[tuple[int, bytes]]) -> None:
    data = b"".join(wire.attribute(kind, payload) for kind, payload in pairs)
    assert wire.attributes(data, 0, len(data)) == dict(pairs)


@given(KINDS, PAYLOADS, st.sampled_from([0x8000, 0x4000, 0xC000]))
def test_flags_are_no_part_of_an_attributes_type(kind: int, payload: bytes, flags: int) -> None:
    data = wire.attribute(kind | flags, payload)
    assert wire.attributes(data, 0, len(data)) == {kind: payload}


def test_only_the_attributes_between_the_offsets_are_read() -> None:
    one, two, three = (wire.attribute(kind, b"1234") for kind in (1, 2, 3))
    assert wire.attributes(one + two + three, len(one), len(one) + len(two)) == {2: b"1234"}


@given(st.binary(max_size=60))
def test_reading_ends_whatever_the_bytes_are(data: bytes) -> None:
    assert sum(map(len, wire.attributes(data, 0, len(data)).values())) <= len(data)


@given(st.binary(max_size=15).filter(lambda name: b"\0" not in name))
def test_any_bytes_that_the_kernel_calls_a_name_can_be_written_back(name: bytes) -> None:
    assert wire.text(wire.string(name + b"\0")) == name + b"\0"


@given(st.ip_addresses())
def test_addresses_are_what_the_standard_library_packs(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert wire.address_bytes(str(address)) == address.packed
    assert ipaddress.ip_address(wire.address_text(address.packed)) == address


def test_a_mac_address_is_six_bytes_and_is_shown_in_lower_case() -> None:
    assert wire.mac_bytes("02:00:5E:00:01:0a") == b"\x02\x00\x5e\x00\x01\x0a"
    assert wire.mac_text(b"\x02\x00\x5e\x00\x01\x0a") == "02:00:5e:00:01:0a"


def test_every_message_is_a_request() -> None:
    assert wire.message(16, wire.CREATE, b"body") == (16, 0x401, b"body")
