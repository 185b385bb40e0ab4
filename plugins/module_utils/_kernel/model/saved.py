# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A document of objects as they were, as JSON has it: from the fields of the models, whatever these are. Private to this
collection.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, Dict, Iterable, List, Mapping

from .document import Document, empty
from .kind import State
from .kinds import KINDS
from .route import Nexthop

#: The classes of objects, and of what is in them, by name.
_MODELS = {model.__name__: model for model in (*(kind.model for kind in KINDS.values()), Nexthop)}
#: The key that names the class.
_CLASS = "class"


def to_json(document: Document) -> Dict[str, Any]:
    """A document as JSON has it."""
    return {
        "present": _listed(document.present),
        "absent": _listed(document.absent),
        "scope": sorted(document.scope),
        "gateway": document.gateway,
    }


def from_json(saved: Mapping[str, Any]) -> Document:
    """The document that :func:`to_json` has told. Raises :class:`KeyError`, :class:`TypeError` or :class:`AttributeError` for
    what it has not.
    """
    return Document(_state(saved["present"]), _state(saved["absent"]), frozenset(saved["scope"]), False, saved["gateway"], True)


def _listed(state: State) -> List[Any]:
    return [_told(made) for objects in state.values() for made in objects.values()]


def _state(told: Iterable[Any]) -> State:
    state = empty()
    for made in map(_made, told):
        kind = KINDS[made.kind]
        (key,) = kind.keys([made])
        state[kind.group][key] = made
    return state


def _told(value: Any) -> Any:
    if is_dataclass(value):
        shown = {field.name: getattr(value, field.name) for field in fields(value)}
    elif hasattr(value, "_asdict"):
        shown = value._asdict()
    elif isinstance(value, (tuple, list)):
        return [_told(each) for each in value]
    elif isinstance(value, dict):
        return {key: _told(each) for key, each in value.items()}
    else:
        return value
    return {_CLASS: type(value).__name__, **{name: _told(each) for name, each in shown.items()}}


def _made(told: Any) -> Any:
    if isinstance(told, list):
        return tuple(map(_made, told))
    if not isinstance(told, dict):
        return told
    values = {name: _made(each) for name, each in told.items() if name != _CLASS}
    return _MODELS[told[_CLASS]](**values) if _CLASS in told else values
