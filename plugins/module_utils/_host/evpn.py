# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathering what FRR and the kernel see of a fabric. Private to this collection."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Collection, Dict, List, Mapping, Protocol, Sequence, Tuple

from .._core.errors import FrrError
from .._frr import evpn
from .._kernel.netlink import fdb, link_dump, routes, rules
from .._kernel.netlink.channel import Channel
from .._kernel.netlink.kernel import PROTOCOL

#: What can be gathered from FRR: kind -> (show command, parser). Several kinds may come from one command.
FROM_FRR = {
    "sessions": ("show bgp summary json", evpn.sessions),
    "bfd": ("show bfd peers json", evpn.bfd_sessions),
    "ospf": ("show ip ospf neighbor json", evpn.ospf_neighbors),
    "vnis": ("show evpn vni detail json", evpn.vnis),
    "macs": ("show evpn mac vni all json", evpn.macs),
    "neighbors": ("show evpn arp-cache vni all json", evpn.neighbors),
    "next_hops": ("show evpn next-hops vni all json", evpn.next_hops),
    "routes": ("show bgp l2vpn evpn route json", evpn.routes),
    "import_targets": ("show bgp l2vpn evpn vni json", evpn.import_targets),
}
#: What can be gathered from the kernel.
FROM_KERNEL = ("interfaces", "forwarding", "rules")
KINDS = (*FROM_FRR, *FROM_KERNEL)


class Shows(Protocol):
    """FRR as this file asks it, a :class:`.._frr.vtysh.Vtysh`."""

    def show(self, *commands: str) -> str:
        """The output of show commands, one after the other. Raises :class:`FrrError` if FRR does not answer."""


def gather(
    vtysh: Shows,
    kinds: Collection[str],
    lookups: Collection[Tuple[str, str]],
    channel: Callable[[], Channel] = Channel,
) -> Dict[str, Any]:
    """What is seen, by kind; ``lookups`` are (VRF, address) pairs to look up routes for.

    Raises :class:`FrrError` if FRR does not answer, :class:`KernelError` if the kernel does not.
    """
    of_frr = [kind for kind in FROM_FRR if kind in kinds]
    seen: Dict[str, Any] = dict(zip(of_frr, _from_frr(vtysh, of_frr)))
    if lookups or set(kinds) & set(FROM_KERNEL):
        opened = channel()
        try:
            seen.update(_from_kernel(opened, kinds, lookups))
        finally:
            opened.close()
    return seen


def _from_frr(vtysh: Shows, kinds: Sequence[str]) -> List[Any]:
    """The answers to the show commands of ``kinds``, all in one vtysh; one by one if some of them have no answer."""
    if not kinds:
        return []
    values = _json_values(vtysh.show(*(FROM_FRR[kind][0] for kind in kinds)))
    if len(values) != len(kinds):
        values = [_answer(vtysh, FROM_FRR[kind][0]) for kind in kinds]
    return [FROM_FRR[kind][1](value) for kind, value in zip(kinds, values)]


def _answer(vtysh: Shows, command: str) -> Any:
    """The answer to one command: an empty mapping where FRR has nothing to say. Raises :class:`FrrError`."""
    shown = vtysh.show(command)
    values = _json_values(shown)
    if len(values) == 1:
        return values[0]
    if shown.strip():
        raise FrrError("FRR's answer to %r is not JSON: %s" % (command, shown[:200]))
    return {}


def _json_values(shown: str) -> List[Any]:
    """The JSON values that follow each other in a text; none at all if anything else is in it."""
    # FRR 10.3 begins an empty table of routes with a comma.
    shown = re.sub(r"\{\s*,", "{", shown)
    values: List[Any] = []
    at = 0
    decoder = json.JSONDecoder()
    while shown[at:].strip():
        at += len(shown[at:]) - len(shown[at:].lstrip())
        try:
            value, at = decoder.raw_decode(shown, at)
        except ValueError:
            return []
        values.append(value)
    return values


def _from_kernel(channel: Channel, kinds: Collection[str], lookups: Collection[Tuple[str, str]]) -> Dict[str, Any]:
    dumped = link_dump.Links(channel.dump(*link_dump.dump_request()))
    names = {number: name for name, number in dumped.numbers.items()}
    seen: Dict[str, Any] = {}
    if "interfaces" in kinds:
        seen["interfaces"] = {
            name: {"mtu": link.mtu, "up": link.up, "kind": link.kind, "master": link.master}
            for name, link in dumped.models.items()
        }
    if "forwarding" in kinds:
        seen["forwarding"] = fdb.remote_entries(channel.dump(*fdb.dump_request()), names)
    if "rules" in kinds:
        seen["rules"] = [
            rule.to_output()
            for family in rules.FAMILIES
            for rule in rules.decode(channel.dump(*rules.dump_request(family)), family, PROTOCOL).values()
        ]
    if lookups:
        seen["lookups"] = [_lookup(channel, dumped, names, vrf, address) for vrf, address in lookups]
    return seen


def _lookup(channel: Channel, dumped: link_dump.Links, names: Mapping[int, str], vrf: str, address: str) -> Dict[str, str]:
    """Where a packet to ``address`` goes from a VRF ("": from none): an interface, its VRF, or nowhere."""
    answer = (
        channel.ask(*routes.lookup_request(address, dumped.numbers.get(vrf, 0))) if not vrf or vrf in dumped.numbers else None
    )
    interface = names.get((routes.found_by_lookup(answer) or (0, 0))[1], "") if answer else ""
    link = dumped.models.get(interface)
    inside = link.master if link is not None and link.kind != "vrf" else interface
    return {"vrf": vrf, "address": address, "interface": interface, "inside": inside or ""}
