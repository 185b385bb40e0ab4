# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An FRR configuration as lines in contexts. Pure. Private to this collection.

A configuration is a dict whose keys are paths of lines: ``("router bgp 65011", "neighbor fabric bfd")`` is a line in the
context "router bgp 65011". The context is a key of its own. Order is that of the text.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Dict, FrozenSet, NamedTuple, Optional, Set, Tuple

from .._core.errors import Problem, ValidationError
from .secrets import masked

#: A line below the lines of its contexts, and a configuration: an ordered set of these.
Path = Tuple[str, ...]
Configuration = Dict[Path, None]

#: Lines that belong to vtysh, that introduce a listing, or that tell of the kernel's forwarding sysctls: FRR prints them,
#: but they are not its configuration. "frr defaults" is what the others are relative to: :func:`profile` tells it.
_NOT_CONFIGURATION = re.compile(
    r"[!#]|end\Z|(?:exit|exit-[a-z-]+)\Z|Building configuration|Current configuration|frr (?:version|defaults) |hostname |"
    r"service integrated-vtysh-config|no ip(?:v6)? forwarding\Z"
)
#: What vtysh puts before a configuration that it shows; a startup file must not have it.
_HEADING = re.compile(r"(?:Building configuration\.\.\.|Current configuration:)\s*\Z")
_PROFILE = re.compile(r"^frr defaults +(\S+)", re.MULTILINE)
_VERSION = re.compile(r"^frr version +(\S+)", re.MULTILINE)
#: Contexts that FRR prints only when something is in them, by how deep they are.
_NEEDS_LINES = {1: re.compile(r"(?:interface |vrf |line vty$)"), 2: re.compile(r"address-family ")}


class Running(NamedTuple):
    """Names of ``daemons``, the running configuration as vtysh merges it from all of them, and what bgpd itself has of it.

    While the host is ``in_maintenance``, it has the lines of that besides its own.
    """

    daemons: FrozenSet[str]
    text: str
    of_bgpd: str
    in_maintenance: bool = False

    @property
    def version(self) -> int:
        """The major version of FRR; 0 if nothing runs."""
        return int((version(self.text) or "0").partition(".")[0])


def parse(text: str, shown: bool = False) -> Configuration:
    """A configuration from text, indented as ``show running-config`` prints it.

    Raises :class:`ValidationError` for a line with characters that FRR could take for something else, unless FRR itself has
    ``shown`` it.
    """
    lines: Configuration = {}
    problems: list[Problem] = []
    trail: list[tuple[int, str]] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = " ".join(raw.split())
        if not line or _NOT_CONFIGURATION.match(line):
            continue
        if not shown and not raw.replace("\t", " ").rstrip("\r").isprintable():
            problems.append(
                Problem("config line %d" % number, "%r has characters that do not print" % masked(line), "Remove them")
            )
            continue
        indent = len(raw) - len(raw.lstrip())
        while trail and trail[-1][0] >= indent:
            trail.pop()
        path = (*(above for _indent, above in trail), line)
        lines[path] = None
        trail.append((indent, line))
    if problems:
        raise ValidationError(problems)
    return _without_empty_contexts(lines)


def _without_empty_contexts(lines: Configuration) -> Configuration:
    """Drops contexts that FRR would not print because nothing is in them."""
    filled = Counter(path[:-1] for path in lines)
    for path in list(lines)[::-1]:
        needs = _NEEDS_LINES.get(len(path))
        if needs and needs.match(path[-1]) and not filled[path]:
            del lines[path]
            filled[path[:-1]] -= 1
    return lines


def profile(text: str) -> Optional[str]:
    """The profile of defaults that a configuration names (FRR manual, "frr defaults"), or None."""
    found = _PROFILE.search(text)
    return found[1] if found else None


def version(text: str) -> Optional[str]:
    """The FRR version that a configuration was written by, as it says, or None: FRR reads it with that version's defaults."""
    found = _VERSION.search(text)
    return found[1] if found else None


def for_startup(text: str) -> str:
    """A configuration as a startup file can have it: without what vtysh puts before one that it shows."""
    return "".join(line for line in text.splitlines(keepends=True) if not _HEADING.match(line))


def contexts(lines: Configuration) -> Set[Path]:
    """The paths among ``lines`` that have lines below them."""
    return {path[:-1] for path in lines if len(path) > 1}
