"""What a document does not say of links that are ours is as on new ones."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.confirmed import ConfirmedPlane
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane

from tests.engine import document
from tests.fake_kernel import FakeKernel

DOCUMENT: dict[str, Any] = {
    "vrfs": [{"name": "red", "table": 5001}],
    "bridges": [{"name": "br1"}],
    "vxlans": [{"name": "vx1", "vni": 1, "dstport": 4789, "bridge": "br1", "learning": False}],
    "interfaces": [{"name": "eth1"}],
    "purge": True,
}


def changed(name: str, **attributes: Any) -> FakeKernel:
    """A host as the document says, but for attributes that it does not say."""
    host = FakeKernel.holding({section: entries for section, entries in DOCUMENT.items() if section != "purge"})
    for link in host.state["link"]:
        host.state["link"][link] = host.state["link"][link].having(up=True)
    host.state["link"][name] = host.state["link"][name].having(**attributes)
    return host


def reasons(host: FakeKernel, plane: type[KernelPlane] = ConfirmedPlane) -> list[str]:
    made = plane(host)
    desired = document(**DOCUMENT)
    return ["%s: %s" % (each.name, each.reason) for each in made.plan(desired, made.read(desired)).operations]


@pytest.mark.parametrize(
    ("name", "attributes", "reason"),
    [
        ("vx1", {"ttl": 64}, "vx1: ttl 64 -> 0"),
        ("vx1", {"ttl": 64, "ageing": 77}, "vx1: ttl 64 -> 0, ageing 77 -> 300"),
        ("vx1", {"txqlen": 7}, "vx1: txqlen 7 -> 1000"),
        ("br1", {"master": "red", "master_kind": "vrf"}, "br1: vrf red -> none"),
        ("br1", {"vlan_filtering": True}, "br1: vlan_filtering on -> off"),
        ("br1", {"mcast_snooping": False}, "br1: mcast_snooping off -> on"),
    ],
)
def test_an_attribute_that_nobody_has_asked_for_returns_to_what_a_new_link_has(
    name: str, attributes: dict[str, Any], reason: str
) -> None:
    assert reasons(changed(name, **attributes)) == [reason]
    assert reasons(changed(name, **attributes), KernelPlane) == [], "a run leaves alone what is not named"


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("vx1", {"ttl": 64, "adopted": True}),
        ("vx1", {"local": "192.0.2.9"}),
        ("vx1", {"mac": "02:00:00:00:00:99"}),
        ("eth1", {"txqlen": 7, "promisc": True, "up": False}),
        ("br1", {"mcast_hash_max": None}),
    ],
    ids=["one that was there before", "state of gateways", "no default is known", "not ours", "the kernel does not say"],
)
def test_what_may_be_otherwise_by_right_is_left_alone(name: str, attributes: dict[str, Any]) -> None:
    assert reasons(changed(name, **attributes)) == []


def test_a_link_that_has_lost_its_mark_is_made_ours_and_compared_as_before() -> None:
    assert reasons(changed("vx1", owned=False, ttl=64)) == ["vx1: adopted, ttl 64 -> 0"]
    assert reasons(changed("vx1", owned=False, ttl=64, adopted=True)) == ["vx1: adopted"]


def test_options_of_ports_are_compared_too_but_for_those_that_are_said() -> None:
    host = changed("vx1")
    port = host.state["port"]["vx1"]
    host.state["port"]["vx1"] = port.having(hairpin=True, isolated=True)
    assert reasons(host) == ["vx1: isolated on -> off, hairpin on -> off"]
