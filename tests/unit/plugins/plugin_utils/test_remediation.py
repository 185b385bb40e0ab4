"""Which hosts are repaired in a run, and what keeps the others from it."""

from __future__ import annotations

import datetime
import itertools
import json
import pathlib
from typing import Any

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import DISRUPTIONS
from ansible_collections.evpn.fabric.plugins.plugin_utils import _remediation
from ansible_collections.evpn.fabric.plugins.plugin_utils._remediation import Decision, Limits, Object, Repair
from hypothesis import given, settings
from hypothesis import strategies as st

CASES = yaml.safe_load(pathlib.Path(__file__).with_name("remediation_cases.yml").read_text())
NOW = "2026-11-27T12:00:00Z"
LIMITS = Limits("hitless", hosts_at_once=1, hosts_per_hour=10, returns=3, window=24, changed_inventory=False)
HOST: dict[str, Any] = {"at": NOW, "reachable": True, "problem": None, "inventory": "unchanged", "findings": []}
FINDING = {
    "plane": "kernel",
    "kind": "bridge",
    "name": "br10100",
    "whose": "changed",
    "disruption": "hitless",
    "since": "2026-11-27T11:00:00Z",
    "repairable": True,
}


def report(hosts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    filled = {
        name: {**HOST, **host, "findings": [{**FINDING, **each} for each in host.get("findings", [])]}
        for name, host in hosts.items()
    }
    return {"version": 1, "at": NOW, "hosts": filled}


def memory(repairs: list[dict[str, Any]]) -> list[Repair]:
    return _remediation.read_memory(json.dumps({"version": 1, "repairs": [{"succeeded": True, **each} for each in repairs]}))


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]
    made = Decision(
        report(case["hosts"]),
        memory(case.get("repairs", [])),
        LIMITS._replace(**case.get("limits", {})),
        case.get("busy", {}),
        case.get("apart", []),
    )
    assert [[repair.host for repair in batch] for batch in made.batches] == case["batches"]
    if "moves" in case:
        assert [repair.host for repair in made.moves] == case["moves"]
    assert made.all_well is not any(
        "not repaired" in line or "not moved" in line or "nothing repairs" in line for line in made.lines
    )
    if "lines" in case:
        assert made.lines == case["lines"]


@pytest.mark.parametrize(
    ("step", "remembered"),
    [
        (0, [("leaf1", False)]),
        (1, [("leaf1", True), ("leaf2", False)]),
        (2, [("leaf1", True), ("leaf2", True), ("gw1", False)]),
        (3, [("leaf1", True), ("leaf2", True), ("gw1", True)]),
    ],
)
def test_what_is_begun_is_remembered_step_by_step_and_as_long_as_it_counts(
    step: int, remembered: list[tuple[str, bool]]
) -> None:
    old, recent = ({"at": f"2026-11-{day}T11:00:00Z", "host": "leaf9", "objects": []} for day in (20, 27))
    moved = {"whose": "ownership", "plane": "gateway", "kind": "vni", "name": "10100"}
    seen = report({"leaf1": {"findings": [{}]}, "leaf2": {"findings": [{}]}, "gw1": {"findings": [moved]}})
    made = Decision(seen, memory([old, recent]), LIMITS, {})
    text = _remediation.begun(_remediation.written(made.earlier), [*map(_remediation.written, made.steps)], step)
    read = _remediation.read_memory(text)
    assert [(repair.host, repair.succeeded) for repair in read] == [("leaf9", True), *remembered]
    assert read[1] == Repair(_remediation.read_time(NOW), "leaf1", (Object("kernel", "bridge", "br10100"),), succeeded=step > 0)


def test_no_memory_is_an_empty_one() -> None:
    assert _remediation.read_memory("") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"version": 2, "repairs": []}', "it is of version 2, and this release reads version 1"),
        ('{"version": 1}', "cannot be read"),
        ('{"version": 1, "repairs": [{"at": "today", "host": "leaf1", "objects": [], "succeeded": true}]}', "cannot be read"),
        (
            '{"version": 1, "repairs": [{"at": "2026-11-27T12:00:00Z", "host": "leaf1", "objects": [["a"]], "succeeded": 1}]}',
            "cannot be read",
        ),
    ],
)
def test_a_memory_that_cannot_be_read_is_refused_with_the_remedy(text: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _remediation.read_memory(text)
    assert said in str(refused.value) and "Restore the file, or remove it" in str(refused.value)


NAMES = [*(f"leaf{number}" for number in range(1, 5)), "spine1", "spine2", "gw1", "gw2"]
APART = [["spine1", "spine2"], ["gw1", "gw2"]]
findings = st.lists(
    st.builds(
        lambda name, whose, disruption: {"kind": whose, "name": name, "whose": whose, "disruption": disruption},
        st.sampled_from(["br1", "br2"]),
        st.sampled_from(["changed", "gone", "ownership"]),
        st.sampled_from(DISRUPTIONS),
    ),
    max_size=3,
)
fabrics = st.fixed_dictionaries(
    {
        name: st.fixed_dictionaries({"findings": findings, "inventory": st.sampled_from(["unchanged", "changed"])})
        for name in NAMES
    }
)
limits = st.builds(
    Limits,
    st.sampled_from(DISRUPTIONS),
    hosts_at_once=st.integers(1, 3),
    hosts_per_hour=st.integers(1, 6),
    returns=st.integers(1, 3),
    window=st.integers(1, 3),
    changed_inventory=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(fabrics, st.integers(0, 9)), min_size=1, max_size=8), limits, st.integers(5, 40))
def test_no_run_of_a_series_passes_a_limit(runs: list[tuple[dict[str, Any], int]], limit: Limits, minutes: int) -> None:
    """Each run is a fabric, and the step at which it fails."""
    repairs: list[Repair] = []
    history: list[Repair] = []
    now = _remediation.read_time(NOW)
    for state, failing in runs:
        now += datetime.timedelta(minutes=minutes)
        at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        seen = report(state)
        made = Decision({**seen, "at": at, "hosts": {name: {**host, "at": at} for name, host in seen["hosts"].items()}},
                        repairs, limit, {}, APART)  # fmt: skip
        begun = made.hosts + made.moves
        assert sorted(repair for batch in made.batches for repair in batch) == sorted(made.hosts)
        for batch in ([repair.host for repair in each] for each in made.batches):
            assert len(batch) <= limit.hosts_at_once
            assert all(len(set(batch) & set(group)) <= 1 for group in APART), "never two of them at once"
        for repair in begun:
            assert state[repair.host]["inventory"] == "unchanged" or limit.changed_inventory
            of_moves = repair in made.moves
            done = [each for each in state[repair.host]["findings"] if (each["whose"] == "ownership") is of_moves]
            assert all(DISRUPTIONS.index(each["disruption"]) <= DISRUPTIONS.index(limit.max_disruption) for each in done)
        steps = [*map(_remediation.written, made.steps)]
        repairs = _remediation.read_memory(_remediation.begun(_remediation.written(made.earlier), steps, failing))
        touched = [repair for step in made.steps[: failing + 1] for repair in step]
        history += [repair for repair in repairs if repair.at == now]
        assert [(repair.host, repair.objects) for repair in history[len(history) - len(touched) :]] == [
            (repair.host, repair.objects) for repair in touched
        ], "a host that was not touched is not remembered"
        assert sum(now - repair.at < datetime.timedelta(hours=1) for repair in history) <= limit.hosts_per_hour
        window = [repair for repair in history if now - repair.at < datetime.timedelta(hours=limit.window)]
        for name, succeeded in itertools.product(NAMES, (True, False)):
            done = [repair for repair in window if repair.host == name and repair.succeeded is succeeded]
            for each in {each for repair in done for each in repair.objects}:
                assert sum(each in repair.objects for repair in done) <= limit.returns, "an object is not fought over"
