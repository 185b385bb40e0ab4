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
