"""What a host goes back from by itself: changes that nobody confirms, whatever has become of the run that made them."""

from __future__ import annotations

import ast
import datetime
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.rollbacks import (
    CHANGED,
    DOCUMENT,
    ENGINE,
    FRR,
    KEPT,
    LIMIT,
    TIMEOUT,
    UPLINK,
    changed,
    clock_set,
    confirm,
    cut_off,
    damage,
    differences,
    full_disk,
    is_armed,
    killed_half_way,
    make_ready,
    outlasts_its_timer,
    record,
    restarted,
    seconds_to_go_back,
    start,
    starts,
    state,
    without_chance,
)
from tests.systemd_host import ADDRESS, SystemdHost

PACKAGE = "ansible_collections.evpn.fabric.plugins.module_utils"


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making containers needs root")


@pytest.fixture(scope="module", params=["debian12", "debian13"])
def running(request: pytest.FixtureRequest) -> Iterator[SystemdHost]:
    with SystemdHost(request.param) as started:
        started.shell(UPLINK)
        yield started


@pytest.fixture
def host(running: SystemdHost) -> Iterator[SystemdHost]:
    """A host that has been brought to its document, with things of others on it; nothing waits to be confirmed."""
    make_ready(running)
    yield running
    confirm(running)


def reaches(host: SystemdHost) -> bool:
    """Whether packets from outside come to the host, as an operator's would."""
    return host.outside("ping", "-c", "1", "-W", "1", ADDRESS).returncode == 0


def goes_back(host: SystemdHost, before: dict[str, Any]) -> None:
    """Waits until the host is as it was, which it has to be soon after the deadline."""
    took = seconds_to_go_back(host)
    assert took > 0, "it went back before it was due"
    assert took < LIMIT, host.shell("journalctl -u 'evpn-fabric-revert-*' --no-pager")
    assert differences(before, state(host)) == {}


def warnings(result: dict[str, Any]) -> str:
    assert "msg" not in result, result["msg"]
    return json.dumps(result["warnings"])


def test_what_is_not_confirmed_in_time_is_reverted_on_all_planes_and_the_next_run_says_so(host: SystemdHost) -> None:
    before = state(host)
    changed(host)
    assert set(differences(before, state(host))) == {
        *("links", "addresses", "routes", "fdb", "sysctls", "frr", "/etc/frr/frr.conf", f"{KEPT}/document.json"),
    }
    goes_back(host, before)
    assert record(host)["why"] == "it was not confirmed within 10 s"
    assert "change veth up1" in record(host)["operations"]
    assert "hush" not in json.dumps(record(host))
    assert "it was not confirmed within 10 s" in warnings(host.module("fabric_host", DOCUMENT, check_mode=True))
    told = host.module("fabric_host", DOCUMENT)
    assert "change veth up1" in warnings(told) and told["changed"] is False
    assert "warnings" not in host.module("fabric_host", DOCUMENT), "it has been told"


def test_what_is_confirmed_stays(host: SystemdHost) -> None:
    checkpoint = changed(host, timeout=30)
    after = state(host)
    info = host.module("host_info", {})
    assert info["checkpoint"]["id"] == checkpoint["id"] and info["reverted"] is None
    confirmation = {"state": "confirmed", "id": checkpoint["id"]}
    assert host.module("checkpoint", confirmation, check_mode=True).get("changed") is True and is_armed(host)
    confirmed = host.module("checkpoint", confirmation)
    assert confirmed.get("changed") is True, confirmed
    assert host.module("checkpoint", confirmation)["changed"] is False
    assert host.module("host_info", {})["checkpoint"] is None
    time.sleep(checkpoint["seconds"] + LIMIT)
    assert differences(after, state(host)) == {}
    assert host.shell("systemctl list-units --all --no-legend 'evpn-fabric-revert-*'") == ""
    assert "checkpoint" not in host.module("fabric_host", {**CHANGED, "confirm_timeout": TIMEOUT})


def test_it_is_too_late_to_confirm_what_was_reverted(host: SystemdHost) -> None:
    checkpoint = changed(host, timeout=300)
    assert host.run(*ENGINE, "revert").stdout.startswith("at ")
    told = host.module("checkpoint", {"state": "confirmed", "id": checkpoint["id"]})["msg"]
    assert "it is too late to confirm: at " in told and "change veth up1" in told


def test_a_host_tells_the_bgp_sessions_that_it_has(host: SystemdHost) -> None:
    code = (
        f"from {PACKAGE}._host import bgp_sessions; from {PACKAGE}._frr.vtysh import Vtysh; print(bgp_sessions.states(Vtysh()))"
    )
    assert list(ast.literal_eval(host.python(code))) == ["192.0.2.9 ipv4_unicast in VRF default"]
    host.shell("systemctl stop frr")
    assert host.python(code) == "None\n"


def test_a_run_that_is_killed_half_way_is_reverted(host: SystemdHost) -> None:
    before = state(host)
    killed_half_way(host)
    changes = {"links", "addresses", "routes", "fdb", "sysctls"}
    assert set(differences(before, state(host))) == changes, "the kernel alone has changed"
    goes_back(host, before)


def test_a_timer_that_fires_during_an_apply_waits_for_it_and_gives_the_whole_time_after_it(host: SystemdHost) -> None:
    before = state(host)
    outlasts_its_timer(host)
    goes_back(host, before)


#: Has FRR's plane refuse all, once the kernel has been changed.
REFUSED = """
import ansible.module_utils.basic
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import plane
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane
def refuse(*arguments):
    raise FrrError("it is refused")
plane.FrrPlane.apply = refuse
"""


def test_a_run_that_fails_by_itself_reverts_at_once_and_leaves_no_checkpoint(host: SystemdHost) -> None:
    before = state(host)
    said, _errors = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, REFUSED).communicate(timeout=120)
    assert json.loads(said)["msg"].startswith("it is refused\ndata plane: reverted, ")
    assert not is_armed(host)
    assert differences(before, state(host)) == {}
    assert host.module("fabric_host", DOCUMENT)["changed"] is False


def test_what_such_a_run_cannot_revert_is_reverted_by_the_timer(host: SystemdHost) -> None:
    before = state(host)
    stuck = "def stuck(*arguments):\n    raise FrrError('it is stuck')\nKernelPlane.revert = stuck"
    said, _errors = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, REFUSED + stuck).communicate(timeout=120)
    told = json.loads(said)["msg"]
    assert "data plane: could not be reverted: it is stuck" in told
    assert "the host tries to revert them once more within 10 s" in told
    goes_back(host, before)


def test_a_second_run_is_refused_until_the_first_is_confirmed_or_reverted(host: SystemdHost) -> None:
    before = state(host)
    changed(host, timeout=300)
    for check_mode in (False, True):
        refused = host.module("fabric_host", DOCUMENT, check_mode=check_mode)["msg"]
        assert "another run has changed this host and has not confirmed that yet" in refused
        assert "the host goes back by itself in " in refused and "engine.pyz confirm" in refused
    foretold = host.module("checkpoint", {"state": "reverted"}, check_mode=True)
    assert is_armed(host) and "change veth up1" in foretold["reverted"]
    assert host.module("checkpoint", {"state": "reverted"})["reverted"] == foretold["reverted"]
    assert differences(before, state(host)) == {}
    assert host.module("checkpoint", {"state": "reverted"})["changed"] is False
    assert host.run(*ENGINE, "revert").stdout == "no checkpoint is armed: nothing to do\n"
    assert host.module("host_info", {})["reverted"]["why"] == "somebody asked for it"
    assert record(host)["why"] == "somebody asked for it"
    assert host.module("fabric_host", DOCUMENT)["changed"] is False


def test_a_host_that_is_restarted_before_it_is_confirmed_starts_as_it_was(host: SystemdHost) -> None:
    before = state(host)
    with restarted(host):
        starts(host)
        assert differences(without_chance(before), without_chance(state(host))) == {}
        assert not is_armed(host)
        told = host.module("fabric_host", DOCUMENT)
        assert "because the host was restarted before it was confirmed" in warnings(told) and told["changed"] is False


def test_a_full_disk_is_refused_before_anything_is_touched(host: SystemdHost) -> None:
    before = state(host)
    with full_disk(host):
        for persist, remedy in ((True, "persist: false"), (False, "confirm_timeout: 0")):
            refused = host.module("fabric_host", {**CHANGED, "persist": persist, "confirm_timeout": TIMEOUT})["msg"]
            assert "nothing was changed: 32 KiB are free" in refused and f"Make room, or write {remedy}" in refused
        assert differences(before, state(host)) == {}


def test_a_checkpoint_that_is_damaged_is_refused_and_the_live_state_stays(host: SystemdHost) -> None:
    changed(host)
    after = state(host)
    damage(host)
    by_hand = host.run(*ENGINE, "revert", check=False)
    assert by_hand.returncode == 1 and "checkpoint.json is damaged" in by_hand.stderr
    time.sleep(TIMEOUT + LIMIT)
    assert differences(after, state(host)) == {}
    journal = host.shell("journalctl -u 'evpn-fabric-revert-*' --no-pager -o cat")
    assert "checkpoint.json is damaged" in journal and "The host stays as it is, and nothing reverts it" in journal
    told = host.module("fabric_host", {**CHANGED, "confirm_timeout": TIMEOUT})
    assert "could not: " in warnings(told) and told["changed"] is False
    host.shell(f"rm {KEPT}/checkpoint.damaged")


def test_without_systemd_a_process_of_its_own_reverts(host: SystemdHost) -> None:
    before = state(host)
    # Without it, systemd is not seen to run; the journal and FRR's own service are not asked for by this change.
    code = "import os; isdir = os.path.isdir; os.path.isdir = lambda path: path != '/run/systemd/system' and isdir(path)"
    said, _errors = start(host, {**CHANGED, "confirm_timeout": TIMEOUT}, code).communicate(timeout=120)
    assert "msg" not in json.loads(said), said
    assert host.shell("systemctl list-units --all --no-legend 'evpn-fabric-revert-*'") == ""
    goes_back(host, before)
    assert "because it was not confirmed within 10 s" in host.shell("cat /run/evpn-fabric/revert.log")


def test_a_change_that_cuts_the_connection_is_reverted(host: SystemdHost) -> None:
    before = state(host)
    assert reaches(host)
    cut_off(host)
    assert not reaches(host), "this change cuts nothing"
    goes_back(host, before)
    assert reaches(host)


@pytest.mark.parametrize("ahead", [86400, -86400])
def test_a_clock_that_is_set_meanwhile_changes_nothing(host: SystemdHost, ahead: int) -> None:
    before = state(host)
    with clock_set(host, ahead):
        goes_back(host, before)
    at = datetime.datetime.fromisoformat(record(host)["at"].replace("Z", "+00:00")).timestamp()
    assert abs(at - time.time() - ahead) < 600, "the host does not see the time that was set"


def test_frr_that_was_restarted_for_a_daemon_returns_to_those_that_it_had(host: SystemdHost) -> None:
    before = state(host)
    changed(host, {**DOCUMENT, "frr": {"config": FRR + "router ospf\n", "daemons": ["bgpd", "ospfd"]}})
    assert "ospfd" in host.shell("vtysh -c 'show daemons'") and "ospfd=yes" in host.shell("cat /etc/frr/daemons")
    goes_back(host, before)
    assert "ospfd" not in host.shell("vtysh -c 'show daemons'")


@pytest.mark.parametrize("wrong", [5, -1, 3601])
def test_a_time_that_is_too_short_or_too_long_is_refused_with_the_remedy(host: SystemdHost, wrong: int) -> None:
    assert "Write 0, or 10 to 3600" in host.module("fabric_host", {**CHANGED, "confirm_timeout": wrong})["msg"]
