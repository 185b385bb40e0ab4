# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's state as a `dataplane` document, the way back from objects to options. Private to this collection."""

from __future__ import annotations

import socket

from ..._core.values import Checker, Columns
from .document import SECTIONS, empty
from .left_out import LeftOut
from .link import MTU_FIRST, MTU_LAST
from .membership import filters
from .port import LEARNING, NEVER_PORTS, Port
from .rule import TABLES, Rule

#: Where links are listed that their own section cannot describe, such as a veth whose peer is in another namespace.
OTHER_LINKS = "interfaces"
#: Sections whose objects carry a mark of their own; others belong to the link that they are on.
MARKED = tuple(option for option, section in SECTIONS.items() if section.group not in ("bridge_vlan", "vni", "fdb"))
#: Addresses that lo has by itself.
LOOPBACK = ("127.0.0.1/8", "::1/128")
#: MTUs that lo and VRFs have by themselves, above those of all other devices.
LARGE_MTUS = (65536, 65575)
#: What a port costs by its speed (port_cost in net/bridge/br_if.c). A veth has 10 Gbit/s, others have none or anything.
COSTS, COSTS_OF = (1, 2, 4, 5, 19, 100), {"veth": (2,), "dummy": (100,)}
#: Rules that the kernel has by itself (net/ipv4/fib_rules.c, net/ipv6/fib6_rules.c).
OWN_RULES = (
    Rule(0, "ipv4", table=TABLES["local"]),
    Rule(32766, "ipv4", table=TABLES["main"]),
    Rule(32767, "ipv4", table=TABLES["default"]),
    Rule(0, "ipv6", table=TABLES["local"]),
    Rule(32766, "ipv6", table=TABLES["main"]),
)
_TABLE_NAMES = {number: name for name, number in TABLES.items()}


def described(state, sections, options):
    """A state as a document: section -> list of entries, each as module options spell it; and what it leaves out.

    ``sections`` are the names of those that are wanted, ``options`` maps the name of each to its options as argument specs have
    them. What is empty is not said, nor what a new device has by itself. What the options cannot say is left out, a list of
    :class:`LeftOut`: the document leaves that alone.
    """
    links = _links(state, options)
    found, left_out = {}, []
    for option in sections:
        group = SECTIONS[option].group
        if group == "link":
            found[option] = [entry for section, entry, _unsaid in links.values() if section == option]
            left_out += [each for section, _entry, unsaid in links.values() if section == option for each in unsaid]
        else:
            idle = _idle(state) if group == "fdb" else {}
            left_out += [*idle.values(), *(_gone(state) if group == "rule" else ())]
            sayable = {**state, group: {key: made for key, made in state[group].items() if key not in idle}}
            named = _ENTRIES.get(group, _each)(sayable, group)
            refused = _refused(option, [entry for _name, entry in named])
            found[option] = [entry for place, (_name, entry) in enumerate(named) if place not in refused]
            left_out += [LeftOut(SECTIONS[option].kind, named[place][0], reason=reason) for place, reason in refused.items()]
    return found, left_out


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
    """The entries that a document cannot have: place -> why."""
    problems: list = []
    SECTIONS[option].make(Columns(problems, option, entries), empty())
    places = (problem.path[len(option) + 1 :].partition("]") for problem in problems)
    return {
        int(place): " ".join(filter(None, (inside.lstrip("."), problem.message)))
        for (place, _bracket, inside), problem in zip(places, problems)
    }


def _links(state, options):
    """Link names -> the section it is listed in, its entry there, and what that leaves out."""
    own = {section.kind: option for option, section in SECTIONS.items() if section.group == "link"}
    found = {}
    for name, link in state["link"].items():
        # Of macvlan's modes the options lack "source", and would take another for granted.
        place = OTHER_LINKS if link.kind == "macvlan" and not link.mode else own[link.kind]
        for option in (place, OTHER_LINKS):
            entry, unsaid = _link(link, option, options[option], state)
            if not _refused(option, [entry]):
                found[name] = (option, entry, unsaid)
                break
    return found


def _link(link, option, known, state):
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
    if option == OTHER_LINKS or link.mac == getattr(state["link"].get(link.lower), "mac", None):
        shown.pop("mac", None)
    if option == OTHER_LINKS and kind != "interface":
        unsaid = [LeftOut(kind, link.name, reason="is taken as it is: the document cannot make it"), *unsaid]
    port = state["port"].get(link.name)
    if port is not None and "bridge" in shown:
        # What a VXLAN device does about learning is for its port, too, unless that is told otherwise.
        usual[LEARNING] = shown.get("learning", True)
        shown.update((name, value) for name, value in port.to_output().items() if name in known and name != "dev")
        if port.cost in COSTS_OF.get(link.kind, COSTS):
            usual["cost"] = port.cost
        unsaid += _unsaid(port, port.kind, link.name)
    return {name: value for name, value in shown.items() if name not in usual or value != usual[name]}, unsaid


def _usual(link):
    """What a new device of a link's kind has by itself, and a new port: options -> values."""
    rows = (*(() if link.kind in NEVER_PORTS else Port.attributes.values()), *link.attributes.values())
    usual = {row.called: row.default for row in rows if row.sayable}
    if link.kind == "bridge" and link.vlan_filtering:
        usual["vlan_default_pvid"] = 0
    return {**usual, "ipv6_link_local": True}


def _unsaid(made, kind, name):
    """What is unusual of the attributes that have no options."""
    rows = (row for row in made.attributes.values() if not row.sayable)
    told = ((row, getattr(made, row.name)) for row in rows)
    return [LeftOut(kind, name, row.name, value) for row, value in told if value is not None and value != row.default]


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


def _idle(state):
    """Forwarding entries that mean nothing where they are: key -> :class:`LeftOut`."""
    reason = "has no VLAN, and means nothing to a bridge that filters"
    return {
        key: LeftOut(made.kind, made.name, reason=reason)
        for key, made in state["fdb"].items()
        if not made.dst and not made.vlan and filters(made.dev, state["link"])
    }


def _gone(state):
    """The rules for VRFs that somebody has taken away, a list of :class:`LeftOut`. Linux makes them with the first VRF."""
    if not any(link.kind == "vrf" for link in state["link"].values()):
        return []
    rules = [Rule(1000, family, l3mdev=True) for family in ("ipv4", "ipv6")]
    reason = "is gone, which no document can say: Linux adds it with the first VRF"
    return [LeftOut(rule.kind, rule.name, reason=reason) for rule in rules if rule.key not in state["rule"]]


def _each(state, group):
    """An entry for each object, and the object's name."""
    return [(made.name, made.to_output()) for made in state[group].values()]


def _bridge_vlans(state, _group):
    """VLANs, those that follow each other as a range, and what the kernel gives to ports by itself and they do not have."""
    given = _default_vlans(state)
    vlans = {key: made for key, made in state["bridge_vlan"].items() if key not in given}
    entries = _in_ranges(
        sorted(vlans.values()),
        lambda last, made: not last.pvid and made == last._replace(vlan=last.vlan + 1, vni=last.vni and last.vni + 1),
        ("vlan", "vni"),
    )
    tagged = {made.dev for made in state["bridge_vlan"].values() if made.pvid}
    for dev, vlan in given:
        made = state["bridge_vlan"].get((dev, vlan))
        entry = {"dev": dev, "vlan": str(vlan), "state": "absent"}
        if made is not None:
            # What is not said stays as it was given; but there is one VLAN of untagged packets, and another takes that away.
            flags = {"pvid": made.pvid or dev in tagged, "untagged": made.untagged}
            entry = {**made.to_output(), "vlan": str(vlan), **{flag: False for flag, is_on in flags.items() if not is_on}}
        entries.append((dev, entry))
    return entries


def _default_vlans(state):
    """The VLANs that bridges with a filter give to their ports and to themselves: (name of the port, VLAN) pairs."""
    vlans = {name: link.default_vlan for name, link in state["link"].items() if link.kind == "bridge" and link.vlan_filtering}
    ports = ((name, vlans.get(name) or vlans.get(link.master)) for name, link in state["link"].items())
    return [(name, vlan) for name, vlan in ports if vlan]


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
        entries.append((first.name, entry))
    return entries


def _addresses(state, group):
    """Addresses, without those that every host or link has by itself: kernels before 5.18 do not say who added them.

    Those of lo that somebody has taken away are there.
    """
    entries = []
    lo = state["link"].get("lo")
    if lo is not None and lo.up:
        # Without IPv6 there is none of it.
        usual = (address for address in LOOPBACK if ":" not in address or lo.link_local is not None)
        gone = (address for address in usual if ("lo", address) not in state[group])
        entries += [("%s on lo" % address, {"dev": "lo", "address": address, "state": "absent"}) for address in gone]
    for made in state[group].values():
        entry = made.to_output()
        link = state["link"].get(made.dev)
        if (made.dev == "lo" and made.address in LOOPBACK) or made.address == _derived(getattr(link, "mac", None)):
            continue
        if ":" not in made.address:
            entry.pop("nodad", None)
        entries.append((made.name, entry))
    return entries


def _derived(mac):
    """The IPv6 link-local address that the kernel derives from a MAC address (RFC 4291, appendix A), with its length."""
    if not mac:
        return None
    packed = bytes.fromhex(mac.replace(":", ""))
    identifier = bytes([packed[0] ^ 2]) + packed[1:3] + b"\xff\xfe" + packed[3:]
    return "%s/64" % socket.inet_ntop(socket.AF_INET6, b"\xfe\x80" + bytes(6) + identifier)


def _routes(state, _group):
    return [(made.name, _with_table(made)) for made in state["route"].values()]


def _rules(state, _group):
    """Rules, and those that the kernel has by itself and somebody has taken away."""
    gone = [made for made in OWN_RULES if made.key not in state["rule"]]
    return [
        *((made.name, _with_table(made)) for made in state["rule"].values()),
        *((made.name, {**_with_table(made), "state": "absent"}) for made in gone),
    ]


def _with_table(made):
    """The entry of a route or rule, its table written as people do."""
    entry = made.to_output()
    if "table" in entry:
        entry["table"] = _TABLE_NAMES.get(entry["table"]) or str(entry["table"])
    return entry


#: Groups that are more than an entry for each object.
_ENTRIES = {"bridge_vlan": _bridge_vlans, "vni": _vnis, "address": _addresses, "route": _routes, "rule": _rules}
