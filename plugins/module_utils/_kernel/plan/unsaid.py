# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document does not say of links that we made, and what that is on a new one. Private to this collection.

A run leaves alone what a document does not say. But nobody else has a reason to set, say, the ttl of a VXLAN device that we
made: whoever did has changed the confirmed fabric by hand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Mapping, Tuple

from ..model.attribute import Attribute
from ..model.document import Document, State
from ..model.kind import LINK
from ..model.port import Port

#: What is not compared: the VTEP address of a VXLAN device is runtime state of gateways, and the default VLAN of a bridge
#: follows from whether it filters.
_OTHERS = frozenset(("local", "default_vlan"))


def with_unsaid(document: Document, state: State) -> Document:
    """The document, and in it what it does not say of links and bridge ports that are ours and differ from new ones.

    A new link belongs to no bridge or VRF, and has what its table has as defaults. Left out are links that were there before us
    and that we have adopted: they may have been made otherwise.
    """
    known: Dict[Tuple[int, int], Dict[str, Any]] = {}
    links: Dict[str, Any] = {}
    ports: Dict[str, Any] = {}
    for name, desired in document.present[LINK].items():
        actual = state[LINK].get(name)
        if actual is None or actual.kind != desired.kind or actual.adopted or not (actual.owned or actual.adopted is False):
            continue
        found = {**_settings(desired, actual, known), **_fields(desired, actual)}
        if desired.master is None and actual.master:
            found["master"] = ""
        if found:
            links[name] = desired.having(**found)
        port = state[Port.kind].get(name)
        if port is not None and desired.master == actual.master:
            listed = document.present[Port.kind].get(name, Port(name))
            settings = _settings(listed, port, known)
            if settings:
                ports[name] = listed.having(**settings)
    if not links and not ports:
        return document
    present = {
        **document.present,
        LINK: {**document.present[LINK], **links},
        Port.kind: {**document.present[Port.kind], **ports},
    }
    return replace(document, present=present)


def _settings(desired: Any, actual: Any, known: Dict[Tuple[int, int], Dict[str, Any]]) -> Dict[str, Any]:
    """The settings that ``desired`` does not have and that are not the defaults; objects that are alike share theirs."""
    pair = id(desired.settings), id(actual.settings)
    if pair not in known:
        known[pair] = _unusual(actual.settings, desired.settings, actual.attributes)
    return known[pair]


def _fields(desired: Any, actual: Any) -> Dict[str, Any]:
    """The same of the attributes that are fields."""
    return _unusual(actual.__dict__, desired.__dict__, actual.attributes)


def _unusual(actual: Mapping[str, Any], desired: Mapping[str, Any], rows: Mapping[str, Attribute]) -> Dict[str, Any]:
    return {
        name: rows[name].default
        for name, value in actual.items()
        if name in rows and rows[name].sayable and value is not None and name not in _OTHERS
        if rows[name].default not in (None, value) and desired.get(name) is None
    }
