"""Addresses of buckets."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.vteps import vtep_addresses


def test_bucket_n_has_the_nth_address() -> None:
    assert vtep_addresses("192.0.2.8/29", 8) == [f"192.0.2.{last}" for last in range(8, 16)]
    assert vtep_addresses("10.0.0.0/8", 4096)[-1] == "10.0.15.255"
    assert vtep_addresses("10.0.0.7/32", 1) == ["10.0.0.7"]


@pytest.mark.parametrize(
    ("prefix", "buckets", "message"),
    [
        (
            "192.0.2.0/29",
            9,
            "192.0.2.0/29 has 8 addresses for 9 buckets. Write a prefix of length 28 or less, or fewer buckets.",
        ),
        ("192.0.2.9/29", 8, "192.0.2.9/29 has bits set behind its length. Write 192.0.2.8/29."),
        ("192.0.2.0", 8, "'192.0.2.0' is not an IPv4 prefix. Write an address and a length, such as 192.0.2.0/29."),
        ("192.0.2/24", 8, "'192.0.2/24' is not an IPv4 prefix. Write an address and a length, such as 192.0.2.0/29."),
        ("0.0.0.0/0", 8, "'0.0.0.0/0' is not an IPv4 prefix. Write an address and a length, such as 192.0.2.0/29."),
        ("2001:db8::/64", 1, "'2001:db8::/64' is not an IPv4 prefix. Write an address and a length, such as 192.0.2.0/32."),
    ],
)
def test_a_prefix_that_cannot_be_says_what_to_write(prefix: str, buckets: int, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        vtep_addresses(prefix, buckets)
    assert str(raised.value) == f"vtep_prefix: {message}"
