"""The filter `fabric_drift`: what hosts have told, against what the inventory says."""

from __future__ import annotations

import copy
import json
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.filter.fabric_documents import fabric_documents
from ansible_collections.evpn.fabric.plugins.filter.fabric_drift import fabric_drift
from ansible_collections.evpn.fabric.plugins.filter.host_kernel import host_kernel
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import DATAPLANE
from ansible_collections.evpn.fabric.plugins.module_utils._module.sections import digests
from ansible_collections.evpn.fabric.plugins.plugin_utils._host_options import frr_section
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import ROLES

from tests.fabrics import fabric

AT = "2026-11-27T03:00:12Z"
FACTS: dict[str, Any] = {
    "frr_version": "10.3",
    "kernel": "6.12",
    "advertised_default_interfaces": [],
    "default_route_interfaces": [],
    "network_managers": {"systemd-networkd": {}},
}
FINDING = {"plane": "kernel", "kind": "vxlan", "name": "vxlan1", "whose": "changed", "repairable": True}
OWNERSHIP = {**FINDING, "plane": "gateway", "whose": "ownership"}


def confirmed(groups: Any, hostvars: Any, host: str) -> dict[str, Any]:
    """What a host keeps after `evpn.fabric.site`, which gives `fabric_host` these two sections."""
    found = fabric_documents(hostvars, groups, tasks=True)
    own = ROLES["host"]["main"]
    seen, document = hostvars[host]["__host_info"], found["documents"][host]
    kernel = json.loads(host_kernel(document, seen, own["host_sysctls"].default, own["host_rules"].default))
    frr = {"save": True, **frr_section(found["frr"][host], [])}
    content = {"kernel": ArgumentSpecValidator(DATAPLANE).validate(kernel).validated_parameters, "frr": frr}
    # As it is after the way through the file.
    return {"at": "2026-11-20T00:00:00Z", "digest": "5c1f", "parts": digests(json.loads(json.dumps(content)))}


def looked_at() -> tuple[Any, Any]:
    """A fabric whose hosts have all been looked at, with nothing that differs."""
    groups, hostvars = fabric()
    for host in groups["fabric"]:
        hostvars[host]["__host_info"] = copy.deepcopy(FACTS)
    for host in groups["fabric"]:
        look = {"confirmed": confirmed(groups, hostvars, host), "findings": [], "problems": []}
        hostvars[host]["__host_info"].update(look)
    return groups, hostvars


def report(groups: Any, hostvars: Any, decision: Any = None) -> dict[str, Any]:
    return json.loads(fabric_drift(hostvars, groups, groups["fabric"], AT, decision))


def test_a_fabric_as_its_inventory_says_has_nothing_to_report() -> None:
    groups, hostvars = looked_at()
    found = report(groups, hostvars)
    assert found["at"] == AT and list(found["hosts"]) == list(groups["fabric"])
    for entry in found["hosts"].values():
        assert entry == {
            "at": AT,
            "reachable": True,
            "problem": None,
            "confirmed": {"at": "2026-11-20T00:00:00Z", "digest": "5c1f"},
            "inventory": "unchanged",
            "inventory_changes": [],
            "gateway": None,
            "findings": [],
        }


def test_an_inventory_that_has_changed_is_no_drift_of_the_host_and_its_parts_are_named() -> None:
    groups, hostvars = looked_at()
    hostvars["leaf2"]["fabric_asn"] += 7
    entries = report(groups, hostvars)["hosts"]
    assert (entries["leaf2"]["inventory"], entries["leaf2"]["inventory_changes"]) == ("changed", ["frr"])
    hostvars["leaf2"]["host_sysctls"] = {"net.ipv4.ip_forward": 0}
    assert report(groups, hostvars)["hosts"]["leaf2"]["inventory_changes"] == ["frr", "kernel.sysctls"]
    assert entries["leaf2"]["findings"] == [] and entries["leaf1"]["inventory"] == "unchanged"


def test_a_host_that_cannot_be_reached_is_a_line_and_not_the_end() -> None:
    groups, hostvars = looked_at()
    hostvars["leaf1"]["__host_info"] = {"unreachable": True, "msg": "No route to host"}
    del hostvars["leaf2"]["__host_info"]
    entries = report(groups, hostvars)["hosts"]
    assert (entries["leaf1"]["reachable"], entries["leaf1"]["inventory"]) == (False, "unknown")
    assert entries["leaf1"]["problem"] == "it cannot be reached by Ansible: No route to host"
    assert entries["leaf2"]["reachable"] and "without a word" in entries["leaf2"]["problem"]
    assert {entry["inventory"] for name, entry in entries.items() if name not in ("leaf1", "leaf2")} == {"unchanged"}


def test_what_the_inventory_says_is_not_known_where_the_release_of_a_lost_neighbor_decides() -> None:
    groups, hostvars = looked_at()
    for host in groups["fabric"]:
        # BFD is left out between these releases.
        hostvars[host]["__host_info"].update(frr_version="8.4.4" if host == "leaf2" else "10.3")
        hostvars[host]["fabric_underlay"]["bfd"] = True
    for host in groups["fabric"]:
        hostvars[host]["__host_info"]["confirmed"] = confirmed(groups, hostvars, host)
    hostvars["leaf2"]["__host_info"] = {"unreachable": True, "msg": "gone"}
    hostvars["leaf1"]["host_sysctls"] = {}
    entries = report(groups, hostvars)["hosts"]
    assert entries["spine2"]["inventory"] == "unknown", "it may be for want of a look at leaf2"
    assert entries["leaf1"]["inventory"] == "changed", "that is no matter of releases"


def test_what_hosts_tell_is_passed_on() -> None:
    groups, hostvars = looked_at()
    hostvars["leaf1"]["__host_info"].update(findings=[FINDING], problems=["FRR is masked", "second"])
    hostvars["leaf2"]["__host_info"].update(confirmed=None, problems=["no document"])
    entries = report(groups, hostvars)["hosts"]
    assert entries["leaf1"]["findings"] == [FINDING] and entries["leaf1"]["problem"] == "FRR is masked\nsecond"
    assert (entries["leaf2"]["confirmed"], entries["leaf2"]["inventory"]) == (None, "unknown")


def test_a_gateway_that_has_been_asked_again_is_compared_with_what_it_is_to_serve_now() -> None:
    groups, hostvars = looked_at()
    groups["gateways"] = ["leaf1", "leaf2"]  # for what is tried here any host will do
    for host in groups["gateways"]:
        hostvars[host]["__host_info"].update(findings=[FINDING, OWNERSHIP], owned="10-19", holds=True)
    hostvars["leaf1"]["__drift_again"] = {"findings": [FINDING]}
    states = [{"name": "leaf1", "state": "drained"}, {"name": "leaf2", "state": "active"}]
    moves = ["leaf1 -> leaf2: 1 VNIs, 7"]
    decision = {"problems": [], "notes": ["leaf1 is back and stays out"], "moves": moves, "gateways": states}
    found = report(groups, hostvars, decision)
    assert found["notes"] == ["leaf1 is back and stays out", "leaf1 -> leaf2: 1 VNIs, 7: evpn.fabric.gateways does that"]
    assert found["hosts"]["leaf1"]["gateway"] == {"owned": "10-19", "holds": True, "state": "drained"}
    assert found["hosts"]["spine1"]["gateway"] is None
    assert found["hosts"]["leaf1"]["findings"] == [FINDING]
    assert found["hosts"]["leaf2"]["findings"] == [FINDING, OWNERSHIP]


def test_where_it_cannot_be_decided_what_gateways_serve_nothing_is_said_of_that() -> None:
    groups, hostvars = looked_at()
    groups["gateways"] = ["leaf1", "leaf2"]
    hostvars["leaf1"]["__host_info"]["findings"] = [OWNERSHIP]
    hostvars["leaf2"]["__host_info"] = {"unreachable": True, "msg": "gone"}
    decision = {
        "gateways": [],
        "moves": [],
        "notes": [],
        "problems": ["leaf1: has no BGP session up. Look there.", "leaf2: cannot be reached. Write a quorum."],
    }
    found = report(groups, hostvars, decision)
    assert found["hosts"]["leaf1"]["findings"] == []
    assert found["hosts"]["leaf1"]["problem"] == "leaf1: has no BGP session up. Look there."
    assert found["notes"] == ["leaf2: cannot be reached. Write a quorum."]


def test_a_gateway_that_cannot_serve_because_its_host_has_drifted_is_no_problem_that_keeps_it_from_repair() -> None:
    groups, hostvars = looked_at()
    groups["gateways"] = ["leaf1", "leaf2"]
    hostvars["leaf1"]["__host_info"]["findings"] = [FINDING]
    problems = ["leaf1: cannot serve: bgpd is not running. Mend it.", "leaf2: has no BGP session up. Look there."]
    found = report(groups, hostvars, {"gateways": [], "moves": [], "notes": [], "problems": problems})
    assert found["hosts"]["leaf1"]["problem"] is None and found["hosts"]["leaf1"]["findings"] == [FINDING]
    assert found["hosts"]["leaf2"]["problem"] == problems[1]
    assert found["notes"] == problems[:1]
