# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runs that the control host remembers, for the page. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: How many runs are remembered, and how many characters of an error.
RUNS, CHARACTERS = 100, 2000
#: What is remembered of an operation: what it was before and after is left to the diff of the run.
REMEMBERED = ("kind", "name", "action", "disruption", "reason")


def remembered(
    runs: Iterable[Mapping[str, Any]], at: str, playbook: str, results: Mapping[str, Iterable[Mapping[str, Any]]]
) -> list[Mapping[str, Any]]:
    """The runs with one more in front, as far as it changed something or failed; the oldest go.

    ``at`` is when the run ended, ``playbook`` its name, ``results`` are those of modules that report ``operations``, by
    host. Modules mask secrets in them.
    """
    hosts = {name: _of_host(list(made)) for name, made in results.items()}
    told = {name: host for name, host in hosts.items() if host["operations"] or host["problem"]}
    return [*([{"at": at, "playbook": playbook, "hosts": told}] if told else []), *runs][:RUNS]


def _of_host(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    operations = [
        {key: operation[key] for key in REMEMBERED}
        for result in results
        if result.get("changed")
        for operation in result.get("operations") or ()
    ]
    problems = [str(result.get("msg", "it failed")) for result in results if result.get("failed") or result.get("unreachable")]
    return {"operations": operations, "problem": "\n".join(problems)[:CHARACTERS] or None}
