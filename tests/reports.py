"""Fabrics as the page is told of them, for tests and benchmarks: what was seen, drift, runs."""

from __future__ import annotations

from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent import inventory
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.fabric import Fabric
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.content import Sight, Sources
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.observation import Observation, Session

from tests.fabrics import GATEWAYS, fabric

AT = "2026-11-27T03:00:12Z"

#: A report of `evpn.fabric.drift`, see docs/drift.md: leaf1 has drifted, leaf2 cannot be reached.
DRIFT: dict[str, Any] = {
    "version": 1,
    "at": AT,
    "notes": ["gw2 is back and stays out: run evpn.fabric.undrain with gateway=gw2 to take it in"],
    "hosts": {
        "leaf1": {
            "at": AT,
            "reachable": True,
            "problem": None,
            "confirmed": {"at": "2026-11-20T14:02:51Z", "digest": "5c1f"},
            "inventory": "changed",
            "inventory_changes": ["frr", "kernel.vxlans"],
            "gateway": None,
            "findings": [
                {
                    "plane": "kernel",
                    "kind": "vxlan",
                    "name": "vxlan10100",
                    "whose": "changed",
                    "action": "change",
                    "reason": "mtu 1400 -> 1450",
                    "disruption": "hitless",
                    "since": "2026-11-27T02:00:09Z",
                    "repairable": True,
                },
                {
                    "plane": "kernel",
                    "kind": "route",
                    "name": "10.9.0.0/24 in tenant0",
                    "whose": "foreign",
                    "action": None,
                    "reason": "somebody else's, in a VRF of the fabric",
                    "disruption": None,
                    "since": "2026-11-26T02:00:09Z",
                    "repairable": False,
                },
            ],
        },
        "leaf2": {
            "at": AT,
            "reachable": False,
            "problem": "it cannot be reached by Ansible: no route to host",
            "confirmed": None,
            "inventory": "unknown",
            "inventory_changes": [],
            "gateway": None,
            "findings": [],
        },
    },
    "ended": [
        {
            "host": "leaf1",
            "plane": "kernel",
            "kind": "rule",
            "name": "1000: from all l3mdev (ipv4)",
            "whose": "gone",
            "reason": "in the document, not on the host",
            "since": "2026-11-25T01:00:10Z",
            "until": "2026-11-25T02:00:11Z",
        }
    ],
}

#: Two runs that changed something, one of which failed on a host.
RUNS: list[dict[str, Any]] = [
    {
        "at": "2026-11-26T10:00:00Z",
        "playbook": "evpn.fabric.site",
        "hosts": {
            "leaf1": {
                "operations": [
                    {
                        "kind": "vxlan",
                        "name": "vxlan10102",
                        "action": "create",
                        "disruption": "hitless",
                        "reason": "in the document, not on the host",
                    }
                ],
                "problem": None,
            },
            "leaf2": {"operations": [], "problem": "nothing was changed: max_disruption is hitless"},
        },
    },
    {
        "at": "2026-11-20T14:02:51Z",
        "playbook": "evpn.fabric.site",
        "hosts": {
            "spine1": {
                "operations": [
                    {
                        "kind": "frr",
                        "name": "router bgp 65000",
                        "action": "change",
                        "disruption": "session",
                        "reason": "1 line goes, 2 come",
                    }
                ],
                "problem": None,
            }
        },
    },
]


def read(**shape: Any) -> Fabric:
    """The fabric of an inventory of :mod:`tests.fabrics`."""
    groups, hostvars = fabric(**shape)
    intent = inventory.read(groups, hostvars, {})
    assert intent.fabric and not intent.problems, intent.problems
    return intent.fabric


def observed(of: Fabric, name: str) -> Observation:
    """What is seen on a host on which all is as it should be."""
    host = of.hosts[name]
    sessions: list[Session] = [
        {
            "kind": "bgp session",
            "neighbor": link.interface,
            "peer": link.peer,
            "family": family,
            "state": "established",
            "passed": True,
            "received": 12,
        }
        for link in host.links
        for family in ("ipv4_unicast", "l2vpn_evpn")
    ]
    sessions += [
        {
            "kind": "bgp session",
            "neighbor": north.peer,
            "peer": "outside",
            "family": f"{north.family}_unicast",
            "state": "established",
            "passed": True,
            "received": 1,
        }
        for north in (host.gateway.north if host.gateway else ())
    ]
    numbers = [(network.vni, len(network.vteps) - 1) for network in of.networks_of[name]] if host.vtep else []
    numbers += [(vrf.l3vni, None) for vrf in of.vrfs_of[name] if vrf.l3vni] if host.vtep else []  # type: ignore[misc]
    return {
        "sessions": sessions,
        "vnis": [{"vni": vni, "remote_vteps": others, "wrong": []} for vni, others in numbers],
        "passed": 50,
        "failed": [],
    }


def look(owned: str) -> dict[str, Any]:
    """The result of looking at a gateway that owns some VNIs."""
    return {"owned": owned, "holds": True, "sessions": {"established": 2, "configured": 2, "youngest": 1000}}


def sources() -> Sources:
    """A fabric with two gateways and most kinds of trouble: leaf2 cannot be reached, the session of leaf1 with spine2 is down,
    one of its VNIs has no remote VTEP, gw2 serves VNIs that gw1 owns, leaf1 has drifted."""
    of = read(**{**GATEWAYS, "leaves": 3})
    sights = {name: Sight(observed(of, name)) for name in of.hosts}
    sights["leaf2"] = Sight(None, "cannot be reached: no route to host")
    broken = observed(of, "leaf1")
    for session in broken["sessions"]:
        if session["peer"] == "spine2":
            session.update({"state": "active", "passed": False, "received": 0})
            subject = f"spine2 via {session['neighbor']}, {session['family']}"
            broken["failed"].append(["bgp session", subject, "established", "active"])
    broken["vnis"][0].update({"remote_vteps": 0, "wrong": ["remote vteps"]})
    broken["failed"].append(["remote vteps", "10100", "2 as in the inventory", "missing 10.255.1.3, 192.0.2.4"])
    broken["passed"] = 47
    sights["leaf1"] = Sight(broken)
    return Sources(of, sights, {"gw1": look("10101"), "gw2": look("10100,10102")}, DRIFT, RUNS)
