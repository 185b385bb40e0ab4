# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling FRR of addresses that it has overlooked. Private to this collection.

FRR before 10 hears of interfaces and of their addresses by two sockets, and forgets an address that it hears of before its
interface (FRRouting issue 13288; seen with 8.4). It then neither redistributes nor advertises the subnet. An address that is
set once more, as it is, is announced by the kernel once more, and nothing else happens.

A run of the data plane ends when FRR knows what it has made; ``frr_config`` finds what FRR has overlooked at other times.
"""

from __future__ import annotations

import json
import socket
import time

from .._core.errors import FrrError, VerificationError
from .._core.operation import HITLESS, Operation
from .._kernel.netlink import addresses
from .._kernel.plan.order import PHASE
from .objects import SeenAddress

#: The first version that hears of both in one order.
IN_ORDER = 10
#: Seconds after which what FRR does not know yet is overlooked, and not only still to be read.
BUSY = 1
#: Seconds that FRR is given to notice any of what is announced again.
LIMIT = 30
REASON = "FRR has overlooked it"


def operations(vtysh, channel, seen):
    """An operation for each address that the kernel has and FRR does not know.

    ``channel`` is a :class:`.._kernel.netlink.channel.Channel` in the network namespace of FRR, ``seen`` what runs (a
    :class:`.vtysh.Running`).
    """
    if not _may_overlook(seen):
        return []
    found = _overlooked(vtysh, channel)
    if found:
        time.sleep(BUSY)
        found = {key: body for key, body in _overlooked(vtysh, channel).items() if key in found}
    return [Operation("create", None, SeenAddress(dev, address), HITLESS, REASON, ()) for dev, address in sorted(found)]


def follow(vtysh, channel, done):
    """Waits, after the operations ``done`` of a data plane, until FRR knows the addresses that they made, if it runs here.

    Raises as :func:`tell` does.
    """
    if not any(step.phase == PHASE["address"] for operation in done for step in operation.steps):
        return
    try:
        seen = vtysh.running()
    except FrrError:
        return  # there is no FRR here, or none that answers
    if _may_overlook(seen):
        tell(vtysh, channel)


def _may_overlook(seen):
    return "zebra" in seen.daemons and seen.version < IN_ORDER


def tell(vtysh, channel):
    """Has the kernel announce what FRR has overlooked until FRR knows it; not again while FRR comes to know more of it.

    Raises :class:`VerificationError` with the addresses that it does not know after :data:`LIMIT` seconds without progress.
    """
    left, delay, deadline = _overlooked(vtysh, channel), 0.1, time.monotonic() + LIMIT
    while left:
        time.sleep(delay)
        before, left = left, _overlooked(vtysh, channel)
        if len(left) < len(before):
            deadline = time.monotonic() + LIMIT
        elif time.monotonic() > deadline:
            raise VerificationError(
                "what was asked for is in place, but FRR does not notice these addresses although the kernel has announced "
                "them again:\n%s\nSee what `vtysh -c 'show interface'` says of the interface, and journalctl -u frr"
                % "\n".join("  %s on %s" % (address, dev) for dev, address in sorted(left))
            )
        else:
            # An address that goes in between is refused, and is not there when FRR is asked again.
            channel.send(list(map(addresses.repeated, left.values())))
        delay = min(2 * delay, 2)


def _overlooked(vtysh, channel):
    """Addresses that the kernel has and FRR does not know: (interface, address) -> as the kernel tells it."""
    names = dict(socket.if_nameindex())
    present = channel.dump(*addresses.dump_request())
    # In this order an address that comes in between does not seem overlooked.
    known = json.loads(vtysh.show("show interface vrf all brief json"))
    return {
        (names[number], address): body
        for number, address, body in addresses.of_routers(present)
        if number in names and address not in known.get(names[number], {}).get("addresses", ())
    }
