"""Which hosts may be put into maintenance."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.filter.maintenance_problems import maintenance_problems

SPINES = ["spine1", "spine2", "spine3"]
GROUPS = {"fabric": [*SPINES, "leaf1", "leaf2"], "spines": SPINES, "vteps": ["leaf1", "leaf2"]}
UNTIL = {"maintenance": {"since": "2026-11-27T10:00:00Z", "until": "2026-11-27T12:00:00Z"}}
CARRIES: dict[str, Any] = {"kernel": "6.12", "maintenance": None}


def problems(hosts: list[str], state: str = "on", last: bool = False, **facts: Any) -> list[str]:
    return maintenance_problems(hosts, GROUPS, state, {name: facts.get(name, CARRIES) for name in SPINES}, last)


def test_all_that_is_wrong_with_a_request_is_told_at_once() -> None:
    assert maintenance_problems(["spine9", "leaf1", "x"], GROUPS, "up") == [
        "host: 'spine9' is not in the group fabric. Write spine3.",
        "host: 'x' is not in the group fabric. Write one of spine1, spine2, spine3, leaf1, leaf2.",
        "state: 'up' is neither on nor off. Write -e state=on or -e state=off.",
    ]
    assert maintenance_problems([], GROUPS, "") == [
        "host: is missing. Write the hosts that are meant: -e host=spine1, or spine1,leaf2.",
        "state: is missing. Write -e state=on or -e state=off.",
    ]


def test_a_spine_may_go_while_another_carries_traffic() -> None:
    assert problems(["spine1", "leaf1"], spine2={**CARRIES, **UNTIL}) == []
    assert problems(["spine1", "spine2"]) == []


def test_the_last_spine_that_carries_traffic_stays_unless_the_user_says_so() -> None:
    others: dict[str, Any] = {"spine2": {**CARRIES, **UNTIL}, "spine3": {"unreachable": True}}
    assert problems(["spine1"], **others) == [
        "host: spine1 is the last spine that carries traffic: spine2 is in maintenance until 2026-11-27T12:00:00Z; spine3 "
        "cannot be reached by Ansible. Have another carry traffic first, or write -e maintenance_last=true, and traffic has no "
        "other way."
    ]
    assert problems(["spine1"], last=True, **others) == []
    assert problems(["spine1"], state="off", **others) == []
    assert problems(SPINES) == [
        "host: spine1 and spine2 and spine3 are the last spines that carry traffic: there is no other. Have another carry "
        "traffic first, or write -e maintenance_last=true, and traffic has no other way."
    ]


@pytest.mark.parametrize("name", ["spine2", "leaf1"])
def test_a_host_that_takes_no_traffic_away_is_never_refused(name: str) -> None:
    in_maintenance = {**CARRIES, **UNTIL}
    assert problems([name], spine1=in_maintenance, spine2=in_maintenance, spine3=in_maintenance) == []
