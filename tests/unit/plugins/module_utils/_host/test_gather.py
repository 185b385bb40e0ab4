"""Gathering what FRR says: several answers come one after the other, and some are empty or no JSON at all."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._host.evpn import gather

SESSIONS, VNIS, MACS, ROUTES = (
    "show bgp summary json",
    "show evpn vni detail json",
    "show evpn mac vni all json",
    "show bgp l2vpn evpn route json",
)
PEER = '{"l2VpnEvpn":{"peers":{"eth1":{"state":"Established","pfxRcd":3}}}}'
SESSION = {"neighbor": "eth1", "family": "l2vpn_evpn", "state": "established", "description": "", "received": 3}
MAC = '{"10":{"numMacs":1,"macs":{"02:00:00:00:00:01":{"type":"local","intf":"eth3","isDuplicate":false}}}}'


class Answering:
    """vtysh with an answer to each command."""

    def __init__(self, **answers: str):
        self.answers = answers

    def show(self, *commands: str) -> str:
        return "".join(self.answers[command] for command in commands)


def test_answers_find_their_kinds_whatever_order_these_are_asked_for_in() -> None:
    vtysh = Answering(**{SESSIONS: PEER + "\n", VNIS: "[\n]\n", MACS: MAC + "\n\n"})
    seen = gather(vtysh, ["macs", "vnis", "sessions"], [])
    assert seen["sessions"] == [SESSION]
    assert seen["vnis"] == []
    assert [found["mac"] for found in seen["macs"]] == ["02:00:00:00:00:01"]


def test_nothing_is_asked_where_no_kind_is_named() -> None:
    assert gather(Answering(), [], []) == {}


def test_an_answer_that_is_no_json_is_an_error_with_its_command() -> None:
    with pytest.raises(FrrError, match=r"show bgp summary json.*is not JSON"):
        gather(Answering(**{SESSIONS: "{ half"}), ["sessions"], [])


@pytest.mark.parametrize("nothing", ["", "\n"])
def test_where_frr_has_nothing_to_say_there_is_nothing(nothing: str) -> None:
    # 8.4 without EVPN prints no JSON for VNIs, and both versions print none for routes without BGP.
    vtysh = Answering(**{SESSIONS: "{}\n", VNIS: nothing, ROUTES: nothing})
    assert gather(vtysh, ["sessions", "vnis"], []) == {"sessions": [], "vnis": []}
    assert gather(vtysh, ["routes"], []) == {"routes": []}


def test_an_answer_is_not_taken_for_that_to_another_command() -> None:
    vtysh = Answering(**{SESSIONS: PEER + "\n", VNIS: "\n", MACS: MAC + "\n"})
    seen = gather(vtysh, ["sessions", "vnis", "macs"], [])
    assert (seen["sessions"], seen["vnis"]) == ([SESSION], [])
    assert [found["mac"] for found in seen["macs"]] == ["02:00:00:00:00:01"]


def test_an_empty_table_of_routes_is_understood_as_10_3_prints_it() -> None:
    assert gather(Answering(**{ROUTES: '{\n,"numPrefix":0,"numPaths":0}\n'}), ["routes"], []) == {"routes": []}
