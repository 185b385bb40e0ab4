"""A gateway's transaction with a fault at any point: the old or the new state on both planes, or it says what could not be."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.frr_host import FrrHost
from tests.gateways import ANYCAST, EXCLUSIVE, NORTH, UNDERLAY, devices, load

#: One in each bucket: each gateway releases one, and acquires one.
VNIS = range(10000, 10002)
#: Every so many points are tried; ``EVPN_ALL_POINTS=1`` tries all of them.
STEP = 1 if os.environ.get("EVPN_ALL_POINTS") else 4
BUCKETS = 2
FEW: dict[str, Any] = {"vnis": ["10000-10001"], "buckets": BUCKETS, "placement": "bounded"}
BEFORE = [{"buckets": [0], "gateway": "gw1"}, {"buckets": [1], "gateway": "gw2"}]
AFTER = [{"buckets": [0], "gateway": "gw2"}, {"buckets": [1], "gateway": "gw1"}]
OWN_SOURCES = [["ip", "link", "set", f"vxlan{vni}", "type", "vxlan", "local", "10.0.0.1"] for vni in VNIS]
DRIVER = pathlib.Path(__file__).parents[1] / "gateway_faults.py"

Move = tuple[list[dict[str, Any]], dict[str, Any]]


def exclusive(pins: list[dict[str, Any]], phase: str = "all") -> dict[str, Any]:
    return {**EXCLUSIVE, **FEW, "pins": pins, "phase": phase}


def anycast(pins: list[dict[str, Any]], phase: str = "all") -> dict[str, Any]:
    return {**ANYCAST, **FEW, "vtep_prefix": "192.0.2.0/31", "pins": pins, "phase": phase}


#: What a run changes -> the runs before it, and the run.
MOVES: dict[str, Move] = {
    "exclusive acquire": ([exclusive(BEFORE)], exclusive(AFTER, "acquire")),
    "exclusive release": ([exclusive(BEFORE), exclusive(AFTER, "acquire")], exclusive(AFTER, "release")),
    "exclusive redirect": (
        [exclusive(BEFORE), exclusive(AFTER, "acquire"), exclusive(AFTER, "release")],
        exclusive(AFTER, "redirect"),
    ),
    "exclusive all": ([exclusive(BEFORE)], exclusive(AFTER)),
    "anycast acquire": ([anycast(BEFORE)], anycast(AFTER, "acquire")),
    "anycast release": ([anycast(BEFORE), anycast(AFTER, "acquire")], anycast(AFTER, "release")),
    "anycast all": ([anycast(BEFORE)], anycast(AFTER)),
    "exclusive becomes anycast": ([exclusive(BEFORE)], anycast(BEFORE)),
}


@pytest.fixture(scope="module")
def gateway() -> Iterator[FrrHost]:
    with FrrHost("debian12", ("bgpd",)) as host:
        devices(host, VNIS)
        load(host, NORTH + UNDERLAY)
        yield host


def points(gateway: FrrHost, move: Move, fault: str, lasting: bool = False) -> list[dict[str, Any]]:
    """What became of each point at which the fault happened."""
    before, moving = move
    given = {"reset": OWN_SOURCES, "before": before, "moving": moving, "fault": fault, "lasting": lasting, "step": STEP}
    command = ("env", "PYTHONPATH=/test", "PYTHONPYCACHEPREFIX=/test/bytecode", "python3", "-c", DRIVER.read_text())
    result = gateway.run(*command, check=False, stdin=json.dumps(given))
    assert result.returncode == 0, result.stdout + result.stderr
    *found, last = map(json.loads, result.stdout.splitlines())
    assert found and (last["happened"], last["error"], last["outcome"]) == (
        False,
        None,
        "finished" if fault == "SIGKILL" else "new",
    )
    return found


@pytest.mark.parametrize("move", MOVES)
def test_a_run_that_is_killed_at_any_point_is_finished_by_the_next(gateway: FrrHost, move: str) -> None:
    for made in points(gateway, MOVES[move], "SIGKILL"):
        assert made["outcome"] == "finished", made


@pytest.mark.parametrize("fault", ["SIGTERM", "refusal", "stopped vtysh"])
@pytest.mark.parametrize("move", MOVES)
def test_a_run_that_fails_at_any_point_is_reverted_on_both_planes(gateway: FrrHost, move: str, fault: str) -> None:
    for made in points(gateway, MOVES[move], fault):
        if made["error"] is None:
            assert made["outcome"] == "new", made
        else:
            assert made["outcome"] == "old", made
            assert "revert" in made["error"] or "Nothing had been changed before" in made["error"], made


@pytest.mark.parametrize("move", ["exclusive all", "exclusive becomes anycast"])
def test_a_run_that_cannot_be_reverted_says_what_could_not(gateway: FrrHost, move: str) -> None:
    for made in points(gateway, MOVES[move], "refusal", lasting=True):
        if made["error"] is None:  # FRR had everything when it was told so once more
            assert made["outcome"] == "new", made
        elif made["outcome"] != "old":
            assert "could not be reverted" in made["error"] or "Not reverted" in made["error"], made
