"""How a figure is judged."""

from __future__ import annotations

from benchmarks.measure import Row

SAMPLES = (1.0, 1.0, 6.0)


def test_the_worst_sample_is_judged_where_it_has_a_limit() -> None:
    assert Row("back", "s", SAMPLES, "the change", (1.0,), at_most=5).met, "the median is 1"
    assert not Row("back", "s", SAMPLES, "the change", (1.0,), worst_at_most=5).met
    assert Row("back", "s", SAMPLES, "the change", (1.0,), worst_at_most=6).met
