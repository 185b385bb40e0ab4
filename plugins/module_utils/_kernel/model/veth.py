# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""veth pairs: two ends, each a link of its own. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Dict, Optional

from .attribute import Attribute, by_name
from .link import ETHERNET, Link, common


@dataclass(frozen=True)
class Veth(Link):
    """One end of a pair; ``peer`` is the name of the other end in the same network namespace."""

    kind: ClassVar[str] = "veth"
    attributes: ClassVar[Dict[str, Attribute]] = by_name(*ETHERNET)

    peer: Optional[str] = None

    @property
    def leads(self):
        """Whether this end stands for the pair: creating or deleting it creates or deletes both."""
        return not self.peer or self.name < self.peer


def from_params(check):
    """One end of a pair from module options."""
    peer = check.interface("peer", required=check.entry.get("state", "present") == "present")
    if peer and peer == check.entry.get("name"):
        check.wrong("peer", "is the link itself", "Write the name of the other end")
    return Veth(peer=peer, **common(check, Veth))
