# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARP and ND suppression of a gateway: an interface on which this host answers neither, because another gateway does. Private
to this collection.

This is about the host's own answers. What a bridge port answers in place of remote hosts (``neigh_suppress``) is another thing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Optional

from ..._core.disruption import HITLESS
from .kind import Kind

#: Values of arp_ignore: from this one on no address is answered for, and by these every address that hosts ask for
#: (Documentation/networking/ip-sysctl.rst).
ARP_SUPPRESSED = 8
ARP_ANSWERING = (0, 1, 2)
_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")


def can_be_named(name: str) -> bool:
    """Whether the language of nft, whose rule suppresses ND, has a way to write an interface's name."""
    return bool(_NAME.match(name))


@dataclass(frozen=True)
class NdSuppression:
    """What keeps this host from answering on the interface ``name``: its ``arp_ignore``, and for ``nd`` a rule of nftables.

    ``arp_ignore`` is None where the interface does not exist. ``owned`` when gateways of this collection did it.
    """

    kind: ClassVar[str] = "nd_suppression"

    name: str
    arp_ignore: Optional[int] = None
    nd: Optional[bool] = None
    owned: Optional[bool] = None

    @property
    def key(self) -> str:
        return self.name

    @property
    def suppresses(self) -> bool:
        """Whether there is something that the host does not answer."""
        return bool(self.nd) or self.arp_ignore not in (None, *ARP_ANSWERING)

    def to_output(self) -> Dict[str, Any]:
        return {"name": self.name, "arp_ignore": self.arp_ignore, "nd": self.nd}


#: No entry lists it: it follows from who owns what among gateways.
KIND = Kind("nd_suppression", "nd_suppression", NdSuppression, {"arp_ignore": HITLESS, "nd": HITLESS})
