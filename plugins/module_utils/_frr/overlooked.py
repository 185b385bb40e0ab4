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
from typing import Any, Dict, Tuple

from .._core.errors import FrrError, VerificationError
from .._core.plane import Stopped
from .configuration import Running
from .objects import SeenAddress
from .surroundings import Address, Surroundings
from .vtysh import Vtysh, refuse_if_stopped

#: The first version that hears of both in one order.
IN_ORDER = 10
#: Seconds after which an address that FRR does not know yet is overlooked, and not only still to be read.
BUSY = 1
#: Seconds within which FRR has to notice any of the addresses that are announced again.
LIMIT = 30


def find(vtysh: Vtysh, kernel: Surroundings, running: Running) -> Tuple[SeenAddress, ...]:
    """The addresses that FRR has overlooked, sorted."""
    if not _may_overlook(running):
        return ()
    found = _overlooked(vtysh, kernel)
    if found:
        time.sleep(BUSY)
        again = _overlooked(vtysh, kernel)
        found = {key: each for key, each in again.items() if key in found}
    return tuple(SeenAddress(dev, address) for dev, address in sorted(found))


def follow(vtysh: Vtysh, kernel: Surroundings, stopped: Stopped = lambda: None) -> None:
    """Waits, after the kernel's plane has added addresses, until FRR knows them, if it runs. Raises as :func:`announce`
    does."""
    try:
        running = vtysh.running()
    except FrrError:
        return  # there is no FRR here, or none that answers
    if _may_overlook(running):
        announce(vtysh, kernel, stopped)


def _may_overlook(running: Running) -> bool:
    return "zebra" in running.daemons and running.version < IN_ORDER


def announce(vtysh: Vtysh, kernel: Surroundings, stopped: Stopped = lambda: None) -> None:
    """Has the kernel announce the addresses that FRR has overlooked until FRR knows them; it announces none while FRR comes to
    know more of them by itself.

    Raises :class:`VerificationError` with the addresses that FRR does not know after :data:`LIMIT` seconds without progress,
    and :class:`FrrError` once ``stopped()`` names a signal that asks the run to stop.
    """
    overlooked, deadline = _overlooked(vtysh, kernel), time.monotonic() + LIMIT
    delay = 0.1
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


def _overlooked(vtysh: Vtysh, kernel: Surroundings) -> Dict[Address, Any]:
    """Addresses that the kernel has and FRR does not know: (interface, address) -> what announces it."""
    actual = kernel.addresses()
    # In this order an address that comes in between does not seem overlooked.
    known = json.loads(vtysh.show("show interface vrf all brief json"))
    return {
        (dev, address): announced
        for (dev, address), announced in actual.items()
        if address not in known.get(dev, {}).get("addresses", ())
    }
