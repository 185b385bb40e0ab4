# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of a run, which say how to run and not what the fabric is. Private to this collection.

What follows ``-e NAME=`` on a command line is text, and so is much that a survey asks for. Argument specs of roles convert it
to check it, and pass on what was written. So each is converted where it is used, all in one way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from ansible.module_utils.common.validation import check_type_bool, check_type_dict
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem, ValidationError, some
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.checkpoint import SHORTEST

from ._intent.section import as_number, shown
from ._schema.run import RUN

_DECIMAL = re.compile(r"[0-9]{1,9}\.[0-9]{1,3}\Z")


def converted(name: str, value: Any) -> Any:
    """The value of a variable as what it has to be: an int or a float, a bool, a list of str, a str, or a dict.

    Names may be one text with commas or line breaks between them, or a list in YAML or JSON; a mapping may be what the argument
    specs of roles take for one. Raises :class:`ValidationError`.
    """
    key = RUN[name]
    if key.type in ("int", "float"):
        return _number(name, value, key)
    if key.type == "list":
        return _names(name, value)
    if key.type == "bool":
        try:
            return check_type_bool(value)
        except TypeError:
            raise _refused(name, value, "true or false", "Write one of them") from None
    if key.type == "str":
        return "" if value is None else str(value)
    try:
        return check_type_dict(value)
    except TypeError as error:
        raise _refused(name, value, "a mapping", "Write it as JSON, or as NAME=VALUE with commas between them") from error


def run_problems(variables: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong with variables ``fabric_*`` of a run, out of those of each host, as texts; in which hosts, where it is not
    in all. The batches of `fabric_rollout` are names of the inventory, and checked with it.
    """
    hosts: dict[str, list[str]] = {}
    for host, given in variables.items():
        for name in given.keys() & RUN.keys() - {"fabric_rollout"}:
            if problem := _problem(name, given[name]):
                hosts.setdefault(problem, []).append(host)
    return [
        problem if len(named) == len(variables) else f"{problem} ({some(named)})" for problem, named in sorted(hosts.items())
    ]


def _problem(name: str, given: Any) -> str | None:
    key = RUN[name]
    try:
        value = converted(name, given)
        if key.choices and value not in key.choices:
            raise _refused(name, given, f"one of {', '.join(key.choices)}", "Write one of these")
        if name == "fabric_confirm_timeout" and 0 < value < SHORTEST:
            raise _refused(
                name, given, "enough: a fresh connection and its checks can take longer", f"Write 0, or {SHORTEST} or more"
            )
    except ValidationError as error:
        return str(error)
    return None


def _refused(name: str, value: Any, what: str, remedy: str) -> ValidationError:
    return ValidationError([Problem(name, f"{shown(value)} is not {what}", remedy)])


def _number(name: str, value: Any, key: Key) -> int | float:
    """A whole number within bounds, or a ``float`` with up to three digits behind the point."""
    parts, first, last = key.type == "float", key.minimum or 0, key.maximum or 0
    found = float(value) if parts and isinstance(value, str) and _DECIMAL.match(value) else as_number(value)
    if isinstance(found, bool) or not isinstance(found, (int, float) if parts else int) or not first <= found <= last:
        raise _refused(name, value, key.what, f"Write a number from {first} to {last}")
    return found


def _names(name: str, value: Any) -> list[str]:
    found = _read(value)
    listed = found if isinstance(found, (list, tuple)) else [] if found is None else [found]
    if not all(isinstance(each, (str, int)) and not isinstance(each, bool) for each in listed):
        raise _refused(name, value, "a list of names", "Write names with commas between them")
    parts = [part.strip() for each in listed for part in re.split(r"[,\n]", str(each))]
    return list(dict.fromkeys(filter(None, parts)))


def _read(value: Any) -> Any:
    """A list that was written as text; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "-"):
        try:
            return yaml.safe_load(value)
        except yaml.YAMLError:
            return value
    return value
