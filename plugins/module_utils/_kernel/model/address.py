# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of interfaces (ip-address(8)). Private to this collection."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import ClassVar, Dict, Optional

from ..._core.disruption import FIXED, HITLESS, SESSION
from ..._core.values import is_one_line
from .kind import LINK, Change, Description, Kind, State, each

METRIC_LAST = 4294967295
#: Where an IPv4 address is valid -> the kernel's number of it (RT_SCOPE_* in include/uapi/linux/rtnetlink.h).
SCOPES = {"global": 0, "site": 200, "link": 253, "host": 254}
#: Addresses that lo has by itself.
LOOPBACK = ("127.0.0.1/8", "::1/128")
#: Bytes of a label: IFNAMSIZ without the closing zero.
LABEL_BYTES = 15


@dataclass(frozen=True)
class Address:
    """An address in CIDR notation on the link ``dev``; ``owned`` when it carries our protocol number.

    ``nodad`` skips duplicate address detection, ``noprefixroute`` keeps the kernel from adding the subnet's route.
    ``metric`` is the metric of that route, 0 for the kernel's own choice. ``peer`` is the other end of a point-to-point link,
    whose subnet the length is then, ``""`` for none. An IPv4 address has a ``scope``, a ``broadcast`` address, ``""`` for none,
    and a ``label``. ``home``: of mobile IPv6; ``mngtmpaddr``: the kernel makes temporary addresses from it; ``autojoin``: the
    host joins the multicast group that it is. ``gateways``: it carries the protocol number of gateways, as their runtime state.
    """

    kind: ClassVar[str] = "address"

    dev: str
    address: str
    nodad: Optional[bool] = None
    noprefixroute: Optional[bool] = None
    metric: Optional[int] = None
    peer: Optional[str] = None
    scope: Optional[str] = None
    broadcast: Optional[str] = None
    label: Optional[str] = None
    home: Optional[bool] = None
    mngtmpaddr: Optional[bool] = None
    autojoin: Optional[bool] = None
    owned: Optional[bool] = None
    gateways: Optional[bool] = None

    @property
    def key(self):
        return (self.dev, self.address)

    @property
    def name(self):
        """How people name it."""
        return "%s on %s" % (self.address, self.dev)

    def to_output(self):
        output: dict[str, object] = {"dev": self.dev, "address": self.address}
        usual = {"scope": usual_scope(self.address), "label": self.dev}
        shown = {option: getattr(self, option) for option in OPTIONS}
        output.update((option, value) for option, value in shown.items() if value and value != usual.get(option))
        return output


#: Options besides those that identify an address.
OPTIONS = ("nodad", "noprefixroute", "metric", "peer", "scope", "broadcast", "label", "home", "mngtmpaddr", "autojoin")


def usual_scope(address):
    """The scope of an address that is given none, as ip-address(8) has it."""
    return "host" if address.startswith("127.") else "global"


def from_params(check):
    """An address from module options."""
    entry = check.entry
    address = check.prefix("address")
    if entry.get("address") is None:
        check.wrong("address", "is missing", "Write an address with its prefix length, such as 10.0.0.1/24")
    if entry.get("nodad") and address and ":" not in address:
        check.wrong("nodad", "has no meaning for %s" % address, "Leave it out: IPv4 has no duplicate address detection here")
    for option in ("scope", "broadcast", "label"):
        if entry.get(option) is not None and address and ":" in address:
            check.wrong(option, "has no meaning for %s" % address, "Leave it out: it is for IPv4")
    for option in ("home", "mngtmpaddr"):
        if entry.get(option) and address and ":" not in address:
            check.wrong(option, "has no meaning for %s" % address, "Leave it out: it is for IPv6")
    peer, broadcast, label = check.address("peer", False), check.address("broadcast"), entry.get("label")
    for option, value in (("peer", peer), ("broadcast", broadcast)):
        if value and address and (":" in value) != (":" in address):
            check.wrong(option, "%s is not of the family of %s" % (value, address), "Write an address of the same family")
    if label is not None and not (is_one_line(label) and 0 < len(label.encode()) <= LABEL_BYTES):
        check.wrong("label", "%r is not a label" % label, "Write at most %d bytes, such as eth0:1" % LABEL_BYTES)
    return Address(
        dev=check.interface("dev", required=True) or "",
        address=address or "",
        nodad=entry.get("nodad"),
        noprefixroute=entry.get("noprefixroute"),
        metric=check.number("metric", 0, METRIC_LAST, "a metric"),
        peer=peer,
        scope=entry.get("scope"),
        broadcast=broadcast,
        label=label,
        home=entry.get("home"),
        mngtmpaddr=entry.get("mngtmpaddr"),
        autojoin=entry.get("autojoin"),
        owned=True,
    )


def _described(state: State) -> Description:
    """Addresses, without those that every host or link has by itself: kernels before 5.18 do not say who added them.

    Those of lo that somebody has taken away are there.
    """
    entries = []
    lo = state[LINK].get("lo")
    if lo is not None and lo.up:
        # Without IPv6 there is none of it.
        usual = (address for address in LOOPBACK if ":" not in address or lo.link_local is not None)
        gone = (address for address in usual if ("lo", address) not in state[KIND.group])
        entries += [("%s on lo" % address, {"dev": "lo", "address": address, "state": "absent"}) for address in gone]
    for made in state[KIND.group].values():
        entry = made.to_output()
        link = state[LINK].get(made.dev)
        if (made.dev == "lo" and made.address in LOOPBACK) or made.address == _derived(getattr(link, "mac", None)):
            continue
        if ":" not in made.address:
            entry.pop("nodad", None)
        entries.append((made.name, entry))
    return entries, []


def _derived(mac: Optional[str]) -> Optional[str]:
    """The IPv6 link-local address that the kernel derives from a MAC address (RFC 4291, appendix A), with its length."""
    if not mac:
        return None
    packed = bytes.fromhex(mac.replace(":", ""))
    identifier = bytes([packed[0] ^ 2]) + packed[1:3] + b"\xff\xfe" + packed[3:]
    return "%s/64" % socket.inet_ntop(socket.AF_INET6, b"\xfe\x80" + bytes(6) + identifier)


def _change_of_noprefixroute(actual: Address, noprefixroute: bool) -> str:
    if ":" not in actual.address:
        return FIXED  # of an IPv4 address the kernel takes it without a word, and changes nothing
    return SESSION if noprefixroute else HITLESS  # the subnet's route goes


# Linux 6.1 does not change the protocol of an address that is there, so such an address is taken as it is.
# The kernel changes a metric, and says so; but zebra keeps the route with the old one (seen with FRR 8.4.4 and 10.3).
_CHANGES: Dict[str, Change] = {
    "nodad": HITLESS,
    "noprefixroute": _change_of_noprefixroute,
    **dict.fromkeys(("home", "mngtmpaddr"), HITLESS),
    **dict.fromkeys(("metric", "peer", "scope", "broadcast", "label", "autojoin"), FIXED),
}
KIND = Kind("address", "address", Address, _CHANGES, "addresses", each(from_params), is_of_link=True, describe=_described)
