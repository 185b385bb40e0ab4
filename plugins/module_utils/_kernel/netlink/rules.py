# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routing policy rules on the wire (include/uapi/linux/fib_rules.h). Private to this collection."""

from __future__ import annotations

from struct import Struct
from typing import Any, Dict, Iterable, List, Mapping, Optional

from ..model.document import Document
from ..model.kind import State
from ..model.rule import KIND, NO_LENGTH, Rule
from .codec import Codec, Host, Message, is_there
from .wire import (
    CREATE,
    EXCL,
    I32,
    U8,
    U32,
    DumpRequest,
    address_bytes,
    address_text,
    attribute,
    attributes,
    message,
    string,
    text,
)

NEWRULE, DELRULE, GETRULE = 32, 33, 34
DST, SRC, IIFNAME, PRIORITY, FWMARK, SUPPRESS_PREFIXLEN, TABLE, FWMASK, OIFNAME = 1, 2, 3, 6, 10, 14, 15, 16, 17
L3MDEV, UID_RANGE, PROTOCOL, IP_PROTO, SPORT_RANGE, DPORT_RANGE = 19, 20, 21, 22, 23, 24
#: Attributes that our rules cannot express; a rule that has one is nobody's business here.
OTHER = {4: "goto", 11: "realms", 12: "tun_id", 13: "suppress_ifgroup", 25: "dscp", 26: "flowlabel"}
#: Masks of ports (FRA_SPORT_MASK, FRA_DPORT_MASK), which some kernels tell of rules that were given none: all bits, then.
PORT_MASKS, NO_MASK = (28, 29), b"\xff\xff"
ACTIONS = {1: "lookup", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
FAMILIES = {"ipv4": 2, "ipv6": 10}
INVERT = 0x2  # FIB_RULE_INVERT
#: The kernel's own number on rules (RTPROT_KERNEL in include/uapi/linux/rtnetlink.h).
KERNEL_PROTOCOL = 2

HEADER = Struct("=BBBBBBBBI")
_ports, _users = Struct("=HH"), Struct("=II")


def dump_request(family: str) -> DumpRequest:
    """What to ask for: the rules of one family."""
    return GETRULE, HEADER.pack(FAMILIES[family], 0, 0, 0, 0, 0, 0, 0, 0)


def decode(bodies: Iterable[bytes], family: str, owner: int) -> Dict[Any, Rule]:
    """Rules by key; ``owner`` is our protocol number. Of equal rules, which differ in their protocol number, ours counts."""
    made: Dict[Any, Rule] = {}
    for body in bodies:
        found = attributes(body, 12, len(body))
        if not others(body, found):
            rule = _rule(body, found, family, owner)
            if rule.owned or rule.key not in made:
                made[rule.key] = rule
    return made


def others(body: bytes, found: Mapping[int, bytes]) -> List[str]:
    """What a rule has that our rules cannot express."""
    unknown = [word for number, word in OTHER.items() if number in found]
    action = HEADER.unpack_from(body)[7]
    if action not in ACTIONS and not unknown:
        unknown.append("the action %d" % action)
    if FWMASK in found and FWMARK not in found:
        unknown.append("fwmark 0")
    unknown += ["a mask of ports" for number in PORT_MASKS if found.get(number, NO_MASK) != NO_MASK]
    return unknown


def _rule(body: bytes, found: Mapping[int, bytes], family: str, owner: int) -> Rule:
    _family, dst_length, src_length, tos, table, _one, _two, action, flags = HEADER.unpack_from(body)
    table = _number(found, TABLE) if TABLE in found else table
    l3mdev = found.get(L3MDEV, b"\0") != b"\0"
    mark = _number(found, FWMARK)
    return Rule(
        priority=_number(found, PRIORITY),
        family=family,
        action=ACTIONS[action],
        table=table if ACTIONS[action] == "lookup" and not l3mdev else None,
        l3mdev=l3mdev,
        iif=string(found.get(IIFNAME, b"")),
        oif=string(found.get(OIFNAME, b"")),
        src=_prefix(found, SRC, src_length),
        dst=_prefix(found, DST, dst_length),
        fwmark=mark,
        fwmask=_number(found, FWMASK) if mark else 0,
        invert=bool(flags & INVERT),
        tos=tos,
        ipproto=found[IP_PROTO][0] if IP_PROTO in found else 0,
        sport=_range(found, SPORT_RANGE, _ports),
        dport=_range(found, DPORT_RANGE, _ports),
        uidrange=_range(found, UID_RANGE, _users),
        suppress_prefixlength=I32.unpack(found[SUPPRESS_PREFIXLEN])[0] if SUPPRESS_PREFIXLEN in found else NO_LENGTH,
        owned=found.get(PROTOCOL, b"\0")[0] == owner,
    )


def _number(found: Mapping[int, bytes], kind: int) -> Any:
    return U32.unpack(found[kind])[0] if kind in found else 0


def _prefix(found: Mapping[int, bytes], kind: int, length: int) -> str:
    return "%s/%d" % (address_text(found[kind]), length) if kind in found else ""


def _range(found: Mapping[int, bytes], kind: int, form: Struct) -> str:
    return "%d-%d" % form.unpack(found[kind]) if kind in found else ""


def add(rule: Rule, owner: int) -> List[Message]:
    """Messages that add a rule."""
    protocol = KERNEL_PROTOCOL if rule.of_kernel else owner if rule.owned else None
    return [message(NEWRULE, CREATE | EXCL, _body(rule, protocol))]


def delete(rule: Rule, owner: int) -> List[Message]:
    """Messages that remove a rule; of ours that one alone, and not an equal one of somebody else's."""
    return [message(DELRULE, 0, _body(rule, owner if rule.owned and not rule.of_kernel else None))]


def _body(rule: Rule, protocol: Optional[int]) -> bytes:
    numbers = {word: number for number, word in ACTIONS.items()}
    lengths, parts = [0, 0], [attribute(PRIORITY, U32.pack(rule.priority))]
    for place, (prefix, kind) in enumerate(((rule.dst, DST), (rule.src, SRC))):
        if prefix:
            address, _slash, length = prefix.partition("/")
            lengths[place] = int(length)
            parts.append(attribute(kind, address_bytes(address)))
    parts += [attribute(kind, text(name)) for name, kind in ((rule.iif, IIFNAME), (rule.oif, OIFNAME)) if name]
    if rule.fwmark:
        parts += [attribute(FWMARK, U32.pack(rule.fwmark)), attribute(FWMASK, U32.pack(rule.fwmask))]
    if rule.l3mdev:
        parts.append(attribute(L3MDEV, U8.pack(1)))
    if rule.ipproto:
        parts.append(attribute(IP_PROTO, U8.pack(rule.ipproto)))
    ranges = ((rule.sport, SPORT_RANGE, _ports), (rule.dport, DPORT_RANGE, _ports), (rule.uidrange, UID_RANGE, _users))
    parts += [attribute(kind, form.pack(*map(int, value.split("-")))) for value, kind, form in ranges if value]
    if protocol is not None:
        parts.append(attribute(PROTOCOL, U8.pack(protocol)))
    if rule.suppress_prefixlength != NO_LENGTH:
        parts.append(attribute(SUPPRESS_PREFIXLEN, I32.pack(rule.suppress_prefixlength)))
    table = rule.table or 0
    if table:
        parts.append(attribute(TABLE, U32.pack(table)))
    flags, action = INVERT if rule.invert else 0, numbers[rule.action]
    short = table if table < 256 else 0
    return HEADER.pack(FAMILIES[rule.family], *lengths, rule.tos, short, 0, 0, action, flags) + b"".join(parts)


def _read(host: Host, _document: Document) -> State:
    found: Dict[Any, Rule] = {}
    for family in FAMILIES:
        found.update(decode(host.channel.dump(*dump_request(family)), family, host.protocol))
    return {KIND.group: found}


def _messages(before: Any, after: Optional[Rule], host: Host) -> List[Message]:
    return delete(before, host.protocol) if after is None else add(after, host.protocol)


CODEC = Codec(KIND.group, _read, _messages, is_done_anyway=is_there)
