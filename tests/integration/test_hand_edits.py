"""Edits by hand on hosts of a mixed lab, drawn by a seed, are found and repaired; an untouched host has nothing to report."""

from __future__ import annotations

import os

import pytest

from tests.hand_edits import EDITS, LAB, Outcome, edited

#: Edits of each host: half of the kinds; ``make bench`` makes more of them.
COUNT, SEED, UNTOUCHED = len(EDITS) // 2, 1, 3


@pytest.mark.parametrize("name", LAB)
def test_what_is_edited_by_hand_on_a_host_of_the_lab_is_found_and_repaired(name: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("making containers needs root")
    false_reports, *outcomes = edited(name, COUNT, SEED, UNTOUCHED)
    assert false_reports == 0
    failures = [each.words for each in outcomes if isinstance(each, Outcome) and (each.missed or each.left)]
    assert len(outcomes) == COUNT and not failures, "\n\n".join(failures)
