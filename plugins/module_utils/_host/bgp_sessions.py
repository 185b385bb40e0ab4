# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The BGP sessions of a host that waits to be confirmed: those that were established have to be so again. Private to this
collection.
"""

from __future__ import annotations

import json
import time
from typing import Dict, List, Optional, Tuple

from .._core.errors import FabricError, some
from .._frr import bgp_neighbors, configuration, evpn
from .._frr import host as frr_host
from .._frr.configuration import Configuration
from .._frr.vtysh import Vtysh
from .._store import checkpoint
from .._store.checkpoint import Checkpoint
from .going_back import FRR, POLL

#: What FRR calls a session that works; and seconds that are kept to confirm, once sessions have been waited for.
ESTABLISHED, TIME_TO_CONFIRM = "established", 2


def established(vtysh: Vtysh) -> List[str]:
    """The names of the sessions that are established now."""
    return [name for name, state in (states(vtysh) or {}).items() if state == ESTABLISHED]


def await_back(identity: str, limit: float) -> None:
    """Waits until the BGP sessions are established again that were so when a checkpoint, named by its id, was taken.

    Sessions that FRR is desired to have no more are not waited for; if it is to have others, one at least has to be. Raises
    :class:`FabricError` with those that do not come back within ``limit`` seconds, or before there is no time left to confirm.
    """
    taken, vtysh, deadline = checkpoint.read(), Vtysh(), time.monotonic() + limit
    while taken is not None and taken.sessions:
        missing = _lost(taken.sessions, states(vtysh) or {}, _startup_lines(taken))
        left = checkpoint.seconds_left(identity)
        if not missing or left is None:
            return
        if left < TIME_TO_CONFIRM or time.monotonic() > deadline:
            raise FabricError(
                "these BGP sessions were established before and have not come back: %s. Nothing was confirmed: the host goes "
                "back to what it was in %d s" % (some(missing), max(0, int(left)))
            )
        time.sleep(POLL)


def _lost(before: List[str], now: Dict[str, str], desired: Optional[Configuration]) -> List[str]:
    """Which sessions are not established any more although the ``desired`` lines, None if nobody knows them, have their
    neighbors; all, if these lines have neighbors and no session is established.

    bgpd that has started and not read its configuration tells of no session, as if it had none.
    """
    if desired is None:
        return [each for each in before if now.get(each) != ESTABLISHED]
    if ESTABLISHED not in now.values() and bgp_neighbors.are_configured(desired):
        return before
    return [each for each in before if now.get(each) != ESTABLISHED and not _is_removed(each, now, desired)]


def _is_removed(session: str, now: Dict[str, str], desired: Configuration) -> bool:
    """Whether FRR is to have a session no more: it lacks the neighbor, or this family of one that it has read."""
    neighbor, vrf = _neighbor(session)
    read = {_neighbor(each) for each in now}
    return session not in now and ((neighbor, vrf) in read or not bgp_neighbors.is_configured(desired, vrf, neighbor))


def _neighbor(session: str) -> Tuple[str, str]:
    """The neighbor of a session, and its VRF."""
    words = session.split()
    return words[0], words[-1]


def _startup_lines(taken: Checkpoint) -> Optional[Configuration]:
    """What FRR starts from: all that is desired of it, whatever its daemons have read. None where there is no such file."""
    file = frr_host.read(taken.planes[FRR]["startup_path"] if FRR in taken.planes else frr_host.startup_file(None))
    return configuration.parse(file.text, shown=True) if file else None


def states(vtysh: Vtysh) -> Optional[Dict[str, str]]:
    """The states of the BGP sessions in all VRFs, by their names; None if FRR does not answer."""
    try:
        shown = json.loads(vtysh.show("show bgp vrf all summary json") or "{}")
    except (FabricError, ValueError):
        return None
    return {
        "%s %s in VRF %s" % (row["neighbor"], row["family"], vrf): row["state"]
        for vrf, summary in shown.items()
        for row in evpn.sessions(summary)
    }
