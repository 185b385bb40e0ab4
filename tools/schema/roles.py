"""Argument specs and defaults of roles."""

from __future__ import annotations

import pathlib
from typing import Any

import yaml
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import ROLES

from .blocks import laid_out, written
from .modules import documented


def argument_specs(path: pathlib.Path) -> str:
    """The text of a role's ``meta/argument_specs.yml``: what entry points are for is kept, their options are derived."""
    entry_points = ROLES[path.parents[1].name]
    found = yaml.safe_load(path.read_text())["argument_specs"]
    specs = {name: {**found[name], "options": documented(keys, nested="options")} for name, keys in entry_points.items()}
    return "---\n" + written({"argument_specs": specs})


def defaults(role: str) -> str:
    """The text of a role's ``defaults/main.yml``."""
    values = {name: _default(name, key.default) for name, key in ROLES[role]["main"].items() if key.default is not None}
    return "---\n# Derived from plugins/plugin_utils/_schema/run.py by `python -m tools.schema`.\n" + written(values)


def _default(name: str, value: Any) -> Any:
    if name.endswith("_max_disruption"):
        return f"{{{{ fabric_max_disruption | default('{value}') }}}}"
    return laid_out(value)
