"""Every rejected input of the molecule scenario ``negative``, without Ansible around it."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build

INVENTORY = pathlib.Path(__file__).parents[5] / "molecule/negative/inventory"
BASE = yaml.safe_load((INVENTORY / "group_vars/cases.yml").read_text())
CASES = yaml.safe_load((INVENTORY / "cases.yml").read_text())["cases"]["hosts"]


@pytest.mark.parametrize("name", CASES)
def test_each_wrong_input_is_answered_with_its_exact_messages(name: str) -> None:
    case: dict[str, Any] = CASES[name]
    groups = {**BASE["case_groups"], **case.get("groups_of_case", {})}
    hostvars = {
        host: {**BASE["case_fabric"], **variables, **case.get("fabric", {}), **case.get("hosts_of_case", {}).get(host, {})}
        for host, variables in BASE["case_hosts"].items()
    }
    built = build(groups, *fabric_variables(hostvars, groups))
    assert [str(problem) for problem in built.problems] == case["problems"]
    assert bool(built.documents) == (not case["problems"]), "documents come only from an inventory without problems"
