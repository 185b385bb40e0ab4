# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces of a host's own default routes: a fabric that takes one of them can cut the host off. Private to this
collection.
"""

from __future__ import annotations

import contextlib
import socket
from struct import Struct
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Set

from .._core.errors import KernelError
from .._kernel.netlink import routes
from .._kernel.netlink.channel import Channel
from .._kernel.netlink.wire import U32, attributes

TABLE_MAIN = 254
#: Who makes the routes of a host: unspecified, the kernel, people and scripts (boot, static), DHCP (linux/rtnetlink.h). Routing
#: daemons and we have other numbers. Router advertisements (9) say little: whoever is at the other end of a cable sends them,
#: and FRR does on links without addresses.
OF_THE_HOST = (0, 2, 3, 4, 16)

_rtmsg = Struct("=BBBBBBBBI")
_rtnexthop = Struct("=HBBi")


def default_route_interfaces() -> List[str]:
    """The names of the interfaces, sorted; none where the kernel's tables change during every dump."""
    channel = Channel()
    try:
        bodies = channel.dump(*routes.dump_request())
    except KernelError:
        return []
    finally:
        channel.close()
    names = set()
    for number in best(bodies):
        with contextlib.suppress(OSError):  # it has gone in between
            names.add(socket.if_indextoname(number))
    return sorted(names)


def best(bodies: Iterable[Any]) -> Set[int]:
    """The numbers of the interfaces of each family's default routes of the lowest metric, from the messages of a dump."""
    found: Dict[int, Dict[int, Set[int]]] = {}
    for body in bodies:
        family, length, _src, _tos, table, protocol, _scope, kind, _flags = _rtmsg.unpack_from(body)
        if length or kind != routes.UNICAST or protocol not in OF_THE_HOST:
            continue
        said = attributes(body, _rtmsg.size, len(body))
        if (U32.unpack(said[routes.TABLE])[0] if routes.TABLE in said else table) != TABLE_MAIN:
            continue
        metric = U32.unpack(said[routes.PRIORITY])[0] if routes.PRIORITY in said else 0
        found.setdefault(family, {}).setdefault(metric, set()).update(_interfaces(said))
    return {number for by_metric in found.values() for number in by_metric[min(by_metric)]}


def _interfaces(said: Mapping[int, Any]) -> Iterator[int]:
    """The interfaces of a route's next hops."""
    if routes.OIF in said:
        yield U32.unpack(said[routes.OIF])[0]
    hops, at = said.get(routes.MULTIPATH, b""), 0
    while at + _rtnexthop.size <= len(hops):
        length, _flags, _weight, number = _rtnexthop.unpack_from(hops, at)
        yield number
        at += max((length + 3) & ~3, _rtnexthop.size)
