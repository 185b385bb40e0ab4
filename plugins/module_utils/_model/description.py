# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's state as a `dataplane` document, the way back from objects to options. Private to this collection."""

from __future__ import annotations

import re
import socket
from operator import methodcaller

from .document import SECTIONS, empty
from .link import MTU_FIRST, MTU_LAST
from .port import OPTIONS as PORT_OPTIONS
from .rule import TABLES
from .values import Checker, Columns

#: Where links are listed that their own section cannot describe, such as a veth whose peer is in another namespace.
OTHER_LINKS = "interfaces"
#: Sections whose objects carry a mark of their own; others belong to the link that they are on.
MARKED = tuple(option for option, section in SECTIONS.items() if section.group not in ("bridge_vlan", "vni", "fdb"))
#: Addresses that lo has by itself.
LOOPBACK = ("127.0.0.1/8", "::1/128")
_TABLE_NAMES = {number: name for name, number in TABLES.items()}
#: The place of an entry in a problem's path: ``fdb[3].dst``.
_PLACE = re.compile(r"\w+\[(\d+)\]")


def described(state, sections, options):
    """A state as a document: section -> list of entries, each as module options spell it.

    ``sections`` are the names of those that are wanted, ``options`` maps the name of each to the names of its options. What is
    empty is left out, and so is what the options cannot say: the document then leaves that alone.
    """
    links = _links(state, options)
    found = {}
    for option in sections:
        group = SECTIONS[option].group
        if group == "link":
            found[option] = [entry for section, entry in links.values() if section == option]
        else:
            entries = _ENTRIES.get(group, _each)(state, group)
            refused = _refused(option, entries)
            found[option] = [entry for place, entry in enumerate(entries) if place not in refused]
    return found


def marked(state, sections, options):
    """The names of the objects that carry our mark, or that our mark holds: section -> list, for sections that have marks."""
    links = _links(state, options)
    found = {}
    for option in sections:
        if SECTIONS[option].group == "link":
            ours = (name for name, link in state["link"].items() if link.owned or link.held)
            found[option] = [name for name in ours if name in links and links[name][0] == option]
        elif option in MARKED:
            found[option] = [made.name for made in state[SECTIONS[option].group].values() if made.owned]
    return found


def _refused(option, entries):
    """The places of the entries that a document cannot have."""
    problems: list = []
    SECTIONS[option].make(Columns(problems, option, entries), empty())
    return {int(place.group(1)) for place in (_PLACE.match(problem.path) for problem in problems) if place}


def _links(state, options):
    """Link names -> the section it is listed in, and its entry there."""
    own = {section.kind: option for option, section in SECTIONS.items() if section.group == "link"}
    found = {}
    for name, link in state["link"].items():
        # Of macvlan's modes the options lack "source", and would take another for granted.
        place = OTHER_LINKS if link.kind == "macvlan" and not link.mode else own[link.kind]
        for option in (place, OTHER_LINKS):
            entry = _link(link, option, options[option], state)
            if not _refused(option, [entry]):
                found[name] = (option, entry)
                break
    return found


def _link(link, option, known, state):
    """The entry of a link, with the options of its bridge port."""
    entry = {name: value for name, value in link.to_output().items() if name in known and value not in ("", None)}
    for name in ("description", "mtu", "mac"):
        if name in entry and not _is_sayable(name, entry[name]):
            del entry[name]
    # The address of hardware is not the document's business, and one taken from the device below would outlive a change of it.
    if option == OTHER_LINKS or link.mac == getattr(state["link"].get(link.lower), "mac", None):
        entry.pop("mac", None)
    if entry.get("external"):
        entry.pop("remote", None)
        entry.pop("group", None)
    port = state["port"].get(link.name)
    if port is not None and "bridge" in entry:
        switches = {name: getattr(port, name) for name in PORT_OPTIONS if name in known}
        if entry.get("learning", port.learning) != port.learning:
            # One option stands for the device's switch and for the port's.
            del entry["learning"], switches["learning"]
        entry.update(switches)
    return entry


def _is_sayable(option, value):
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


def _each(state, group):
    """An entry for each object."""
    return list(map(methodcaller("to_output"), state[group].values()))


def _bridge_vlans(state, _group):
    """VLANs, those that follow each other as a range."""
    return _in_ranges(
        sorted(state["bridge_vlan"].values()),
        lambda last, made: not last.pvid and made == last._replace(vlan=last.vlan + 1, vni=last.vni and last.vni + 1),
        ("vlan", "vni"),
    )


def _vnis(state, _group):
    """VNIs, those that follow each other as a range."""
    return _in_ranges(sorted(state["vni"].values()), lambda last, made: made == last._replace(vni=last.vni + 1), ("vni",))


def _in_ranges(objects, follows, numbers):
    """An entry for each run of objects in which one ``follows`` the other; its ``numbers`` are written as ranges."""
    runs: list = []
    for made in objects:
        if runs and follows(runs[-1][1], made):
            runs[-1][1] = made
        else:
            runs.append([made, made])
    entries = []
    for first, last in runs:
        entry = first.to_output()
        for option in numbers:
            if option in entry:
                ends = getattr(first, option), getattr(last, option)
                entry[option] = "%d-%d" % ends if first != last else str(ends[0])
        entries.append(entry)
    return entries


def _addresses(state, group):
    """Addresses, without those that every host or link has by itself: kernels before 5.18 do not say who added them."""
    entries = []
    for entry, made in zip(_each(state, group), state[group].values()):
        link = state["link"].get(made.dev)
        if (made.dev == "lo" and made.address in LOOPBACK) or made.address == _derived(getattr(link, "mac", None)):
            continue
        if ":" not in made.address:
            entry.pop("nodad", None)
        entries.append(entry)
    return entries


def _derived(mac):
    """The IPv6 link-local address that the kernel derives from a MAC address (RFC 4291, appendix A), with its length."""
    if not mac:
        return None
    packed = bytes.fromhex(mac.replace(":", ""))
    identifier = bytes([packed[0] ^ 2]) + packed[1:3] + b"\xff\xfe" + packed[3:]
    return "%s/64" % socket.inet_ntop(socket.AF_INET6, b"\xfe\x80" + bytes(6) + identifier)


def _routes(state, _group):
    """Routes, without those to the host itself."""
    return [_with_table(made) for made in state["route"].values() if made.table != TABLES["local"]]


def _rules(state, _group):
    return [_with_table(made) for made in state["rule"].values()]


def _with_table(made):
    """The entry of a route or rule, its table written as people do."""
    entry = made.to_output()
    if "table" in entry:
        entry["table"] = _TABLE_NAMES.get(entry["table"]) or str(entry["table"])
    return entry


#: Groups that are more than an entry for each object.
_ENTRIES = {"bridge_vlan": _bridge_vlans, "vni": _vnis, "address": _addresses, "route": _routes, "rule": _rules}
