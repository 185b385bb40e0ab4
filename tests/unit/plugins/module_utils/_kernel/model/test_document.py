"""What a document cannot mean: one name for several interfaces."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError

from tests.engine import document

#: A link of each kind that is called x1.
ENTRIES: dict[str, dict[str, Any]] = {
    "vrfs": {"name": "x1", "table": 100},
    "bridges": {"name": "x1"},
    "vxlans": {"name": "x1", "vni": 100, "local": "10.0.0.1"},
    "veths": {"name": "x1", "peer": "x2"},
    "dummies": {"name": "x1"},
    "vlans": {"name": "x1", "link": "eth0", "vlan": 5},
    "macvlans": {"name": "x1", "link": "eth0"},
    "interfaces": {"name": "x1", "mtu": 1400},
}
#: Pairs of sections, and the state of their entries; interfaces that exist without us are never absent.
PAIRS = [
    (first, second, state)
    for first, second in itertools.combinations(ENTRIES, 2)
    for state in ("present", "absent")
    if state == "present" or second != "interfaces"
]


def problems(**options: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        document(**options)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(("first", "second", "state"), PAIRS)
def test_a_name_in_two_sections_is_refused(first: str, second: str, state: str) -> None:
    own_state = {section: {} if section == "interfaces" else {"state": state} for section in (first, second)}
    options = {section: [{**ENTRIES[section], **own_state[section]}] for section in (second, first)}
    remedy = "A host has one interface of a name: give each its own."
    assert problems(**options) == [f"{second}[0]: x1 is in {first}, too. {remedy}"]


@pytest.mark.parametrize("section", [section for section in ENTRIES if section != "veths"])
def test_the_far_end_of_a_pair_in_another_section_is_refused(section: str) -> None:
    remedy = "A host has one interface of a name: give each its own."
    assert problems(**{"veths": [{"name": "x9", "peer": "x1"}], section: [ENTRIES[section]]}) == [
        f"x9: its peer x1 is in {section}, too. {remedy}"
    ]


def test_all_names_that_are_in_several_sections_are_told_at_once() -> None:
    found = problems(bridges=[{"name": "x1"}, {"name": "x2"}], vrfs=[{"name": "x2", "table": 1}], dummies=[{"name": "x1"}])
    assert [problem.partition(":")[0] for problem in found] == ["bridges[1]", "dummies[0]"]


def test_both_ends_of_a_pair_may_be_listed() -> None:
    ends = [{"name": "x1", "peer": "x2"}, {"name": "x2", "peer": "x1"}]
    links = document(veths=ends, bridges=[{"name": "x3"}]).present["link"]
    assert sorted(links) == ["x1", "x2", "x3"]
