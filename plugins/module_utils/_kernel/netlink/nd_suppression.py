# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces on which this host answers neither ARP nor ND: a sysctl and a set of nftables. Private to this collection."""

from __future__ import annotations

from typing import Container, Dict, List, Mapping, Sequence

from ..._core.errors import KernelError
from .. import nftables
from ..model import sysctl
from ..model.bridge import Bridge
from ..model.document import Document
from ..model.kind import State
from ..model.nd_suppression import ARP_SUPPRESSED, KIND, NdSuppression
from ..model.step import Step
from ..model.sysctl import Sysctl
from . import sysctls
from .codec import Codec, Host

_ARP = "net/ipv4/conf/%s/arp_ignore"


def read(bridges: Mapping[str, bool], settings: Container[str]) -> Dict[str, NdSuppression]:
    """Each bridge, and whatever else is in the set of nftables, by name.

    ``bridges`` maps names to whether they are the collection's. The arp_ignore of one that is among ``settings``, sysctls by
    path, is not looked at: it is not up to gateways. Raises :class:`KernelError`.
    """
    suppressed = nftables.suppressed()
    found = {}
    for name in (*bridges, *sorted(suppressed - bridges.keys())):
        path = _ARP % name
        value = None if path in settings else sysctls.content(path)
        arp_ignore = None if value is None else int(value)
        owned = name in suppressed or bool(bridges[name] and arp_ignore == ARP_SUPPRESSED)
        found[name] = NdSuppression(name, arp_ignore, name in suppressed, owned)
    return found


def carry_out(steps: Sequence[Step], done: List[Step]) -> None:
    """Suppresses answers on interfaces, or lets the host answer there, and adds the steps to those that are ``done``. Raises
    :class:`KernelError`.

    The set shows that a gateway did it, even if this is interrupted: names are added first, and removed last.
    """
    added = [step.after.name for step in steps if step.after.nd and not step.before.nd]
    removed = [step.before.name for step in steps if step.before.nd and not step.after.nd]
    try:
        if added:
            nftables.change(added, ())
        for step in steps:
            if step.after.arp_ignore != step.before.arp_ignore:
                sysctls.write(Sysctl(_ARP % step.after.name, str(step.after.arp_ignore)))
        if removed:
            nftables.change((), removed)
    except KernelError as error:
        raise KernelError(str(error), error.errno, steps) from error
    done += steps


def _read(host: Host, document: Document) -> State:
    bridges = {name: bool(link.owned) for name, link in host.links.items() if isinstance(link, Bridge)}
    return {KIND.group: read(bridges, document.present[sysctl.KIND.group])}


CODEC = Codec(KIND.group, _read, carry_out=carry_out)
