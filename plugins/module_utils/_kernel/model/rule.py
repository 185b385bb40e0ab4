# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routing policy rules (ip-rule(8), net/core/fib_rules.c). Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Dict, Optional

from ..._core.values import whole_number
from .kind import LINK, Description, Kind, State, each
from .left_out import LeftOut

#: Names of routing tables that people write instead of numbers (rt_tables).
TABLES = {"local": 255, "main": 254, "default": 253}
#: The tables that a host looks up without anybody's doing.
USUAL_TABLES = frozenset(TABLES.values())
ACTIONS = ("lookup", "blackhole", "unreachable", "prohibit")
#: What the kernel makes itself, as priority, table and l3mdev: three with a network namespace (net/ipv4/fib_rules.c), and one
#: with its first VRF, but not with later ones (drivers/net/vrf.c).
KERNELS = {(0, 255, False), (1000, None, True), (32766, 254, False), (32767, 253, False)}


#: Protocols that people name instead of writing their number (/etc/protocols).
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "sctp": 132}
_PROTOCOL_NAMES = {number: name for name, number in PROTOCOLS.items()}
#: An option that has no value: route lookups of any prefix length count.
NO_LENGTH = -1


@dataclass(frozen=True)
class Rule:
    """A rule. All that selects and acts identifies it; ``owned`` when it carries our protocol number.

    ``invert``: it is for packets that the rest does not select. ``sport``, ``dport`` and ``uidrange`` are two numbers as
    ``1-2``, or ``""``. What is looked up does not count if its prefix is no longer than ``suppress_prefixlength``.
    """

    kind: ClassVar[str] = "rule"

    priority: int
    family: str
    action: str = "lookup"
    table: Optional[int] = None
    l3mdev: bool = False
    iif: str = ""
    oif: str = ""
    src: str = ""
    dst: str = ""
    fwmark: int = 0
    fwmask: int = 0
    invert: bool = False
    tos: int = 0
    ipproto: int = 0
    sport: str = ""
    dport: str = ""
    uidrange: str = ""
    suppress_prefixlength: int = NO_LENGTH
    owned: Optional[bool] = None

    @property
    def key(self):
        return tuple(getattr(self, each.name) for each in fields(self) if each.name != "owned")

    @property
    def is_general(self):
        """Whether it is for all packets, whatever is looked up."""
        return replace(self, owned=None) == Rule(self.priority, self.family, self.action, self.table)

    @property
    def of_kernel(self):
        """Whether the kernel makes such a rule itself.

        Then it is the kernel's, whoever adds it: nothing purges it, and where the kernel adds its own later there are not two.
        """
        place = (self.priority, self.table, self.l3mdev)
        return self.key == Rule(self.priority, self.family, table=self.table, l3mdev=self.l3mdev).key and place in KERNELS

    @property
    def name(self):
        """The rule as ip-rule(8) prints it."""
        words = ["%d:" % self.priority, *(["not"] if self.invert else []), "from", self.src or "all"]
        for word, value in (("to", self.dst), ("tos", self.tos), ("iif", self.iif), ("oif", self.oif)):
            words += [word, str(value)] if value else []
        if self.fwmark:
            words += ["fwmark", "0x%x/0x%x" % (self.fwmark, self.fwmask)]
        words += ["l3mdev"] if self.l3mdev else []
        for word, value in self._selected():
            words += [word, value]
        if self.action != "lookup":
            words.append(self.action)
        elif not self.l3mdev:
            words += ["lookup", str(self.table)]
        if self.suppress_prefixlength != NO_LENGTH:
            words += ["suppress_prefixlength", str(self.suppress_prefixlength)]
        return "%s (%s)" % (" ".join(words), self.family)

    def _selected(self):
        """Options for what is in a packet besides its addresses, those that are set."""
        protocol = self.ipproto and _PROTOCOL_NAMES.get(self.ipproto, str(self.ipproto))
        found = {"uidrange": self.uidrange, "ipproto": protocol, "sport": self.sport, "dport": self.dport}
        return [(option, value) for option, value in found.items() if value]

    def to_output(self):
        output = {"priority": self.priority, "family": self.family, "action": self.action}
        for option in ("table", "l3mdev", "iif", "oif", "tos"):
            if getattr(self, option):
                output[option] = getattr(self, option)
        output.update((name, value) for name, value in (("from", self.src), ("to", self.dst), ("not", self.invert)) if value)
        if self.fwmark:
            output["fwmark"] = "0x%x/0x%x" % (self.fwmark, self.fwmask)
        output.update(self._selected())
        if self.suppress_prefixlength != NO_LENGTH:
            output["suppress_prefixlength"] = self.suppress_prefixlength
        return output


def from_params(check):
    """A rule from module options."""
    entry = check.entry
    action, l3mdev = entry.get("action") or "lookup", bool(entry.get("l3mdev"))
    table = _table(check)
    if action == "lookup" and table is None and not l3mdev and entry.get("table") is None:
        check.wrong("table", "is missing", "Write a table, or l3mdev: true to use the VRF's own")
    if table is not None and (l3mdev or action != "lookup"):
        check.wrong(
            "table", "has no meaning %s" % ("beside l3mdev" if l3mdev else "for the action %s" % action), "Leave it out"
        )
    family = entry.get("family") or "ipv4"
    src, dst = check.prefix("from", host_bits=False) or "", check.prefix("to", host_bits=False) or ""
    for option, prefix in (("from", src), ("to", dst)):
        if prefix and (":" in prefix) != (family == "ipv6"):
            check.wrong(option, "%s is not %s" % (prefix, family), "Write a network of the rule's family")
    mark, mask = _fwmark(check)
    length = check.number("suppress_prefixlength", 0, 128, "the length of a prefix")
    if length is not None and action != "lookup":
        check.wrong("suppress_prefixlength", "has no meaning for the action %s" % action, "Leave it out")
    if entry.get("priority") is None:
        check.wrong("priority", "is missing", "Write a number from 0 to 4294967295, lower ones come first")
    return Rule(
        priority=check.number("priority", 0, 4294967295, "a priority") or 0,
        family=family,
        action=action,
        table=table,
        l3mdev=l3mdev,
        iif=check.interface("iif") or "",
        oif=check.interface("oif") or "",
        src=src,
        dst=dst,
        fwmark=mark,
        fwmask=mask,
        invert=bool(entry.get("not")),
        tos=check.number("tos", 0, 255, "a type of service") or 0,
        ipproto=_protocol(check),
        sport=_range(check, "sport", 1, 65534, "a port"),
        dport=_range(check, "dport", 1, 65534, "a port"),
        uidrange=_range(check, "uidrange", 0, 4294967294, "the number of a user"),
        suppress_prefixlength=NO_LENGTH if length is None else length,
        owned=True,
    )


def _range(check, option, first, last, what):
    low, high = check.range(option, first, last, what, required=False)
    return "" if check.entry.get(option) is None else "%d-%d" % (low, high)


def _protocol(check):
    value = check.entry.get("ipproto")
    if value is None or value in PROTOCOLS:
        return PROTOCOLS.get(value, 0)
    if 1 <= whole_number(value) <= 255:
        return whole_number(value)
    check.wrong("ipproto", "%r is not a protocol" % value, "Write a number from 1 to 255, or one of %s" % ", ".join(PROTOCOLS))
    return 0


def _table(check):
    value = check.entry.get("table")
    if value is None or value in TABLES:
        return TABLES.get(value)
    table = whole_number(value)
    if 0 < table <= 4294967295:
        return table
    return check.wrong("table", "%r is not a routing table" % value, "Write a number, or main, local or default")


def _fwmark(check):
    """fwmark as (mark, mask); the mask is all ones where none is given."""
    value = check.entry.get("fwmark")
    if value is None:
        return 0, 0
    try:
        mark, _slash, mask = value.partition("/")
        numbers = int(mark, 0), int(mask, 0) if mask else 0xFFFFFFFF
    except ValueError:
        numbers = (-1, 0)
    if all(0 <= number <= 0xFFFFFFFF for number in numbers) and numbers[0]:
        return numbers
    check.wrong("fwmark", "%r is not a mark" % value, "Write one such as 0x10 or 0x10/0xff")
    return 0, 0


#: Rules that the kernel has by itself (net/ipv4/fib_rules.c, net/ipv6/fib6_rules.c), and those that it adds with the first VRF.
_OWN = (
    Rule(0, "ipv4", table=TABLES["local"]),
    Rule(32766, "ipv4", table=TABLES["main"]),
    Rule(32767, "ipv4", table=TABLES["default"]),
    Rule(0, "ipv6", table=TABLES["local"]),
    Rule(32766, "ipv6", table=TABLES["main"]),
)
_OF_VRFS = tuple(Rule(1000, family, l3mdev=True) for family in ("ipv4", "ipv6"))
_TABLE_NAMES = {number: name for name, number in TABLES.items()}


def _described(state: State) -> Description:
    """Rules, and those that the kernel has by itself and somebody has taken away; those for VRFs are left out."""
    rules = state[KIND.group]
    entries = [(made.name, with_table(made.to_output())) for made in rules.values()]
    gone = [made for made in _OWN if made.key not in rules]
    entries += [(made.name, {**with_table(made.to_output()), "state": "absent"}) for made in gone]
    has_vrfs = any(link.kind == "vrf" for link in state[LINK].values())
    reason = "is gone, which no document can say: Linux adds it with the first VRF"
    return entries, [LeftOut(made.kind, made.name, reason=reason) for made in _OF_VRFS if has_vrfs and made.key not in rules]


def with_table(entry: Dict[str, Any]) -> Dict[str, Any]:
    """The entry of a route or rule, its table written as people do."""
    if "table" in entry:
        entry["table"] = _TABLE_NAMES.get(entry["table"]) or str(entry["table"])
    return entry


#: All of a rule identifies it: it is added and removed, never changed.
KIND = Kind("rule", "rule", Rule, {}, "rules", each(from_params), describe=_described)
