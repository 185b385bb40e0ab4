# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which attributes are compared, and what changing each disturbs. Private to this collection."""

from __future__ import annotations

from dataclasses import replace as _replace
from operator import attrgetter
from typing import Any, Iterable, List, Sequence, Set, Tuple

from ..._core.disruption import FIXED, HITLESS
from ..model.attribute import Settable
from ..model.kinds import KINDS

#: An attribute that differs, its actual value and its desired one.
Found = Tuple[str, Any, Any]

#: Kind -> attribute -> what a change of it disturbs. What is not listed is not compared.
ATTRIBUTES = {kind.name: kind.changes for kind in KINDS.values()}
#: Kind -> those of them that are no settings.
_OWN = {
    kind.name: [
        name for name in kind.changes if not issubclass(kind.model, Settable) or name in kind.model.__dataclass_fields__
    ]
    for kind in KINDS.values()
}


def differences(desired: Any, actual: Any) -> List[Found]:
    """The attributes that are specified and differ: a list of (attribute, actual value, desired value)."""
    found = []
    for attribute in _OWN[desired.kind]:
        value = getattr(desired, attribute)
        was = getattr(actual, attribute) if value is not None else None
        if _differ(desired, attribute, value, was) and not _is_so_anyway(attribute, value, was, desired, actual):
            found.append((attribute, was, value))
    if isinstance(desired, Settable):
        settings = ((name, actual.settings.get(name), value) for name, value in desired.settings.items())
        found += [(name, was, value) for name, was, value in settings if _differ(desired, name, value, was)]
    return found


def _differ(desired: Any, attribute: str, value: Any, was: Any) -> bool:
    """Whether a value that ``desired`` has is specified and is not there.

    What the kernel does not tell it does not know, and is as if nobody had touched it.
    """
    if value is None or value == was:
        return False
    if attribute == "nexthops":
        return not _fit(value, was)
    row = desired.attributes.get(attribute) if isinstance(desired, Settable) else None
    return row is None or was is not None or value != row.default


def _is_so_anyway(attribute: str, value: Any, was: Any, desired: Any, actual: Any) -> bool:
    """Whether nothing has to be done for a value that is not there: a link that we made needs no mark that we hold it, and one
    without IPv6 has no link-local address.
    """
    if attribute == "held":
        return actual.owned
    return attribute == "link_local" and not value and was is None and lacks_ipv6(desired, actual)


def lacks_ipv6(desired: Any, actual: Any) -> bool:
    """Whether a link is without IPv6 once it is as desired, because of its MTU. Each may be None, if there is no such link."""
    holder = desired if desired is not None and desired.mtu is not None else actual
    return holder is not None and holder.is_too_small_for_ipv6


def _fit(desired: Any, actual: Any) -> bool:
    """Whether next hops are those desired: one without an interface fits any that the kernel found for its gateway."""
    return len(desired) == len(actual) and all(
        hop == there or (not hop.dev and hop == there._replace(dev="")) for hop, there in zip(desired, actual)
    )


def replaced(made: Any, **attributes: Any) -> Any:
    """An object with some attributes replaced, be it a dataclass or a named tuple."""
    if isinstance(made, Settable):
        return made.having(**attributes)
    return made._replace(**attributes) if hasattr(made, "_replace") else _replace(made, **attributes)


def unlike(desired: Sequence[Any], actual: Sequence[Any]) -> List[Tuple[Any, Any]]:
    """Pairs of entries that may differ: a first look at all of them, an attribute at a time.

    ``desired`` and ``actual`` are lists of equal length; None in ``actual`` stands for an entry that is not there.
    """
    if actual.count(None):
        pairs = [(entry, there) for entry, there in zip(desired, actual) if there is not None]
        desired, actual = zip(*pairs) if pairs else ((), ())
    suspects: set[int] = set()
    for attribute in _OWN[desired[0].kind] if desired else ():
        column = list(map(attrgetter(attribute), desired))
        if column.count(None) < len(column):
            there = list(map(attrgetter(attribute), actual))
            if column != there:
                unlike_pairs = {pair for pair in set(zip(column, there)) if _differ(desired[0], attribute, *pair)}
                suspects.update(place for place, pair in enumerate(zip(column, there)) if pair in unlike_pairs)
    if desired and isinstance(desired[0], Settable):
        suspects |= _unlike_settings(desired, actual)
    return [(desired[place], actual[place]) for place in sorted(suspects)]


def _unlike_settings(desired: Sequence[Any], actual: Sequence[Any]) -> Set[int]:
    """The places of pairs whose settings differ; entries that are alike share theirs, and are compared once."""
    known: dict = {}
    found = set()
    for place, (entry, there) in enumerate(zip(desired, actual)):
        if entry.settings:
            pair = id(entry.settings), id(there.settings)
            if pair not in known:
                known[pair] = any(
                    _differ(entry, name, value, there.settings.get(name)) for name, value in entry.settings.items()
                )
            if known[pair]:
                found.add(place)
    return found


def merged(desired: Any, actual: Any) -> Any:
    """The actual object with what is specified put in its place; the object itself where nothing differs."""
    changed = {attribute: value for attribute, _was, value in differences(desired, actual)}
    if "master" in changed:
        changed["master_kind"] = desired.master_kind
    return replaced(actual, **changed) if changed else actual


def disruption(actual: Any, attribute: str, value: Any) -> str:
    """What changing one attribute of an object to ``value`` disturbs; FIXED if it is made anew for that.

    A link that is down carries nothing that could be disturbed.
    """
    change = ATTRIBUTES[actual.kind][attribute]
    worst = change(actual, value) if callable(change) else change
    if worst != FIXED and (getattr(actual, "up", None) is False or (attribute == "up" and value)):
        return HITLESS
    return worst


def in_words(found: Iterable[Found], desired: Any, actual: Any) -> str:
    """Differences of two objects as a person would say them, in the names of the module's options."""
    words = []
    for attribute, was, value in found:
        if attribute == "owned":
            words.append("adopted")
        elif attribute == "held":
            words.append("taken in hand" if value else "no longer in the document")
        elif attribute == "up":
            words.append("raised" if value else "lowered")
        elif attribute == "master":
            words.append(_move(desired, actual))
        else:
            option = desired.option(attribute) if hasattr(desired, "option") else attribute
            words.append("%s %s -> %s" % (option, _shown(was), _shown(value)))
    return ", ".join(words)


def _move(desired: Any, actual: Any) -> str:
    """A change of the bridge or VRF that a link belongs to."""
    before, after = actual.master_kind or desired.master_kind, desired.master_kind
    if not (actual.master and desired.master) or before == after:
        return "%s %s -> %s" % (before if actual.master else after, _shown(actual.master), _shown(desired.master))
    return "%s %s -> %s %s" % (before, actual.master, after, desired.master)


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(_part, value)) or "none"
    return "unset" if value is None else "none" if value == "" else value


def _part(each: Any) -> str:
    """One of several next hops, metrics or names."""
    if hasattr(each, "via"):
        return " ".join(filter(None, ("via " + each.via if each.via else "", each.dev)))
    return " ".join(map(str, each)) if isinstance(each, tuple) else each
