"""The runs that the control host remembers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.fabric_runs import fabric_runs
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.runs import CHARACTERS, RUNS, remembered

OPERATION = {"kind": "vxlan", "name": "vxlan10100", "action": "change", "disruption": "hitless", "reason": "mtu 1500 -> 1450"}
CHANGED: dict[str, Any] = {
    "changed": True,
    "operations": [{**OPERATION, "before": {"mtu": 1500}, "after": {"mtu": 1450}}],
}
UNCHANGED: dict[str, Any] = {"changed": False, "operations": []}
FAILED: dict[str, Any] = {"failed": True, "msg": "FRR refused it"}


def run(before: Sequence[Any] = (), **results: dict[str, Any]) -> list[Any]:
    return list(remembered(list(before), "now", "site", {name: [result] for name, result in results.items()}))


def test_a_run_is_remembered_by_the_operations_of_the_hosts_that_changed() -> None:
    assert run(leaf1=CHANGED, leaf2=UNCHANGED) == [
        {"at": "now", "playbook": "site", "hosts": {"leaf1": {"operations": [OPERATION], "problem": None}}}
    ]


def test_a_run_that_changed_nothing_is_not_remembered() -> None:
    before = run(leaf1=CHANGED)
    assert run(before, leaf1=UNCHANGED) == before


def test_what_failed_is_remembered_with_the_reason_cut_to_a_readable_length() -> None:
    made = run(leaf1=FAILED, leaf2={"failed": True, "msg": "x" * (CHARACTERS + 1)}, leaf3={"unreachable": True, "msg": "gone"})
    assert {name: host["problem"] for name, host in made[0]["hosts"].items()} == {
        "leaf1": "FRR refused it",
        "leaf2": "x" * CHARACTERS,
        "leaf3": "gone",
    }


def test_operations_that_were_reverted_are_not_said_to_have_been_done() -> None:
    (made,) = run(leaf1={**CHANGED, "changed": False, **FAILED})
    assert made["hosts"]["leaf1"]["operations"] == []


def test_the_newest_run_comes_first_and_the_oldest_goes() -> None:
    before = [{"at": str(number), "playbook": "site", "hosts": {}} for number in range(RUNS)]
    made = run(before, leaf1=CHANGED)
    assert [made[0]["at"], made[1]["at"], made[-1]["at"], len(made)] == ["now", "0", str(RUNS - 2), RUNS]


def test_the_filter_reads_the_results_that_are_registered_and_no_others() -> None:
    hostvars = {"leaf1": {"one": CHANGED, "other": CHANGED}, "leaf2": {}}
    (made,) = fabric_runs([], hostvars, ["leaf1", "leaf2"], ["one", "two"], "now", "site")
    assert made["hosts"] == {"leaf1": {"operations": [OPERATION], "problem": None}}
