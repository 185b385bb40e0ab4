# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kind of kernel object: all that code which is the same for every kind has to know of it. Private to this collection.

The file of a kind describes it by a :class:`Kind`; `kinds` lists them.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Type, Union

from ..._core.errors import Problem
from ..._core.values import Checker, Columns
from .left_out import LeftOut

#: Objects of a host by group and key; what `_kernel/netlink` reads and `_kernel/plan` compares.
State = Dict[str, Dict[Any, Any]]
#: Objects, and for each the place of its entry.
Made = Tuple[List[Any], Sequence[int]]
#: What makes objects of a section's entries, and what has been made before.
Maker = Callable[[Columns, State], Made]
#: Entries of a section, each with the name of its object; and what they do not say.
Description = Tuple[List[Tuple[str, Dict[str, Any]]], List[LeftOut]]
#: What a change of an attribute disturbs, or a function of the actual object and the new value that returns it.
Change = Union[str, Callable[[Any, Any], str]]
#: The group of all network interfaces.
LINK = "link"


def keys_of(objects: Iterable[Any]) -> List[Any]:
    """What identifies each object."""
    return [made.key for made in objects]


def no_entries(_columns: Columns, _present: State) -> Made:
    """For a kind that no section lists."""
    return [], ()


def none_at_once(_columns: Columns) -> None:
    """For a kind whose objects are made one by one."""


def nothing(_present: State) -> Tuple[()]:
    """For a kind whose objects bring nothing along, and cannot contradict each other."""
    return ()


class Kind(NamedTuple):
    """A kind of kernel object.

    - ``name``: what operations and results call it.
    - ``group``: where a state has its objects: :data:`LINK` for network interfaces, for others the name of the kind.
    - ``model``: the class of its objects.
    - ``changes``: what a change of each attribute disturbs; an attribute that is missing here is not compared.
    - ``section``: the option of the module `dataplane` that lists it, "" if none does.
    - ``make``: what makes objects of that section's entries.
    - ``at_once``: what makes a mapping of all objects of a section, by key, where they are very many and alike; None where
      each has to be looked at.
    - ``keys``: what identifies each of many objects.
    - ``is_of_link``: its objects are on a link, and go with it; ``needs_raised_link``: they go when it is lowered, too.
    - ``is_marked``: they carry a mark of their own that says whether they are ours; others are ours if their link is.
    - ``is_described``: `dataplane_info` reports it.
    - ``describe``: what turns a state into entries of the section; None where each object is one.
    - ``implied``: pairs of an object of a document and one that it brings along, listed or not.
    - ``contradictions``: problems that only show when all objects of a document are seen together.
    - ``provider``: the kernel option and the module that devices of this kind come with.
    """

    name: str
    group: str
    model: Type[Any]
    changes: Dict[str, Change]
    section: str = ""
    make: Maker = no_entries
    at_once: Callable[[Columns], Optional[Mapping[Any, Any]]] = none_at_once
    keys: Callable[[Iterable[Any]], List[Any]] = keys_of
    is_of_link: bool = False
    needs_raised_link: bool = False
    is_marked: bool = True
    is_described: bool = True
    describe: Optional[Callable[[State], Description]] = None
    implied: Callable[[State], Iterable[Tuple[Any, Any]]] = nothing
    contradictions: Callable[[State], Iterable[Problem]] = nothing
    provider: Optional[Tuple[str, str]] = None

    def described(self, state: State) -> Description:
        """The objects of this kind's group as entries of its section, and what these do not say."""
        if self.describe is not None:
            return self.describe(state)
        return [(made.name, made.to_output()) for made in state[self.group].values()], []


def each(from_params: Callable[[Checker], Any]) -> Maker:
    """What makes one object of each entry."""
    return lambda columns, present: ([from_params(check) for check in columns.rows()], range(len(columns.entries)))


def ranges(from_params: Callable[[Checker], Iterable[Any]]) -> Maker:
    """What makes several objects of each entry."""

    def make(columns: Columns, present: State) -> Made:
        made = [(each, place) for place, check in enumerate(columns.rows()) for each in from_params(check)]
        return [each for each, _place in made], [place for _each, place in made]

    return make


def many(from_columns: Callable[[Columns, State], List[Any]]) -> Maker:
    """What makes one object of each entry, of which there may be a hundred thousand."""
    return lambda columns, present: (from_columns(columns, present), range(len(columns.entries)))
