"""The JSON schemas of inventories and of host documents, as editors read them (draft 7: yaml-language-server knows no later).

That of inventories serves both kinds of files: inventories, whose top-level keys are groups, and files of variables
(``group_vars``, ``host_vars``). What only shows across keys or hosts is not in it; `evpn.fabric.validate` says that.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, Keys
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.host import HOST as HOST_DOCUMENT
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.inventory import FABRIC, HOST
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import RUN

from .markup import plain, sentences

HOME = "https://raw.githubusercontent.com/evpn/fabric/main/schemas/"
DRAFT = "http://json-schema.org/draft-07/schema#"
#: Any value may be a template, which only Ansible can read.
TEMPLATE = r"\{\{|\{%"
DIGITS = r"^[0-9]+$"
_JSON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object"}
Schema = dict[str, Any]


def of_inventories() -> str:
    """The text of the schema of inventories."""
    variables = {**FABRIC, **HOST, **RUN}
    definitions = {name: of(key, given_as_text=name in RUN) for name, key in variables.items()}
    properties = {name: {"$ref": f"#/definitions/{name}"} for name in variables}
    ours = "|".join(name.removeprefix("fabric_") for name in variables if name.startswith("fabric_"))
    unknown = f"^fabric_(?!({ours})$)"
    parts = {
        "hosts": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/definitions/variables"}},
        "vars": {"$ref": "#/definitions/variables"},
        "children": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/definitions/group"}},
    }
    group = {"type": ["object", "null"], "properties": parts, "additionalProperties": False}
    is_group = {"type": "object", "anyOf": [{"required": [part]} for part in parts]}
    schema = {
        "$schema": DRAFT,
        "$id": f"{HOME}inventory.json",
        "title": "Inventory of evpn.fabric",
        "description": "Inventories and files of variables (group_vars, host_vars).",
        "type": ["object", "null"],
        "properties": properties,
        "patternProperties": {unknown: {"allOf": [is_group, {"$ref": "#/definitions/group"}]}},
        "additionalProperties": {"if": is_group, "then": {"$ref": "#/definitions/group"}},
        "definitions": {
            "group": group,
            "variables": {"type": ["object", "null"], "properties": properties, "patternProperties": {unknown: False}},
            **definitions,
        },
    }
    return _written(schema)


def of_host_documents() -> str:
    """The text of the schema of what the module `fabric_host` takes."""
    about = {"title": "Host document of evpn.fabric", "description": "What the module fabric_host takes.", "type": "object"}
    return _written({"$schema": DRAFT, "$id": f"{HOME}host_document.json", **about, **mapping(HOST_DOCUMENT)})


def _written(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def of(key: Key, given_as_text: bool = False) -> Schema:
    """The schema of one value; ``given_as_text`` is for what command lines and surveys give, which is all text."""
    found: Schema = {"description": _description(key)}
    if key.default is not None:
        found["default"] = key.default
    if key.choices and not key.elements:
        return {**found, "anyOf": [{"enum": list(key.choices)}, {"type": "string", "pattern": TEMPLATE}]}
    types = ["boolean", "object"] if key.type == "raw" and key.options else ["integer", "array"] if key.type == "raw" else []
    types = [
        *(types or [_JSON_TYPES[key.type]]),
        *([] if key.type == "str" else ["string"]),
        *([] if key.required else ["null"]),
    ]
    if given_as_text and key.type == "str":
        types.append("number")
    found["type"] = types
    if key.type in ("int", "float"):
        found["pattern"] = f"{DIGITS if key.type == 'int' else '^[0-9.]+$'}|{TEMPLATE}"
        found |= {name: bound for name, bound in (("minimum", key.minimum), ("maximum", key.maximum)) if bound is not None}
    elif key.type == "str" and key.maximum is not None:
        found["anyOf"] = [{"minLength": key.minimum or 0, "maxLength": key.maximum}, {"pattern": TEMPLATE}]
    elif key.type not in ("str", "raw") and not key.one and not given_as_text:
        found["pattern"] = TEMPLATE
    if key.elements not in ("", "dict", "raw"):
        found["items"] = {"enum": list(key.choices)} if key.choices else {"type": "string"}
    if key.options is not None:
        inner = mapping(key.options)
        found |= {"items": {**inner, "type": "object"}} if key.elements else inner
    return found


def mapping(keys: Keys) -> Schema:
    """The schema of a mapping's keys."""
    required = [name for name, key in keys.items() if key.required]
    return {
        "properties": {name: of(key) for name, key in keys.items()},
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _description(key: Key) -> str:
    parts = [plain(sentences(key))]
    if key.allowed:
        parts.append(f"Allowed: {plain(key.allowed)}.")
    if key.otherwise:
        parts.append(f"Default: {plain(key.otherwise)}.")
    return " ".join([*parts, f"Since {key.version_added}."])
