# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What operations on FRR are about. Pure. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Dict, List, NamedTuple, Tuple

from .configuration import Path
from .secrets import masked

#: The permissions of FRR's files, which may hold secrets.
PRIVATE = 0o640


@dataclass(frozen=True)
class Lines:
    """Lines of one top-level context; ``paths`` as in :mod:`.configuration`."""

    kind: ClassVar[str] = "frr"

    name: str
    paths: Tuple[Path, ...]

    @property
    def lines(self) -> List[str]:
        """The lines as a person would write them, each under its contexts, without secrets."""
        shown: List[str] = []
        place: Path = ()
        for path in self.paths:
            depth = 0
            while depth < min(len(place), len(path) - 1) and place[depth] == path[depth]:
                depth += 1
            shown += [" " * level + path[level] for level in range(depth, len(path) - 1)]
            shown.append(" " * (len(path) - 1) + masked(path[-1]))
            place = path
        return shown

    def to_output(self) -> Dict[str, Any]:
        return {"name": self.name, "lines": self.lines}


@dataclass(frozen=True)
class Service:
    """FRR's service: whether it runs, and whether it starts at boot. Distributions name it frr.service."""

    kind: ClassVar[str] = "frr service"

    active: bool
    enabled: bool
    name: str = "frr.service"

    def to_output(self) -> Dict[str, Any]:
        return {"name": self.name, "active": self.active, "enabled": self.enabled}


class File(NamedTuple):
    """A file: its content, its permissions, and the numbers of its owner and group."""

    text: str
    mode: int
    uid: int
    gid: int


@dataclass(frozen=True)
class StartupFile:
    """The file that FRR starts from. Its content is not shown: it may hold secrets."""

    kind: ClassVar[str] = "frr startup file"

    name: str

    def to_output(self) -> Dict[str, Any]:
        return {"name": self.name}


@dataclass(frozen=True)
class UnfinishedFile:
    """A file beside one of FRR's that a run of this collection did not live to give its name."""

    kind: ClassVar[str] = "frr unfinished file"

    name: str

    def to_output(self) -> Dict[str, Any]:
        return {"name": self.name}


@dataclass(frozen=True)
class Daemons:
    """The daemons that FRR's daemons file enables."""

    kind: ClassVar[str] = "frr daemons"

    name: str
    daemons: Tuple[str, ...]

    def to_output(self) -> Dict[str, Any]:
        return {"name": self.name, "daemons": list(self.daemons)}


@dataclass(frozen=True)
class SeenAddress:
    """An address of an interface that FRR knows of."""

    kind: ClassVar[str] = "frr address"

    dev: str
    address: str

    @property
    def name(self) -> str:
        """How people name it."""
        return "%s on %s" % (self.address, self.dev)

    def to_output(self) -> Dict[str, Any]:
        return {"dev": self.dev, "address": self.address}
