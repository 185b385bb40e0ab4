"""Gateways, a fabric and a router outside: what a tenant notices when one gateway dies, and when it is drained.

Exclusive gateways are replaced by a run only, so their death is not tried here.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.frr_host import FrrHost
from tests.rehearsals import gateways

pytestmark = pytest.mark.undisturbed
IMAGES = ("debian12", "debian13")
MODES = ("anycast", "exclusive")
NETWORKS = 12
#: Milliseconds between two BFD packets, slow because a machine whose processors others use, too, would else lose sessions
#: that nobody ended; and of an outage at most: three packets that are missed, and what follows.
BFD = 500
DEATH_AT_MOST = 3 * BFD + 700
DRAIN_AT_MOST = 15


@pytest.fixture(scope="module", params=MODES)
def rehearsed(request: pytest.FixtureRequest) -> Iterator[dict[str, dict[str, Any]]]:
    """What ``gateway_rehearsal`` returns on a host of each release, both at once: most of it is waiting."""
    with ThreadPoolExecutor() as pool:
        yield dict(zip(IMAGES, pool.map(lambda image: _rehearse(image, request.param), IMAGES)))


def _rehearse(image: str, mode: str) -> dict[str, Any]:
    with FrrHost(image, daemons=()) as host:
        # With three, there is a standby that takes up nothing but a rank.
        listed = gateways(NETWORKS, mode, count=2 if mode == "anycast" else 3, bfd=BFD)
        kill = ["gw1"] if mode == "anycast" else []
        arguments = {"gateways": listed, "kill": kill, "drain": ["gw1"], "sample": NETWORKS, "settle": 3}
        made = host.module("gateway_rehearsal", {**arguments, "interval": 20, "time_limit": 100})
        assert "msg" not in made, made["msg"]
        left = host.run("ip", "netns").stdout + host.run("pgrep", "bgpd", check=False).stdout
        return {**made, "left": left, "links": host.run("ip", "-o", "link").stdout}


@pytest.mark.parametrize("rehearsed", ["anycast"], indirect=True)
@pytest.mark.parametrize("image", IMAGES)
def test_a_silent_death_is_survived(rehearsed: dict[str, dict[str, Any]], image: str) -> None:
    _drain, _undrain, death = rehearsed[image]["trials"]
    owned = [each for each in death["vnis"] if each["owner"] == "gw1"]
    assert 1 < len(owned) < NETWORKS
    for each in owned:
        for way in ("out", "back"):
            assert each[way]["lost"] > 0, "this trial would not see a gateway that lives"
            assert each[way]["outage"] <= DEATH_AT_MOST, "\n".join(rehearsed[image]["table"])


@pytest.mark.parametrize("image", IMAGES)
def test_a_drain_and_its_end_lose_nothing(rehearsed: dict[str, dict[str, Any]], image: str) -> None:
    table = "\n".join(rehearsed[image]["table"])
    for trial in rehearsed[image]["trials"][:2]:
        assert trial["changes"] > 0 and all(each[way]["sent"] for each in trial["vnis"] for way in ("out", "back"))
        assert sum(each[way]["lost"] for each in trial["vnis"] for way in ("out", "back")) == 0, table
        assert trial["seconds"] <= DRAIN_AT_MOST


@pytest.mark.parametrize("image", IMAGES)
def test_nothing_is_left_behind(rehearsed: dict[str, dict[str, Any]], image: str) -> None:
    assert rehearsed[image]["left"] == ""
    assert rehearsed[image]["links"].count("\n") == 1, "lo alone"
