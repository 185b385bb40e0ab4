# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permanent ARP and ND entries, and those answered for others (ip-neighbour(8)). Private to this collection."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Neighbor(NamedTuple):
    """An entry for ``ip`` on the link ``dev``; ``owned`` when it carries our protocol number.

    With ``proxy`` the host answers for that address there, and there is no MAC.
    """

    dev: str
    ip: str
    proxy: bool = False
    mac: Optional[str] = None
    owned: Optional[bool] = None

    kind = "neighbor"  # type: ignore[misc]

    @property
    def key(self):
        return self[:3]

    @property
    def name(self):
        """How people name it."""
        return "%s%s on %s" % ("proxy " if self.proxy else "", self.ip, self.dev)

    def to_output(self):
        output = {"dev": self.dev, "ip": self.ip}
        output.update({"proxy": True} if self.proxy else {"mac": self.mac})
        return output


def from_params(check):
    """An entry from module options."""
    entry = check.entry
    proxy = bool(entry.get("proxy"))
    if proxy and entry.get("mac") is not None:
        check.wrong("mac", "is given, but a proxy entry answers with the interface's own", "Remove it, or remove proxy")
    if not proxy and entry.get("mac") is None and entry.get("state", "present") == "present":
        check.wrong("mac", "is missing", "Write the MAC address of the neighbor, or proxy: true")
    ip = check.address("ip", False)
    if entry.get("ip") is None:
        check.wrong("ip", "is missing", "Write an IP address")
    return Neighbor(check.interface("dev", required=True) or "", ip or "", proxy, None if proxy else check.station("mac"), True)
