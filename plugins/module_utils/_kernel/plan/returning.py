# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document says no more, and what returns therefore to what it was. Private to this collection."""

from __future__ import annotations

from dataclasses import replace
from typing import AbstractSet, Any, Optional, Set

from ..model.document import Document, State
from ..model.link import Interface
from ..model.sysctl import Sysctl
from .compare import ATTRIBUTES, lacks_ipv6
from .loss import dying_with, is_of_ipv6

#: What an interface keeps while others use it: another value would disturb them.
USED = ("mtu", "mac", "up", "link_local", "arp")


def with_what_returns(document: Document, state: State, deleted: AbstractSet[str]) -> Document:
    """The document, and in it what it says no more, as it was before: this is what purging is for all that is no object of its
    own.

    An interface that it lists no more is not held any longer. It gets back what it had, as far as that is remembered, and so
    does a link that it lists for what its entry says no more; but while others use it, by a bridge of theirs, an address or a
    device on it, it keeps what they need. Sysctls of the kinds of links that it lists get back their value; those of the host
    do not, on which others may count, nor does an accept_ra of 2. ``deleted`` are the names of links that it takes away.
    """
    if not document.purge:
        return document
    desired, going = document.present["link"], dying_with(deleted, state["link"])
    entries = {
        name: Interface(name, held=False)
        for name, link in state["link"].items()
        if link.held and name not in desired and name not in going and "interface" in document.scope
    }
    entries.update(
        (name, desired[name])
        for name, link in state["link"].items()
        if link.found and name in desired and any(getattr(desired[name], attribute) is None for attribute in link.found)
    )
    used = _used(state) if entries else set()
    links = {name: _returned(entry, name in used, document, state) for name, entry in entries.items()}
    links = {name: entry for name, entry in links.items() if entry is not desired.get(name)}
    sysctls = {
        path: Sysctl(path, actual.found, found=actual.found)
        for path, actual in state["sysctl"].items()
        if actual.found is not None
        and not _keeps_routes(actual)
        and path not in document.present["sysctl"]
        and _listed_as(state["link"].get(actual.dev)) in document.scope
        and actual.dev not in going
        and not (is_of_ipv6(actual) and lacks_ipv6(desired.get(actual.dev), state["link"][actual.dev]))
    }
    groups = {"link": {**desired, **links} if links else desired, "sysctl": {**document.present["sysctl"], **sysctls}}
    return replace(document, present={**document.present, **groups})


def _keeps_routes(sysctl: Any) -> bool:
    """Whether a host that forwards would lose its routes from router advertisements, and perhaps its way out, with another
    value (Documentation/networking/ip-sysctl.rst, accept_ra).
    """
    return sysctl.path.endswith("/accept_ra") and sysctl.value == "2"


def _listed_as(link: Any) -> Optional[str]:
    """The kind that a document lists a link as, None for no link."""
    return link and (link.kind if link.owned else "interface")


def _returned(entry: Any, is_used: bool, document: Document, state: State) -> Any:
    """The entry of a link with what it says no more as it was before; the entry itself where that is nothing."""
    link, links = state["link"][entry.name], state["link"]
    kept = {*(USED if is_used else ()), *(("link_local",) if lacks_ipv6(entry, link) else ())}
    found = {
        name: value
        for name, value in (link.found or {}).items()
        if name in ATTRIBUTES[entry.kind] and getattr(entry, name) is None and name not in kept
    }
    if "master" in found or entry.held is False:
        master = found.pop("master", "")
        if link.master in links and (links[link.master].owned or link.master in document.present["link"]):
            found["master"] = master if master in links and not links[master].owned else ""
    return entry.having(**found) if found else entry


def _used(state: State) -> Set[str]:
    """The names of the links that others use."""
    links, addresses = state["link"], state["address"]
    used = {name for name, link in links.items() if link.master and not getattr(links.get(link.master), "owned", False)}
    used |= {link.lower or link.below for link in links.values() if not link.owned}
    return used | {key[0] for key in state.get("of_others", addresses) if not getattr(addresses.get(key), "owned", False)}
