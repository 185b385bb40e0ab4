# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FRR says of sessions and EVPN, in one form whatever its version. Pure. Private to this collection.

Only documented keys of "show ... json" are used; where versions differ, both spellings are read (8.4 and 10.3 are tested).
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional

#: What is made of what FRR prints as JSON.
Rows = List[Dict[str, Any]]

#: Keys of address families in "show bgp summary json" -> our names.
FAMILIES = {"ipv4Unicast": "ipv4_unicast", "ipv6Unicast": "ipv6_unicast", "l2VpnEvpn": "l2vpn_evpn"}
_PREFIX_ROUTE = re.compile(r"\[5\]:\[\d+\]:\[(\d+)\]:\[([^\]]+)\]")
_TARGETS = re.compile(r"\bRT:(\S+)")


def sessions(summary: Any) -> Rows:
    """Sessions from "show bgp summary json": a list of neighbor, family, state, description, received."""
    return [
        {
            "neighbor": name,
            "family": FAMILIES[key],
            "state": peer.get("state", "").lower(),
            "description": peer.get("desc", ""),
            "received": peer.get("pfxRcd", 0),
        }
        for key, family in summary.items()
        if key in FAMILIES
        for name, peer in (family.get("peers") or {}).items()
    ]


def bfd_sessions(peers: Any) -> Rows:
    """BFD sessions from "show bfd peers json": a list of peer, interface, state, and intervals in milliseconds."""
    return [
        {
            "peer": peer.get("peer", ""),
            "interface": peer.get("interface", ""),
            "state": peer.get("status", ""),
            "transmit_interval": peer.get("transmit-interval"),
            "receive_interval": peer.get("receive-interval"),
            "detect_multiplier": peer.get("detect-multiplier"),
        }
        for peer in peers
    ]


def ospf_neighbors(shown: Any) -> Rows:
    """Adjacencies from "show ip ospf neighbor json": a list of router_id, interface, state."""
    found = []
    neighbors = shown.get("neighbors", shown.get("default", {}).get("neighbors", {}))
    for router_id, entries in neighbors.items():
        for entry in entries:
            interface = entry.get("ifaceName", entry.get("interface", "")).split(":")[0]
            state = entry.get("nbrState", entry.get("converged", ""))
            found.append({"router_id": router_id, "interface": interface, "state": state.split("/")[0].lower()})
    return found


def vnis(shown: Any) -> Rows:
    """VNIs from "show evpn vni detail json": a list of vni, type, vrf, vxlan, svi, vtep, state, remote_vteps."""
    found = []
    for vni in shown:
        remote = vni.get("remoteVteps", vni.get("numRemoteVteps"))
        remote = remote if isinstance(remote, list) else []
        found.append(
            {
                "vni": vni["vni"],
                "type": vni.get("type", "").lower(),
                "vrf": vni.get("tenantVrf", vni.get("vrf", "")),
                "vxlan": vni.get("vxlanInterface", vni.get("vxlanIntf", "")),
                "svi": vni.get("sviInterface", vni.get("sviIntf", "")),
                "vtep": vni.get("vtepIp", vni.get("localVtepIp", "")),
                "state": vni.get("state", "up").lower(),
                "router_mac": vni.get("routerMac", ""),
                "remote_vteps": sorted(entry["ip"] if isinstance(entry, dict) else entry for entry in remote),
            }
        )
    return sorted(found, key=lambda vni: vni["vni"])


def macs(shown: Any) -> Rows:
    """MAC addresses from "show evpn mac vni all json": a list of vni, mac, type, interface or vtep, duplicate."""
    return [
        {
            "vni": int(vni),
            "mac": mac,
            "type": entry.get("type", ""),
            "interface": entry.get("intf", ""),
            "vtep": entry.get("remoteVtep", ""),
            "duplicate": bool(entry.get("isDuplicate")),
        }
        for vni, table in sorted(shown.items())
        for mac, entry in (table.get("macs") or {}).items()
    ]


def neighbors(shown: Any) -> Rows:
    """Host addresses from "show evpn arp-cache vni all json": a list of vni, ip, mac, type, vtep, duplicate."""
    found = []
    for vni, table in sorted(shown.items()):
        for ip, entry in table.items():
            if isinstance(entry, dict):
                found.append(
                    {
                        "vni": int(vni),
                        "ip": ip,
                        "mac": entry.get("mac", ""),
                        "type": entry.get("type", ""),
                        "vtep": entry.get("remoteVtep", ""),
                        "duplicate": bool(entry.get("isDuplicate")),
                    }
                )
    return found


def routes(shown: Any) -> Rows:
    """Best EVPN routes from "show bgp l2vpn evpn route json": type, rd, mac, ip, prefix, vtep, route_targets, local."""
    found = []
    for rd, table in shown.items():
        for key, route in table.items() if isinstance(table, dict) else ():
            path = _best_path(route)
            if path is None:
                continue
            prefix = _PREFIX_ROUTE.match(key)
            targets = _TARGETS.findall(path.get("extendedCommunity", {}).get("string", ""))
            found.append(
                {
                    "type": path.get("routeType"),
                    "rd": rd,
                    "mac": path.get("mac", ""),
                    "ip": "" if prefix else path.get("ip", ""),
                    "prefix": "%s/%s" % (prefix.group(2), prefix.group(1)) if prefix else "",
                    "vtep": (path.get("nexthops") or [{}])[0].get("ip", ""),
                    "route_targets": sorted(targets),
                    "local": path.get("weight", 0) == 32768 or path.get("peerId") == "(unspec)",
                }
            )
    return found


def _best_path(route: Any) -> Optional[Dict[str, Any]]:
    """The best path of a route, or None for what is not a route."""
    if not isinstance(route, dict):
        return None
    for entry in route.get("paths") or ():
        for path in entry if isinstance(entry, list) else [entry]:
            if path.get("bestpath") and path.get("valid"):
                return path
    return None


def next_hops(shown: Any) -> Rows:
    """VTEPs whose router MACs are known, from "show evpn next-hops vni all json": a list of vni, vtep, mac.

    IPv6 routes have an IPv4 VTEP as IPv4-mapped address.
    """
    return [
        {"vni": int(vni), "vtep": hop["nexthopIp"].replace("::ffff:", ""), "mac": hop.get("routerMac", "")}
        for vni, table in sorted(shown.items())
        for hop in table.values()
        if isinstance(hop, dict)
    ]


def import_targets(shown: Any) -> Dict[int, List[str]]:
    """Route targets that each VNI imports, from "show bgp l2vpn evpn vni json": VNI -> list."""
    return {int(vni): entry.get("importRTs", []) for vni, entry in shown.items() if isinstance(entry, dict) and vni.isdigit()}
