# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what others may have put into VRFs and bridges of ours. Private to this collection.

Most of what a fabric's host has is from BGP. So messages are sorted out by a byte or two before anything is made of them.
"""

from __future__ import annotations

from typing import List

from ..model.kind import State
from . import by_hand, fdb, neighbors, routes, rules
from .codec import Host

#: Where the protocol of a route stands in its message (struct rtmsg), and the state and flags of a neighbor (struct ndmsg).
_PROTOCOL, _STATE, _FLAGS = 5, 8, 10


def read(host: Host, state: State) -> State:
    """A state that has been read, with the routes, rules, neighbors and forwarding entries that people and their scripts
    configured in place of those that it had. Raises :class:`~..._core.errors.KernelError`.
    """
    found: State = {**state, "route": _routes(host), "rule": {}, "neighbor": _neighbors(host)}
    for family in rules.FAMILIES:
        whole, _unsaid = by_hand.split_rules(host.channel.dump(*rules.dump_request(family)), family, host.protocol)
        found["rule"].update(rules.decode(whole, family, host.protocol))
    kind, body = fdb.dump_request()
    found["fdb"] = host.channel.dump(kind, body, lambda parts: fdb.decode(parts, host.names, host.links))
    return found


def _routes(host: Host) -> dict:
    bodies: List[bytes] = host.channel.dump(*routes.dump_request())
    by_people = [body for body in bodies if body[_PROTOCOL] in routes.BY_HAND or body[_PROTOCOL] == host.protocol]
    return routes.decode(by_people, host.names, host.protocol)


def _neighbors(host: Host) -> dict:
    bodies: List[bytes] = host.channel.dump(*neighbors.dump_requests()[0])
    kept = [body for body in bodies if body[_STATE] & neighbors.NUD_PERMANENT and not body[_FLAGS] & neighbors.NTF_EXT_LEARNED]
    return neighbors.decode(kept, host.names, host.protocol)
