"""A report of drift goes on from the last one: since when things differ, and what no longer does."""

from __future__ import annotations

from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._module.drift_history import ENDED, continued

FABRIC = ["leaf1", "leaf2"]


def finding(name: str = "br1", **others: Any) -> dict[str, Any]:
    return {
        "plane": "kernel",
        "kind": "bridge",
        "name": name,
        "whose": "changed",
        "reason": "mtu 1300 -> 1450",
        "action": "change",
        "disruption": "hitless",
        "repairable": True,
        **others,
    }


def entry(at: str, *found: dict[str, Any], problem: str | None = None) -> dict[str, Any]:
    return {"at": at, "reachable": True, "problem": problem, "confirmed": None, "inventory": "unknown", "findings": list(found)}


def run(last: dict[str, Any] | None, at: str, **hosts: dict[str, Any]) -> dict[str, Any]:
    return continued(last, {"at": at, "notes": [], "hosts": hosts}, FABRIC)


def since(report: dict[str, Any], host: str = "leaf1") -> dict[str, str]:
    return {each["name"]: each["since"] for each in report["hosts"][host]["findings"]}


def test_a_finding_keeps_when_it_was_seen_first_whatever_its_reason_says_by_now() -> None:
    first = run(None, "1", leaf1=entry("1", finding()))
    second = run(first, "2", leaf1=entry("2", finding(reason="mtu 1200 -> 1450"), finding("br2")))
    assert since(second) == {"br1": "1", "br2": "2"}
    assert second["hosts"]["leaf1"]["findings"][0]["reason"] == "mtu 1200 -> 1450"


def test_what_no_longer_differs_is_remembered_with_its_time_and_begins_anew_if_it_comes_back() -> None:
    report = run(run(None, "1", leaf1=entry("1", finding())), "2", leaf1=entry("2"))
    (ended,) = report["ended"]
    assert (ended["host"], ended["name"], ended["since"], ended["until"]) == ("leaf1", "br1", "1", "2")
    report = run(report, "3", leaf1=entry("3", finding()))
    assert since(report) == {"br1": "3"} and report["ended"] == [ended]


def test_nothing_ends_where_a_host_could_not_be_looked_at_as_a_whole() -> None:
    first = run(None, "1", leaf1=entry("1", finding()))
    second = run(first, "2", leaf1=entry("2", finding("br2"), problem="FRR does not answer"))
    assert since(second) == {"br2": "2", "br1": "1"} and not second["ended"]


def test_hosts_that_a_run_was_not_for_stay_as_they_were_and_those_of_no_fabric_go() -> None:
    first = run(None, "1", leaf1=entry("1", finding()), leaf2=entry("1"), gone=entry("1"))
    second = run(first, "2", leaf2=entry("2"))
    assert since(second) == {"br1": "1"}
    assert {name: each["at"] for name, each in second["hosts"].items()} == {"leaf1": "1", "leaf2": "2"}


def test_so_many_that_have_ended_are_remembered_the_newest_first() -> None:
    report: dict[str, Any] | None = None
    for number in range(3):
        report = run(report, f"{number}a", leaf1=entry("", *(finding(f"{number}-{each}") for each in range(ENDED // 2))))
        report = run(report, f"{number}b", leaf1=entry(""))
    assert report is not None and len(report["ended"]) == ENDED
    assert (report["ended"][0]["until"], report["ended"][-1]["until"]) == ("2b", "1b")
