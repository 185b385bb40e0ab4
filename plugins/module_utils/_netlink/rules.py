# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routing policy rules on the wire (include/uapi/linux/fib_rules.h). Private to this collection.

Every run reads them, so they are decoded here; the few that are ever written are encoded by pyroute2.
"""

from __future__ import annotations

from struct import Struct

from .._model.rule import Rule
from . import rare
from .wire import CREATE, EXCL, U32, address_text, attributes, message, string

NEWRULE, DELRULE, GETRULE = 32, 33, 34
DST, SRC, IIFNAME, PRIORITY, FWMARK, TABLE, FWMASK, OIFNAME, L3MDEV, PROTOCOL = 1, 2, 3, 6, 10, 15, 16, 17, 19, 21
#: Attributes that our rules cannot express; a rule that has one is nobody's business here. SUPPRESS_PREFIXLEN is always
#: there, as -1 where it means nothing.
OTHER = {4, 11, 12, 13, 20, 22, 23, 24}
SUPPRESS_PREFIXLEN = 14
ACTIONS = {1: "lookup", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
FAMILIES = {"ipv4": 2, "ipv6": 10}
INVERT = 0x2  # FIB_RULE_INVERT
#: The kernel's own number on rules (RTPROT_KERNEL in include/uapi/linux/rtnetlink.h).
KERNEL_PROTOCOL = 2

_header = Struct("=BBBBBBBBI")


def dump_request(family):
    """What to ask for: the rules of one family."""
    return GETRULE, _header.pack(FAMILIES[family], 0, 0, 0, 0, 0, 0, 0, 0)


def decode(bodies, family, owner, protocols=None):
    """Rules by key; ``owner`` is our protocol number. With ``protocols`` only rules of these protocol numbers are meant.

    Of equal rules, which differ in their protocol number, ours is told.
    """
    made = {}
    for body in bodies:
        _family, dst_length, src_length, tos, table, _one, _two, action, flags = _header.unpack_from(body)
        found = attributes(body, 12, len(body))
        if (
            tos
            or action not in ACTIONS
            or flags & INVERT
            or OTHER & set(found)
            or (FWMASK in found and FWMARK not in found)  # for packets without mark
            or (protocols and found.get(PROTOCOL, b"\0")[0] not in protocols)
            or found.get(SUPPRESS_PREFIXLEN, b"\xff") != b"\xff" * len(found.get(SUPPRESS_PREFIXLEN, b"\xff"))
        ):
            continue
        table = U32.unpack(found[TABLE])[0] if TABLE in found else table
        l3mdev = found.get(L3MDEV, b"\0") != b"\0"
        mark = _number(found, FWMARK)
        rule = Rule(
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
            owned=found.get(PROTOCOL, b"\0")[0] == owner,
        )
        if rule.owned or rule.key not in made:
            made[rule.key] = rule
    return made


def _number(found, kind):
    return U32.unpack(found[kind])[0] if kind in found else 0


def _prefix(found, kind, length):
    return "%s/%d" % (address_text(found[kind]), length) if kind in found else ""


def add(rule, owner):
    """Messages that add a rule."""
    protocol = KERNEL_PROTOCOL if rule.of_kernel else owner if rule.owned else None
    return [message(NEWRULE, CREATE | EXCL, _body(rule, protocol))]


def delete(rule, owner):
    """Messages that remove a rule; of ours that one alone, and not an equal one of somebody else's."""
    return [message(DELRULE, 0, _body(rule, owner if rule.owned and not rule.of_kernel else None))]


def _body(rule, protocol):
    names = {word: number for number, word in ACTIONS.items()}
    fields = {"family": FAMILIES[rule.family], "action": names[rule.action]}
    found = [("FRA_PRIORITY", rule.priority)]
    if protocol is not None:
        found.append(("FRA_PROTOCOL", protocol))
    for name, length, kind in ((rule.dst, "dst_len", "FRA_DST"), (rule.src, "src_len", "FRA_SRC")):
        if name:
            address, _slash, bits = name.partition("/")
            fields[length] = int(bits)
            found.append((kind, address))
    for value, kind in ((rule.iif, "FRA_IIFNAME"), (rule.oif, "FRA_OIFNAME")):
        if value:
            found.append((kind, value))
    if rule.fwmark:
        found += [("FRA_FWMARK", rule.fwmark), ("FRA_FWMASK", rule.fwmask)]
    if rule.l3mdev:
        found.append(("FRA_L3MDEV", 1))
    if rule.table is not None:
        fields["table"] = rule.table if rule.table < 256 else 0
        found.append(("FRA_TABLE", rule.table))
    return rare.rule_body(fields, found)
