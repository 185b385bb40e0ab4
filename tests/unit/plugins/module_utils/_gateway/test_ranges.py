"""Numbers and ranges of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ranges import as_text, note_overlaps, read_spans
from hypothesis import given
from hypothesis import strategies as st


def spans_of(value: Any) -> list[tuple[int, int]]:
    problems: list[Problem] = []
    spans = read_spans(problems, "vnis", value, 1, 16777215, "a VNI")
    note_overlaps(problems, spans, "Name each VNI once")
    assert problems == []
    return [(span.first, span.last) for span in spans]


@pytest.mark.parametrize(
    ("value", "spans"),
    [
        (7, [(7, 7)]),
        ("7", [(7, 7)]),
        ("10000-10999", [(10000, 10999)]),
        (" 1-3, 7 ", [(1, 3), (7, 7)]),
        (["5-6", 4, "1,2"], [(5, 6), (4, 4), (1, 1), (2, 2)]),
        ([], []),
        ("1-16777215", [(1, 16777215)]),
    ],
)
def test_numbers_and_ranges_are_read(value: Any, spans: list[tuple[int, int]]) -> None:
    assert spans_of(value) == spans


@given(st.sets(st.integers(1, 200), min_size=1))
def test_what_is_written_is_read_again(numbers: set[int]) -> None:
    text = as_text(sorted(numbers))
    assert {number for first, last in spans_of(text) for number in range(first, last + 1)} == numbers
    assert ",".join(sorted(text.split(","), key=lambda part: int(part.split("-")[0]))) == text


def test_runs_are_written_as_ranges() -> None:
    assert as_text([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"
    assert as_text([]) == ""


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 5)), max_size=12))
def test_an_overlap_is_noted_if_and_only_if_there_is_one(written: list[tuple[int, int]]) -> None:
    problems: list[Problem] = []
    value = [f"{first}-{first + more}" for first, more in written]
    note_overlaps(problems, read_spans(problems, "vnis", value, 1, 100, "a VNI"), "")
    numbers = [number for first, more in written for number in range(first, first + more + 1)]
    assert bool(problems) == (len(numbers) != len(set(numbers)))
