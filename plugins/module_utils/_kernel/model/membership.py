# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VLANs a port of a bridge, and which VNIs a VXLAN device carries (bridge(8), "bridge vlan" and "bridge vni").

Private to this collection.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from ..._core.values import VLAN_FIRST, VLAN_LAST, VNI_LAST

#: So many VNIs are an object each at most: all 16 million would take minutes and more memory than a host has.
VNIS_OF_ENTRY = 65536


class BridgeVlan(NamedTuple):
    """A VLAN on a port of a bridge, or on the bridge itself.

    ``pvid``: untagged packets that come in belong to it. ``untagged``: its packets leave without tag. ``vni``: on a VXLAN
    device that carries many, the VNI that stands for it (0: none).
    """

    dev: str
    vlan: int
    pvid: Optional[bool] = None
    untagged: Optional[bool] = None
    vni: Optional[int] = None
    owned: Optional[bool] = None

    @property
    def kind(self):
        return "bridge_vlan"

    @property
    def key(self):
        return self[:2]

    @property
    def name(self):
        """How people name it."""
        return "vlan %d on %s" % (self.vlan, self.dev)

    def to_output(self):
        output = {"dev": self.dev, "vlan": self.vlan}
        for option in ("pvid", "untagged", "vni"):
            if getattr(self, option):
                output[option] = getattr(self, option)
        return output


class Vni(NamedTuple):
    """A VNI that a VXLAN device with ``vnifilter`` takes; ``group`` is where its broadcast goes, ``""`` for nowhere."""

    dev: str
    vni: int
    group: Optional[str] = None
    owned: Optional[bool] = None

    @property
    def kind(self):
        return "vni"

    @property
    def key(self):
        return self[:2]

    @property
    def name(self):
        """How people name it."""
        return "vni %d on %s" % (self.vni, self.dev)

    def to_output(self):
        output = {"dev": self.dev, "vni": self.vni}
        output.update({"group": self.group} if self.group else {})
        return output


def filters(dev, links):
    """Whether ``dev`` is a bridge that filters VLANs, or a port of one; ``links`` maps names to links."""
    link = links.get(dev)
    bridge = link if getattr(link, "kind", "") == "bridge" else links.get(getattr(link, "master", ""))
    return bool(getattr(bridge, "vlan_filtering", False))


def vlans_from_params(check):
    """The VLANs of one entry, which may name a range: a list."""
    entry = check.entry
    dev = check.interface("dev", required=True) or ""
    first, last = check.range("vlan", VLAN_FIRST, VLAN_LAST, "a VLAN")
    vni, last_vni = check.range("vni", 1, VNI_LAST, "a VNI", required=False)
    if vni and last_vni - vni != last - first:
        check.wrong("vni", "is a range of another length than vlan", "Write as many VNIs as VLANs")
    if entry.get("pvid") and last > first:
        check.wrong("pvid", "is true for a range", "One VLAN alone can be the port's own: give it an entry of its own")
    return [
        BridgeVlan(dev, vlan, entry.get("pvid"), entry.get("untagged"), vni + vlan - first if vni else None, True)
        for vlan in range(first, last + 1)
    ]


def vnis_from_params(check):
    """The VNIs of one entry, which may name a range: a list."""
    dev = check.interface("dev", required=True) or ""
    first, last = check.range("vni", 1, VNI_LAST, "a VNI")
    if last - first >= VNIS_OF_ENTRY:
        check.wrong("vni", "is a range of more than %d" % VNIS_OF_ENTRY, "Name the VNIs that are in use")
        first, last = 0, 0
    group = check.address("group")
    return [Vni(dev, vni, group, True) for vni in range(first, last + 1)]
