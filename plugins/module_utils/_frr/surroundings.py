# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FRR's plane asks of the kernel. Private to this collection.

Planes do not know each other: whoever makes FRR's plane gives it this, for the network namespace that FRR is in.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Optional, Protocol, Sequence, Tuple


class Link(NamedTuple):
    """An interface, as far as FRR's treatment of a configuration depends on it.

    ``table`` is the routing table of a VRF, None for all other interfaces; ``vrf`` names the VRF that an interface is in.
    """

    name: str
    up: bool
    vrf: Optional[str] = None
    table: Optional[int] = None


#: The interface and the address with its prefix length, as ``10.0.0.1/24``.
Address = Tuple[str, str]


class Expected(NamedTuple):
    """The interfaces and addresses that the kernel will have once its own plane has been applied."""

    links: Tuple[Link, ...] = ()
    addresses: Tuple[Address, ...] = ()


class Surroundings(Protocol):
    """The kernel as FRR's plane sees it."""

    def expected(self) -> Expected:
        """What the kernel will have when FRR's plan is applied: the same in check mode and for real."""

    def addresses(self) -> Mapping[Address, Any]:
        """The addresses that a routing daemon advertises subnets of, each with what :meth:`announce` takes: those that the
        kernel has now and still has once its own plane has been applied."""

    def announce(self, addresses: Iterable[Any]) -> None:
        """Sets addresses once more as they are, so that the kernel announces them to all who listen."""

    def make(self, links: Sequence[Link], addresses: Sequence[Address]) -> None:
        """Makes interfaces and addresses in the network namespace that this process has entered since, as far as the kernel
        lets it."""
