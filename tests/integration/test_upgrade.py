"""`evpn.fabric.upgrade` over a fabric of hosts with real FRR, with packets between its leaves."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
from collections.abc import Iterator

import pytest

from tests.gateways import until
from tests.whole_fabrics import WholeFabric

#: As an upgrade of packages would: routing is gone for a while, and without maintenance packets would be, too.
RESTART = """
- name: Restart FRR
  ansible.builtin.raw: /usr/lib/frr/frrinit.sh restart > /dev/null 2>&1
  changed_when: true
"""
#: The upgrade of one spine goes wrong.
FAIL = """
- name: Install what is not there
  ansible.builtin.raw: "false"
  when: inventory_hostname == 'spine2'
"""
QUICKLY = ("verify_attempts=20", "verify_delay=1", "maintenance_settle_seconds=1")


pytestmark = pytest.mark.undisturbed


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")


@pytest.fixture(scope="module", params=["debian12", "debian13"])
def hosts(request: pytest.FixtureRequest) -> Iterator[WholeFabric]:
    with contextlib.ExitStack() as stack:
        made = WholeFabric(request.param, "ebgp")
        made.start(stack)
        yield made


def test_spines_are_upgraded_one_after_the_other_and_not_one_packet_is_lost(hosts: WholeFabric, tmp_path: pathlib.Path) -> None:
    (tmp_path / "restart.yml").write_text(RESTART)
    with hosts.packets() as counted:
        succeeded, text = hosts.play("evpn.fabric.upgrade", *QUICKLY, f"upgrade_tasks={tmp_path}/restart.yml", limit="spines")
        assert succeeded, text
    sent, received = counted
    assert re.findall(r"TASK \[Restart FRR\] \*+\nchanged: \[(\w+)\]", text) == ["spine1", "spine2"]
    assert sent > 1000 and received == sent, f"{sent - received} of {sent} packets were lost"


def test_without_maintenance_the_same_loses_packets(hosts: WholeFabric) -> None:
    with hosts.packets() as counted:
        hosts.hosts["spine1"].run("bash", "-c", "/usr/lib/frr/frrinit.sh restart > /dev/null 2>&1 < /dev/null")
        until(lambda: hosts.ways("leaf1", "leaf2") == {"eth1", "eth2"}, limit=60)
    assert counted[1] < counted[0]


def test_the_first_failure_stops_and_the_host_stays_in_maintenance(hosts: WholeFabric, tmp_path: pathlib.Path) -> None:
    (tmp_path / "fail.yml").write_text(FAIL)
    succeeded, text = hosts.play("evpn.fabric.upgrade", *QUICKLY, f"upgrade_tasks={tmp_path}/fail.yml")
    assert not succeeded and 'The upgrade stops at spine2, which failed at "Install what is not there"' in text, text
    assert hosts.told() is None and hosts.hosts["spine2"].module("host_info", {})["maintenance"]
    assert not re.search(r"TASK \[Install what is not there\] \*+\n[^T]*\[leaf", text)
    assert hosts.play("evpn.fabric.maintenance", "host=spine2", "state=off")[0]


def test_the_last_spine_is_not_upgraded_and_a_maintenance_that_has_begun_lasts_long_enough(
    hosts: WholeFabric, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "fail.yml").write_text(FAIL)
    upgrade = ("evpn.fabric.upgrade", *QUICKLY, f"upgrade_tasks={tmp_path}/fail.yml")
    spine1, spine2 = hosts.hosts["spine1"], hosts.hosts["spine2"]
    spine1.module("maintenance", {"state": "on"})
    succeeded, text = hosts.play(*upgrade, limit="spine2")
    assert not succeeded and "spine2 is the last spine that carries traffic: spine1 is in maintenance until" in text, text
    assert spine2.module("host_info", {})["maintenance"] is None and "Install what is not there" not in text
    spine1.module("maintenance", {"state": "off"})
    ends_soon = spine2.module("maintenance", {"state": "on", "expiry": "10m"})["maintenance"]
    assert not hosts.play(*upgrade, limit="spine2")[0]
    assert spine2.module("host_info", {})["maintenance"]["until"] > ends_soon["until"]
    spine2.module("maintenance", {"state": "off"})


def test_a_run_without_tasks_is_refused(hosts: WholeFabric) -> None:
    for extra in ((), ("upgrade_tasks=/nowhere.yml",)):
        succeeded, text = hosts.play("evpn.fabric.upgrade", *extra)
        assert not succeeded and "Write the path of a file of tasks" in text and "is no file here" in text, text
