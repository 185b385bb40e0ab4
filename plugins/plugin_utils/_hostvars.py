# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a fabric's hosts, in time that grows with the hosts and not with their square. Private to this collection.

Ansible templates a variable of ``hostvars`` whenever it is read, for each host anew: of a fabric's links, whose number grows
with its hosts, that is a walk through all of them for every host. But what is written for a group is one object for all of its
hosts. Where it holds no template, it is for each host what is written, and read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

#: What a template begins with, and the header by which a text chooses other marks (``is_possibly_template`` in ansible-core).
MARKS = ("{{", "{%", "{#")
HEADER = "#jinja2:"
#: The variable that `evpn.fabric.host_info` is registered as.
FACTS = "__host_info"


#: Variables of the role `host` that decide what `evpn.fabric.site` makes of a document.
BESIDES = ("host_sysctls", "host_rules", "frr_keep")


class FabricVariables(NamedTuple):
    """By host: its variables ``fabric_*``; and what `host_info` has found on it, for hosts that have been looked at."""

    variables: dict[str, dict[str, Any]]
    facts: dict[str, Mapping[str, Any]]


def written(hostvars: Mapping[str, Any], name: str, variable: str, default: Any) -> Any:
    """A variable of a host as it is written; None where that is a template."""
    value = getattr(hostvars, "raw_get", hostvars.__getitem__)(name).get(variable, default)
    return value if _Literals()(value) else None


def fabric_variables(hostvars: Mapping[str, Any], groups: Mapping[str, Iterable[str]]) -> FabricVariables:
    """Reads the hosts of the group ``fabric`` from Ansible's ``hostvars``, or from a mapping of hosts to variables."""
    found = FabricVariables({}, {})
    literal = _Literals()
    raw_get = getattr(hostvars, "raw_get", hostvars.__getitem__)
    for name in groups.get("fabric", ()):
        raw = raw_get(name)
        read = {key: value for key, value in raw.items() if key == FACTS or key.startswith("fabric_")}
        if templated := [key for key, value in read.items() if not literal(value)]:
            host = hostvars[name]
            read.update({key: host[key] for key in templated})
        facts = read.pop(FACTS, None)
        if isinstance(facts, Mapping):
            found.facts[name] = facts
        found.variables[name] = read
    return found


def besides(hostvars: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The variables :data:`BESIDES` of a host, as they are written."""
    raw = getattr(hostvars, "raw_get", hostvars.__getitem__)(name)
    return {key: raw[key] for key in BESIDES if key in raw}


def variable(hostvars: Mapping[str, Any], name: str, key: str, default: Any = None) -> Any:
    """One variable of a host, read as :func:`fabric_variables` reads them."""
    raw = getattr(hostvars, "raw_get", hostvars.__getitem__)(name)
    if key not in raw:
        return default
    # What a task has registered is no template, and can be much.
    return raw[key] if key.startswith("__") or _Literals()(raw[key]) else hostvars[name][key]


class _Literals:
    """Whether Ansible takes a value as it is written; a container that hosts share is walked through once."""

    def __init__(self) -> None:
        # By identity, each container with its answer: while it is kept here, no other has its identity.
        self._seen: dict[int, tuple[Any, bool]] = {}

    def __call__(self, value: Any) -> bool:
        if isinstance(value, str):
            return not (value.startswith(HEADER) or any(mark in value for mark in MARKS))
        if isinstance(value, (dict, list)):
            return self._of_container(value)
        # Anything else, such as a vaulted text, becomes a plain value when Ansible reads it.
        return value is None or isinstance(value, (bool, int, float))

    def _of_container(self, value: dict[Any, Any] | list[Any]) -> bool:
        if id(value) not in self._seen:
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            self._seen[id(value)] = value, all(map(self, inner))
        return self._seen[id(value)][1]
