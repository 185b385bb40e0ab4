# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that FRR has overlooked. Private to this collection.

FRR before 10 hears of interfaces and of their addresses by two sockets, and forgets an address that it hears of before its
interface (FRRouting issue 13288; seen with 8.4). It then neither redistributes nor advertises the subnet. An address that is
set once more, as it is, is announced by the kernel once more, and nothing else happens.

What FRR has overlooked already is in its plan. What the kernel's plane makes in the same transaction is not: :func:`follow`
waits for it when all planes have been applied.
"""

from __future__ import annotations

import json
import time

from .._core.errors import FrrError, VerificationError
from .objects import SeenAddress
from .vtysh import refuse_if_stopped

#: The first version that hears of both in one order.
IN_ORDER = 10
#: Seconds after which an address that FRR does not know yet is overlooked, and not only still to be read.
BUSY = 1
#: Seconds within which FRR has to notice any of the addresses that are announced again.
LIMIT = 30


def find(vtysh, kernel, running):
    """The addresses that FRR has overlooked, as a sorted tuple of :class:`~.objects.SeenAddress`.

    ``kernel`` is a :class:`~.surroundings.Surroundings`, ``running`` what runs (a :class:`~.configuration.Running`).
    """
    if not _may_overlook(running):
        return ()
    found = _overlooked(vtysh, kernel)
    if found:
        time.sleep(BUSY)
        found = found.keys() & _overlooked(vtysh, kernel).keys()
    return tuple(SeenAddress(dev, address) for dev, address in sorted(found))


def follow(vtysh, kernel, stopped=lambda: None):
    """Waits, after the kernel's plane has added addresses, until FRR knows them, if it runs. Raises as :func:`announce`
    does."""
    try:
        running = vtysh.running()
    except FrrError:
        return  # there is no FRR here, or none that answers
    if _may_overlook(running):
        announce(vtysh, kernel, stopped)


def _may_overlook(running):
    return "zebra" in running.daemons and running.version < IN_ORDER


def announce(vtysh, kernel, stopped=lambda: None):
    """Has the kernel announce the addresses that FRR has overlooked until FRR knows them; it announces none while FRR comes to
    know more of them by itself.

    Raises :class:`VerificationError` with the addresses that FRR does not know after :data:`LIMIT` seconds without progress,
    and :class:`FrrError` once ``stopped()`` tells what asks to stop.
    """
    overlooked, delay, deadline = _overlooked(vtysh, kernel), 0.1, time.monotonic() + LIMIT
    while overlooked:
        refuse_if_stopped(stopped)
        time.sleep(delay)
        before, overlooked = overlooked, _overlooked(vtysh, kernel)
        if len(overlooked) < len(before):
            deadline = time.monotonic() + LIMIT
        elif time.monotonic() > deadline:
            raise VerificationError(
                "FRR does not notice these addresses although the kernel has announced them again:\n%s\n"
                "See what `vtysh -c 'show interface'` says of the interface, and journalctl -u frr"
                % "\n".join("  %s on %s" % (address, dev) for dev, address in sorted(overlooked))
            )
        else:
            kernel.announce(overlooked.values())
        delay = min(2 * delay, 2)


def _overlooked(vtysh, kernel):
    """Addresses that the kernel has and FRR does not know: (interface, address) -> what announces it."""
    actual = kernel.addresses()
    # In this order an address that comes in between does not seem overlooked.
    known = json.loads(vtysh.show("show interface vrf all brief json"))
    return {
        (dev, address): announced
        for (dev, address), announced in actual.items()
        if address not in known.get(dev, {}).get("addresses", ())
    }
