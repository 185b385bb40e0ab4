"""What the page shows of a fabric with most kinds of trouble."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.content import Content, Sight, Sources, content
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.table import Table

from tests.fabrics import KINDS, fabric
from tests.reports import look, observed, read, sources


@pytest.fixture(name="made", scope="module")
def _made() -> Content:
    return content(sources())


def table(made: Content, name: str) -> Table:
    return next(each for each in made.tables if each.name == name)


def rows(made: Content, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table."""
    found = table(made, name)
    places = [found.columns.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in found.rows]


def test_hosts_in_trouble_come_first_with_the_reason(made: Content) -> None:
    assert rows(made, "hosts", "Host", "Role", "State")[:3] == [
        ("leaf1", "VTEP", "✗ 3 of 50 checks failed"),
        ("leaf2", "VTEP", "✗ cannot be reached: no route to host"),
        ("spine1", "spine", "✓ 50 checks passed"),
    ]
    assert {row[:2] for row in rows(made, "hosts", "Host", "Role")} >= {("gw1", "gateway"), ("leaf3", "VTEP")}


def test_a_host_that_was_not_seen_has_no_sessions_and_no_vnis(made: Content) -> None:
    for name in ("sessions", "hosts-vnis", "checks"):
        assert "leaf2" not in {row[0] for row in rows(made, name, "Host")}


def test_a_session_that_is_down_comes_first_and_its_link_is_drawn_as_bad(made: Content) -> None:
    assert rows(made, "sessions", "Host", "Peer", "State", "Routes received")[:3] == [
        ("leaf1", "spine2", "✗ active", 0),
        ("leaf1", "spine2", "✗ active", 0),
        ("spine1", "leaf1", "✓ established", 12),
    ]
    bad = [line.edge for line in made.drawing.lines if line.edge.condition == "bad"]
    assert [(set(edge.ends), edge.about) for edge in bad] == [
        ({"leaf1", "spine2"}, "spine2:eth1 to leaf1:eth2: bgp session active")
    ]


def test_the_peer_of_a_bfd_session_is_the_host_at_the_other_end_of_the_link() -> None:
    of = read()
    seen = observed(of, "leaf1")
    seen["sessions"] = [
        {"kind": "bfd", "neighbor": "eth2", "peer": "", "family": "", "state": "down", "passed": False, "received": None}
    ]
    made = content(Sources(of, {**{name: Sight(None, "") for name in of.hosts}, "leaf1": Sight(seen)}, {}, None, []))
    assert rows(made, "sessions", "Host", "Kind", "Peer") == [("leaf1", "bfd", "spine2")]
    assert [set(line.edge.ends) for line in made.drawing.lines if line.edge.condition == "bad"] == [{"leaf1", "spine2"}]


@pytest.mark.parametrize(("host", "peer"), [("leaf2", "spine1"), ("spine1", "leaf1")])
def test_a_session_with_an_address_belongs_to_the_link_that_has_the_address(host: str, peer: str) -> None:
    of = read(numbered="ipv4")
    seen = observed(of, host)
    for session, link in zip(seen["sessions"][::2], of.hosts[host].links):
        session["neighbor"] = str(link.peer_address).partition("/")[0]
    seen["sessions"][0].update({"state": "connect", "passed": False})
    made = content(Sources(of, {**{name: Sight(None, "") for name in of.hosts}, host: Sight(seen)}, {}, None, []))
    assert [set(line.edge.ends) for line in made.drawing.lines if line.edge.condition == "bad"] == [{host, peer}]


def test_a_link_is_drawn_once_and_one_that_nobody_has_seen_is_not_drawn_as_good() -> None:
    of = read()
    made = content(Sources(of, {name: Sight(None, "") for name in of.hosts}, {}, None, []))
    assert sorted(tuple(sorted(line.edge.ends)) for line in made.drawing.lines) == [
        ("leaf1", "spine1"),
        ("leaf1", "spine2"),
        ("leaf2", "spine1"),
        ("leaf2", "spine2"),
    ]
    assert {line.edge.condition for line in made.drawing.lines} == {"unknown"}


def test_a_vni_says_where_it_is_wrong_and_where_it_was_not_seen(made: Content) -> None:
    states = dict(rows(made, "vnis", "VNI", "State"))
    assert states[10100] == "✗ wrong on leaf1"
    assert states[10101] == "✗ not seen on 1 of 5 hosts"
    assert states[50001] == "✗ not seen on 1 of 3 hosts"
    assert states[50002] == "on no host"
    assert rows(made, "hosts-vnis", "Host", "VNI", "Remote VTEPs", "State")[0] == ("leaf1", 10100, 0, "✗ remote vteps")


@pytest.mark.parametrize("kind", KINDS)
def test_vnis_are_looked_for_on_the_hosts_that_are_to_see_them_and_on_no_others(kind: str) -> None:
    of, sights = read(**KINDS[kind]), {}
    for name, expected in build(*fabric(**KINDS[kind])).expectations.items():
        seen = observed(of, name)
        seen["vnis"] = [
            {"vni": entry["vni"], "remote_vteps": 1, "wrong": []} for entry in [*expected["vnis"], *expected["l3vnis"]]
        ]
        sights[name] = Sight(seen)
    states = [state for (state,) in rows(content(Sources(of, sights, {}, None, [])), "vnis", "State")]
    assert states and not [state for state in states if state.startswith("✗")]


def test_where_all_hosts_were_seen_all_is_as_it_should_be() -> None:
    of = read(leaves=3)
    made = content(Sources(of, {name: Sight(observed(of, name)) for name in of.hosts}, {}, None, []))
    assert [each.name for each in made.tables if each.bad] == []
    assert [figure.good for figure in made.figures] == [True, True, True, None, None]


def test_each_central_network_has_its_owner_who_serves_it_now_and_who_takes_over(made: Content) -> None:
    served = {row[0]: row for row in rows(made, "owners", "VNI", "Owner", "Serves now", "Takes over")}
    assert set(served) == {10100, 10101, 10102}
    for vni, owner, now, heir in served.values():
        assert {owner, heir} == {"gw1", "gw2"}
        actual = "gw1" if vni == 10101 else "gw2"
        assert now == f"{'✓' if actual == owner else '✗'} {actual}"
    assert dict(rows(made, "vnis", "VNI", "Owner"))[10101] == served[10101][1]
    wrong = [vni for vni, _owner, now, _heir in served.values() if now.startswith("✗")]
    assert any("would move" in note and str(wrong[0]) in note for note in made.notes["owners"])


def test_what_moves_if_a_gateway_goes_is_what_it_owns(made: Content) -> None:
    owners = [owner for (owner,) in rows(made, "owners", "Owner")]
    lost = {row[0]: row[1:] for row in rows(made, "losses", "Lost", "VNIs that move", "To", "Nobody serves")}
    for name, other in (("gw1", "gw2"), ("gw2", "gw1")):
        moving = owners.count(name)
        assert lost[name] == (moving, f"{other} {moving}" if moving else "", 0)
    assert lost["gw1 and gw2"] == (3, "nobody", 3)


def test_a_vni_that_two_gateways_serve_is_not_as_it_should_be() -> None:
    made = content(sources()._replace(looks={"gw1": look("10100"), "gw2": look("10100")}))
    assert dict(rows(made, "owners", "VNI", "Serves now")) == {
        10100: "✗ gw1 and gw2",
        10101: "✗ nobody",
        10102: "✗ nobody",
    }


def test_gateways_that_were_not_looked_at_are_not_said_to_serve_nothing() -> None:
    made = content(sources()._replace(looks={"gw1": None, "gw2": {"unreachable": True, "msg": "gone"}}))
    assert {now for (now,) in rows(made, "owners", "Serves now")} == {"no gateway was seen"}
    assert not any("would move" in note for note in made.notes["owners"])
    assert any("gw2: cannot be reached by Ansible" in note for note in made.notes["owners"])


def test_a_fabric_without_gateways_has_no_tables_of_them() -> None:
    of = read()
    made = content(Sources(of, {name: Sight(None, "") for name in of.hosts}, {}, None, []))
    assert not {"owners", "losses"} & {each.name for each in made.tables}


def test_drift_is_told_by_finding_by_host_and_with_what_has_ended(made: Content) -> None:
    assert rows(made, "drift", "Host", "Object", "Whose", "Repair", "Disruption", "Repairable") == [
        ("leaf1", "vxlan vxlan10100", "changed", "change", "hitless", "yes"),
        ("leaf1", "route 10.9.0.0/24 in tenant0", "foreign", None, None, "no"),
    ]
    told = {host: (drift, of) for host, drift, of in rows(made, "hosts", "Host", "Drift", "Inventory")}
    assert told["leaf1"] == ("✗ 2 findings", "changed: frr, kernel.vxlans")
    assert told["leaf2"] == ("✗ it cannot be reached by Ansible: no route to host", "unknown")
    assert told["gw1"] == ("not looked for", "")
    assert rows(made, "history", "Host", "Since", "Until") == [("leaf1", "2026-11-25T01:00:10Z", "2026-11-25T02:00:11Z")]
    assert made.notes["drift"] == ["gw2 is back and stays out: run evpn.fabric.undrain with gateway=gw2 to take it in"]


def test_a_host_whose_drift_is_unknown_does_not_make_a_good_figure() -> None:
    given = sources()
    assert given.drift is not None
    report = {**given.drift, "hosts": {"leaf2": given.drift["hosts"]["leaf2"]}}
    (figure,) = [each for each in content(given._replace(drift=report)).figures if each.anchor == "drift"]
    assert not figure.good and figure.text.startswith("0 findings, unknown on leaf2")


def test_runs_are_told_operation_by_operation_and_with_what_failed(made: Content) -> None:
    assert rows(made, "runs", "Host", "Operation", "Object", "Reason") == [
        ("leaf1", "create", "vxlan vxlan10102", "in the document, not on the host"),
        ("leaf2", "✗ failed", "", "nothing was changed: max_disruption is hitless"),
        ("spine1", "change", "frr router bgp 65000", "1 line goes, 2 come"),
    ]


def test_a_table_travels_as_its_different_values() -> None:
    made = Table("name", "Title", "", "", ("Host", "VNI"), [("leaf1", 1), ("leaf2", 1), ("leaf1", 2)]).encoded()
    assert (made["values"], made["places"]) == ([["leaf1", "leaf2"], [1, 2]], [[0, 1, 0], [0, 0, 1]])


def test_an_empty_table_has_its_columns_all_the_same() -> None:
    made = Table("name", "Title", "", "Nothing.", ("Host", "VNI"), []).encoded()
    assert (made["values"], made["places"], made["size"]) == ([[], []], [[], []], 0)


def test_a_router_outside_is_drawn_above_its_gateway_with_the_state_of_the_session(made: Content) -> None:
    tops = {box.node.name: box.y for box in made.drawing.boxes}
    assert tops["198.51.100.0"] < tops["gw1"] < tops["spine1"] < tops["leaf1"]
    given = sources()
    seen = observed(given.fabric, "gw1")
    for session in seen["sessions"]:
        if session["neighbor"] == "198.51.100.0":
            session.update({"state": "idle", "passed": False})
    drawn = content(given._replace(sights={**given.sights, "gw1": Sight(seen)})).drawing
    assert {"gw1", "198.51.100.0"} in [set(line.edge.ends) for line in drawn.lines if line.edge.condition == "bad"]


def test_the_page_is_made_of_the_inventorys_fabric_alone_where_nothing_was_seen() -> None:
    of = dataclasses.replace(read(), networks={})
    made = content(Sources(of, {name: Sight(None, "was not looked at") for name in of.hosts}, {}, None, []))
    assert {row[0] for row in rows(made, "hosts", "State")} == {"✗ was not looked at"}
