"""The filter `fabric_documents`: for which hosts it derives what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.filter.fabric_documents import fabric_documents

from tests.fabrics import fabric

READY: dict[str, Any] = {
    "distribution": {"id": "debian", "like": []},
    "kernel": "6.12.48+deb13-amd64",
    "frr_version": "10.3",
    "missing_kernel_modules": [],
    "modules_load": "bridge\nvxlan\nvrf\n",
    "default_route_interfaces": [],
    "advertised_default_interfaces": [],
    "network_managers": {},
    "configured_interfaces": [],
}


def test_of_hosts_that_are_named_the_documents_are_those_of_a_run_on_all() -> None:
    groups, hostvars = fabric()
    every = fabric_documents(hostvars, groups, expectations=True)
    some = fabric_documents(hostvars, groups, expectations=True, hosts=["leaf2", "localhost"])
    assert set(every["documents"]) == set(every["expectations"]) == set(groups["fabric"])
    for kind in ("documents", "expectations"):
        assert some[kind] == {"leaf2": every[kind]["leaf2"]}


def test_an_inventory_is_checked_as_a_whole_whatever_hosts_are_named() -> None:
    groups, hostvars = fabric()
    hostvars["leaf1"]["fabric_loopback"] = hostvars["leaf2"]["fabric_loopback"]
    found = fabric_documents(hostvars, groups, hosts=["spine1"])
    assert any("leaf1.fabric_loopback" in problem or "leaf2.fabric_loopback" in problem for problem in found["problems"])
    assert found["documents"] == {}


def test_variables_of_the_run_are_checked_with_all_others() -> None:
    groups, hostvars = fabric()
    hostvars["leaf1"].update(fabric_asn="none", fabric_max_disruption="hitles")
    problems = "\n".join(fabric_documents(hostvars, groups)["problems"])
    assert "leaf1.fabric_asn" in problems and "fabric_max_disruption: 'hitles' is not one of" in problems


def test_what_frr_has_to_be_told_is_derived_where_it_is_asked_for() -> None:
    groups, hostvars = fabric()
    assert fabric_documents(hostvars, groups)["frr"] == {}
    derived = fabric_documents(hostvars, groups, tasks=True, hosts=["leaf2"])["frr"]
    assert list(derived) == ["leaf2"]
    told = json.loads(derived["leaf2"])
    assert f"router bgp {hostvars['leaf2']['fabric_asn']}\n" in told["config"]
    assert "bgpd" in told["daemons"]


def unready(variables: dict[str, Any], **seen: Any) -> bool:
    """Whether a leaf counts as one that may not be ready, with these variables and this look at it."""
    groups, hostvars = fabric()
    hostvars["leaf1"] = {**hostvars["leaf1"], **variables, "__host_info": {**READY, **seen}}
    return fabric_documents(hostvars, groups, tasks=True, hosts=["leaf1"])["unready"] == ["leaf1"]


def test_a_host_that_has_all_that_its_document_needs_is_ready() -> None:
    assert not unready({})
    assert not unready({"host_distributions": ["fedora", "debian"]})


@pytest.mark.parametrize(
    ("variables", "seen"),
    [
        ({}, {"missing_kernel_modules": ["vxlan"]}),
        ({}, {"network_managers": {"systemd-networkd": {"active": True, "files": {}}}}),
        ({"host_distributions": ["fedora"]}, {}),
        ({"host_distributions": "{{ my_distributions }}"}, {}),
    ],
)
def test_a_host_that_lacks_something_or_that_is_not_certain_to_have_it_is_not_ready(
    variables: dict[str, Any], seen: dict[str, Any]
) -> None:
    assert unready(variables, **seen)


def test_a_host_that_nobody_has_looked_at_is_not_ready() -> None:
    groups, hostvars = fabric()
    assert fabric_documents(hostvars, groups, tasks=True, hosts=["leaf1"])["unready"] == ["leaf1"]


def seen(found: dict[str, Any], revision: str | None) -> dict[str, Any]:
    """A host's variables with what a look at it has found: a confirmed document of a revision, or none."""
    return {**found, "__host_info": {**READY, "confirmed": revision and {"at": "", "revision": revision}}}


def test_hosts_that_keep_another_revision_are_changed_in_batches_and_all_others_come_first() -> None:
    groups, hostvars = fabric(leaves=5)
    now = fabric_documents(hostvars, groups, tasks=True)["revisions"]
    kept = {**now, "leaf1": "another", "leaf3": None, "spine2": "another", "leaf5": "another"}
    found = fabric_documents({name: seen(hostvars[name], kept[name]) for name in hostvars}, groups, tasks=True)
    assert found["revisions"] == now
    assert found["rollout"] == {
        "batches": [["spine2"], ["leaf1"], ["leaf5"]],
        "hosts": ["spine1", "leaf2", "leaf3", "leaf4", "spine2", "leaf1", "leaf5"],
        "sizes": [4, 1, 1, 1],
    }


@pytest.mark.parametrize("kept", [True, False], ids=["nothing has changed", "no host keeps a document"])
def test_where_no_host_changes_what_it_keeps_all_go_together(kept: bool) -> None:
    groups, hostvars = fabric()
    now = fabric_documents(hostvars, groups, tasks=True)["revisions"]
    looked_at = {name: seen(hostvars[name], now[name] if kept else None) for name in hostvars}
    found = fabric_documents(looked_at, groups, tasks=True)["rollout"]
    assert found == {"batches": [], "hosts": groups["fabric"], "sizes": [len(groups["fabric"])]}


def test_a_revision_is_of_all_that_a_host_is_brought_to() -> None:
    groups, hostvars = fabric()
    now = fabric_documents(hostvars, groups, tasks=True)["revisions"]
    assert len(set(now.values())) == len(now)
    for key, value in (("host_sysctls", {"net.ipv4.ip_forward": 0}), ("host_rules", []), ("frr_keep", ["line vty"])):
        then = fabric_documents({**hostvars, "leaf1": {**hostvars["leaf1"], key: value}}, groups, tasks=True)["revisions"]
        assert {name for name in now if now[name] != then[name]} == {"leaf1"}
    other = {name: {**found, "fabric_underlay": {"password": "s3cret"}} for name, found in hostvars.items()}
    assert not set(fabric_documents(other, groups, tasks=True)["revisions"].values()) & set(now.values())


def test_batches_are_those_that_the_inventory_says_and_what_is_wrong_with_them_is_told_with_all_else() -> None:
    groups, hostvars = fabric(fabric_rollout=[["leaf2", "spine1"]])
    looked_at = {name: seen(found, "another") for name, found in hostvars.items()}
    assert fabric_documents(looked_at, groups, tasks=True)["rollout"]["batches"] == [
        ["leaf2", "spine1"],
        ["spine2"],
        ["leaf1"],
    ]
    wrong = fabric(fabric_rollout=["leaf9"], fabric_anycast_mac="none")[1]
    assert len(fabric_documents(wrong, groups)["problems"]) == 2
