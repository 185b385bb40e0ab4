# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of the page, and how they travel in it. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Union

Cell = Union[str, int, None]
#: What a cell of a state begins with: it tells without colors what is as it should be and what is not.
GOOD, BAD = "✓ ", "✗ "


def state(passed: bool, text: str) -> str:
    """The text of a state, marked as good or bad."""
    return (GOOD if passed else BAD) + text


class Table(NamedTuple):
    """A table of the page.

    ``name`` is its anchor; ``about`` says what it shows, ``empty`` what it means that it has no rows. ``columns`` are headings.
    The column "Host", where there is one, has names of hosts.
    """

    name: str
    title: str
    about: str
    empty: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]

    @property
    def bad(self) -> int:
        """How many rows have a state that is not as it should be."""
        return sum(any(isinstance(cell, str) and cell.startswith(BAD) for cell in row) for row in self.rows)

    def encoded(self) -> dict[str, Any]:
        """The table for the script: each column as its different values and, for each row, the place of its value there.

        A hundred thousand rows repeat few values: they become shorter, and are searched and sorted by value, not by row.
        """
        parts = [_encoded(column) for column in zip(*self.rows)] or [([], []) for _column in self.columns]
        return {
            "columns": self.columns,
            "empty": self.empty,
            "size": len(self.rows),
            "values": [values for values, _places in parts],
            "places": [places for _values, places in parts],
        }


def _encoded(column: Iterable[Cell]) -> tuple[list[Cell], list[int]]:
    """The different values of a column, and for each row the place of its value among them."""
    known: dict[Cell, int] = {}
    places = [known.setdefault(cell, len(known)) for cell in column]
    return list(known), places
