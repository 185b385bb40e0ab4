# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What operations on FRR are about. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from .secrets import masked


@dataclass(frozen=True)
class Lines:
    """Lines of one top-level context; ``paths`` as in :mod:`.configuration`."""

    kind: ClassVar[str] = "frr"

    name: str
    paths: Tuple[Tuple[str, ...], ...]

    @property
    def lines(self):
        """The lines as a person would write them, each under its contexts, without secrets."""
        shown: list[str] = []
        place: tuple[str, ...] = ()
        for path in self.paths:
            depth = 0
            while depth < min(len(place), len(path) - 1) and place[depth] == path[depth]:
                depth += 1
            shown += [" " * level + path[level] for level in range(depth, len(path) - 1)]
            shown.append(" " * (len(path) - 1) + masked(path[-1]))
            place = path
        return shown

    def to_output(self):
        return {"name": self.name, "lines": self.lines}


@dataclass(frozen=True)
class StartupFile:
    """The file that FRR starts from. Its content is not shown: it may hold secrets."""

    kind: ClassVar[str] = "frr startup file"

    name: str

    def to_output(self):
        return {"name": self.name}


@dataclass(frozen=True)
class Daemons:
    """The daemons that FRR's daemons file enables."""

    kind: ClassVar[str] = "frr daemons"

    name: str
    daemons: Tuple[str, ...]

    def to_output(self):
        return {"name": self.name, "daemons": list(self.daemons)}


@dataclass(frozen=True)
class SeenAddress:
    """An address of an interface that FRR knows of."""

    kind: ClassVar[str] = "frr address"

    dev: str
    address: str

    @property
    def name(self):
        """How people name it."""
        return "%s on %s" % (self.address, self.dev)

    def to_output(self):
        return {"dev": self.dev, "address": self.address}
