"""What leads FRR back to what it was."""

from __future__ import annotations

import json

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import configuration
from ansible_collections.evpn.fabric.plugins.module_utils._frr.configuration import Running
from ansible_collections.evpn.fabric.plugins.module_utils._frr.objects import File, Service
from ansible_collections.evpn.fabric.plugins.module_utils._frr.saved import Saved, Seen, WayBack, from_json, plan

TEXT = "frr defaults traditional\n!\nrouter bgp 65001\n neighbor 192.0.2.9 remote-as 65002\n neighbor 192.0.2.9 password hush\n"
STARTUP = File("! a comment of the operator's\n" + TEXT, 0o640, 100, 101)
DAEMONS = File("bgpd=yes\nospfd=no\n", 0o640, 100, 101)
RUNNING = frozenset({"zebra", "staticd", "bgpd", "watchfrr"})
SAVED = Saved(
    configuration.parse(TEXT, shown=True), RUNNING, "traditional", "/etc/frr/frr.conf", STARTUP, DAEMONS, Service(True, True)
)
SAME = Seen(Running(RUNNING, TEXT, TEXT), STARTUP, DAEMONS, Service(True, True))


def told(way: WayBack) -> list[tuple[str, str, str]]:
    return [(made.action, made.kind, made.disruption) for made in way.operations]


def test_what_is_written_is_read() -> None:
    assert from_json(json.loads(json.dumps(SAVED.to_json()))) == SAVED


def test_where_nothing_has_changed_there_is_nothing_to_do() -> None:
    way = plan(SAVED, SAME)
    assert told(way) == [] and not way.restarts and not way.stops


def test_lines_and_files_go_back_without_a_restart_and_secrets_are_not_shown() -> None:
    other = TEXT.replace("hush", "loud")
    way = plan(SAVED, SAME._replace(running=Running(RUNNING, other, other), startup=File(other, 0o640, 100, 101)))
    assert ("change", "frr startup file", "hitless") in told(way) and not way.restarts
    assert [made.name for made in way.operations if made.kind == "frr"] == ["router bgp 65001"]
    assert "hush" not in json.dumps([made.to_output() for made in way.operations])


def test_a_file_that_was_not_there_is_removed() -> None:
    assert told(plan(SAVED._replace(startup=None), SAME)) == [("delete", "frr startup file", "hitless")]


@pytest.mark.parametrize(
    "seen",
    [
        SAME._replace(running=Running(RUNNING | {"ospfd"}, TEXT, TEXT)),
        SAME._replace(running=Running(RUNNING - {"bgpd"}, TEXT, "")),
        SAME._replace(running=Running(RUNNING, TEXT.replace("traditional", "datacenter"), TEXT)),
    ],
    ids=["another daemon runs", "one does not run any more", "other defaults"],
)
def test_frr_restarts_for_daemons_and_defaults(seen: Seen) -> None:
    way = plan(SAVED, seen)
    assert way.restarts and ("recreate", "frr service", "daemon") in told(way)


def test_a_daemon_that_was_enabled_and_dead_may_run_now() -> None:
    assert told(plan(SAVED._replace(daemons=RUNNING - {"bgpd"}), SAME)) == []


def test_frr_that_did_not_run_is_stopped_and_disabled() -> None:
    way = plan(SAVED._replace(unit=Service(False, False), daemons=frozenset()), SAME)
    assert told(way) == [("change", "frr service", "hitless"), ("change", "frr service", "daemon")]
    assert way.stops and not way.restarts


def test_frr_that_was_stopped_since_is_started() -> None:
    way = plan(SAVED, SAME._replace(unit=Service(False, True), running=Running(frozenset(), "", "")))
    assert way.restarts and not way.stops
