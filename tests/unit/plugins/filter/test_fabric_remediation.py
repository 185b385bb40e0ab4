"""The decision as the playbook asks for it: limits are what a command line gives, work in progress is what hosts tell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.filter.fabric_remediation import fabric_remediation
from ansible_collections.evpn.fabric.plugins.filter.fabric_repairs import fabric_repairs

AT = "2026-11-27T12:00:00Z"
GROUPS = {"fabric": ["leaf1", "leaf2", "gw1", "gw2"], "gateways": ["gw1", "gw2"]}


def decided(
    disruption: str = "hitless",
    inventory: str = "unchanged",
    memory: str = "",
    told: dict[str, dict[str, Any]] | None = None,
    state: str = "active",
    **limits: Any,
) -> dict[str, Any]:
    """What is decided about two leaves with one finding each: ``told`` by hosts besides, ``state`` of gw2 in the inventory."""
    finding = {"plane": "kernel", "kind": "bridge", "name": "br1", "whose": "gone", "disruption": disruption, "since": AT}
    host = {"at": AT, "problem": None, "inventory": inventory, "findings": [{**finding, "repairable": True}]}
    report = {"version": 1, "at": AT, "hosts": {"leaf1": host, "leaf2": host}}
    hostvars: dict[str, dict[str, Any]] = {
        name: {"__host_info": {"findings": [], "ownership": None, **(told or {}).get(name, {})}} for name in GROUPS["fabric"]
    }
    hostvars["gw2"]["fabric_gateway_state"] = state
    return fabric_remediation(hostvars, GROUPS, report, memory, **limits)


def gateways(gw1: bool, gw2: bool) -> dict[str, dict[str, Any]]:
    """What gateways tell that hold something, or nothing."""
    return {"gw1": {"ownership": {"holds": gw1}}, "gw2": {"ownership": {"holds": gw2}}}


def test_without_limits_only_what_is_hitless_is_repaired_one_host_after_the_other() -> None:
    assert decided()["batches"] == [["leaf1"], ["leaf2"]] and decided()["all_well"]
    assert decided("session")["batches"] == [] and not decided("session")["all_well"]


def test_limits_are_taken_as_text_too() -> None:
    assert decided(hosts_at_once="2")["batches"] == [["leaf1", "leaf2"]]
    assert decided(inventory="changed", changed_inventory="yes")["batches"] != []
    assert decided(inventory="changed", changed_inventory="no")["batches"] == []


def test_what_a_run_begins_counts_for_the_next() -> None:
    first = decided(hosts_per_hour=3)
    assert decided(memory=fabric_repairs(first, 2), hosts_per_hour=3)["batches"] == [["leaf1"]]
    # leaf2 was not touched, because the repair of leaf1 failed.
    assert decided(memory=fabric_repairs(first, 0), hosts_per_hour=3)["batches"] == [["leaf2"], ["leaf1"]]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"leaf2": {"maintenance": {"until": "2026-11-27T14:00:00Z"}}}, "leaf2 is in maintenance until 2026-11-27T14:00:00Z"),
        ({"leaf2": {"checkpoint": {"id": "1", "seconds": 60}}}, "leaf2 has a checkpoint that waits to be confirmed"),
        (gateways(True, False), "gw2 serves nothing: it is drained, or has come back and was not taken in"),
    ],
)
def test_work_on_any_host_keeps_all_from_being_repaired(told: dict[str, Any], said: str) -> None:
    made = decided(told=told)
    assert made["batches"] == [] and len(made["lines"]) == 2 and all(said in line for line in made["lines"])


def test_a_gateway_that_the_inventory_has_drained_keeps_nobody_from_being_repaired() -> None:
    assert decided(told=gateways(True, False), state="drained")["batches"] == [["leaf1"], ["leaf2"]]


@pytest.mark.parametrize(
    "told",
    [
        gateways(True, True),
        gateways(False, False),
        {"leaf2": {"maintenance": None, "checkpoint": None}},
        {"gw1": {"ownership": {"msg": "bgpd does not answer"}}},
    ],
)
def test_what_is_no_work_keeps_nobody_from_being_repaired(told: dict[str, Any]) -> None:
    assert decided(told=told)["batches"] == [["leaf1"], ["leaf2"]]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"max_disruption": "lnk"}, "max_disruption is lnk. Write one of hitless, session, link, daemon."),
        ({"hosts_at_once": 0}, "remediate_hosts_at_once: 0 is not a number of hosts. Write a number from 1 to 1000."),
        ({"changed_inventory": "maybe"}, "remediate_changed_inventory: 'maybe' is not true or false. Write one of them."),
        ({"memory": "{"}, "remediation.json: cannot be read"),
        ({"hosts_an_hour": 1}, "hosts_an_hour: no such limit. Write max_disruption, hosts_at_once, hosts_per_hour,"),
    ],
)
def test_a_limit_that_is_none_is_refused(limits: dict[str, Any], said: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        decided(**limits)
    assert said in str(refused.value)
