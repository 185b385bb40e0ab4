# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which attributes are compared, and what changing each disturbs. Private to this collection."""

from __future__ import annotations

from dataclasses import replace as _replace
from operator import attrgetter

from ..._core.disruption import FIXED, HITLESS
from ..model.attribute import Settable
from ..model.kinds import KINDS

#: Kind -> attribute -> what a change of it disturbs. What is not listed is not compared.
ATTRIBUTES = {kind.name: kind.changes for kind in KINDS.values()}
#: Kind -> those of them that are no settings.
_OWN = {
    kind.name: [
        name for name in kind.changes if not issubclass(kind.model, Settable) or name in kind.model.__dataclass_fields__
    ]
    for kind in KINDS.values()
}


def differences(wanted, actual):
    """The attributes that are specified and differ: a list of (attribute, actual value, wanted value)."""
    found = []
    for attribute in _OWN[wanted.kind]:
        value = getattr(wanted, attribute)
        present = getattr(actual, attribute) if value is not None else None
        if _differ(wanted, attribute, value, present) and not _is_so_anyway(attribute, value, present, wanted, actual):
            found.append((attribute, present, value))
    if isinstance(wanted, Settable):
        settings = ((name, actual.settings.get(name), value) for name, value in wanted.settings.items())
        found += [(name, present, value) for name, present, value in settings if _differ(wanted, name, value, present)]
    return found


def _differ(wanted, attribute, value, present):
    """Whether a value that ``wanted`` has is specified and is not there.

    What the kernel does not tell it does not know, and is as if nobody had touched it.
    """
    if value is None or value == present:
        return False
    if attribute == "nexthops":
        return not _fit(value, present)
    row = wanted.attributes.get(attribute) if isinstance(wanted, Settable) else None
    return row is None or present is not None or value != row.default


def _is_so_anyway(attribute, value, present, wanted, actual):
    """Whether nothing has to be done for a value that is not there: a link that we made needs no mark that we hold it, and one
    without IPv6 has no link-local address.
    """
    if attribute == "held":
        return actual.owned
    return attribute == "link_local" and not value and present is None and lacks_ipv6(wanted, actual)


def lacks_ipv6(wanted, actual):
    """Whether a link is without IPv6 once it is as wanted, because of its MTU. Each may be None, if there is no such link."""
    told = wanted if wanted is not None and wanted.mtu is not None else actual
    return told is not None and told.is_too_small_for_ipv6


def _fit(wanted, present):
    """Whether next hops are those wanted: one without an interface fits any that the kernel found for its gateway."""
    return len(wanted) == len(present) and all(
        hop == there or (not hop.dev and hop == there._replace(dev="")) for hop, there in zip(wanted, present)
    )


def replaced(made, **attributes):
    """An object with some attributes replaced, be it a dataclass or a named tuple."""
    if isinstance(made, Settable):
        return made.having(**attributes)
    return made._replace(**attributes) if hasattr(made, "_replace") else _replace(made, **attributes)


def unlike(wanted, present):
    """Pairs of entries that may differ: a first look at all of them, an attribute at a time.

    ``wanted`` and ``present`` are lists of equal length; None in ``present`` stands for an entry that is not there.
    """
    if present.count(None):
        pairs = [(entry, there) for entry, there in zip(wanted, present) if there is not None]
        wanted, present = zip(*pairs) if pairs else ((), ())
    suspects: set[int] = set()
    for attribute in _OWN[wanted[0].kind] if wanted else ():
        column = list(map(attrgetter(attribute), wanted))
        if column.count(None) < len(column):
            there = list(map(attrgetter(attribute), present))
            if column != there:
                unlike_pairs = {pair for pair in set(zip(column, there)) if _differ(wanted[0], attribute, *pair)}
                suspects.update(place for place, pair in enumerate(zip(column, there)) if pair in unlike_pairs)
    if wanted and isinstance(wanted[0], Settable):
        suspects |= _unlike_settings(wanted, present)
    return [(wanted[place], present[place]) for place in sorted(suspects)]


def _unlike_settings(wanted, present):
    """The places of pairs whose settings differ; entries that are alike share theirs, and are compared once."""
    known: dict = {}
    found = set()
    for place, (entry, there) in enumerate(zip(wanted, present)):
        if entry.settings:
            pair = id(entry.settings), id(there.settings)
            if pair not in known:
                known[pair] = any(
                    _differ(entry, name, value, there.settings.get(name)) for name, value in entry.settings.items()
                )
            if known[pair]:
                found.add(place)
    return found


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
    change = ATTRIBUTES[actual.kind][attribute]
    worst = change(actual, value) if callable(change) else change
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
            words.append("taken in hand" if value else "no longer in the document")
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
        return ", ".join(map(_part, value)) or "none"
    return "unset" if value is None else "none" if value == "" else value


def _part(each):
    """One of several next hops, metrics or names."""
    if hasattr(each, "via"):
        return " ".join(filter(None, ("via " + each.via if each.via else "", each.dev)))
    return " ".join(map(str, each)) if isinstance(each, tuple) else each
