"""Where BFD is left out, because two releases of FRR would wait for each other.

Which releases do is in bgpd's source: ``peer_active`` waits in 10.2 to 10.2.2 and
10.3, ``bgp_establish`` begins BFD until 10.2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import Built, build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests.fabrics import fabric

EBGP = {"protocol": "ebgp", "bfd": True}


def built(
    releases: Mapping[str, str | None], numbered: str | None = None, others: str | None = "10.7.1", **shared: Any
) -> Built:
    """What is made of a fabric on whose hosts these releases were found; None stands for a host that nobody has looked at."""
    underlay = {**EBGP, "unnumbered": numbered is None}
    groups, hostvars = fabric(numbered=numbered, vrfs=0, **{"fabric_underlay": underlay, **shared})
    found = {name: releases.get(name, others) for name in hostvars}
    made = build(
        groups, hostvars, {name: {"frr_version": release, "kernel": "6.1.0"} for name, release in found.items() if release}
    )
    assert not made.problems
    return made


def bfd_of(made: Built, host: str) -> list[str]:
    """The lines of FRR about BFD and timers of neighbors."""
    text = frr_text(made.documents[host]["frr"])
    return [line.strip() for line in text.splitlines() if " bfd" in line or (" timers " in line and "connect" not in line)]


WAITING = ["10.2", "10.2.1", "10.2.2", "10.3", "10.3.0"]
LATE = ["8.4", "8.4.4", "8.5.7", "9.1.3", "10.0.1", "10.1.2", "10.2", "10.2.1"]


@pytest.mark.parametrize("waiting", WAITING)
@pytest.mark.parametrize("late", LATE)
def test_one_that_waits_for_bfd_has_none_with_one_that_begins_it_late(waiting: str, late: str) -> None:
    for releases in ({"spine1": late, "leaf1": waiting}, {"spine1": waiting, "leaf1": late}):
        made = built(releases)
        (note,) = made.notes
        assert f"spine1:eth1 (FRR {releases['spine1']})" in note and f"leaf1:eth1 (FRR {releases['leaf1']})" in note
        assert "unnumbered: false" in note
        # The other link of each has BFD, for itself.
        assert bfd_of(made, "spine1")[1:] == [
            "neighbor eth1 timers 1 3",
            "neighbor eth2 bfd",
            "neighbor eth2 bfd profile fabric",
        ]
        assert bfd_of(made, "leaf1")[1:] == [
            "neighbor eth1 timers 1 3",
            "neighbor eth2 bfd",
            "neighbor eth2 bfd profile fabric",
        ]
        assert bfd_of(made, "leaf2")[1:] == ["neighbor fabric bfd", "neighbor fabric bfd profile fabric"]


@pytest.mark.parametrize("one", ["8.4.4", "10.2.3", "10.3.1", "10.4.2", "10.7.1"])
@pytest.mark.parametrize("other", ["8.4.4", "10.2.3", "10.3.1", "10.7.1", None])
def test_others_have_bfd(one: str, other: str | None) -> None:
    made = built({"spine1": one, "leaf1": other, "leaf2": other})
    assert made.notes == []


def test_a_host_that_cannot_be_reached_may_have_what_others_have() -> None:
    """Or the fabric would change with what can be reached."""
    links = (
        "leaf1:eth1 (FRR 10.3) and spine1:eth1 (FRR 8.4.4)",
        "leaf1:eth2 (FRR 10.3) and spine2:eth1 (FRR unknown)",
        "leaf2:eth1 (FRR unknown) and spine1:eth2 (FRR 8.4.4)",
        "leaf2:eth2 (FRR unknown) and spine2:eth2 (FRR unknown)",
    )
    notes = built({"spine1": "8.4.4", "leaf1": "10.3"}, others=None).notes
    assert [link in note for link, note in zip(links, notes, strict=True)] == [True] * 4
    for same in ("8.4.4", "10.3"):
        assert built({"spine1": same, "spine2": same, "leaf1": same}, others=None).notes == []


@pytest.mark.parametrize("release", ["10.2.2", "10.3"])
def test_two_of_those_that_wait_begin_early_enough_for_each_other(release: str) -> None:
    assert built({"spine1": release, "leaf1": release}).notes == []


def test_links_with_addresses_and_ospf_keep_bfd() -> None:
    mixed = {"spine1": "8.4.4", "leaf1": "10.3"}
    for numbered in ("ipv4", "ipv6"):
        made = built(mixed, numbered)
        assert made.notes == [] and "neighbor fabric bfd" in bfd_of(made, "leaf1")
    ospf: dict[str, Any] = {
        "fabric_underlay": {"protocol": "ospf", "bfd": True},
        "fabric_overlay": {"protocol": "ibgp", "asn": 65000},
    }
    assert built(mixed, "ipv4", **ospf).notes == []


def test_without_bfd_in_the_inventory_nothing_is_left_out() -> None:
    assert built({"spine1": "8.4.4", "leaf1": "10.3"}, fabric_underlay={"protocol": "ebgp"}).notes == []


def test_verify_expects_no_bfd_where_it_is_left_out() -> None:
    made = built({"spine1": "8.4.4", "leaf1": "10.3"})
    assert {host: expected["bfd"] for host, expected in made.expectations.items()} == {
        "spine1": ["eth2"], "spine2": ["eth1", "eth2"], "leaf1": ["eth2"], "leaf2": ["eth1", "eth2"]}  # fmt: skip


@pytest.mark.parametrize(("release", "holds"), [("10.3", False), ("10.4.1", True), ("10.5.4", True), ("10.6.0", False)])
def test_bgp_that_a_release_would_hold_for_30_s_has_timers_of_its_own(release: str, holds: bool) -> None:
    made = built({"leaf1": release})
    assert ("neighbor fabric timers 3 9" in bfd_of(made, "leaf1")) is holds


@pytest.mark.parametrize(
    ("releases", "unseen"),
    [
        ({}, []),
        ({"leaf1": "10.3"}, ["spine1", "spine2"]),
        ({"leaf1": "8.4.4", "spine1": "8.4.4"}, ["spine2", "leaf2"]),
        ({"leaf1": "10.3.1"}, []),
    ],
)
def test_hosts_whose_release_decides_what_their_neighbors_do_are_named(releases: dict[str, str], unseen: list[str]) -> None:
    assert built(releases, others=None).unseen == unseen
    assert built(releases, "ipv4", others=None).unseen == []
