"""The decision as the playbook asks for it: limits are what a command line gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.filter.fabric_remediation import fabric_remediation

AT = "2026-11-27T12:00:00Z"


def decided(disruption: str = "hitless", inventory: str = "unchanged", memory: str = "", **limits: Any) -> dict[str, Any]:
    """What is decided about two hosts with one finding each."""
    finding = {"plane": "kernel", "kind": "bridge", "name": "br1", "whose": "gone", "disruption": disruption, "since": AT}
    host = {"at": AT, "problem": None, "inventory": inventory, "findings": [{**finding, "repairable": True}]}
    report = {"version": 1, "at": AT, "hosts": {"leaf1": host, "leaf2": host}}
    return fabric_remediation(json.dumps(report), memory, {}, [], **limits)


def test_without_limits_only_what_is_hitless_is_repaired_one_host_after_the_other() -> None:
    assert decided()["batches"] == [["leaf1"], ["leaf2"]]
    assert decided("session")["batches"] == []


def test_limits_are_taken_as_text_too() -> None:
    assert decided(hosts_at_once="2")["batches"] == [["leaf1", "leaf2"]]
    assert decided(inventory="changed", changed_inventory="yes")["batches"] != []
    assert decided(inventory="changed", changed_inventory="no")["batches"] == []


def test_what_a_run_begins_counts_for_the_next() -> None:
    assert decided(memory=decided(hosts_per_hour=3)["memory"], hosts_per_hour=3)["batches"] == [["leaf1"]]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"max_disruption": "lnk"}, "max_disruption is lnk. Write one of hitless, session, link, daemon."),
        ({"hosts_at_once": 0}, "remediate_hosts_at_once: 0 is not a number of hosts. Write a number from 1 to 1000."),
        ({"changed_inventory": "maybe"}, "remediate_changed_inventory: 'maybe' is not true or false. Write one of them."),
        ({"memory": "{"}, "remediation.json: is not JSON"),
    ],
)
def test_a_limit_that_is_none_is_refused(limits: dict[str, Any], said: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        decided(**limits)
    assert said in str(refused.value)
