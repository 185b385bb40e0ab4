# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FRR's configuration needs so that a gateway's runtime state (:mod:`.runtime`) has an effect. Pure. Private to this
collection."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple, Union

from .._core.errors import Problem, some
from .._gateway.phases import NEW
from . import runtime
from .configuration import Configuration, Path

_PROCESS = re.compile(r"router (?:bgp \d+|ospf)\Z")
_EVPN = "address-family l2vpn evpn"


def check_costs(running: Configuration, carriers: Sequence[str], prefix: str, standbys: int, problems: List[Problem]) -> None:
    """Notes a Problem if OSPF does not advertise the interfaces of buckets, if one has no cost, which would make it the first
    choice, and for ranks that no cost is left for.
    """
    if ("router ospf",) not in running:
        problems.append(Problem("ospf", "FRR has no router ospf", "Configure it, or write ospf: false"))
    words = (
        "Write there into FRR's configuration: ip ospf area AREA / ip ospf cost %d / ip ospf passive"
        % runtime.OSPF_COST_WITHDRAWN
    )
    advertised = {path[0] for path in running if len(path) == 2 and path[1].startswith("ip ospf area ")}
    networks = [path[1].split(" ")[1] for path in running if path[0] == "router ospf" and path[-1].startswith("network ")]
    costs = runtime.ospf_costs(running)
    hidden = [name for name in carriers if "interface %s" % name not in advertised]
    buckets = ipaddress.IPv4Network(prefix, strict=False)
    if hidden and not any(buckets.subnet_of(ipaddress.IPv4Network(network, strict=False)) for network in networks):
        problems.append(Problem("vtep_interface", "OSPF does not advertise %s" % some(hidden), words))
    free = [name for name in carriers if name not in costs]
    if free:
        problems.append(Problem("vtep_interface", "%s: no OSPF cost is configured" % some(free), words))
    if standbys > runtime.MOST_OSPF_STANDBYS:
        message = "%d are more than there are OSPF costs for" % standbys
        problems.append(Problem("standbys", message, "Write at most %d" % runtime.MOST_OSPF_STANDBYS))


def way_of_exclusion(running: Configuration, route_map: str, problems: List[Problem]) -> Union[str, int, None]:
    """How a configuration keeps routes back: "list", the number of the first entry for VNIs in wmgwd's way, or None.

    Notes a Problem if there is neither, or if a neighbor of EVPN does not use the route-map.
    """
    entries = [path for path in running if len(path) == 2 and runtime.is_entry_of(path[0], route_map)]
    gotos = [int(found[1]) for found in (runtime.GOTO.match(path[1]) for path in entries) if found]
    if any(path[1] == "match extcommunity %s" % runtime.SERVED for path in entries):
        way: Union[str, int] = "list"
    elif gotos and any(path[1].startswith("match evpn route-type ") for path in entries):
        way = max(gotos)
    else:
        message = "has no entry with `match extcommunity %s`" % runtime.SERVED if entries else "does not exist in FRR"
        remedy = "Write into FRR's configuration: route-map %s permit 10 / match extcommunity %s" % (route_map, runtime.SERVED)
        problems.append(Problem("route_map", "%s %s" % (route_map, message), remedy))
        return None
    lacking, using = _evpn_neighbors(running, "route-map %s out" % route_map)
    if lacking or not using:
        who = "of %s" % ", ".join(lacking) if lacking else "because no neighbor is activated there"
        message = "%s holds nothing back in address-family l2vpn evpn %s" % (route_map, who)
        remedy = "Write there: neighbor %s route-map %s out" % (lacking[0] if lacking else "NAME", route_map)
        problems.append(Problem("route_map", message, remedy))
    return way


def _evpn_neighbors(running: Configuration, words: str) -> Tuple[List[str], List[str]]:
    """The neighbors and groups that are activated in EVPN: (those without a line of these words, those with one)."""
    lacking: list[str] = []
    using: list[str] = []
    for path in running:
        if len(path) == 3 and path[0].startswith("router bgp ") and path[1] == _EVPN and path[2].endswith(" activate"):
            name = path[2].split(" ")[1]
            names = [name, *_groups_of(running, path[0], name)]
            uses = any((*path[:2], "neighbor %s %s" % (each, words)) in running for each in names)
            (using if uses else lacking).append(name)
    return lacking, using


def _groups_of(running: Configuration, instance: str, name: str) -> Iterator[str]:
    for path in running:
        if len(path) == 2 and path[0] == instance and path[1].startswith("neighbor %s " % name) and " peer-group " in path[1]:
            yield path[1].rsplit(" ", 1)[1]


def check_ranks(running: Configuration, route_map: str, standbys: int, problems: List[Problem]) -> None:
    """Notes a Problem for each rank that the route-map does not match, and if nothing advertises by it."""
    matches = {path[1] for path in running if len(path) == 2 and runtime.is_entry_of(path[0], route_map)}
    for place, rank in enumerate([NEW, *range(standbys + 1)], 1):
        if "match ip address prefix-list %s" % runtime.rank_list(rank) not in matches:
            words = "route-map %s permit %d / match ip address prefix-list %s" % (route_map, place, runtime.rank_list(rank))
            words += "" if rank == NEW else " / set as-path prepend AS ..., longer with each rank"
            message = "no entry of %s matches the prefix-list %s" % (route_map, runtime.rank_list(rank))
            problems.append(Problem("route_map", message, "Write into FRR's configuration: %s" % words))
    if not any(_advertises_by(path, route_map) for path in running):
        remedy = "Write under router bgp, address-family ipv4 unicast: redistribute connected route-map %s" % route_map
        problems.append(Problem("route_map", "nothing in FRR advertises by %s" % route_map, remedy))


def _advertises_by(path: Path, route_map: str) -> bool:
    """Whether a line redistributes by a route-map or gives it to an underlay neighbor."""
    words = path[-1].split(" ")
    if path[0].startswith(("router bgp ", "router ospf")) and words[:2] == ["redistribute", "connected"]:
        return words[-2:] == ["route-map", route_map]
    in_underlay = len(path) == 3 and path[0].startswith("router bgp ") and path[1] == "address-family ipv4 unicast"
    return in_underlay and words[0] == "neighbor" and words[2:] == ["route-map", route_map, "out"]


def check_unranked(running: Configuration, interface: str, problems: List[Problem]) -> None:
    """Notes a Problem for each line that advertises all addresses of an interface alike, whatever their rank."""
    for path in running:
        words = path[-1].split(" ")
        if path[0] == "interface %s" % interface and words[:3] == ["ip", "ospf", "area"]:
            remedy = "Remove it, or name another interface"
            message = "OSPF advertises all addresses of %s, of whatever rank (%s)" % (interface, path[-1])
        elif (
            words == ["redistribute", "connected"]
            and path[0].startswith(("router bgp ", "router ospf"))
            and " vrf " not in path[0]
        ):
            message = "%s advertises all addresses, of whatever rank (redistribute connected)" % path[0]
            remedy = "Give it a route-map"
        else:
            continue
        problems.append(Problem("vtep_interface", message, remedy))


def check_router_ids(running: Configuration, interface: str, problems: List[Problem]) -> None:
    """Notes a Problem for each routing process that would take its router id from addresses that all gateways have."""
    if any(len(path) == 1 and path[0].startswith(("ip router-id ", "router-id ")) for path in running):
        return
    for top in [path[0] for path in running if len(path) == 1 and _PROCESS.match(path[0])]:
        own = "%s router-id " % top.split(" ")[1]
        if not any(len(path) == 2 and path[0] == top and path[1].startswith(own) for path in running):
            message = "%s takes its router id from addresses of %s, which all gateways have" % (top, interface)
            problems.append(Problem("vtep_interface", message, "Write there: %sADDRESS, of this gateway alone" % own))


def own_targets(shown: Mapping[str, Any], vnis: Iterable[int], problems: List[Problem]) -> Dict[int, str]:
    """The route target of each VNI that no other exports, from "show bgp l2vpn evpn vni json": VNI -> text.

    Notes a Problem for VNIs that FRR does not know, and for those that have no target of their own.
    """
    exports = {
        int(vni): entry.get("exportRTs", []) for vni, entry in shown.items() if vni.isdigit() and isinstance(entry, dict)
    }
    users: dict[str, int] = {}
    for targets in exports.values():
        for target in targets:
            users[target] = users.get(target, 0) + 1
    found = {}
    unknown: list[int] = []
    shared: list[int] = []
    for vni in vnis:
        own = [target for target in exports.get(vni, ()) if users[target] == 1]
        if own:
            found[vni] = own[0]
        else:
            (shared if vni in exports else unknown).append(vni)
    if unknown:
        remedy = "Raise their VXLAN devices and bridges, and write advertise-all-vni in address-family l2vpn evpn"
        problems.append(Problem("vnis", "FRR's BGP does not know VNI %s" % some(unknown), remedy))
    if shared:
        remedy = "Give each VNI an export target of its own"
        problems.append(Problem("vnis", "VNI %s export no route target that is theirs alone" % some(shared), remedy))
    return found
