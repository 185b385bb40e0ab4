"""Routes from module options."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import are_ipv4_networks
from hypothesis import given
from hypothesis import strategies as st

from tests.engine import document


def test_only_a_route_that_is_to_be_absent_may_lead_nowhere() -> None:
    absent = {"dst": "10.1.0.0/16", "state": "absent"}
    document(routes=[absent])
    with pytest.raises(ValidationError, match=r"routes\[1\].via: is missing, and so is dev"):
        document(routes=[absent, {"dst": "10.2.0.0/16"}])


@given(st.ip_addresses(v=4), st.integers(-1, 34), st.sampled_from(["{}/{}", "{}/0{}", "{}/+{}", " {}/{}", "{}", "{}/{}/1"]))
def test_a_quick_test_takes_what_the_kernel_prints_and_nothing_else(
    address: ipaddress.IPv4Address, length: int, form: str
) -> None:
    value = form.format(address, length)
    try:
        printed = str(ipaddress.IPv4Network(value))
    except ValueError:
        printed = ""
    assert are_ipv4_networks([value]) is (printed == value)
    assert are_ipv4_networks(["10.0.0.0/8", value, "0.0.0.0/0"]) is (printed == value)


@given(st.integers(0, 32), st.integers(0, 2**32 - 1))
def test_networks_of_every_length_are_taken(length: int, number: int) -> None:
    assert are_ipv4_networks([str(ipaddress.IPv4Network((number, length), strict=False))])


@pytest.mark.parametrize("value", [None, 5, "", "/", "2001:db8::/32", "10.0.0.0/٨"])
def test_a_quick_test_survives_whatever_it_is_given(value: object) -> None:
    assert not are_ipv4_networks([value])
