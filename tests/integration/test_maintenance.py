"""Maintenance of a spine, with packets under way between two leaves, on real FRR of two releases."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

import pytest

from tests.gateways import until
from tests.systemd_host import SystemdHost
from tests.whole_fabrics import UNDERLAYS, WholeFabric


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")


#: Each release once, and each kind of underlay.
EACH = pytest.mark.parametrize("spines", [("debian12", "ebgp"), ("debian13", "ospf")], indirect=True, ids="-".join)


@pytest.fixture(scope="module", params=[(image, underlay) for image in ("debian12", "debian13") for underlay in UNDERLAYS])
def spines(request: pytest.FixtureRequest) -> Iterator[WholeFabric]:
    """A fabric that is up; spine1 is in no maintenance at the end of each test."""
    with contextlib.ExitStack() as stack:
        made = WholeFabric(*request.param)
        made.start(stack)
        yield made


def test_traffic_leaves_a_spine_and_returns_and_not_one_packet_is_lost(spines: WholeFabric) -> None:
    with spines.packets() as counted:
        time.sleep(0.5)
        planned = spines.maintenance("on", check_mode=True)
        assert spines.ways("leaf1", "leaf2") == {"eth1", "eth2"}
        made = spines.maintenance("on")
        assert made["changed"] and [each["kind"] for each in made["operations"]] == [
            each["kind"] for each in planned["operations"]
        ]
        until(lambda: spines.ways("leaf1", "leaf2") == spines.ways("leaf2", "leaf1") == {"eth2"})
        assert not spines.maintenance("on")["changed"]
        # The host itself stays within reach.
        assert spines.hosts["leaf1"].run("ping", "-c1", "-W2", spines.loopback["spine1"], check=False).returncode == 0
        assert spines.maintenance("off")["changed"]
        until(lambda: spines.ways("leaf1", "leaf2") == spines.ways("leaf2", "leaf1") == {"eth1", "eth2"})
        assert not spines.maintenance("off")["changed"]
        time.sleep(0.5)
    sent, received = counted
    assert sent > 1000 and received == sent


@EACH
def test_a_run_of_the_document_leaves_maintenance_alone_and_saves_nothing_of_it(spines: WholeFabric) -> None:
    host = spines.hosts["spine1"]
    startup = host.run("cat", "/etc/frr/frr.conf").stdout
    spines.maintenance("on")
    try:
        again = host.module("fabric_host", spines.document("spine1"))
        assert (again["changed"], again["operations"]) == (False, [])
        changed = spines.document("spine1")
        changed["frr"]["config"] = "ip prefix-list NEW seq 5 permit 192.0.2.0/24\n" + changed["frr"]["config"]
        assert host.module("fabric_host", changed)["changed"]
        assert not spines.maintenance("on")["changed"]
        assert host.module("fabric_host", spines.document("spine1"))["changed"]
        assert host.run("cat", "/etc/frr/frr.conf").stdout == startup
    finally:
        spines.maintenance("off")
    assert spines.told() is None


@EACH
def test_a_host_ends_its_maintenance_by_itself_and_says_until_when_it_lasts(spines: WholeFabric) -> None:
    assert spines.told() is None
    before = time.time()
    made = spines.maintenance("on", expiry="90m")
    until_when = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(before + 90 * 60))
    assert made["maintenance"]["until"].startswith(until_when) and spines.told() == made["maintenance"]
    # A minute is the shortest, and longer than a test should wait: what waits for the end is told another time.
    assert spines.maintenance("on", expiry="60s")["operations"][0]["action"] == "change"
    host = spines.hosts["spine1"]
    script = "import time; from ansible_collections.evpn.fabric.plugins.module_utils._host.maintenance import stages; "
    script += "from ansible_collections.evpn.fabric.plugins.module_utils._frr.vtysh import Vtysh; "
    script += "[each.plane.apply(each.plan, lambda: None) for each in stages.prepare(Vtysh(), 'on', 2)]"
    host.run("env", "PYTHONPATH=/test", "python3", "-c", script)
    assert spines.told() is not None
    until(lambda: spines.told() is None)
    assert "graceful-shutdown" not in host.running_config() and "max-metric" not in host.running_config()
    assert not spines.maintenance("off")["changed"]
    assert host.run("pgrep", "-f", "maintenance.conf", check=False).stdout == ""


@EACH
def test_a_second_maintenance_ends_at_its_own_time_and_not_at_that_of_one_before(spines: WholeFabric) -> None:
    spines.maintenance("on", expiry="1h")
    spines.maintenance("off")
    made = spines.maintenance("on", expiry="3h")
    try:
        waiting = spines.hosts["spine1"].run("pgrep", "-f", "maintenance.conf").stdout.split()
        assert len(waiting) == 1 and spines.told() == made["maintenance"]
    finally:
        spines.maintenance("off")


@EACH
def test_lines_that_frr_lost_by_a_restart_are_told_again_and_the_end_stays(spines: WholeFabric) -> None:
    host = spines.hosts["spine1"]
    first = spines.maintenance("on")
    try:
        host.stop()
        host.start()
        until(lambda: "router" in host.running_config())
        again = spines.maintenance("on")
        assert {each["kind"] for each in again["operations"]} == {"frr"} and again["maintenance"] == first["maintenance"]
    finally:
        spines.maintenance("off")
    until(lambda: spines.ways("leaf1", "leaf2") == {"eth1", "eth2"}, limit=60)


@EACH
def test_the_playbook_puts_hosts_into_maintenance_and_out_of_it_and_verify_says_so(spines: WholeFabric) -> None:
    succeeded, text = spines.play(
        "evpn.fabric.maintenance", "host=spine1", "state=on", "maintenance_expiry=1h", "maintenance_settle_seconds=1"
    )
    assert succeeded and "spine1 is in maintenance until 20" in text, text
    assert spines.ways("leaf1", "leaf2") == {"eth2"}
    succeeded, text = spines.play("evpn.fabric.maintenance", "host=spine2", "state=on")
    assert not succeeded and "spine2 is the last spine that carries traffic: spine1 is in maintenance until" in text, text
    succeeded, text = spines.play("evpn.fabric.verify", "verify_attempts=5")
    assert succeeded and "note spine1  maintenance: until 20" in text, text
    succeeded, text = spines.play("evpn.fabric.maintenance", "host=spine1", "state=off")
    assert succeeded and "spine1 carries traffic" in text, text
    until(lambda: spines.ways("leaf1", "leaf2") == {"eth1", "eth2"})
    succeeded, text = spines.play("evpn.fabric.maintenance", "host=spine9", "state=of")
    assert not succeeded and "host: 'spine9' is not in the group fabric. Write spine2." in text and "state: 'of'" in text, text


@pytest.fixture(scope="module", params=["debian12", "debian13"])
def node(request: pytest.FixtureRequest) -> Iterator[SystemdHost]:
    """A host with systemd, whose FRR runs BGP."""
    with SystemdHost(request.param) as running:
        config = "frr defaults traditional\nrouter bgp 65001\n neighbor 192.0.2.9 remote-as 65002\n"
        made = running.module("fabric_host", {"frr": {"config": config, "daemons": ["bgpd"]}})
        assert made.get("changed"), made
        yield running


def test_systemd_keeps_maintenance_through_a_restart_of_frr_and_ends_it_at_its_time(node: SystemdHost) -> None:
    shown, timer = (
        "vtysh -c 'show running-config' | grep graceful-shutdown",
        "systemctl is-active evpn-fabric-maintenance.timer",
    )
    assert node.module("maintenance", {"state": "on"})["changed"]
    assert node.shell(timer) == "active\n" and "graceful-shutdown" in node.shell(shown)
    node.run("systemctl", "restart", "frr")
    assert "graceful-shutdown" in node.shell(shown)
    assert not node.module("maintenance", {"state": "on"})["changed"]
    assert node.module("maintenance", {"state": "off"})["changed"]
    node.run("systemctl", "restart", "frr")
    assert node.shell(shown, check=False) == "" and node.shell(timer, check=False) == "inactive\n"
    # What a minute would do is tried with a few seconds.
    node.python(
        "from ansible_collections.evpn.fabric.plugins.module_utils._frr.vtysh import Vtysh; "
        "from ansible_collections.evpn.fabric.plugins.module_utils._host.maintenance import stages; "
        "[each.plane.apply(each.plan, lambda: None) for each in stages.prepare(Vtysh(), 'on', 6)]"
    )
    assert node.module("host_info", {})["maintenance"]
    until(lambda: node.module("host_info", {})["maintenance"] is None)
    assert node.shell(shown, check=False) == ""
