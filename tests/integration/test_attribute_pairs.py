"""Every pair of attributes changes together, on a link of every kind that this kernel has."""

from __future__ import annotations

import itertools
import os
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import Kernel

from tests.attribute_pairs import HOST, KINDS, Entry, Kind, pairs
from tests.engine import bring, document
from tests.namespaces import ip

pytestmark = pytest.mark.usefixtures("network")

#: So many pairs of each kind, spread over all of them: all take minutes, and are tried with EVPN_ALL_PAIRS.
TRIED = 25


def listed(section: str, entry: Entry) -> dict[str, Any]:
    """A document of the link x1."""
    return {section: [{"name": "x1", **entry}]}


class Links:
    """The link x1, of one kind."""

    def __init__(self, kind: Kind):
        self.kind, self.kernel = kind, Kernel()
        ip(*HOST)
        if kind.section == "interfaces":
            ip("link add x1 type veth peer name x2")

    def refusal(self, entry: Entry) -> str:
        """Makes the link as an entry says; why it was refused, if it was."""
        try:
            bring(self.kernel, **listed(self.kind.section, entry))
        except FabricError as error:
            return str(error)
        return ""

    def state(self) -> tuple[Any, Any]:
        """All that the kernel tells of the link and its port."""
        state = self.kernel.read(document())
        return state["link"].get("x1"), state["port"].get("x1")


def one_by_one(links: Links, first: Entry, second: Entry) -> list[str]:
    """The ways from one entry to another, an option at a time, that are not refused."""
    changed = [option for option in first if first[option] != second[option]]
    ways = []
    for order in itertools.permutations(changed):
        assert not links.refusal(first)
        entry = first
        if not any(links.refusal(entry := {**entry, option: second[option]}) for option in order):
            ways.append(" then ".join(order))
    assert not links.refusal(first)
    return ways


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_two_attributes_change_in_one_run_and_back_or_the_link_is_as_it_was(kind: Kind) -> None:
    links, tried = Links(kind), 0
    if links.refusal(kind.needs):
        pytest.skip(f"this kernel has no {kind.section}")
    found = list(pairs(kind))
    # An odd stride meets both ways in which a pair of options is listed.
    for first, second in found if os.environ.get("EVPN_ALL_PAIRS") else found[:: len(found) // TRIED | 1]:
        if links.refusal(first):
            continue  # there is no such link
        tried += 1
        changes = {option: (first[option], second[option]) for option in first if first[option] != second[option]}
        before = links.state()
        refusal = links.refusal(second)
        if refusal:
            assert links.state() == before, f"{changes}: {refusal}"
            assert "failed too" not in refusal, changes
            assert one_by_one(links, first, second) == [], f"{changes}: {refusal}"
        else:
            assert links.refusal(first) == "", f"{changes}, and back"
            assert links.state() == before, f"{changes}, and back"
    assert tried


def assert_both_ways(section: str, first: Entry, second: Entry) -> None:
    for entry in (first, second, first):
        bring(**listed(section, entry))
        assert bring(**listed(section, entry)) == []


def test_the_source_address_and_the_mtu_of_a_vxlan_device_change_together() -> None:
    first, second = ({"local": "10.0.0.1", "mtu": 1450}, {"local": "10.0.0.2", "mtu": 1200})
    assert_both_ways("vxlans", {"vni": 1, **first}, {"vni": 1, **second})


def test_a_bridge_loses_stp_together_with_the_forward_delay_that_stp_needs() -> None:
    assert_both_ways("bridges", {"stp": True, "forward_delay": 1500}, {"stp": False, "forward_delay": 0})


@pytest.mark.parametrize(("section", "more"), [("bridges", {}), ("vxlans", {"vni": 1}), ("veths", {"peer": "x2"})])
def test_a_link_without_link_local_addresses_becomes_too_small_for_ipv6_and_large_again(section: str, more: Entry) -> None:
    assert_both_ways(section, {"mtu": 1279, "ipv6_link_local": False, **more}, {"mtu": 1280, "ipv6_link_local": False, **more})
