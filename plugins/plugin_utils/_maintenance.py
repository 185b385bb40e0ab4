# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts may be put into maintenance. Pure. Private to this collection."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem, some

STATES = ("on", "off")


def problems_of_request(names: Sequence[str], state: Any, groups: Mapping[str, Iterable[str]]) -> list[Problem]:
    """What is wrong with what the user asks for, before any host is looked at."""
    found: list[Problem] = []
    hosts = list(groups.get("fabric", ()))
    if not names:
        found.append(Problem("host", "is missing", "Write the hosts that are meant: -e host=spine1, or spine1,leaf2"))
    for name in names:
        if name not in hosts:
            close = difflib.get_close_matches(name, hosts, 1)
            remedy = f"Write {close[0]}" if close else f"Write one of {some(hosts)}"
            found.append(Problem("host", f"{name!r} is not in the group fabric", remedy))
    if state not in STATES:
        message = f"{state!r} is neither on nor off" if state else "is missing"
        found.append(Problem("state", message, "Write -e state=on or -e state=off"))
    return found


def problems_of_spines(
    names: Sequence[str], groups: Mapping[str, Iterable[str]], facts: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    """That maintenance of hosts leaves no spine that carries traffic.

    ``facts`` are what the module `host_info` found on spines and on these hosts; one that could not be looked at has none.
    """
    out = {}
    for spine in groups.get("spines", ()):
        found = facts.get(spine, {})
        if found.get("maintenance"):
            out[spine] = f"is in maintenance until {found['maintenance']['until']}"
        elif "kernel" not in found:
            out[spine] = "cannot be reached by Ansible"
    new = [name for name in names if name in groups.get("spines", ()) and name not in out]
    if not new or set(groups["spines"]) - {*new, *out}:
        return []
    others = "; ".join(f"{spine} {why}" for spine, why in out.items()) or "there is no other"
    are = "are the last spines that carry traffic" if len(new) > 1 else "is the last spine that carries traffic"
    remedy = "Have another carry traffic first, or write -e maintenance_last=true, and traffic has no other way"
    return [Problem("host", f"{' and '.join(new)} {are}: {others}", remedy)]
