"""What a rollout that stops says of its hosts."""

from __future__ import annotations

from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.fabric_checks import fabric_checks
from ansible_collections.evpn.fabric.plugins.filter.rollout_stop import CUT_OFF, REMEDY, rollout_stop

WORSE = [{"name": "bgp session", "subject": "spine1 via eth1", "passed": False, "desired": "established", "actual": "idle"}]
BATCHES = [["spine1"], ["leaf1", "leaf2", "leaf3"], ["leaf4"], ["gw1"]]


def test_each_host_of_the_batch_is_told_and_those_that_were_not_touched() -> None:
    hostvars: dict[str, Any] = {
        "leaf1": {"__host_worse": WORSE, "__host_brought": {"changed": True}, "__host_reverted": {"changed": True}},
        "leaf2": {"__host_brought": {"changed": True}, "__host_reverted": {"changed": False, "msg": "the disk is full"}},
        "leaf3": {},
    }
    assert rollout_stop(hostvars, BATCHES[1], ["leaf1", "leaf2"], BATCHES) == [
        "leaf1: bgp session: spine1 via eth1: desired established; actual idle",
        "leaf1: reverted to what it was before this run",
        "leaf3: failed or cannot be reached, see above",
        "not reverted: leaf2 (the disk is full). Take the change out of the inventory and run evpn.fabric.site again",
        "not touched: leaf4, gw1",
        REMEDY,
    ]


def test_a_host_that_cannot_be_reached_any_more_goes_back_by_itself() -> None:
    lost = [{"name": "host", "subject": "FRR", "passed": False, "desired": "it answers", "actual": "no route to host"}]
    brought = {"changed": True, "checkpoint": {"id": "1", "seconds": 60}}
    hostvars = {"leaf4": {"__host_worse": lost, "__host_brought": brought, "__host_reverted": {"unreachable": True}}}
    assert rollout_stop(hostvars, ["leaf4"], ["leaf4"], BATCHES)[:2] == [
        "leaf4: host: FRR: desired it answers; actual no route to host",
        "leaf4: goes back by itself to what it was, at most 60 s after it was changed",
    ]


def test_a_host_whose_connection_ended_while_it_was_changed_stops_the_run() -> None:
    hostvars = {"leaf4": {"__host_brought": {"unreachable": True, "changed": False, "msg": "no route to host"}}}
    assert rollout_stop(hostvars, ["leaf4"], ["leaf4"], BATCHES)[:2] == [f"leaf4: {CUT_OFF}", "not touched: gw1"]


def test_after_the_last_batch_nothing_is_left_untouched() -> None:
    assert rollout_stop({"gw1": {}}, ["gw1"], [], BATCHES)[-2] == "all other hosts had been changed before"


def test_a_batch_that_is_as_well_as_before_does_not_stop_a_run() -> None:
    confirmed: dict[str, Any] = {"__host_worse": [], "__host_brought": {"changed": True, "checkpoint": {"id": "1"}}}
    nothing_to_confirm = {"__host_worse": [], "__host_brought": {"changed": True}}
    hostvars: dict[str, Any] = {
        "leaf1": confirmed,
        "leaf2": nothing_to_confirm,
        "leaf3": {"__host_brought": {"changed": False}},
    }
    assert rollout_stop(hostvars, BATCHES[1], ["leaf1"], BATCHES) == []
    stopped = rollout_stop(hostvars, BATCHES[1], [], BATCHES)
    assert stopped[0] == "leaf1: failed or cannot be reached, see above" and stopped[1].startswith("not reverted: leaf2. ")


def test_of_checks_only_those_count_that_had_passed_before() -> None:
    expected: dict[str, Any] = {
        kind: [] for kind in ("sessions", "ospf", "ports", "vnis", "l3vnis", "prefixes", "isolation", "lookups", "owners")
    }
    expected |= {"bfd": ["eth1", "eth2", "eth3"], "interfaces": {}, "vtep_sets": [], "gather": ["bfd"]}
    states = [{"bfd": [{"interface": f"eth{n}", "state": state} for n, state in enumerate(each, 1)]} for each in (
        ("up", "down", "up"), ("up", "down", "down"))]  # fmt: skip
    before = fabric_checks(states[0], expected)
    assert [(check["subject"], check["passed"]) for check in fabric_checks(states[1], expected, before)] == [
        ("eth1", True),
        ("eth3", False),
    ]
