# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's state as a `dataplane` document, the way back from objects to options. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Tuple

from ..._core.values import Checker, Columns
from .document import SECTIONS, empty
from .kind import LINK, State
from .kinds import KINDS
from .left_out import LeftOut
from .link import MTU_FIRST, MTU_LAST, Interface
from .port import LEARNING, Port

#: Where links are listed that their own section cannot describe, such as a veth whose peer is in another namespace.
OTHER_LINKS = KINDS[Interface.kind].section
#: MTUs that lo and VRFs have by themselves, above those of all other devices.
LARGE_MTUS = (65536, 65575)
#: The options of each section as argument specs have them.
Options = Mapping[str, Mapping[str, Mapping[str, Any]]]
#: An entry of a section, and what it does not say.
Entry = Tuple[Dict[str, Any], List[LeftOut]]


def described(state: State, sections: Iterable[str], options: Options) -> Tuple[Dict[str, List[Dict[str, Any]]], List[LeftOut]]:
    """A state as a document: section -> list of entries, each as module options spell it; and what it leaves out.

    ``sections`` are the names of those to tell of, ``options`` maps the name of each to its options as argument specs have
    them. What is empty is not said, nor what a new device has by itself. What the options cannot say is left out, a list of
    :class:`LeftOut`: the document leaves that alone.
    """
    links = _links(state, options)
    found: Dict[str, List[Dict[str, Any]]] = {}
    left_out: List[LeftOut] = []
    for option in sections:
        kind = SECTIONS[option]
        if kind.group == LINK:
            found[option] = [entry for section, entry, _unsaid in links.values() if section == option]
            left_out += [each for section, _entry, unsaid in links.values() if section == option for each in unsaid]
        else:
            named, unsaid = kind.described(state)
            refused = _refused(option, [entry for _name, entry in named])
            found[option] = [entry for place, (_name, entry) in enumerate(named) if place not in refused]
            left_out += [*unsaid, *(LeftOut(kind.name, named[place][0], reason=reason) for place, reason in refused.items())]
    return found, left_out


def marked(state: State, sections: Iterable[str], options: Options) -> Dict[str, List[str]]:
    """The names of the objects that carry our mark, or that our mark holds: section -> list, for sections that have marks."""
    links = _links(state, options)
    found = {}
    for option in sections:
        kind = SECTIONS[option]
        if kind.group == LINK:
            ours = (name for name, link in state[LINK].items() if link.owned or link.held)
            found[option] = [name for name in ours if name in links and links[name][0] == option]
        elif kind.is_marked:
            found[option] = [made.name for made in state[kind.group].values() if made.owned]
    return found


def _refused(option: str, entries: List[Dict[str, Any]]) -> Dict[int, str]:
    """The entries that a document cannot have: place -> why."""
    problems: list = []
    SECTIONS[option].make(Columns(problems, option, entries), empty())
    places = (problem.path[len(option) + 1 :].partition("]") for problem in problems)
    return {
        int(place): " ".join(filter(None, (inside.lstrip("."), problem.message)))
        for (place, _bracket, inside), problem in zip(places, problems)
    }


def _links(state: State, options: Options) -> Dict[str, Tuple[str, Dict[str, Any], List[LeftOut]]]:
    """Link names -> the section it is listed in, its entry there, and what that leaves out."""
    found = {}
    for name, link in state[LINK].items():
        place = KINDS[link.kind].section if link.is_sayable else OTHER_LINKS
        for option in (place, OTHER_LINKS):
            entry, unsaid = _link(link, option, options[option], state)
            if not _refused(option, [entry]):
                found[name] = (option, entry, unsaid)
                break
    return found


def _link(link: Any, option: str, known: Mapping[str, Mapping[str, Any]], state: State) -> Entry:
    """The entry of a link, with the options of its bridge port, and what it leaves out."""
    usual = {**_usual(link), **{name: spec["default"] for name, spec in known.items() if "default" in spec}}
    shown = {name: value for name, value in link.to_output().items() if name in known and value not in ("", None)}
    kind = getattr(link, "type", "") or link.kind
    unsaid = _unsaid(link, kind, link.name)
    for name in ("description", "mtu", "mac"):
        if name in shown and not _is_sayable(name, shown[name]):
            value = shown.pop(name)
            if name != "mac" and value not in LARGE_MTUS:
                unsaid.append(LeftOut(kind, link.name, name, value))
    # The address of hardware is not the document's business, and one taken from the device below would outlive a change of it.
    if option == OTHER_LINKS or link.mac == getattr(state[LINK].get(link.lower), "mac", None):
        shown.pop("mac", None)
    if option == OTHER_LINKS and kind != Interface.kind:
        unsaid = [LeftOut(kind, link.name, reason="is taken as it is: the document cannot make it"), *unsaid]
    port = state[Port.kind].get(link.name)
    if port is not None and "bridge" in shown:
        # What a VXLAN device does about learning is for its port, too, unless the port has its own value.
        usual[LEARNING] = shown.get("learning", True)
        shown.update((name, value) for name, value in port.to_output().items() if name in known and name != "dev")
        if port.cost in link.port_costs:
            usual["cost"] = port.cost
        unsaid += _unsaid(port, port.kind, link.name)
    return {name: value for name, value in shown.items() if name not in usual or value != usual[name]}, unsaid


def _usual(link: Any) -> Dict[str, Any]:
    """What a new device of a link's kind has by itself, and a new port: options -> values."""
    ports = {row.called: row.default for row in Port.attributes.values() if row.sayable} if link.may_be_port else {}
    return {**ports, **link.usual, "ipv6_link_local": True}


def _unsaid(made: Any, kind: str, name: str) -> List[LeftOut]:
    """What is unusual of the attributes that have no options."""
    rows = (row for row in made.attributes.values() if not row.sayable)
    values = ((row, getattr(made, row.name)) for row in rows)
    return [LeftOut(kind, name, row.name, value) for row, value in values if value is not None and value != row.default]


def _is_sayable(option: str, value: Any) -> bool:
    """Whether an option of links takes a value that the kernel has."""
    problems: list = []
    check = Checker(problems, "", {option: value})
    if option == "mtu":
        check.number(option, MTU_FIRST, MTU_LAST, "an MTU")
    elif option == "mac":
        check.mac(option)
    else:
        check.text(option)
    return not problems
