"""Reports of checks: for people, for programs, for CI servers."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent import report
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.checks import Check
from hypothesis import example, given
from hypothesis import strategies as st

RESULTS = {
    "leaf1": [
        Check("bgp session", "spine1 via eth1", True, "established", "established"),
        Check("bgp session", "spine2 via eth2", False, "established", "active"),
        Check("l2vni", "10", True, "present", "present"),
    ],
    "spine1": [Check("bgp session", "leaf1 via eth1", True, "established", "established")],
}

#: What XML 1.0 allows, section 2.2.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n\r")


def test_the_table_has_a_line_for_each_host_and_one_for_each_check_that_failed() -> None:
    assert report.table(RESULTS) == [
        "FAIL leaf1   bgp session 1 of 2, l2vni 1",
        "       bgp session: spine2 via eth2: desired established; actual active",
        "ok   spine1  bgp session 1",
    ]


def test_what_one_should_know_although_all_is_well_is_a_line_for_each_kind() -> None:
    ports = [
        Check("port mtu", f"eth{number} of web", True, "mtu 1450 or more", "mtu 1500", f"eth{number} takes 1500 bytes")
        for number in range(7)
    ]
    assert report.table({"leaf1": [*ports, Check("port mtu", "eth9 of web", True, "mtu 1450 or more", "mtu 1450")]}) == [
        "ok   leaf1  port mtu 8",
        "note leaf1  port mtu: eth0 takes 1500 bytes, eth1 takes 1500 bytes, eth2 takes 1500 bytes, eth3 takes 1500 bytes, "
        "eth4 takes 1500 bytes and 2 more: larger packets of tenants are lost without notice: give them the "
        "network's MTU",
    ]
    case = ElementTree.fromstring(report.junit({"leaf1": ports}).encode())[0][0]
    assert case.findtext("system-out") == "eth0 takes 1500 bytes" and case.find("failure") is None


def test_json_says_everything_of_every_check() -> None:
    made = json.loads(report.as_json(RESULTS))
    assert list(made) == ["leaf1", "spine1"]
    assert made["leaf1"][1] == {
        "name": "bgp session", "subject": "spine2 via eth2", "passed": False, "desired": "established", "actual": "active",
        "note": "",
    }  # fmt: skip
    assert [len(checks) for checks in made.values()] == [3, 1]


def test_junit_has_a_suite_for_each_host_and_a_case_for_each_check() -> None:
    root = ElementTree.fromstring(report.junit(RESULTS).encode())
    assert root.tag == "testsuites"
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("leaf1", "3", "1"), ("spine1", "1", "0")]  # fmt: skip
    cases = root.findall("testsuite[@name='leaf1']/testcase")
    assert [(case.get("classname"), case.get("name")) for case in cases] == [
        ("leaf1.bgp_session", "spine1 via eth1"), ("leaf1.bgp_session", "spine2 via eth2"), ("leaf1.l2vni", "10")]  # fmt: skip
    assert [[failure.get("message") for failure in case] for case in cases] == [
        [], ["desired established; actual active"], []]  # fmt: skip


@given(st.text(CHARACTERS))
@example('<failure message="x"/> & \']]>')
def test_junit_gives_any_text_back_as_it_was(text: str) -> None:
    root = ElementTree.fromstring(report.junit({text: [Check("l2vni", text, False, text, text)]}).encode())
    assert root[0].get("name") == text
    assert root[0][0].get("name") == text
    assert root[0][0][0].get("message") == f"desired {text}; actual {text}"


@given(st.text(st.characters()))
def test_junit_is_well_formed_whatever_a_host_says(text: str) -> None:
    root = ElementTree.fromstring(report.junit({"leaf1": [Check("l2vni", text, False, text, text)]}).encode())
    assert root[0][0].get("classname") == "leaf1.l2vni"


def test_checks_come_back_from_ansibles_variables() -> None:
    plain = {host: [check._asdict() for check in checks] for host, checks in RESULTS.items()}
    assert report.collect(json.loads(json.dumps(plain))) == RESULTS


def test_a_host_without_checks_has_failed() -> None:
    assert report.table(report.collect({"leaf1": None})) == [
        "FAIL leaf1  host 0 of 1",
        "       host: connection: desired looked at; actual failed or unreachable, see above",
    ]


def test_a_host_of_which_nothing_was_expected_has_not_failed() -> None:
    assert report.table(report.collect({"leaf1": []})) == ["ok   leaf1  "]
    assert len(ElementTree.fromstring(report.junit({"leaf1": []}).encode())[0]) == 0


def test_a_host_in_maintenance_is_noted_and_fails_nothing() -> None:
    ok = [
        {"name": "bgp session", "subject": "x", "passed": True, "desired": "established", "actual": "established", "note": ""}
    ]
    made = report.collect({"spine1": ok, "spine2": ok}, {"spine1": "2026-11-27T12:00:00Z"})
    assert report.table(made) == [
        "ok   spine1  bgp session 1, maintenance 1",
        "note spine1  maintenance: until 2026-11-27T12:00:00Z: others carry its traffic",
        "ok   spine2  bgp session 1",
    ]
