# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which attributes are compared, and what changing each disturbs. Private to this collection."""

from __future__ import annotations

from dataclasses import replace as _replace
from operator import attrgetter

from .._model.port import OPTIONS
from .operation import HITLESS, LINK, SESSION

#: It cannot change on what is there, which is made anew: the kernel does not do it on a live device, or others do not notice.
FIXED = "fixed"

_LINK = {
    "description": HITLESS,
    "mtu": HITLESS,
    "mac": SESSION,
    "master": LINK,
    "link_local": HITLESS,
    "up": LINK,
    "owned": HITLESS,
    "held": HITLESS,
}

#: Kind -> attribute -> what a change of it disturbs. What is not listed is not compared.
ATTRIBUTES = {
    "interface": _LINK,
    "vrf": {**_LINK, "table": FIXED},
    "dummy": _LINK,
    "bridge": {**_LINK, "vlan_filtering": LINK, "stp": LINK},
    # vxlan_changelink() in drivers/net/vxlan/vxlan_core.c
    "vxlan": {
        **_LINK,
        "vni": FIXED,
        "dstport": FIXED,
        "group": FIXED,
        "dev": FIXED,
        "remote": FIXED,
        "local": SESSION,
        "ttl": HITLESS,
        "learning": HITLESS,
        "external": FIXED,
        "vnifilter": FIXED,
    },
    "veth": {**_LINK, "peer": FIXED},
    "vlan": {**_LINK, "link": FIXED, "vlan": FIXED},
    # macvlan_changelink() in drivers/net/macvlan.c refuses only the way into and out of passthru.
    "macvlan": {**_LINK, "link": FIXED, "mode": FIXED},
    "port": dict.fromkeys(OPTIONS, HITLESS),
    "bridge_vlan": {"pvid": SESSION, "untagged": SESSION, "vni": SESSION},
    "vni": {"group": SESSION},
    "fdb": {"dst": SESSION, "vni": SESSION, "port": SESSION, "via": SESSION, "sticky": HITLESS},
    "route": {"type": SESSION, "nexthops": SESSION, "src": HITLESS},
    "neighbor": {"mac": SESSION},
    "sysctl": {"value": HITLESS},
    # Linux 6.1 does not change the protocol of an address that is there, so such an address is taken as it is.
    # The kernel changes a metric, and says so; but zebra keeps the route with the old one (seen with FRR 8.4.4 and 10.3).
    "address": {"nodad": HITLESS, "noprefixroute": HITLESS, "metric": FIXED},
    "rule": {},
}


def differences(wanted, actual):
    """The attributes that are specified and differ: a list of (attribute, actual value, wanted value)."""
    found = []
    for attribute in ATTRIBUTES[wanted.kind]:
        value = getattr(wanted, attribute)
        present = getattr(actual, attribute) if value is not None else None
        if _differ(attribute, value, present) and not (attribute == "held" and actual.owned):
            found.append((attribute, present, value))  # a link that we made needs no mark that we hold it
    return found


def _differ(attribute, value, present):
    """Whether a value is specified and is not there."""
    return value is not None and value != present and not (attribute == "nexthops" and _fit(value, present))


def _fit(wanted, present):
    """Whether next hops are those wanted: one without an interface fits any that the kernel found for its gateway."""
    return len(wanted) == len(present) and all(
        hop == there or (not hop.dev and hop == there._replace(dev="")) for hop, there in zip(wanted, present)
    )


def replaced(made, **attributes):
    """An object with some attributes replaced, be it a dataclass or a named tuple."""
    return made._replace(**attributes) if hasattr(made, "_replace") else _replace(made, **attributes)


def unlike(wanted, present):
    """Pairs of entries that may differ: a first look at all of them, an attribute at a time.

    ``wanted`` and ``present`` are lists of equal length; None in ``present`` stands for an entry that is not there.
    """
    if present.count(None):
        pairs = [(entry, there) for entry, there in zip(wanted, present) if there is not None]
        wanted, present = zip(*pairs) if pairs else ((), ())
    suspects: set[int] = set()
    for attribute in ATTRIBUTES[wanted[0].kind] if wanted else ():
        column = list(map(attrgetter(attribute), wanted))
        if column.count(None) < len(column):
            there = list(map(attrgetter(attribute), present))
            if column != there:
                unlike_pairs = {pair for pair in set(zip(column, there)) if _differ(attribute, *pair)}
                suspects.update(place for place, pair in enumerate(zip(column, there)) if pair in unlike_pairs)
    return [(wanted[place], present[place]) for place in sorted(suspects)]


def merged(wanted, actual):
    """The actual object with what is specified put in its place; the object itself where nothing differs."""
    changed = {attribute: value for attribute, _present, value in differences(wanted, actual)}
    if "master" in changed:
        changed["master_kind"] = wanted.master_kind
    return replaced(actual, **changed) if changed else actual


def disruption(actual, attribute, value):
    """What changing one attribute of an object to ``value`` disturbs; FIXED if it is made anew for that.

    A link that is down carries nothing that could be disturbed.
    """
    worst = ATTRIBUTES[actual.kind][attribute]
    if attribute == "noprefixroute" and ":" not in actual.address:
        return FIXED  # of an IPv4 address the kernel takes it without a word, and changes nothing
    if worst != FIXED and (getattr(actual, "up", None) is False or (attribute == "up" and value)):
        return HITLESS
    return worst


def in_words(found, wanted, actual):
    """Differences of two objects as a person would say them, in the names of the module's options."""
    words = []
    for attribute, present, value in found:
        if attribute == "owned":
            words.append("adopted")
        elif attribute == "held":
            words.append("taken in hand")
        elif attribute == "up":
            words.append("raised" if value else "lowered")
        elif attribute == "master":
            words.append(_move(wanted, actual))
        else:
            option = wanted.option(attribute) if hasattr(wanted, "option") else attribute
            words.append("%s %s -> %s" % (option, _shown(present), _shown(value)))
    return ", ".join(words)


def _move(wanted, actual):
    """A change of the bridge or VRF that a link belongs to."""
    before, after = actual.master_kind or wanted.master_kind, wanted.master_kind
    if not (actual.master and wanted.master) or before == after:
        return "%s %s -> %s" % (before if actual.master else after, _shown(actual.master), _shown(wanted.master))
    return "%s %s -> %s %s" % (before, actual.master, after, wanted.master)


def _shown(value):
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(" ".join(filter(None, ("via " + hop.via if hop.via else "", hop.dev))) for hop in value) or "none"
    return "unset" if value is None else "none" if value == "" else value
