# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host differs from a document, as far as other objects feel it. Private to this collection.

It is found before the plan, and once: it says how much of the host has to be read, and the plan goes on from it.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, NamedTuple, Tuple

from ..model.document import Document, State
from ..model.link import MTU_OF_IPV6
from . import entries, links
from .returning import with_what_returns


class Difference(NamedTuple):
    """What a document takes away or changes of links, addresses and sysctls that are there.

    ``document`` is the desired one, and in it what returns to what it was before. ``deleted`` are the names of links that it
    takes away, ``differing`` are the differences of those that stay, and ``renewed`` says, in words, why some of these are made
    anew. ``leaving`` and ``anew`` are the keys of addresses that it takes away for good, or to add them again. ``setters`` are
    the sysctls of all interfaces that it changes, by what those of the interfaces have in common. ``reaches_further`` says
    whether links lose what the document does not speak of, which must be read before it can be put back.
    """

    document: Document
    deleted: FrozenSet[str]
    differing: Dict[str, List[Tuple[str, Any, Any]]]
    renewed: Dict[str, str]
    leaving: FrozenSet[Tuple[str, str]]
    anew: FrozenSet[Tuple[str, str]]
    setters: Dict[str, str]
    reaches_further: bool


def difference(desired: Document, actual: State) -> Difference:
    """How ``actual`` differs from ``desired``. Of the state it takes links, addresses and sysctls."""
    deleted = links.deleted(desired, actual)
    completed = with_what_returns(desired, actual, deleted)
    differing = links.differing(completed, actual)
    renewed = links.renewed(completed, differing, actual)
    leaving = entries.leaving_addresses(completed, actual)
    anew = entries.renewed_addresses(completed, actual)
    setters = entries.setters(completed, actual)
    # Where the first or the last IPv4 address of a link comes or goes, its routes and neighbors do, too.
    bare = entries.first_addresses(desired.present["address"].values(), actual)
    reaches_further = (
        bool(deleted or renewed or anew or setters or bare)
        or any(":" not in address for _dev, address in leaving)
        or any(_is_felt(actual["link"][name], *each) for name, found in differing.items() for each in found)
    )
    return Difference(
        completed, frozenset(deleted), differing, renewed, frozenset(leaving), frozenset(anew), setters, reaches_further
    )


def _is_felt(link: Any, attribute: str, _actual: Any, value: Any) -> bool:
    """Whether what belongs to a link feels a change of it, or its reversion: the link goes down, loses IPv6, or has other
    neighbors.
    """
    if attribute == "master":
        return bool(link.up)
    return attribute in ("up", "mac") or (attribute == "mtu" and value < MTU_OF_IPV6)
