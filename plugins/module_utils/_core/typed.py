# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input whose values have the declared types already, as documents that this collection derives do. Pure. Private to this
collection.

Ansible's own validation converts what can be converted, and says what is wrong with the rest. On a document of 100 VNIs that
takes five times as long as this, which only tells whether there is anything for it to do.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping

from .schema import Key, Keys

TYPES = {"str": str, "int": int, "bool": bool, "dict": dict, "list": list}


class NotTypedError(Exception):
    """Something of an input is not as it is declared; Ansible's validation converts it, or says what is wrong."""


def completed(keys: Keys, given: Mapping[str, Any]) -> Dict[str, Any]:
    """An input with a value for each of its keys, as Ansible's validation completes it.

    Raises :class:`NotTypedError` if that validation would do anything else.
    """
    if not given.keys() <= keys.keys():
        raise NotTypedError
    return {name: _value(key, given[name]) if name in given else _missing(key) for name, key in keys.items()}


def _missing(key: Key) -> Any:
    if key.required:
        raise NotTypedError
    return list(key.default) if isinstance(key.default, tuple) else key.default


def _value(key: Key, value: Any) -> Any:
    if value is None and key.default is None and not (key.required or key.choices):
        return None
    if key.type == "dict" and isinstance(value, str):
        value = _parsed(value)
    if key.type == "int" and isinstance(value, str) and value.isdecimal():
        value = int(value)  # what a template gives before ansible-core 2.19
    _refuse_other(key.type, value)
    if key.type == "list":
        return [_element(key, each) for each in value]
    return _element(key, value) if key.type == "dict" else _chosen(key, value)


def _element(key: Key, value: Any) -> Any:
    """A dictionary, or an element of a list."""
    if key.elements:
        _refuse_other(key.elements, value)
    return _chosen(key, value) if key.options is None else completed(key.options, value)


def _refuse_other(name: str, value: Any) -> None:
    if value.__class__ is not TYPES.get(name):
        raise NotTypedError


def _chosen(key: Key, value: Any) -> Any:
    if key.choices and value not in key.choices:
        raise NotTypedError
    return value


def _parsed(text: str) -> Any:
    """What is written as JSON."""
    try:
        return json.loads(text)
    except ValueError:
        raise NotTypedError from None
