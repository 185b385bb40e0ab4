# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""veth pairs: two ends, each a link of its own. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Dict, Iterable, Optional, Tuple

from ..._core.disruption import FIXED
from ..._core.errors import Problem
from ..._core.values import Checker
from .attribute import Attribute, by_name
from .kind import LINK, State
from .link import ETHERNET, Link, common, kind_of_link


@dataclass(frozen=True)
class Veth(Link):
    """One end of a pair; ``peer`` is the name of the other end in the same network namespace."""

    kind: ClassVar[str] = "veth"
    linked: ClassVar[str] = "peer"
    #: It has 10 Gbit/s.
    port_costs: ClassVar[Tuple[int, ...]] = (2,)
    attributes: ClassVar[Dict[str, Attribute]] = by_name(*ETHERNET)

    peer: Optional[str] = None

    @property
    def leads(self) -> bool:
        """Whether this end stands for the pair: creating or deleting it creates or deletes both."""
        return not self.peer or self.name < self.peer


def from_params(check: Checker) -> Veth:
    """One end of a pair from module options."""
    peer = check.interface("peer", required=check.entry.get("state", "present") == "present")
    if peer and peer == check.entry.get("name"):
        check.wrong("peer", "is the link itself", "Write the name of the other end")
    return Veth.made(common(check, Veth), peer=peer)


def _far_ends(present: State) -> Iterable[Tuple[Veth, Veth]]:
    """Each end of a pair, and the other one: the document need not list both."""
    ends = [made for made in present[LINK].values() if isinstance(made, Veth)]
    return [(end, Veth(name=end.peer, peer=end.name, owned=True)) for end in ends if end.peer]


def _contradictions(present: State) -> Iterable[Problem]:
    for made in present[LINK].values():
        if isinstance(made, Veth) and getattr(present[LINK].get(made.peer), "peer", made.name) != made.name:
            yield Problem(
                made.name,
                "its peer %s is not a veth whose peer is %s" % (made.peer, made.name),
                "Let the two entries name each other",
            )


KIND = kind_of_link(
    Veth,
    "veths",
    from_params,
    {"peer": FIXED},
    ("CONFIG_VETH", "veth"),
    implied=_far_ends,
    contradictions=_contradictions,
)
