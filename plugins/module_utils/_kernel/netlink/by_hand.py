# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people and their scripts configured, and what of it the model has no place for. Private to this collection.

Each ``split`` function takes messages of a dump, the names of interfaces by number, and our protocol number; it returns the
messages that the model has a place for, without those of daemons, and a list of :class:`..model.left_out.LeftOut` for the
others. What is not among :data:`READERS` is read as for any document. This is imported where a host is described, and not where
one is changed.
"""

from __future__ import annotations

import errno
from struct import Struct
from typing import Any, Collection, Dict, Iterable, Iterator, List, Mapping, Tuple

from ..._core.errors import KernelError
from ..model.document import Document, empty
from ..model.fdb import Fdb, is_group
from ..model.kind import LINK, State
from ..model.left_out import LeftOut
from ..model.route import Route
from ..model.rule import TABLES
from . import addresses, fdb, links, memberships, neighbors, routes, rules
from .codec import Host
from .codecs import CODECS
from .wire import BE16, I32, U32, DumpRequest, Names, address_text, attributes, mac_text

GETNEXTHOP, GETMDB = 106, 86
#: Flags of addresses that the model does not have, as ip-address(8) calls them (IFA_F_*).
ADDRESS_FLAGS = {0x04: "optimistic"}
#: Attributes and types of routes that it does not have (RTA_*, RTN_*).
SOURCE, METRICS_LOCK, CACHEINFO = 2, 1, 12
ROUTE_ATTRIBUTES = {
    SOURCE: "a source network",
    11: "realms",
    19: "a label to put on",
    21: "encapsulation",
    30: "a nexthop object",
}
ROUTE_TYPES = {2: "local", 3: "broadcast", 4: "anycast", 5: "multicast", 10: "nat"}
#: Attributes of neighbors and forwarding entries (NDA_*), and flags (NTF_*).
FLAGS_EXT, NEXTHOP_GROUP = 15, 13
NTF_EXT_MANAGED, NTF_ROUTER = 0x01, 0x80
NEXTHOP_NUMBER = 1  # NHA_ID
#: Where an entry of a multicast database is, and whether it stays.
MDB, MDB_ENTRY, MDB_ENTRY_INFO, MDB_PERMANENT = 1, 1, 1, 1
ETHERTYPE_IPV4, ETHERTYPE_IPV6 = 0x0800, 0x86DD
#: Why an object is left out whose protocol belongs to no daemon that is known.
UNKNOWN_PROTOCOL = "is of the protocol %d, and nobody knows whose that is"

_nhmsg, _br_port_msg, _mdb_entry = Struct("=BBBxI"), Struct("=BxxxI"), Struct("=IBBH16s")

#: The messages that the model has a place for, and what it has none for.
Said = Tuple[List[bytes], List[LeftOut]]
#: The objects by key, and what the model has no place for.
Read = Tuple[Dict[Any, Any], List[LeftOut]]


def nexthop_dump_request() -> DumpRequest:
    """What to ask for: the nexthop objects of both families."""
    return GETNEXTHOP, _nhmsg.pack(0, 0, 0, 0)


def mdb_dump_request() -> DumpRequest:
    """What to ask for: the multicast databases of all bridges."""
    return GETMDB, _br_port_msg.pack(fdb.AF_BRIDGE, 0)


def split_addresses(bodies: List[bytes], names: Names, _owner: int) -> Said:
    """Addresses; those that expire are left out."""
    unsaid = []
    for body in bodies:
        family, _scope, number, flags, found = addresses.read(body)
        if family not in (addresses.AF_INET, addresses.AF_INET6) or addresses.is_the_kernels(found) or number not in names:
            continue
        name = "%s on %s" % (addresses.text_of(body, found), names[number])
        if not flags & addresses.F_PERMANENT:
            unsaid.append(LeftOut("address", name, reason="is there for a time: who gave it does so again"))
        else:
            others = (word for flag, word in ADDRESS_FLAGS.items() if flags & flag)
            unsaid += [LeftOut("address", name, word, True) for word in others]
    return bodies, unsaid


def split_routes(bodies: Iterable[bytes], _names: Names, owner: int) -> Said:
    """Routes; those of the kernel and of daemons are in neither."""
    whole, unsaid = [], []
    for body in bodies:
        family, length, source, _tos, table, protocol, scope, kind, flags = routes.HEADER.unpack_from(body)
        if protocol in (*routes.KERNELS, *routes.DAEMONS) or flags & routes.RTM_F_CLONED or family not in routes.NAMES:
            continue
        found = attributes(body, routes.HEADER.size, len(body))
        table = U32.unpack(found[routes.TABLE])[0] if routes.TABLE in found else table
        reason = _of_route(found, source, scope, kind) or ("is in the table local" if table == TABLES["local"] else "")
        if not reason and protocol not in (*routes.BY_HAND, owner):
            reason = UNKNOWN_PROTOCOL % protocol
        if not reason:
            whole.append(body)
            continue
        family = routes.NAMES[family]
        dst = "%s/%d" % (address_text(found[routes.DST]), length) if routes.DST in found else routes.ANY[family]
        metric = U32.unpack(found[routes.PRIORITY])[0] if routes.PRIORITY in found else 0
        unsaid.append(LeftOut("route", Route(family, table, dst, metric).name, reason=reason))
    return whole, unsaid


def _of_route(found: Mapping[int, bytes], source: int, scope: int, kind: int) -> str:
    """Why the model cannot say a route, or "" if it can."""
    if kind not in routes.TYPES:
        return "is of the type %s" % ROUTE_TYPES.get(kind, kind)
    hops = [found, *(attributes(hop, 8, len(hop)) for hop in routes.each_hop(found.get(routes.MULTIPATH, b"")))]
    others = [word for number, word in ROUTE_ATTRIBUTES.items() if any(number in hop for hop in hops)]
    metrics = attributes(found.get(routes.METRIC, b""), 0, len(found.get(routes.METRIC, b"")))
    others += ["the metric %d" % number for number in metrics if number != METRICS_LOCK and number not in routes.METRIC_NAMES]
    if CACHEINFO in found and I32.unpack_from(found[CACHEINFO], 8)[0]:
        others.append("an end")
    if source and not others:
        others.append(ROUTE_ATTRIBUTES[SOURCE])
    gateways = {routes.GATEWAY, routes.VIA, routes.MULTIPATH}
    usual = routes.SCOPE_LINK if gateways.isdisjoint(found) else routes.SCOPE_UNIVERSE
    if kind == routes.UNICAST and scope not in (usual, routes.SCOPE_UNIVERSE):
        others.append("the scope %d" % scope)
    return "has " + ", ".join(others) if others else ""


def split_neighbors(bodies: Iterable[bytes], names: Names, _owner: int) -> Said:
    """Neighbors; those that the kernel manages are left out."""
    whole, unsaid = [], []
    for body in bodies:
        found, number = attributes(body, neighbors.HEADER.size, len(body)), neighbors.HEADER.unpack_from(body)[1]
        if number in names and FLAGS_EXT in found and U32.unpack(found[FLAGS_EXT])[0] & NTF_EXT_MANAGED:
            name = "%s on %s" % (address_text(found[neighbors.DST]), names[number])
            unsaid.append(LeftOut("neighbor", name, reason="is managed: the kernel keeps looking for it"))
        else:
            whole.append(body)
    return whole, unsaid


def split_rules(bodies: Iterable[bytes], family: str, owner: int) -> Said:
    """Rules of a family; those of daemons are in neither, but the kernel's own are."""
    whole, unsaid = [], []
    for body in bodies:
        found = attributes(body, rules.HEADER.size, len(body))
        protocol, others = found.get(rules.PROTOCOL, b"\0")[0], rules.others(body, found)
        if protocol in routes.DAEMONS:
            continue
        reason = "has " + ", ".join(others) if others else ""
        if not reason and protocol not in (*routes.BY_HAND, routes.RTPROT_KERNEL, owner):
            reason = UNKNOWN_PROTOCOL % protocol
        if reason:
            priority = U32.unpack(found[rules.PRIORITY])[0] if rules.PRIORITY in found else 0
            unsaid.append(LeftOut("rule", "priority %d (%s)" % (priority, family), reason=reason))
        else:
            whole.append(body)
    return whole, unsaid


def entries_left_out(
    bodies: Iterable[bytes], names: Names, links: Mapping[str, Any], entries: Mapping[Any, Fdb]
) -> List[LeftOut]:
    """Forwarding entries that the model cannot say: a list of :class:`LeftOut`. ``entries`` are those that it can."""
    # A device takes the addresses of those that stand on it, and of all that its bridge knows to be somewhere.
    known = {link.mac for link in links.values()} | {entry.mac for entry in entries.values() if not entry.dst}
    unsaid = []
    for body in bodies:
        family, number, _state, flags, _type = fdb.HEADER.unpack_from(body)
        link = links.get(names.get(number, ""))
        if family != fdb.AF_BRIDGE or link is None or not flags & fdb.NTF_SELF or flags & fdb.NTF_EXT_LEARNED:
            continue
        found = attributes(body, fdb.HEADER.size, len(body))
        mac = mac_text(found[fdb.LLADDR])
        name = "%s on %s" % (mac, link.name)
        if NEXTHOP_GROUP in found:
            unsaid.append(LeftOut("fdb", name, reason="leads to a nexthop group"))
        elif link.kind == "vxlan" and flags & NTF_ROUTER:
            unsaid.append(LeftOut("fdb", name, "router", True))
        elif link.kind != "vxlan" and not is_group(mac) and mac not in known:
            unsaid.append(LeftOut("fdb", name, reason="is an address that the device itself takes"))
    return unsaid


def nexthops_left_out(bodies: Iterable[bytes]) -> List[LeftOut]:
    """Nexthop objects of people: a list of :class:`LeftOut`."""
    unsaid = []
    for body in bodies:
        _family, _scope, protocol, _flags = _nhmsg.unpack_from(body)
        if protocol in routes.BY_HAND:
            number = U32.unpack(attributes(body, _nhmsg.size, len(body))[NEXTHOP_NUMBER])[0]
            unsaid.append(LeftOut("nexthop", "id %d" % number, reason="is a nexthop object"))
    return unsaid


def groups_left_out(bodies: Iterable[bytes], names: Names) -> List[LeftOut]:
    """Multicast groups that somebody has added to a port: a list of :class:`LeftOut`."""
    unsaid = []
    for body in bodies:
        for entry in _nested(body[_br_port_msg.size :], MDB, MDB_ENTRY, MDB_ENTRY_INFO):
            number, state, _flags, vlan, group = _mdb_entry.unpack_from(entry)
            if state == MDB_PERMANENT and number in names:
                name = "%s on %s%s" % (_group_text(group, entry), names[number], " vlan %d" % vlan if vlan else "")
                unsaid.append(LeftOut("mdb", name, reason="is an entry of a multicast database"))
    return unsaid


def _nested(data: bytes, kind: int, *below: int) -> Iterator[bytes]:
    """The payloads of attributes at the end of a path of types, each of which may recur."""
    for found, payload in memberships.each(data):
        if found == kind:
            yield from _nested(payload, *below) if below else (payload,)


def _group_text(group: bytes, entry: bytes) -> str:
    protocol = BE16.unpack_from(entry, _mdb_entry.size)[0]
    if protocol == ETHERTYPE_IPV4:
        return address_text(group[:4])
    return address_text(group) if protocol == ETHERTYPE_IPV6 else mac_text(group[:6])


def read(host: Host, groups: Collection[str]) -> Tuple[State, List[LeftOut]]:
    """The state of links, bridge ports and these groups, and what the model has no place for of that."""
    nothing = Document(empty(), empty(), frozenset())
    state = {**empty(), **links.LINKS.read(host, nothing)}
    unsaid = []
    for group in (group for group in CODECS if group in groups and group != LINK):
        if group in READERS:
            state[group], left_out = READERS[group](host)
            unsaid += left_out
        else:
            state.update(CODECS[group].read(host, nothing))
    return state, unsaid


def _addresses(host: Host) -> Read:
    whole, unsaid = split_addresses(host.channel.dump(*addresses.dump_request()), host.names, host.protocol)
    return addresses.decode(whole, host.names, {host.protocol}), unsaid


def _routes(host: Host) -> Read:
    whole, unsaid = split_routes(host.channel.dump(*routes.dump_request()), host.names, host.protocol)
    unsaid += nexthops_left_out(host.channel.dump(*nexthop_dump_request()))
    return _by_hand(routes.decode(whole, host.names, host.protocol)), unsaid


def _neighbors(host: Host) -> Read:
    found, unsaid = {}, []
    for request in neighbors.dump_requests():
        whole, others = split_neighbors(host.channel.dump(*request), host.names, host.protocol)
        found.update(neighbors.decode(whole, host.names, host.protocol))
        unsaid += others
    return _by_hand(found), unsaid


def _by_hand(found: Mapping[Any, Any]) -> Dict[Any, Any]:
    """The objects that no daemon keeps."""
    return {key: made for key, made in found.items() if not made.daemon}


def _rules(host: Host) -> Read:
    found, unsaid = {}, []
    for family in rules.FAMILIES:
        whole, others = split_rules(host.channel.dump(*rules.dump_request(family)), family, host.protocol)
        found.update(rules.decode(whole, family, host.protocol))
        unsaid += others
    return found, unsaid


def _entries(host: Host) -> Read:
    kind, body = fdb.dump_request()
    found = host.channel.dump(kind, body, lambda parts: fdb.decode_by_hand(parts, host.names, host.links))
    for vni in memberships.VNIS.read(host, Document(empty(), empty(), frozenset()))[memberships.VNIS.group].values():
        # A device with a filter sends the broadcast of a VNI by an entry that it makes itself.
        found.pop((vni.dev, fdb.FLOOD, 0, vni.vni, vni.group), None)
    unsaid = entries_left_out(host.channel.dump(*fdb.dump_request()), host.names, host.links, found)
    return found, unsaid + groups_left_out(_dump_if_known(host, *mdb_dump_request()), host.names)


def _dump_if_known(host: Host, kind: int, body: bytes) -> List[bytes]:
    """A dump of what not every kernel has: it may lack, for example, multicast snooping."""
    try:
        return host.channel.dump(kind, body)
    except KernelError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise
        return []


#: Group of objects -> what reads them and what the model has no place for: (objects by key, list of :class:`LeftOut`).
READERS = {
    addresses.CODEC.group: _addresses,
    routes.CODEC.group: _routes,
    neighbors.CODEC.group: _neighbors,
    rules.CODEC.group: _rules,
    fdb.CODEC.group: _entries,
}
