"""Entries of ARP and ND from options: what is quickly seen to be well is so."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import are_ipv4_unicast


@pytest.mark.parametrize("value", ["10.0.0.1", "223.255.255.255", "240.0.0.1", "0.0.0.0"])
def test_unicast_addresses_are_taken_together(value: str) -> None:
    assert are_ipv4_unicast(["10.0.0.9", value])


@pytest.mark.parametrize(
    "value", ["224.0.0.1", "239.255.255.255", "10.0.0.01", "10.1", " 10.0.0.1", "fd00::1", "", "\0", None, 7]
)
def test_one_that_is_not_written_as_the_kernel_prints_it_is_looked_at_by_itself(value: object) -> None:
    assert not are_ipv4_unicast(["10.0.0.9", value])
