"""The tables of pages of docs: a comment ``<!-- keys: NAME -->`` says of what the table below it is."""

from __future__ import annotations

import json
import re
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, Keys
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.host import HOST as HOST_DOCUMENT
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema import inventory, run

from .markup import bounds, markdown, sentences

_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "dict": "mapping"}
_ELEMENTS = {"str": "texts", "dict": "mappings", "raw": "values"}
_HEAD = "| key | type | default | allowed | meaning | since |\n|---|---|---|---|---|---|\n"
_TABLE = re.compile(r"(?<=<!-- keys: )([\w. ]+)( -->\n)(?:\n?\|[^\n]*\n)*")


def _inner(path: str) -> Keys:
    """The keys of a variable, or of a mapping inside it."""
    keys: Keys = {**inventory.FABRIC, **inventory.HOST, **HOST_DOCUMENT}
    for name in path.split("."):
        keys = keys[name].options or {}
    return keys


def keys_of(name: str) -> Keys:
    """The keys that a table is about: variables of the ``fabric``, a ``host`` or a ``run``, keys of a host ``document``, or
    those in one of all these.
    """
    groups: dict[str, Keys] = {"fabric": inventory.FABRIC, "host": inventory.HOST, "run": run.RUN, "document": HOST_DOCUMENT}
    return groups[name] if name in groups else _inner(name)


def derived(page: str) -> str:
    """A page with its tables as the declarations say them."""
    return _TABLE.sub(lambda found: f"{found[1]}{found[2]}\n{table(keys_of(found[1]))}", page)


def table(keys: Keys) -> str:
    """Keys as a table in Markdown."""
    return _HEAD + "".join(_row(name, key) for name, key in keys.items())


def _row(name: str, key: Key) -> str:
    cells = (f"`{name}`", _type(key), _default(key), _allowed(key), markdown(sentences(key)), key.version_added)
    return f"| {' | '.join(cells)} |\n"


def _type(key: Key) -> str:
    if key.elements:
        return f"list of {_ELEMENTS[key.elements]}"
    return _TYPES.get(key.type, "boolean or mapping" if key.options else "number or text")


def _default(key: Key) -> str:
    if key.required:
        return "required"
    if key.otherwise:
        return markdown(key.otherwise)
    return "none" if key.default is None else f"`{_value(key.default)}`"


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_value(each)}' for name, each in value.items())}}}"
    return value if isinstance(value, str) and value else json.dumps(value)


def _allowed(key: Key) -> str:
    choices = ", ".join(f"`{choice}`" for choice in key.choices)
    return "; ".join(filter(None, (choices, bounds(key), markdown(key.allowed))))
