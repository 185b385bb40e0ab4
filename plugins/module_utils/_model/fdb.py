# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding entries of bridges and VXLAN devices (bridge(8), "bridge fdb"). Private to this collection."""

from __future__ import annotations

from typing import NamedTuple, Optional

from .values import VNI_LAST

#: The destination of what no entry is for: broadcast, unknown unicast and multicast (drivers/net/vxlan).
FLOOD = "00:00:00:00:00:00"


class Fdb(NamedTuple):
    """A static entry of the device ``dev``. None means: not specified.

    With ``dst`` it is one of a VXLAN device and leads to that VTEP, with ``vni`` if not the device's own, from ``src_vni`` on a
    device that carries many (0: the device's own). Without, it is one of the bridge that ``dev`` is a port of, in ``vlan``
    (0: none), and ``sticky`` keeps it from moving. ``owned``: static, on a device that we made or hold.
    """

    dev: str
    mac: str
    vlan: int = 0
    src_vni: int = 0
    dst: Optional[str] = None
    vni: Optional[int] = None
    port: Optional[int] = None
    via: Optional[str] = None
    sticky: Optional[bool] = None
    owned: Optional[bool] = None

    kind = "fdb"  # type: ignore[misc]

    @property
    def key(self):
        """What identifies an entry: an address for a group has several destinations, any other has one."""
        return (self.dev, self.mac, self.vlan, self.src_vni, self.dst if self.dst and is_group(self.mac) else "")

    @property
    def name(self):
        """How people name it."""
        words = [self.mac, "on", self.dev]
        for word, value in (("vlan", self.vlan), ("src_vni", self.src_vni), ("dst", self.dst)):
            words += [word, str(value)] if value else []
        return " ".join(words)

    def to_output(self):
        output = {"dev": self.dev, "mac": self.mac}
        for option in ("vlan", "src_vni", "dst", "vni", "port", "via", "sticky"):
            if getattr(self, option):
                output[option] = getattr(self, option)
        return output


def is_group(mac):
    """Whether packets to a MAC address go to several destinations: multicast, and :data:`FLOOD`."""
    return mac[1] in "13579bdf" or mac == FLOOD


def from_params(check):
    """An entry from module options."""
    entry = check.entry
    mac = check.station("mac")
    dst = check.address("dst", False)
    if dst is None:
        for option in ("vni", "src_vni", "port", "via"):
            if entry.get(option) is not None:
                check.wrong(option, "is of no use without dst", "Write the address of the VTEP as dst, or remove it")
        if mac and is_group(mac) and entry.get("dst") is None:
            check.wrong("dst", "is missing, and %s is no single station" % mac, "Write the address of a VTEP as dst")
    elif entry.get("vlan") is not None or entry.get("sticky") is not None:
        option = "vlan" if entry.get("vlan") is not None else "sticky"
        check.wrong(option, "is for entries of a bridge, and this one has a dst", "Remove one of the two")
    return Fdb(
        check.interface("dev", required=True) or "",
        mac or "",
        check.number("vlan", 1, 4094, "a VLAN") or 0,
        check.number("src_vni", 1, VNI_LAST, "a VNI") or 0,
        dst,
        check.number("vni", 1, VNI_LAST, "a VNI"),
        check.number("port", 1, 65535, "a UDP port"),
        check.interface("via"),
        entry.get("sticky"),
        True,
    )
