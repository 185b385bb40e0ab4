# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report of drift that goes on from the last one. Pure. Private to this collection.

docs/drift.md has the form of a report.
"""

from __future__ import annotations

from typing import Any, Collection, Dict, List, Optional, Tuple

VERSION = 1
#: How many findings that are no more are remembered.
ENDED = 1000
#: What tells a finding from others of its host.
_IDENTITY = ("plane", "kind", "name", "whose")

Report = Dict[str, Any]


def continued(last: Optional[Report], current: Report, fabric: Collection[str]) -> Report:
    """What has been seen now, with since when, and what the last report said of hosts that were not looked at.

    ``fabric`` are the names of all hosts. A finding ends when its host has been looked at as a whole and it is not there.
    """
    before: Dict[str, Any] = (last or {}).get("hosts", {})
    hosts = {name: entry for name, entry in before.items() if name in fabric}
    ended: List[Dict[str, Any]] = []
    for name, entry in current["hosts"].items():
        known = {identity(each): each for each in before.get(name, {}).get("findings", ())}
        found = [{**each, "since": known.get(identity(each), {}).get("since", current["at"])} for each in entry["findings"]]
        seen = set(map(identity, found))
        rest = [each for key, each in known.items() if key not in seen]
        if entry["problem"]:
            found += rest
        else:
            ended += [_ended(name, each, current["at"]) for each in rest]
        hosts[name] = {**entry, "findings": found}
    return {
        "version": VERSION,
        "at": current["at"],
        "notes": current["notes"],
        "hosts": dict(sorted(hosts.items())),
        "ended": [*ended, *(last or {}).get("ended", ())][:ENDED],
    }


def identity(finding: Dict[str, Any]) -> Tuple[Any, ...]:
    """What tells a finding from others of its host."""
    return tuple(finding[key] for key in _IDENTITY)


def _ended(host: str, finding: Dict[str, Any], at: str) -> Dict[str, Any]:
    return {"host": host, **{key: finding[key] for key in (*_IDENTITY, "reason", "since")}, "until": at}
