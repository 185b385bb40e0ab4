"""The order in which entries of a list are written, on a model of FRR's lists."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import lists
from hypothesis import given, settings
from hypothesis import strategies as st

Entries = dict[int, str]

_numbers = st.integers(1, 5)
_entries = st.sampled_from([f"{action} {content}" for action in ("permit", "deny") for content in "ABC"])
any_list = st.dictionaries(_numbers, _entries, min_size=1)
#: Lists in which no entry stands twice.
distinct = any_list.map(lambda entries: {number: entry for entry, number in {e: n for n, e in entries.items()}.items()})


def played(present: Entries, desired: Entries, ignores: bool) -> list[Entries]:
    """The states that a list goes through; one that ``ignores`` an entry that it has under another number, or not."""
    states = [dict(present)]
    for number, entry in lists.steps(present, desired):
        state = dict(states[-1])
        if entry is None:
            del state[number]
        elif not ignores or entry not in state.values():
            state[number] = entry
        assert state != states[-1], f"{number} {entry} changes nothing in {state}"
        states.append(state)
    return states


@settings(max_examples=300)
@given(distinct, distinct)
def test_a_list_that_ignores_what_it_has_comes_to_any_other(present: Entries, desired: Entries) -> None:
    assert desired.items() <= played(present, desired, ignores=True)[-1].items()


@settings(max_examples=300)
@given(any_list, any_list)
def test_a_list_that_has_entries_twice_comes_to_any_other(present: Entries, desired: Entries) -> None:
    assert desired.items() <= played(present, desired, ignores=False)[-1].items()


@settings(max_examples=300)
@given(distinct, distinct)
def test_what_is_left_over_was_there(present: Entries, desired: Entries) -> None:
    last = played(present, desired, ignores=True)[-1]
    assert last.items() - desired.items() <= present.items()


@settings(max_examples=300)
@given(distinct, distinct)
def test_a_list_is_without_an_entry_only_while_its_only_deny_gets_another_number(present: Entries, desired: Entries) -> None:
    if not all(played(present, desired, ignores=True)):
        (entry,) = present.values()
        assert entry.startswith("deny ")


@pytest.mark.parametrize(
    ("present", "desired", "expected"),
    [
        ("", "A B", ["1 A", "2 B"]),
        ("A", "B", ["1 B"]),
        ("A B C", "N A B C", ["1 N", "2 A", "3 B", "4 C"]),
        ("N A B C", "A B C", ["4 -", "3 C", "2 B", "1 A"]),
        ("A B", "B A", ["1 -", "2 A", "1 B"]),
        ("A B C", "A", []),
    ],
)
def test_no_more_is_written_than_has_to_be(present: str, desired: str, expected: list[str]) -> None:
    before, after = ({number: f"permit {name}" for number, name in enumerate(names.split(), 1)} for names in (present, desired))
    assert [f"{number} {(entry or 'permit -')[7:]}" for number, entry in lists.steps(before, after)] == expected


def test_the_only_entry_gets_another_number_while_its_opposite_stands_behind_it() -> None:
    assert lists.steps({10: "permit A"}, {20: "permit A"}) == [(20, "deny A"), (10, None), (20, "permit A")]
