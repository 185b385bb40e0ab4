"""Which gateways count in a run, and what keeps a run from moving anything."""

from __future__ import annotations

from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._gateway_decision import Decision

NAMES = ("gw1", "gw2", "gw3")
RULES: dict[str, Any] = {"failback": "auto", "failback_delay": 0, "quorum": None, "fencing": []}


def document(states: dict[str, str] | None = None, **rules: Any) -> dict[str, Any]:
    """Three gateways; gw1 is pinned to everything."""
    options = {
        "gateways": [{"name": name, "state": (states or {}).get(name, "active")} for name in NAMES],
        "self": "gw1",
        "vnis": ["10-19"],
        "mode": "anycast",
        "buckets": 4,
        "placement": "bounded",
        "standbys": 1,
        "pins": [{"buckets": "0-3", "gateway": "gw1"}],
        "route_map": "evpn-gateway",
        "vtep_prefix": "192.0.2.0/30",
    }
    return {"options": options, "rules": {**RULES, **rules}}


def look(owned: str = "", established: int = 2, youngest: int = 1000, holds: bool | None = None) -> dict[str, Any]:
    held = bool(owned) if holds is None else holds
    return {"owned": owned, "holds": held, "sessions": {"established": established, "configured": 2, "youngest": youngest}}


UNREACHABLE = {"unreachable": True, "msg": "no route to host"}
#: gw1 owns all, the others stand by.
NORMAL = {"gw1": look("10-19"), "gw2": look(holds=True), "gw3": look(holds=True)}


def decide(document: dict[str, Any], looks: dict[str, Any], **decided: list[str]) -> tuple[list[str], dict[str, str], Decision]:
    made = Decision(document, looks, **decided)
    return [str(problem) for problem in made.problems], made.states, made


def test_where_all_is_as_it_should_be_nothing_moves() -> None:
    problems, states, made = decide(document(), NORMAL)
    assert (problems, made.moves, made.notes, made.fenced) == ([], [], [], [])
    assert states == dict.fromkeys(NAMES, "active")


def test_a_first_run_takes_all_in_whatever_the_rules_for_failback() -> None:
    for rules in ({}, {"failback": "manual"}, {"failback_delay": 3600}):
        problems, states, made = decide(document(**rules), dict.fromkeys(NAMES, look(youngest=1)))
        assert problems == [] and set(states.values()) == {"active"}
        assert made.moves == ["nobody -> gw1: 10 VNIs, 10-19"]


def test_a_drain_moves_what_a_gateway_owns_to_the_others() -> None:
    problems, states, made = decide(document(), NORMAL, drain=["gw1"])
    assert problems == [] and states["gw1"] == "drained"
    assert {move.split(":")[0] for move in made.moves} == {"gw1 -> gw2", "gw1 -> gw3"}
    assert sum(int(move.split(" ")[3]) for move in made.moves) == 10


def test_a_half_done_move_shows_both_owners() -> None:
    made = decide(document(), {**NORMAL, "gw2": look("10-12")})[2]
    assert made.moves == ["gw1 and gw2 -> gw1: 3 VNIs, 10-12"]


def test_one_that_is_out_stays_out_of_what_is_done_to_others() -> None:
    looks = {"gw1": look(), "gw2": look("10-19"), "gw3": look(holds=True)}
    for decided in ({"drain": ["gw2"]}, {"undrain": ["gw3"]}, {"fail": ["gw2"]}):
        problems, states, made = decide(document(), looks, **decided)
        assert (problems, states["gw1"]) == ([], "drained"), f"{decided}: gw1 was drained before, and is being mended"
        assert made.notes == ["gw1 owns nothing and stays out, for this run is not about it: evpn.fabric.gateways takes it in"]
        assert not any(move.split(":")[0].endswith("gw1") for move in made.moves)
    assert decide(document(), looks)[1]["gw1"] == "active"
    half_done = {**looks, "gw1": look(holds=True)}
    assert decide(document(), half_done, drain=["gw2"])[1]["gw1"] == "active", "it is ranked, so it is in"


def test_what_cannot_be_reached_cannot_be_drained() -> None:
    looks = {**NORMAL, "gw1": UNREACHABLE}
    (problem,) = decide(document(), looks, drain=["gw1"])[0]
    assert problem.startswith("gw1: cannot be reached by Ansible. If it is dead, run evpn.fabric.failover"), "it may serve"
    assert decide(document(quorum=2), looks, drain=["gw1"])[1]["gw1"] == "failed", "so it is fenced"
    for word in ("drain", "fail"):
        (problem,) = decide(document(), {**NORMAL, "gw1": {}}, **{word: ["gw1"]})[0]
        assert problem == "gw1: was not looked at. Run on all gateways, without --limit."


def test_names_that_are_not_gateways_are_refused() -> None:
    for word, option in (("drain", "drain"), ("undrain", "undrain"), ("failover", "fail")):
        problems = decide(document(), NORMAL, **{option: ["gw9"]})[0]
        assert problems == [f"{word}: 'gw9' is not in the group gateways. Write one of gw1, gw2, gw3."]


def test_all_drained_is_refused() -> None:
    problems = decide(document({"gw2": "drained", "gw3": "failed"}), NORMAL, drain=["gw1"])[0]
    assert problems == ["gateways: are all drained or failed. Take one in with evpn.fabric.undrain, or take fewer out."]


def test_a_gateway_that_cannot_be_reached_fails_by_the_rule_only() -> None:
    looks = {**NORMAL, "gw1": UNREACHABLE}
    (problem,) = decide(document(), looks)[0]
    assert problem.startswith("gw1: cannot be reached by Ansible. If it is dead, run evpn.fabric.failover with gateway=gw1")
    problems, states, made = decide(document(quorum=2), looks)
    assert (problems, states["gw1"], made.fenced) == ([], "failed", ["gw1"])
    assert made.notes == ["gw1 cannot be reached and counts as failed: 2 others can be"]
    (problem,) = decide(document(quorum=3), looks)[0]
    assert "only 2 of the other gateways can be reached; fabric_gateways.quorum is 3" in problem


def test_what_the_operator_says_is_dead_is_replaced_if_enough_others_can_be_seen() -> None:
    looks = {**NORMAL, "gw1": UNREACHABLE}
    problems, states, made = decide(document(), looks, fail=["gw1"])
    assert (problems, states["gw1"], made.fenced) == ([], "failed", ["gw1"])
    assert {move.split(":")[0] for move in made.moves} == {"nobody -> gw2", "nobody -> gw3"}
    cut_off = {**looks, "gw2": UNREACHABLE}
    problems = decide(document({"gw2": "drained"}, quorum=2), cut_off, fail=["gw1"])[0]
    assert [problem.split(",")[0] for problem in problems] == ["gw1: is to be replaced"]


def test_one_that_is_drained_in_the_inventory_need_not_be_reachable() -> None:
    problems, states, _made = decide(document({"gw3": "drained"}), {**NORMAL, "gw3": UNREACHABLE})
    assert (problems, states["gw3"]) == ([], "drained")


def test_a_run_that_leaves_gateways_out_is_refused() -> None:
    problems = decide(document(), {**NORMAL, "gw3": {}})[0]
    assert problems == ["gw3: was not looked at. Run on all gateways, without --limit."]


def test_a_gateway_that_cannot_serve_is_told_with_its_reason() -> None:
    problems = decide(document(), {**NORMAL, "gw3": {"failed": True, "msg": "vnis: VNI 10: no VXLAN device"}})[0]
    remedy = "Mend it, or shut it down and run evpn.fabric.failover with gateway=gw3."
    assert problems == [f"gw3: cannot serve: vnis: VNI 10: no VXLAN device. {remedy}"]
    problems = decide(document(), {**NORMAL, "gw3": look(established=0)})[0]
    assert problems[0].startswith("gw3: has no BGP session up")
    assert decide(document(), {**NORMAL, "gw3": look(established=0)}, drain=["gw3"])[0] == []
    out = {**NORMAL, "gw3": look(holds=False, established=0)}
    assert decide(document(), out, undrain=["gw3"])[0][0].startswith("gw3: has no BGP session up")
    assert decide(document(failback="manual"), out)[0] == [], "it stays out"


def test_one_that_is_broken_neither_hands_over_nor_is_replaced_while_it_lives() -> None:
    looks = {**NORMAL, "gw1": {"failed": True, "msg": "vnis: VNI 10: no VXLAN device"}}
    (problem,) = decide(document(), looks, drain=["gw1"])[0]
    assert problem.startswith("gw1: cannot hand over: vnis: VNI 10: no VXLAN device. Mend it, or shut it down")
    (problem,) = decide(document(), looks, fail=["gw1"])[0]
    assert problem.startswith("gw1: is alive, and this run cannot make it give up what it owns: vnis: VNI 10: no VXLAN device.")
    problems, states, made = decide(document(fencing=["power-off", "{gateway}"]), looks, fail=["gw1"])
    assert (problems, states["gw1"], made.fenced, made.left_out) == ([], "failed", ["gw1"], ["gw1"])
    problems, states, made = decide(document(), {**NORMAL, "gw1": look("10-19")}, fail=["gw1"])
    assert (problems, made.fenced, made.left_out) == ([], [], []), "this run can make it give up, and does"


def test_one_that_is_drained_in_the_inventory_may_be_broken() -> None:
    stopped = "FRR's bgpd is not running on this host"
    broken = {"failed": True, "msg": stopped}
    for look_at_it, why in ((broken, stopped), (UNREACHABLE, "it cannot be reached by Ansible")):
        problems, states, made = decide(document({"gw3": "drained"}), {**NORMAL, "gw3": look_at_it})
        assert (problems, states["gw3"], made.left_out, made.fenced) == ([], "drained", ["gw3"], [])
        assert made.notes == [f"gw3 is drained in the inventory and left alone: {why}"]
        for word in ("drain", "undrain"):
            problems = decide(document({"gw3": "drained"}), {**NORMAL, "gw3": look_at_it}, **{word: ["gw3"]})[0]
            assert [problem.split(" ")[:2] for problem in problems] == [["gw3:", "cannot"]]
        (problem,) = decide(document({"gw3": "drained"}), {**NORMAL, "gw1": look("10-15"), "gw3": look_at_it})[0]
        assert problem.startswith("gw3: is drained in the inventory, cannot be asked, and may still serve what no other does ")
        assert "(nobody -> gw1: 4 VNIs, 16-19)" in problem
        looks = {**NORMAL, "gw1": look("10-15"), "gw3": UNREACHABLE}
        assert decide(document({"gw3": "drained"}), looks, fail=["gw3"])[0] == []


def test_one_that_is_failed_in_the_inventory_is_fenced_or_down() -> None:
    broken = {**NORMAL, "gw3": {"failed": True, "msg": "vnis: VNI 10: no VXLAN device"}}
    (problem,) = decide(document({"gw3": "failed"}), broken)[0]
    assert problem.startswith("gw3: is alive, and this run cannot make it give up")
    for rules, looks in (({"fencing": ["power-off", "{gateway}"]}, broken), ({}, {**NORMAL, "gw3": UNREACHABLE})):
        problems, states, made = decide(document({"gw3": "failed"}, **rules), looks)
        assert (problems, states["gw3"], made.fenced, made.left_out) == ([], "failed", ["gw3"], ["gw3"])


def test_one_that_came_back_waits_for_the_operator_or_the_delay() -> None:
    back = {"gw1": look(youngest=30), "gw2": look("10-19"), "gw3": look(holds=True)}
    problems, states, made = decide(document(failback="manual"), back)
    assert (problems, states["gw1"], made.moves[:1] != ["gw2 -> gw1: 10 VNIs, 10-19"]) == ([], "drained", True)
    assert made.notes == ["gw1 is back and stays out: run evpn.fabric.undrain with gateway=gw1 to take it in"]
    assert decide(document(failback="manual"), back, undrain=["gw1"])[2].moves == ["gw2 -> gw1: 10 VNIs, 10-19"]
    assert decide(document(failback_delay=60), back)[1]["gw1"] == "drained"
    assert decide(document(failback_delay=20), back)[1]["gw1"] == "active"


def test_a_gateway_in_maintenance_owns_nothing_until_it_is_taken_in() -> None:
    until = {"maintenance": {"since": "2026-11-27T10:00:00Z", "until": "2026-11-27T12:00:00Z"}}
    looks = {"gw1": {**look(), **until}, "gw2": look("10-14", holds=True), "gw3": look("15-19", holds=True)}
    problems, states, made = decide(document(), looks)
    assert (problems, states) == ([], {"gw1": "drained", "gw2": "active", "gw3": "active"})
    assert made.notes == [
        "gw1 is in maintenance until 2026-11-27T12:00:00Z and owns nothing: run evpn.fabric.maintenance with host=gw1 and "
        "state=off to take it in"
    ]
    assert decide(document(), looks, undrain=["gw1"])[1]["gw1"] == "active"
