# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that modules share. Private to this collection."""

from __future__ import annotations

from ..._core.operation import DISRUPTIONS
from ..._core.schema import Key

STATE = Key("str", "Whether it exists.", default="present", choices=("present", "absent"))
NETNS = {
    "netns": Key(
        "str",
        (
            "Name of the network namespace to work in, as C(ip netns) lists it. This needs root and pyroute2 0.7.2 or newer.",
            "The host's own where this is not given.",
        ),
    ),
}
TRANSACTION = {
    "max_disruption": Key(
        "str",
        (
            "The task fails, before anything is touched, if it would have to do something more disruptive than this.",
            "V(hitless) allows only what no packet notices; V(session) allows to reset routing sessions, to withdraw routes "
            "and to take forwarding state away; V(link) allows to take a link down or to make it anew; V(daemon) allows to "
            "restart FRR.",
        ),
        default=DISRUPTIONS[-1],
        choices=DISRUPTIONS,
    ),
    "lock_timeout": Key(
        "int", "Seconds to wait for another run in the same network namespace before the task fails.", default=60
    ),
}
COMMON = {**NETNS, **TRANSACTION}
PATHSPACE = {
    "pathspace": Key("str", "Name of the FRR instance, as in C(vtysh -N). The host's own where this is not given."),
}


def purge(*description: str) -> dict[str, Key]:
    """Whether what is not listed is removed."""
    return {"purge": Key("bool", description, default=False)}
