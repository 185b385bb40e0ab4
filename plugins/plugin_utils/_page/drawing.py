# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where hosts and links are drawn. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

#: Pixels: a host's box, the space between boxes, the space between layers and around everything.
WIDTH, HEIGHT, GAP, BETWEEN, MARGIN = 124, 40, 12, 80, 16
#: How many boxes a layer has in a row; more of them are put below.
IN_A_ROW = 9
#: How many characters of a name fit into a box.
CHARACTERS = 15
#: Where there are more links, those that are up are drawn for the chosen host only.
MANY_LINKS = 300


class Node(NamedTuple):
    """A host, or a router outside. ``condition`` is good, bad or unknown; ``about`` says it in words."""

    name: str
    role: str
    condition: str
    about: str


class Edge(NamedTuple):
    """A link between two nodes, by name."""

    ends: tuple[str, str]
    condition: str
    about: str


class Box(NamedTuple):
    """A node with its place; ``label`` is as much of the name as fits."""

    node: Node
    x: int
    y: int
    label: str


class Line(NamedTuple):
    """A link with its place."""

    edge: Edge
    x1: int
    y1: int
    x2: int
    y2: int


class Drawing(NamedTuple):
    """Everything with its place, in pixels. ``many`` says that there are too many links to see any."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    many: bool


def drawing(layers: Iterable[Sequence[Node]], edges: Sequence[Edge]) -> Drawing:
    """Layers of nodes from top to bottom, each in as many rows as it needs, and the links between them."""
    rows: list[tuple[int, Sequence[Node]]] = []
    y = MARGIN
    for layer in layers:
        for start in range(0, len(layer), IN_A_ROW):
            rows.append((y, layer[start : start + IN_A_ROW]))
            y += HEIGHT + GAP
        if layer:
            y += BETWEEN - GAP
    widest = max((len(row) for _y, row in rows), default=1)
    width = 2 * MARGIN + widest * (WIDTH + GAP) - GAP
    boxes = {}
    for top, row in rows:
        left = (width - len(row) * (WIDTH + GAP) + GAP) // 2
        for number, node in enumerate(row):
            boxes[node.name] = Box(node, left + number * (WIDTH + GAP), top, _label(node.name))
    height = max((top for top, _row in rows), default=0) + HEIGHT + MARGIN
    return Drawing(width, height, list(boxes.values()), _lines(boxes, edges), len(edges) > MANY_LINKS)


def _lines(boxes: Mapping[str, Box], edges: Iterable[Edge]) -> list[Line]:
    """Links from the lower side of the upper box to the upper side of the lower one."""
    lines = []
    for edge in edges:
        above, below = sorted((boxes[end] for end in edge.ends), key=lambda box: box.y)
        below_y = below.y if below.y > above.y else below.y + HEIGHT
        lines.append(Line(edge, above.x + WIDTH // 2, above.y + HEIGHT, below.x + WIDTH // 2, below_y))
    return lines


def _label(name: str) -> str:
    return name if len(name) <= CHARACTERS else name[: CHARACTERS - 1] + "…"
