# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permanent ARP and ND entries, and those answered for others (ip-neighbour(8)). Private to this collection."""

from __future__ import annotations

from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import Any, Dict, Iterable, List, NamedTuple, Optional

from ..._core.disruption import HITLESS, SESSION
from ..._core.errors import Problem
from ..._core.values import MAC, Checker, Columns, are_ipv4_unicast, are_macs, is_interface_name, is_plain_unicast
from .kind import Kind, State, many


class Neighbor(NamedTuple):
    """An entry for ``ip`` on the link ``dev``; ``owned`` when it carries our protocol number.

    With ``proxy`` the host answers for that address there, and there is no MAC. ``router``: of IPv6, that
    it is one. ``daemon``: who else keeps it, as zebra does those it has from BGP.
    """

    dev: str
    ip: str
    proxy: bool = False
    mac: Optional[str] = None
    router: Optional[bool] = None
    owned: Optional[bool] = None
    daemon: str = ""

    @property
    def kind(self) -> str:
        return "neighbor"

    @property
    def key(self) -> Any:
        return self[:3]

    @property
    def name(self) -> str:
        """How people name it."""
        return "%s%s on %s" % ("proxy " if self.proxy else "", self.ip, self.dev)

    def to_output(self) -> Dict[str, Any]:
        output = {"dev": self.dev, "ip": self.ip, **({"proxy": True} if self.proxy else {"mac": self.mac})}
        return {**output, "router": True} if self.router else output


def keys(entries: Iterable[Any]) -> List[Any]:
    """What identifies each entry."""
    return list(map(itemgetter(0, 1, 2), entries))


def from_columns(columns: Columns, _present: State) -> List[Any]:
    """Entries from module options."""
    devs = columns.column("dev", partial(Checker.interface, option="dev", required=True), is_interface_name)
    ips = columns.column("ip", partial(Checker.address, option="ip", multicast=False), is_plain_unicast, are_ipv4_unicast)
    macs = columns.column("mac", partial(Checker.station, option="mac"), MAC.match, are_macs)
    proxies = columns.column("proxy", lambda check: bool(check.entry["proxy"]))
    routers = columns.column("router", lambda check: check.entry.get("router"))
    for place in [place for place, router in enumerate(routers) if router]:
        if ":" not in (columns.entries[place].get("ip") or ":"):
            columns.wrong((place,), Problem("router", "is for IPv6 neighbors", "Remove it"))
    for place in [place for place, (mac, proxy) in enumerate(zip(macs, proxies)) if bool(mac) == proxy]:
        entry = columns.entries[place]
        if proxies[place]:
            message = "is given, but a proxy entry answers with the interface's own"
            columns.wrong((place,), Problem("mac", message, "Remove it, or remove proxy"))
        elif entry.get("mac") is None and entry.get("state") != "absent":
            columns.wrong((place,), Problem("mac", "is missing", "Write the MAC address of the neighbor, or proxy: true"))
    return list(map(tuple.__new__, repeat(Neighbor), zip(devs, ips, proxies, macs, routers, repeat(True), repeat(""))))


KIND = Kind(
    "neighbor",
    "neighbor",
    Neighbor,
    {"mac": SESSION, "router": HITLESS},
    "neighbors",
    many(from_columns),
    keys=keys,
    is_of_link=True,
    needs_raised_link=True,
)
