# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers and ranges of them, as people write them: ``10000``, ``10000-10999``, ``1-9,20``, and lists of those. Private to
this collection."""

from __future__ import annotations

import re
from typing import Any, Iterable, List, NamedTuple, Sequence

from .._core.errors import Problem

_PART = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?\Z")


class Span(NamedTuple):
    """The numbers from ``first`` to ``last``, both included, and where they were written."""

    first: int
    last: int
    path: str

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def read_spans(problems: List[Problem], path: str, value: Any, first: int, last: int, what: str) -> List[Span]:
    """The spans of a number, a text or a list of both, in the order written.

    Notes a Problem for each part that is not ``what`` (with its article), not from ``first`` to ``last`` or reversed.
    """
    places = [(f"{path}[{place}]", entry) for place, entry in enumerate(value)] if _is_list(value) else [(path, value)]
    spans = []
    for where, entry in places:
        text = str(entry) if isinstance(entry, (int, str)) and not isinstance(entry, bool) else ""
        for part in text.split(","):
            found = _PART.match(part.strip())
            low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, -1)
            if found and low > high and first <= high and low <= last:
                problems.append(Problem(where, f"{part.strip()} is reversed", f"Write {high}-{low}"))
            elif not first <= low <= high <= last:
                problems.append(
                    Problem(
                        where,
                        f"{shown(part.strip() if text else entry)} is not {what}, nor a range of them",
                        f"Write numbers from {first} to {last}, or ranges such as {first}-{min(first + 9, last)}",
                    )
                )
            else:
                spans.append(Span(low, high, where))
    return spans


def note_overlaps(problems: List[Problem], spans: Sequence[Span], remedy: str) -> None:
    """Notes a Problem for each span that shares a number with one that was written before it."""
    written = {span: place for place, span in reversed(list(enumerate(spans)))}
    widest = None
    for span in sorted(spans):
        if widest is not None and span.first <= widest.last:
            earlier, later = sorted((widest, span), key=lambda one: written[one])
            problems.append(Problem(later.path, f"{later} overlaps {earlier} of {earlier.path}", remedy))
        if widest is None or span.last > widest.last:
            widest = span


def as_text(numbers: Iterable[int]) -> str:
    """Numbers in ascending order as people write them, ``1-3,7``: a str."""
    spans: List[Span] = []
    for number in numbers:
        if spans and number == spans[-1].last + 1:
            spans[-1] = spans[-1]._replace(last=number)
        else:
            spans.append(Span(number, number, ""))
    return ",".join(map(str, spans))


def shown(value: Any) -> str:
    """A value in a message: short, on one line."""
    text = repr(str(value) if isinstance(value, str) else value)
    return text if len(text) <= 60 else text[:57] + "..."


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))
