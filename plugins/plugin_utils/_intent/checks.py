# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what a host sees with what it should see. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import some


class Check(NamedTuple):
    """One comparison. ``name`` is the kind of check, ``subject`` what it is about; ``desired`` and ``actual`` are texts.

    ``note`` is what one should know although the check has passed.
    """

    name: str
    subject: str
    passed: bool
    desired: str
    actual: str
    note: str = ""


def checks(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> list[Check]:
    """Every check of one host."""
    functions = (
        _sessions,
        _bfd,
        _ospf,
        _vnis,
        _l3vnis,
        _type_3,
        _type_5,
        _type_2,
        _forwarding,
        _router_macs,
        _interfaces,
        _ports,
        _duplicates,
        _isolation,
    )
    return [check for function in functions for check in function(expected, seen)]


def _sessions(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    sessions = {(session["neighbor"], session["family"]): session for session in seen.get("sessions", ())}
    for desired in expected["sessions"]:
        found = sessions.get((desired["neighbor"], desired["family"]), {"state": "not configured", "received": 0})
        # A gateway that takes nothing from outside has no way out, however well its session looks.
        useless = desired.get("accepts", False) and not found["received"]
        state = found["state"] + (", no route accepted" if useless and found["state"] == "established" else "")
        yield Check(
            "bgp session",
            f"{desired['peer']} via {desired['neighbor']}, {desired['family']}",
            state == "established",
            "established",
            state,
        )


def _bfd(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    states: dict[str, list[str]] = {}
    for session in seen.get("bfd", ()):
        states.setdefault(session["interface"], []).append(session["state"])
    for interface in expected["bfd"]:
        found = states.get(interface, [])
        yield Check("bfd", interface, "up" in found, "up", ", ".join(found) or "no session")


def _ospf(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    states = {neighbor["interface"]: neighbor["state"] for neighbor in seen.get("ospf", ())}
    for interface in expected["ospf"]:
        state = states.get(interface, "no neighbor")
        yield Check("ospf adjacency", interface, state == "full", "full", state)


def _vnis(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    present = {vni["vni"]: vni for vni in seen.get("vnis", ())}
    for desired in expected["vnis"]:
        found = present.get(desired["vni"])
        subject = f"{desired['vni']}"
        if found is None:
            yield Check("l2vni", subject, False, "present", "absent")
            continue
        for key, what in (("vrf", "VRF"), ("vxlan", "device"), ("vtep", "local VTEP")):
            if found[key] != desired[key]:
                yield Check("l2vni", f"{subject} {what}", False, str(desired[key]), str(found[key]))
                break
        else:
            yield Check("l2vni", subject, True, "present", "present")
        yield _sets("remote vteps", subject, expected["vtep_sets"][desired["remote_vteps"]], found["remote_vteps"])


def _l3vnis(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    present = {vni["vni"]: vni for vni in seen.get("vnis", ()) if vni["type"] == "l3"}
    for desired in expected["l3vnis"]:
        found = present.get(desired["vni"])
        state = "absent" if found is None else f"{found['state']} in {found['vrf']}"
        yield Check("l3vni", str(desired["vni"]), state == f"up in {desired['vrf']}", f"up in {desired['vrf']}", state)


def _sets(name: str, subject: str, desired: Iterable[str], found: Iterable[str]) -> Check:
    """A comparison of two sets that names what is missing and what is too much."""
    missing, extra = sorted(set(desired) - set(found)), sorted(set(found) - set(desired))
    shown = "; ".join(
        part for part in (f"missing {some(missing)}" if missing else "", f"unexpected {some(extra)}" if extra else "") if part
    )
    return Check(
        name,
        subject,
        not missing and not extra,
        f"{len(set(desired))} as in the inventory",
        shown or f"{len(set(found))}, the same",
    )


def _matches(targets: Iterable[str], vni: int, imports: Iterable[str]) -> bool:
    """Whether a route with these targets is imported: by explicit targets, or by the VNI at the end of a derived one."""
    imports = set(imports)
    return bool(imports & set(targets)) if imports else any(target.rpartition(":")[2] == str(vni) for target in targets)


def _type_3(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    multicast = [route for route in seen.get("routes", ()) if route["type"] == 3 and not route["local"]]
    for desired in expected["vnis"]:
        found = {route["vtep"] for route in multicast if _matches(route["route_targets"], desired["vni"], desired["imports"])}
        found.discard(desired["vtep"])  # gateways that share an address hear of each other's
        yield _sets("type-3 routes", str(desired["vni"]), expected["vtep_sets"][desired["remote_vteps"]], found)


def _type_5(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    by_prefix: dict[str, list[Mapping[str, Any]]] = {}
    for route in seen.get("routes", ()):
        if route["type"] == 5 and not route["local"]:
            by_prefix.setdefault(route["prefix"], []).append(route)
    for desired in expected["prefixes"]:
        found = {
            route["vtep"]
            for route in by_prefix.get(desired["prefix"], ())
            if _matches(route["route_targets"], desired["l3vni"], desired["imports"])
        }
        yield _sets("type-5 routes", f"{desired['prefix']} in {desired['vrf']}", expected["vtep_sets"][desired["vteps"]], found)


def _type_2(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    """Every MAC address that is learned here is advertised."""
    own = [route for route in seen.get("routes", ()) if route["type"] == 2 and route["local"]]
    for desired in expected["vnis"]:
        advertised = {route["mac"] for route in own if _matches(route["route_targets"], desired["vni"], desired["exports"])}
        local = [entry["mac"] for entry in seen.get("macs", ()) if entry["vni"] == desired["vni"] and entry["type"] == "local"]
        missing = sorted(set(local) - advertised)
        yield Check(
            "type-2 routes",
            str(desired["vni"]),
            not missing,
            "every local MAC advertised",
            f"not advertised: {some(missing)}" if missing else f"{len(local)} advertised",
        )


def _forwarding(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    """The kernel's forwarding entries are those that BGP's routes ask for, and no others."""
    local = {(entry["vni"], entry["mac"]) for entry in seen.get("macs", ()) if entry["type"] == "local"}
    remote = [route for route in seen.get("routes", ()) if route["type"] == 2 and not route["local"]]
    by_device: dict[str, set[tuple[str, bool]]] = {}
    for entry in seen.get("forwarding", ()):
        by_device.setdefault(entry["dev"], set()).add((f"{entry['mac']} to {entry['dst']}", entry["external"]))
    for desired in expected["vnis"]:
        asked = {
            f"{route['mac']} to {route['vtep']}"
            for route in remote
            if _matches(route["route_targets"], desired["vni"], desired["imports"])
            and (desired["vni"], route["mac"]) not in local
        }
        # What zebra keeps of a gateway's MAC address is not marked as learned elsewhere, like what somebody wrote by hand.
        present = {text for text, external in by_device.get(desired["vxlan"], ()) if external or text in asked}
        yield _sets("fdb against bgp", str(desired["vni"]), asked, present)


def _router_macs(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    """Every VTEP that routes lead to has its router's MAC address in the L3VNI: without it, packets to it are lost."""
    routes = [route for route in seen.get("routes", ()) if route["prefix"] or route["ip"]]
    present: dict[int, set[str]] = {}
    for hop in seen.get("next_hops", ()):
        present.setdefault(hop["vni"], set()).add(hop["vtep"])
    for desired in expected["l3vnis"]:
        imported = [route for route in routes if _matches(route["route_targets"], desired["vni"], desired["imports"])]
        own = {route["prefix"] for route in imported if route["local"]}
        asked = {route["vtep"] for route in imported if not route["local"] and route["prefix"] not in own - {""}}
        missing = sorted(asked - present.get(desired["vni"], set()))
        yield Check(
            "router macs",
            str(desired["vni"]),
            not missing,
            f"of {len(asked)} VTEPs",
            f"missing {some(missing)}" if missing else f"of {len(asked)} VTEPs",
        )


def _interfaces(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    present = seen.get("interfaces", {})
    for name, mtu in expected["interfaces"].items():
        found = present.get(name)
        state = "absent" if found is None else f"mtu {found['mtu']}, {'up' if found['up'] else 'down'}"
        yield Check("interface", name, state == f"mtu {mtu}, up", f"mtu {mtu}, up", state)


def _ports(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    """A bridge drops what is larger than the port it should leave by, and tells nobody (net/bridge/br_forward.c).

    A port that takes more than its network carries is as it is on most hosts. But a tenant that sends as much loses it.
    """
    present = seen.get("interfaces", {})
    for desired in expected["ports"]:
        found = present.get(desired["interface"])
        fits = found is not None and found["mtu"] >= desired["mtu"]
        state = "absent" if found is None else f"mtu {found['mtu']}" + ("" if fits else ": larger packets to it are lost")
        subject = f"{desired['interface']} of {desired['network']}"
        note = ""
        if found is not None and found["mtu"] > desired["mtu"]:
            note = f"{desired['interface']} takes {found['mtu']} bytes, {desired['network']} carries {desired['mtu']}"
        yield Check("port mtu", subject, fits, f"mtu {desired['mtu']} or more", state, note)


def _duplicates(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    if not expected["vnis"]:
        return
    for kind, key in (("macs", "mac"), ("neighbors", "ip")):
        found = [f"{entry[key]} in {entry['vni']}" for entry in seen.get(kind, ()) if entry["duplicate"]]
        yield Check("duplicates", kind, not found, "none", some(found) or "none")


def _isolation(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[Check]:
    if not expected["isolation"]:
        return
    rules = seen.get("rules", ())
    for family in ("ipv4", "ipv6"):
        order = [rule for rule in sorted(rules, key=lambda rule: rule["priority"]) if rule["family"] == family]
        lookup = next((rule["priority"] for rule in order if rule.get("l3mdev") and rule["action"] == "lookup"), None)
        barrier = next((rule["priority"] for rule in order if rule.get("l3mdev") and rule["action"] == "unreachable"), None)
        local = next((rule["priority"] for rule in order if rule.get("table") == 255), None)
        passed = lookup is not None and barrier is not None and local is not None and lookup < barrier < local
        yield Check(
            "vrf isolation",
            f"{family} rules",
            passed,
            "unreachable after l3mdev, before local",
            f"l3mdev at {lookup}, unreachable at {barrier}, local at {local}",
        )
    answers = {(lookup["vrf"], lookup["address"]): lookup for lookup in seen.get("lookups", ())}
    for desired, owner in zip(expected["lookups"], expected["owners"]):
        found = answers.get((desired["vrf"], desired["address"]), {"inside": owner, "interface": "a lookup that was not made"})
        leaks = found["inside"] == owner
        yield Check(
            "vrf isolation",
            f"{desired['vrf'] or 'default'} to {desired['address']} of {owner}",
            not leaks,
            "not reachable",
            f"by {found['interface']}" if leaks else "not reachable",
        )
