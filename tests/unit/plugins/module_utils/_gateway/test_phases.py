"""What the phases of a move do."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.phases import (
    ACQUIRE,
    ALL,
    NEW,
    PHASES,
    REDIRECT,
    RELEASE,
    moving,
    settled,
)
from hypothesis import given

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
    assert settled(goals, there, RELEASE).get(7, set()) == settled(goals, there, REDIRECT).get(7, set()) == released


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


def test_what_is_taken_up_is_preferred_until_it_has_been_given_up() -> None:
    wanted = {1: 0, 2: 0, 3: 1}
    assert moving(wanted, {1: 0, 2: 1}, ACQUIRE) == {1: 0, 2: NEW, 3: 1}
    assert moving(wanted, {1: 0, 2: NEW, 3: 1}, RELEASE) == {1: 0, 2: NEW, 3: 1}
    assert moving(wanted, {1: 0, 2: NEW, 3: 1}, REDIRECT) == {1: 0, 2: NEW, 3: 1}
    assert moving(wanted, {1: 0, 2: NEW, 3: 1}, ALL) == wanted
    assert moving(wanted, {2: 1}, RELEASE) == wanted, "what nobody has announced is not new"


@given(st.dictionaries(st.integers(0, 5), st.integers(0, 2)), st.dictionaries(st.integers(0, 5), st.integers(0, 2)))
def test_all_phases_end_where_all_alone_does(wanted: dict[int, int], before: dict[int, int]) -> None:
    present = before
    for phase in (ACQUIRE, RELEASE, REDIRECT, ALL):
        moved = moving(wanted, present, phase)
        there = {bucket: {(rank,)} for bucket, rank in present.items()}
        after = settled({bucket: (rank,) for bucket, rank in moved.items()}, there, phase)
        now = {bucket: min(marks)[0] for bucket, marks in after.items()}
        if phase == ACQUIRE:
            assert all(now.get(bucket, 9) <= rank for bucket, rank in present.items()), "nothing is given up yet"
        present = now
    assert present == wanted
