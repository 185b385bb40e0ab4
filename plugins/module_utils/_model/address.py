# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of interfaces (ip-address(8)). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

METRIC_LAST = 4294967295


@dataclass(frozen=True)
class Address:
    """An address in CIDR notation on the link ``dev``; ``owned`` when it carries our protocol number.

    ``nodad`` skips duplicate address detection, ``noprefixroute`` keeps the kernel from adding the subnet's route.
    ``metric`` is the metric of that route, 0 for the kernel's own choice.
    """

    kind: ClassVar[str] = "address"

    dev: str
    address: str
    nodad: Optional[bool] = None
    noprefixroute: Optional[bool] = None
    metric: Optional[int] = None
    owned: Optional[bool] = None

    @property
    def key(self):
        return (self.dev, self.address)

    @property
    def name(self):
        """How people name it."""
        return "%s on %s" % (self.address, self.dev)

    def to_output(self):
        output: dict[str, object] = {"dev": self.dev, "address": self.address}
        shown = {option: getattr(self, option) for option in ("nodad", "noprefixroute", "metric")}
        output.update((option, value) for option, value in shown.items() if value)
        return output


def from_params(check):
    """An address from module options."""
    entry = check.entry
    address = check.prefix("address")
    if entry.get("address") is None:
        check.wrong("address", "is missing", "Write an address with its prefix length, such as 10.0.0.1/24")
    if entry.get("nodad") and address and ":" not in address:
        check.wrong("nodad", "has no meaning for %s" % address, "Leave it out: IPv4 has no duplicate address detection here")
    return Address(
        dev=check.interface("dev", required=True) or "",
        address=address or "",
        nodad=entry.get("nodad"),
        noprefixroute=entry.get("noprefixroute"),
        metric=check.number("metric", 0, METRIC_LAST, "a metric"),
        owned=True,
    )
