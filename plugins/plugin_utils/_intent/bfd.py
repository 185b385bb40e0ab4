# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links on which BFD would keep a session from coming back. Private to this collection.

FRR 10.2.0 to 10.2.2 and 10.3.0 do not connect to a neighbor while its BFD session is down (``peer_active`` in bgpd/bgpd.c). FRR
before 10.2.2 begins BFD with a neighbor without address only once BGP is up (``bgp_establish`` in bgpd/bgp_fsm.c). Where one
meets the other, each waits for the other once the second has restarted, for ever: FRRouting issues 17751 and 18742. Links with
addresses and OSPF come back in every combination.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .fabric import Fabric, Host
from .fabric import Link as HostLink

#: Releases that wait for BFD, and the first one that begins it before BGP is up. What was mended in releases of older branches
#: (10.0.4, 10.1.3) is left out: BFD is missed there, where it would do.
WAIT_FOR_BFD = ((10, 2, 0), (10, 2, 1), (10, 2, 2), (10, 3, 0))
BEGINS_EARLY = (10, 2, 2)
#: BGP's keepalive and hold time in seconds on links without BFD: the least that finds a silent loss.
TIMERS_WITHOUT_BFD = (1, 3)


class Link(NamedTuple):
    """A link without BFD: the hosts and interfaces at its ends."""

    one: tuple[Host, str]
    other: tuple[Host, str]

    @property
    def ends(self) -> tuple[tuple[str, str], ...]:
        """The names of the hosts, each with its interface."""
        return tuple((host.name, interface) for host, interface in self)

    def __str__(self) -> str:
        ends = " and ".join(f"{host.name}:{interface} (FRR {host.frr_version or 'unknown'})" for host, interface in self)
        return (
            f"BFD is left out between {ends}: one waits for BFD before it connects, the other begins BFD when BGP is up, and a "
            "restart of FRR would part them for ever (FRRouting issue 17751). A silent loss is found after 3 s there. Install "
            "FRR 10.3.1 or newer, or write fabric_underlay.unnumbered: false and a subnet for each link"
        )


def links_without_bfd(fabric: Fabric) -> Iterator[Link]:
    """The links of a fabric on which BFD is left out, as far as the releases on its hosts are known.

    A host of which nothing is known, because it cannot be reached, may have any release that others have.
    """
    waits = any(map(_waits, fabric.hosts.values()))
    is_late = any(map(_is_late, fabric.hosts.values()))

    def may_wait(host: Host) -> bool:
        return waits if host.frr_numbers is None else _waits(host)

    def may_be_late(host: Host) -> bool:
        return is_late if host.frr_numbers is None else _is_late(host)

    for host, link, peer in _links(fabric):
        if host.name < peer.name and ((may_wait(host) and may_be_late(peer)) or (may_be_late(host) and may_wait(peer))):
            yield Link((host, link.interface), (peer, link.peer_interface))


def hosts_to_look_at(fabric: Fabric) -> Iterator[str]:
    """The hosts of which nothing is known, and whose release decides whether a neighbor that is known has BFD with them."""
    found = {peer.name for host, _link, peer in _links(fabric) if peer.kernel is None and (_waits(host) or _is_late(host))}
    return (name for name in fabric.hosts if name in found)


def _links(fabric: Fabric) -> Iterator[tuple[Host, HostLink, Host]]:
    """Each end of each link that could be one without BFD: a host, its link, and the peer."""
    if fabric.underlay.bfd is None or fabric.underlay.protocol != "ebgp" or not fabric.underlay.unnumbered:
        return
    for host in fabric.hosts.values():
        for link in host.links:
            yield host, link, fabric.hosts[link.peer]


def _waits(host: Host) -> bool:
    return host.frr_numbers in WAIT_FOR_BFD


def _is_late(host: Host) -> bool:
    return host.frr_numbers is not None and host.frr_numbers < BEGINS_EARLY
