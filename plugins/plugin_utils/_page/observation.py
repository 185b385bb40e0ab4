# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page shows of one host: its sessions, its VNIs, the checks that failed. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from .._intent.checks import Check, checks

#: Kinds of checks that are about a session with a neighbor, and the section of the expectations that lists what they compare.
SESSIONS = {"bgp session": "sessions", "bfd": "bfd", "ospf adjacency": "ospf"}
#: Kinds of checks whose subject begins with a VNI.
OF_VNIS = ("l2vni", "l3vni", "remote vteps", "type-3 routes", "type-2 routes", "fdb against bgp", "router macs")


class Session(TypedDict):
    """A session as the page shows it. ``neighbor`` is an address or an interface, ``received`` the number of routes."""

    kind: str
    neighbor: str
    peer: str
    family: str
    state: str
    passed: bool
    received: int | None


class Vni(TypedDict):
    """A VNI on a host. ``remote_vteps`` is how many FRR knows, None for an L3VNI; ``wrong`` are the kinds of failed checks."""

    vni: int
    remote_vteps: int | None
    wrong: list[str]


class Observation(TypedDict):
    """What was seen on a host, and how many of the checks it has passed."""

    sessions: list[Session]
    vnis: list[Vni]
    passed: int
    failed: list[list[str]]


def observation(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Observation:
    """What of a host's look goes to the page: a thousand hosts' routes and forwarding entries would be gigabytes.

    ``expected`` is the host's entry in ``expectations`` of :mod:`.._intent.build`, ``seen`` the ``evpn`` of `evpn_info`.
    """
    made = checks(expected, seen)
    return {
        "sessions": _sessions(expected, seen, made),
        "vnis": _vnis(expected, seen, made),
        "passed": sum(check.passed for check in made),
        "failed": [[check.name, check.subject, check.desired, check.actual] for check in made if not check.passed],
    }


def _sessions(expected: Mapping[str, Any], seen: Mapping[str, Any], made: Iterable[Check]) -> list[Session]:
    """There is one check for each session that is expected, in the same order."""
    received = {(session["neighbor"], session["family"]): session["received"] for session in seen.get("sessions", ())}
    compared = {kind: [check for check in made if check.name == kind] for kind in SESSIONS}
    found: list[Session] = []
    for kind, section in SESSIONS.items():
        for entry, check in zip(expected[section], compared[kind], strict=True):
            neighbor, peer, family = (
                (entry["neighbor"], entry["peer"], entry["family"]) if kind == "bgp session" else (entry, "", "")
            )
            found.append(
                {
                    "kind": kind,
                    "neighbor": neighbor,
                    "peer": peer,
                    "family": family,
                    "state": check.actual,
                    "passed": check.passed,
                    "received": received.get((neighbor, family)),
                }
            )
    return found


def _vnis(expected: Mapping[str, Any], seen: Mapping[str, Any], made: Iterable[Check]) -> list[Vni]:
    wrong: dict[str, list[str]] = {}
    for check in made:
        if not check.passed and check.name in OF_VNIS:
            wrong.setdefault(check.subject.split(" ")[0], []).append(check.name)
    remote = {vni["vni"]: len(vni["remote_vteps"]) for vni in seen.get("vnis", ()) if vni["type"] == "l2"}
    return [
        {"vni": entry["vni"], "remote_vteps": remote.get(entry["vni"]), "wrong": wrong.get(str(entry["vni"]), [])}
        for entry in [*expected["vnis"], *expected["l3vnis"]]
    ]
