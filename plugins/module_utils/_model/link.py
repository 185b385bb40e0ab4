# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all network interfaces have in common, and interfaces that exist without us. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Optional

#: Stand at the end of the alias of every link that this collection made, or that it holds settings of.
MADE_MARK, HELD_MARK = "[evpn.fabric]", "[evpn.fabric port]"

#: Largest MTU that any kind of device takes (a VRF device's maximum is 65575, a VLAN's that of its lower device).
MTU_FIRST, MTU_LAST = 68, 65535


@dataclass(frozen=True)
class Link:
    """A network interface. None means: not specified (desired), or the kernel does not say (actual).

    ``master`` is the name of the bridge or VRF it belongs to, ``""`` for none. ``link_local`` says whether the kernel
    derives an IPv6 link-local address. ``owned`` says that we made it, ``held`` that it exists without us and we hold
    settings of it; marks in the alias tell both.
    """

    kind: ClassVar[str] = "interface"

    name: str
    description: Optional[str] = None
    mtu: Optional[int] = None
    mac: Optional[str] = None
    master: Optional[str] = None
    link_local: Optional[bool] = None
    up: Optional[bool] = None
    owned: Optional[bool] = None
    held: Optional[bool] = None

    @property
    def key(self):
        """What identifies a link: its name."""
        return self.name

    @property
    def lower(self):
        """The name of the device it stands on and goes with, or None."""
        return None

    def alias(self):
        """The alias in the kernel: the description, then the mark."""
        mark = MADE_MARK if self.owned else HELD_MARK if self.held else ""
        return " ".join(part for part in (self.description, mark) if part)

    def to_output(self):
        """The object as module options spell it, without what is not specified."""
        return {field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name) is not None}


@dataclass(frozen=True)
class Interface(Link):
    """An interface that exists without us: a physical port, a bond, lo. Never created, never deleted.

    ``type`` is what the kernel calls its kind, empty for a physical port.
    """

    type: Optional[str] = None


def interface_from_params(check):
    """An interface that exists already, from module options."""
    options = common(check)
    options.update(owned=None, held=True)
    return Interface(**options)


def common(check):
    """The options that all kinds of links share, checked; a dict for the dataclass."""
    entry = check.entry
    if entry.get("bridge") is not None and entry.get("vrf") is not None:
        check.wrong("vrf", "is given together with bridge", "Put the address-bearing device of the bridge into the VRF instead")
    bridge = check.interface("bridge") if entry.get("bridge") != "" else ""
    vrf = check.interface("vrf") if entry.get("vrf") != "" else ""
    return {
        "name": check.interface(required=True) or "",
        "description": check.text("description"),
        "mtu": check.number("mtu", MTU_FIRST, MTU_LAST, "an MTU"),
        "mac": check.mac(),
        "master": bridge if bridge is not None else vrf,
        "link_local": entry.get("ipv6_link_local"),
        "up": entry.get("up"),
        "owned": True,
    }


def split_alias(alias):
    """An alias as (description, owned, held)."""
    for mark in (MADE_MARK, HELD_MARK):
        if alias.endswith(mark):
            return alias[: -len(mark)].rstrip(), mark is MADE_MARK, mark is HELD_MARK
    return alias, False, False
