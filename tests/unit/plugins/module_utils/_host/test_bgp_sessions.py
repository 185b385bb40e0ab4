"""Waiting for the sessions that were there before."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import host as frr_host
from ansible_collections.evpn.fabric.plugins.module_utils._host import bgp_sessions
from ansible_collections.evpn.fabric.plugins.module_utils._store import checkpoint
from ansible_collections.evpn.fabric.plugins.module_utils._store.checkpoint import Checkpoint

pytestmark = pytest.mark.usefixtures("places")

SESSION = "192.0.2.9 l2vpn_evpn in VRF default"


def shown(**states: str) -> str:
    """What FRR prints of neighbors, by their last byte."""
    peers = {f"192.0.2.{number[1:]}": {"state": state} for number, state in states.items()}
    return json.dumps({"default": {"l2VpnEvpn": {"peers": peers}, "ipv4Multicast": {"peers": {"192.0.2.7": {}}}}})


#: What FRR starts from.
BGP = "router bgp 65001\n neighbor 192.0.2.9 remote-as 65002\n"


class Answers:
    """FRR that answers one thing after the other, and the last for ever."""

    def __init__(self, *answers: str):
        self.answers: Iterator[str] = iter(answers)
        self.last = ""

    def show(self, _command: str) -> str:
        self.last = next(self.answers, self.last)
        if self.last == "no FRR":
            raise FrrError("FRR does not answer")
        return self.last


def await_sessions(
    monkeypatch: pytest.MonkeyPatch, *answers: str, seconds: float = 60, limit: float = 60, lines: str | None = BGP
) -> Answers:
    frr = Answers(*answers)
    monkeypatch.setattr(bgp_sessions, "Vtysh", lambda: frr)
    if lines is not None:
        pathlib.Path(frr_host.STARTUP_FILE).write_text(lines)
    checkpoint.set_deadline("5f0c1a2b", seconds)
    checkpoint.write(Checkpoint("5f0c1a2b", "a boot", 60, {}, [], [SESSION]).text())
    bgp_sessions.await_back("5f0c1a2b", limit)
    return frr


def test_sessions_are_waited_for_until_they_are_established_again(monkeypatch: pytest.MonkeyPatch) -> None:
    frr = await_sessions(monkeypatch, shown(n9="Idle"), shown(n9="Active"), shown(n9="Established"), "never asked for")
    assert frr.last == shown(n9="Established")


def test_a_session_whose_neighbor_the_desired_lines_lack_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    await_sessions(monkeypatch, shown(n8="Established"), lines=BGP.replace("192.0.2.9", "192.0.2.8"))


def test_a_family_that_a_neighbor_has_not_any_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    await_sessions(monkeypatch, json.dumps({"default": {"ipv4Unicast": {"peers": {"192.0.2.9": {"state": "Established"}}}}}))


@pytest.mark.parametrize("told", ["{}", "", json.dumps({"default": {}}), shown(n8="Established")])
def test_bgpd_that_has_not_read_the_line_of_a_neighbor_has_lost_its_session(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    frr = await_sessions(monkeypatch, told, shown(n9="Established"))
    assert frr.last == shown(n9="Established")


@pytest.mark.parametrize("told", ["{}", shown(n8="Idle")])
def test_a_host_that_has_none_of_the_sessions_that_it_is_to_have_has_lost_those_before(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    with pytest.raises(FabricError, match="have not come back"):
        await_sessions(monkeypatch, told, limit=-1, lines=BGP.replace("192.0.2.9", "192.0.2.8"))


@pytest.mark.parametrize(
    "lines", ["", "router ospf\n ospf router-id 10.255.0.1\n", "router bgp 65001\n bgp router-id 192.0.2.1\n"]
)
@pytest.mark.parametrize("told", ["{}", "no FRR"])
def test_a_host_that_is_to_have_no_session_any_more_waits_for_none(
    monkeypatch: pytest.MonkeyPatch, told: str, lines: str
) -> None:
    frr = await_sessions(monkeypatch, told, "never asked for", lines=lines)
    assert frr.last == told


@pytest.mark.parametrize(("seconds", "limit"), [(1.5, 60), (60, -1)])
def test_one_that_does_not_come_back_is_named_with_what_happens_then(
    monkeypatch: pytest.MonkeyPatch, seconds: float, limit: float
) -> None:
    with pytest.raises(
        FabricError, match=rf"have not come back: {SESSION}\. Nothing was confirmed: .* in {int(seconds - 0.1)} s"
    ):
        await_sessions(monkeypatch, shown(n9="Idle"), seconds=seconds, limit=limit)


def test_frr_that_does_not_answer_has_lost_its_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FabricError, match="have not come back"):
        await_sessions(monkeypatch, "no FRR", limit=-1)


@pytest.mark.parametrize("told", ["{}", shown(n8="Established")])
def test_without_a_startup_file_nobody_knows_that_a_session_is_to_be_gone(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    with pytest.raises(FabricError, match=f"have not come back: {SESSION}"):
        await_sessions(monkeypatch, told, limit=-1, lines=None)
