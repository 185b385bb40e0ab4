"""What keeps a host from its document, and what a host adds to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.filter.confirm_within import confirm_within
from ansible_collections.evpn.fabric.plugins.filter.host_kernel import host_kernel
from ansible_collections.evpn.fabric.plugins.filter.host_lacks import host_lacks
from ansible_collections.evpn.fabric.plugins.filter.strictest import strictest

READY: dict[str, Any] = {
    "distribution": {"id": "ubuntu", "like": ["debian"]},
    "frr_version": "10.3",
    "missing_kernel_modules": [],
    "modules_load": "bridge\nvxlan\n",
    "configured_interfaces": [],
    "advertised_default_interfaces": [],
}
SYSTEM: dict[str, Any] = {"frr_minimum": "8.4", "kernel_modules": ["bridge", "vxlan"], "interfaces": ["eth1"], "rules": []}
ALIEN = {"interface": "eth1", "manager": "ifupdown", "problem": "ifupdown configures eth1"}


def lacks(seen: dict[str, Any]) -> dict[str, Any]:
    found = host_lacks({**READY, **seen}, SYSTEM, ["debian"])
    for needed in ({"system": SYSTEM}, json.dumps({"system": SYSTEM})):
        assert found == host_lacks({**READY, **seen}, needed, "debian"), "whatever form it is given in"
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize(
    ("seen", "lacking"),
    [
        ({}, {}),
        ({"distribution": {"id": "fedora", "like": []}}, {"distribution": True}),
        ({"frr_version": None}, {"packages": True}),
        ({"frr_version": "8.1"}, {"frr": True}),
        ({"frr_version": "8.4"}, {}),
        ({"missing_kernel_modules": ["vxlan", "vrf"]}, {"modules": ["vxlan"]}),
        ({"modules_load": ""}, {"modules_at_boot": True}),
        ({"configured_interfaces": [ALIEN]}, {"interfaces": [ALIEN["problem"]], "managers": ["ifupdown"]}),
        ({"configured_interfaces": [{**ALIEN, "interface": "eth0"}]}, {}),
        ({"configured_interfaces": [{**ALIEN, "problem": None}]}, {"managers": ["ifupdown"]}),
        (
            {
                "configured_interfaces": [
                    {**ALIEN, "manager": each, "problem": None} for each in ("netplan", "ifupdown", "netplan")
                ]
            },
            {"managers": ["ifupdown", "netplan"]},
        ),
    ],
)
def test_each_thing_that_a_host_lacks_is_told(seen: dict[str, Any], lacking: dict[str, Any]) -> None:
    assert lacks(seen) == lacking


def test_the_document_has_precedence_over_what_the_host_has_besides_and_both_have_rules() -> None:
    document = {"kernel": {"sysctls": {"a": 1}, "purge": True}, "system": {"rules": [{"priority": 2}]}}
    seen = {"advertised_default_interfaces": ["eth0"]}
    for given in (document, json.dumps(document)):
        assert json.loads(host_kernel(given, seen, {"a": 0, "b": 0}, [{"priority": 1}])) == {
            "purge": True,
            "sysctls": {"net/ipv6/conf/eth0/accept_ra": 2, "a": 1, "b": 0},
            "rules": [{"priority": 1}, {"priority": 2}],
        }


def test_sysctls_that_are_given_on_the_command_line_are_text() -> None:
    document: dict[str, Any] = {"kernel": {}, "system": {"rules": []}}
    seen: dict[str, Any] = {"advertised_default_interfaces": []}
    assert json.loads(host_kernel(document, seen, '{"a": 1}', []))["sysctls"] == {"a": 1}


@pytest.mark.parametrize(
    ("timeout", "hosts", "seconds"),
    [(60, 1, 60), (60, 4, 60), (60, 5, 70), ("60", 9, 80), (0, 9, 0), ("0", 9, 0), (60, 5000, 3600), (3600, 2, 3600)],
)
def test_hosts_that_are_changed_first_wait_for_those_that_are_changed_last(timeout: Any, hosts: int, seconds: int) -> None:
    assert confirm_within(timeout, hosts, 4) == seconds


def test_a_time_for_confirming_that_is_no_number_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="fabric_confirm_timeout: 'soon' is not a number of seconds"):
        confirm_within("soon", 1, 4)


def test_the_strictest_of_several_limits_counts() -> None:
    assert strictest(["daemon", "session", "link"]) == "session"


def test_every_value_that_is_no_limit_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match=r"is none and hitles\. Write one of hitless, session, link, daemon"):
        strictest(["daemon", "none", "hitles"])
