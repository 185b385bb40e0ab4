"""From operations that would repair a host to what people are told."""

from __future__ import annotations

from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import Operation
from ansible_collections.evpn.fabric.plugins.module_utils._frr.objects import Lines, Service
from ansible_collections.evpn.fabric.plugins.module_utils._frr.planning import service_operations
from ansible_collections.evpn.fabric.plugins.module_utils._host import findings
from ansible_collections.evpn.fabric.plugins.module_utils._host.findings import Finding

from tests.engine import document, plan_of
from tests.fake_kernel import FakeKernel

DOCUMENT: dict[str, Any] = {
    "bridges": [{"name": "br1", "mtu": 1450, "up": True}],
    "vxlans": [{"name": "vx1", "vni": 1, "dstport": 4789, "mtu": 1450, "bridge": "br1", "learning": False, "up": True}],
    "addresses": [{"dev": "br1", "address": "10.1.0.1/24"}],
    "fdb": [{"dev": "vx1", "mac": "02:00:00:00:00:09", "dst": "192.0.2.9"}],
}


def told(host: FakeKernel) -> list[tuple[str, str, str]]:
    operations = plan_of(host, document(**DOCUMENT, purge=True)).operations
    return [(each.whose, each.kind, each.name) for each in findings.of_kernel(operations)]


def test_a_link_that_is_gone_is_told_with_what_was_on_it_but_not_with_its_port() -> None:
    host = FakeKernel.holding(DOCUMENT)
    for group in ("link", "port"):
        del host.state[group]["vx1"]
    host.state["fdb"].clear()
    assert told(host) == [("gone", "vxlan", "vx1"), ("gone", "fdb", "02:00:00:00:00:09 on vx1 dst 192.0.2.9")]


def test_what_is_only_put_back_when_another_is_made_anew_does_not_differ() -> None:
    host = FakeKernel.holding(DOCUMENT)
    host.state["link"]["vx1"] = host.state["link"]["vx1"].having(vni=2)
    operations = plan_of(host, document(**DOCUMENT, purge=True)).operations
    assert len(operations) > 1, "its entry is put back"
    assert told(host) == [("changed", "vxlan", "vx1")]


def test_lines_of_frr_are_told_by_what_is_lacking_and_what_is_too_much_without_secrets() -> None:
    lines = (("router bgp 1", "neighbor 192.0.2.9 password s3cret"), ("router bgp 1", "no bgp ebgp-requires-policy"))
    change = Operation("change", Lines("router bgp 1", lines[:1]), Lines("router bgp 1", lines[1:]), "session", "differs")
    (found,) = findings.of_frr([change])
    assert found.reason.startswith(
        "FRR lacks: router bgp 1, no bgp ebgp-requires-policy; FRR has besides: router bgp 1, neighbor"
    )
    assert "s3cret" not in found.reason and found.whose == "changed" and found.disruption == "session"


def test_two_operations_on_one_object_are_one_finding_of_the_stronger_disruption() -> None:
    operations = service_operations(Service(active=False, enabled=False), (), restarts=False)
    assert len(operations) == 2
    (found,) = findings.merged(findings.of_frr(operations))
    assert found == Finding(
        "frr",
        "frr service",
        "frr.service",
        "service",
        "FRR does not start at boot; FRR does not run: it is started",
        "change",
        "daemon",
    )


def test_what_only_people_can_settle_has_no_repair() -> None:
    problem = Problem("vxlan vx1", "the name is taken by a veth device", "Choose another name")
    (found,) = findings.of_problems([problem])
    assert (found.kind, found.name) == ("vxlan", "vx1")
    assert found.to_output()["repairable"] is False and "Choose another name" in found.reason
    (gone,) = findings.of_missing({"eth1"}, ["address 192.0.2.1/31 on eth1"])
    assert gone.to_output()["repairable"] is False and "address 192.0.2.1/31 on eth1" in gone.reason
