# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines by which FRR has others send their traffic around it, while all of its sessions and routes stay. Pure. Private to
this collection.

They are runtime state: no startup file has them, so FRR that restarts carries traffic again.
"""

from __future__ import annotations

from typing import Dict, List, Tuple

from .configuration import Configuration, Path

#: Routing process -> what asks its neighbors to prefer others. BGP marks its routes, which neighbors then give the local
#: preference 0 (RFC 8326; FRR manual, "Graceful Shutdown"); OSPF gives its links the highest metric and keeps the host itself
#: within reach (RFC 6987; FRR manual, "max-metric router-lsa").
_LINES: Dict[str, Path] = {
    "router bgp": ("bgp graceful-shutdown",),
    "router ospf": ("router ospf", "max-metric router-lsa administrative"),
}


def lines_for(running: Configuration) -> Tuple[Path, ...]:
    """The lines of maintenance for the routing processes of a configuration; none where it has no such process."""
    processes = {" ".join(path[0].split(" ")[:2]) for path in running}
    return tuple(line for process, line in _LINES.items() if process in processes)


def without(running: Configuration, desired: Configuration) -> Configuration:
    """The lines of a running configuration without those of maintenance that ``desired`` does not have."""
    ours = {line for line in _LINES.values() if line in running and line not in desired}
    return {path: None for path in running if path not in ours} if ours else running


def commands(lines: Tuple[Path, ...], negated: bool) -> List[str]:
    """What vtysh is told, below ``configure terminal``, to have these lines, or with ``negated`` not to have them."""
    word = "no " if negated else ""
    return [command for path in lines for command in (*path[:-1], word + path[-1], *("exit" for _context in path[:-1]))]
