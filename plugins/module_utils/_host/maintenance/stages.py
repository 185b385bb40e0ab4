# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transaction that begins or ends the maintenance of a host. Private to this collection."""

from __future__ import annotations

import re
from typing import Any, List, Optional

from ..._core.errors import FrrError, Problem, ValidationError
from ..._core.operation import HITLESS
from ..._frr import configuration, maintenance
from ..._frr.vtysh import Vtysh
from ..gateway.planes import RuntimeState
from ..gateway.stages import frr_stage
from ..transaction import Stage
from .expiry import Desired, Expiry
from .record import begun, current

#: Seconds until maintenance ends by itself where nothing else is said, and the bounds of what may be said.
DEFAULT_EXPIRY, EXPIRY_FIRST, EXPIRY_LAST = 2 * 3600, 60, 7 * 24 * 3600
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
_DURATION = re.compile(r"([1-9][0-9]{0,6})([smhd])\Z")


def seconds(text: str) -> int:
    """The seconds of a duration such as "90m" or "2h". Raises :class:`ValidationError`."""
    found = _DURATION.match(text)
    value = int(found[1]) * _UNITS[found[2]] if found else 0
    if not EXPIRY_FIRST <= value <= EXPIRY_LAST:
        message = "%r is not a duration from %d seconds to %d days" % (text, EXPIRY_FIRST, EXPIRY_LAST // _UNITS["d"])
        raise ValidationError([Problem("expiry", message, "Write a number and a unit, such as 90m, 2h or 1d")])
    return value


def prepare(vtysh: Vtysh, state: str, expiry: Optional[int]) -> List[Stage]:
    """Reads a host, and plans its maintenance ("on"), or the end of that ("off"): the stages of a transaction.

    ``expiry`` is in seconds; None leaves a maintenance that has begun as long as it is, and is :data:`DEFAULT_EXPIRY` for
    another. Raises :class:`FrrError` where FRR routes nothing.
    """
    running = configuration.parse(vtysh.running().text, shown=True)
    without, lines = maintenance.without(running, {}), maintenance.lines_for(running)
    if state == "off":
        frr, wanted = frr_stage(without, running, HITLESS, "it carries traffic again"), None
    elif lines:
        lasting = current()
        is_new = lasting is None or lasting.is_over or expiry is not None
        wanted = begun(expiry or DEFAULT_EXPIRY) if is_new else lasting
        frr = frr_stage({**without, **dict.fromkeys(lines)}, running, HITLESS, "others carry its traffic")
    else:
        raise FrrError(
            "nothing was changed: FRR runs neither BGP nor OSPF here, so there is no traffic that others could carry. Look at "
            "systemctl status frr, or run evpn.fabric.site first"
        )
    told = ["configure terminal", *maintenance.commands(lines, negated=True)]
    ends = ("vtysh", *(word for command in told for word in ("-c", command)))
    plane = Expiry()
    desired = Desired(wanted, ends, tuple(maintenance.commands(lines, negated=False)))
    runtime: Any = RuntimeState(vtysh)
    stages = [Stage(plane, plane.plan(desired, plane.read(desired))), Stage(runtime, frr)]
    # What ends it is there before it begins, and as long as it lasts.
    return stages if wanted else stages[::-1]
