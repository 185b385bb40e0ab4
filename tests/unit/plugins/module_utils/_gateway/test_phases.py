"""What the phases of a move do."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.phases import ACQUIRE, ALL, PHASES, RELEASE, settled

OWNER, STANDBY = (0, "a"), (1, "b")


@pytest.mark.parametrize(
    ("present", "wanted", "acquired", "released"),
    [
        (set(), OWNER, {OWNER}, set()),
        (set(), STANDBY, {STANDBY}, set()),
        ({STANDBY}, OWNER, {OWNER}, {STANDBY}),
        ({OWNER}, STANDBY, {OWNER}, {STANDBY}),
        ({OWNER}, None, {OWNER}, set()),
        ({OWNER}, (0, "other"), {(0, "other")}, {OWNER}),
        ({OWNER, STANDBY}, OWNER, {OWNER, STANDBY}, {OWNER}),
        ({OWNER, STANDBY}, STANDBY, {OWNER, STANDBY}, {STANDBY}),
    ],
)
def test_acquire_takes_up_and_release_gives_up(present: set, wanted: tuple | None, acquired: set, released: set) -> None:
    goals = {} if wanted is None else {7: wanted}
    there = {7: present} if present else {}
    assert settled(goals, there, ACQUIRE).get(7, set()) == acquired
    assert settled(goals, there, RELEASE).get(7, set()) == released


def test_laws_of_phases() -> None:
    marks = [(0, "a"), (0, "c"), (1, "b"), (2, "d")]
    states = [set(chosen) for count in range(4) for chosen in itertools.combinations(marks, count)]
    for present, wanted in itertools.product(states, [None, *marks]):
        goals = {} if wanted is None else {1: wanted}
        there = {1: present} if present else {}
        goal = {1: {wanted}} if wanted else {}
        assert settled(goals, there, ALL) == goal
        assert settled(goals, settled(goals, there, ACQUIRE), RELEASE) == goal
        assert settled(goals, settled(goals, there, RELEASE), ACQUIRE) == goal
        for phase in PHASES:
            once = settled(goals, there, phase)
            assert settled(goals, once, phase) == once
