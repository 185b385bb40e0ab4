# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a link is as the port of a bridge (bridge(8), "bridge link set"). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

#: The options of a bridge port, all of them switches.
OPTIONS = ("learning", "neigh_suppress", "isolated", "hairpin", "guard", "vlan_tunnel")


@dataclass(frozen=True)
class Port:
    """Bridge port options of the link ``dev``."""

    kind: ClassVar[str] = "port"

    dev: str
    learning: Optional[bool] = None
    neigh_suppress: Optional[bool] = None
    isolated: Optional[bool] = None
    hairpin: Optional[bool] = None
    guard: Optional[bool] = None
    vlan_tunnel: Optional[bool] = None

    @property
    def key(self):
        return self.dev

    def to_output(self):
        output = {option: getattr(self, option) for option in OPTIONS if getattr(self, option) is not None}
        output["dev"] = self.dev
        return output


def from_params(check):
    """The port options among a link's options, or None if there are none."""
    options = {option: check.entry[option] for option in OPTIONS if check.entry.get(option) is not None}
    if not options:
        return None
    if not check.entry.get("bridge"):
        if set(options) == {"learning"}:  # a VXLAN device has a switch of that name for itself
            return None
        check.wrong("bridge", "is missing, but %s is an option of a bridge port" % sorted(options)[0], "Name the bridge")
        return None
    return Port(dev=check.entry.get("name") or "", **options)
