# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this host answers ARP and ND on an interface, or leaves that to another gateway. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

from ..._core.disruption import HITLESS
from .kind import Kind

#: Values of arp_ignore: from this one on no address is answered for, and by these every address that hosts ask for.
ARP_SILENT = 8
ARP_ANSWERING = (0, 1, 2)


@dataclass(frozen=True)
class Silence:
    """What keeps this host from answering on the interface ``name``: its ``arp_ignore``, and for ``nd`` a rule of nftables.

    ``arp_ignore`` is None where the interface does not exist. ``owned`` when gateways of this collection did it.
    """

    kind: ClassVar[str] = "silence"

    name: str
    arp_ignore: Optional[int] = None
    nd: Optional[bool] = None
    owned: Optional[bool] = None

    @property
    def key(self):
        return self.name

    @property
    def is_silent(self):
        """Whether there is something that the host does not answer."""
        return bool(self.nd) or self.arp_ignore not in (None, *ARP_ANSWERING)

    def to_output(self):
        return {"name": self.name, "arp_ignore": self.arp_ignore, "nd": self.nd}


#: No entry lists it: it follows from who owns what among gateways.
KIND = Kind("silence", "silence", Silence, {"arp_ignore": HITLESS, "nd": HITLESS})
