"""The JSON schema: it takes what validation takes, and refuses what one mapping alone shows to be wrong."""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.filter.fabric_documents import fabric_documents
from ansible_collections.evpn.fabric.plugins.filter.host_kernel import host_kernel
from ansible_collections.evpn.fabric.plugins.plugin_utils._host_options import frr_section
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import RUN

from tests.fabrics import fabric

ROOT = pathlib.Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "schemas/inventory.json").read_text())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
FILES = [
    path
    for pattern in ("inventories/**/*.yml", "molecule/*/inventory/**/*.yml")
    for path in sorted(ROOT.glob(pattern))
    if "negative" not in path.parts
]
CASES = yaml.safe_load((ROOT / "molecule/negative/inventory/cases.yml").read_text())["cases"]["hosts"]
#: Words of problems that need neither another key nor another host to be seen, nor more than a type to be checked.
SEEN_ALONE = re.compile(
    r"is not a known key|is not known|is not a variable|Write a number from|is not true or false|is not a mapping"
)


class Loader(yaml.SafeLoader):
    """Reads Ansible's own tags as text."""


def as_text(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(node.value)


Loader.add_constructor("!vault", as_text)


def errors(document: Any) -> list[str]:
    """What the schema refuses."""
    return [f"{error.json_path}: {error.message[:200]}" for error in VALIDATOR.iter_errors(document)]


def in_inventory(variables: dict[str, Any]) -> dict[str, Any]:
    return {"all": {"children": {"fabric": {"vars": variables, "hosts": {"leaf1": None}}}}}


def test_it_is_a_schema_of_draft_7() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_of_valid_inventories_are_taken(path: pathlib.Path) -> None:
    assert errors(yaml.load(path.read_text(), Loader)) == []


@pytest.mark.parametrize("name", CASES)
def test_it_refuses_nothing_that_validation_takes(name: str) -> None:
    case = CASES[name]
    if not case["problems"]:
        for variables in (case.get("fabric", {}), *case.get("hosts_of_case", {}).values()):
            assert errors(variables) == []
            assert errors(in_inventory(variables)) == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if any(map(SEEN_ALONE.search, case["problems"]))])
def test_it_refuses_what_a_mapping_alone_shows_to_be_wrong(name: str) -> None:
    case = CASES[name]
    given = [case.get("fabric", {}), *case.get("hosts_of_case", {}).values()]
    assert any(errors(variables) for variables in given), case["problems"]
    assert any(errors(in_inventory(variables)) for variables in given), case["problems"]


@pytest.mark.parametrize(
    "variables",
    [
        {"fabric_asn": "{{ 65000 + number }}"},
        {"fabric_networks": "{{ my_networks }}"},
        {"fabric_underlay": {"bfd": "{{ with_bfd }}", "mtu": "{{ mtu }}"}},
        {"fabric_vrfs": [{"name": "{{ 'a-long-word-in-a-template' | truncate(15) }}", "l3vni": "{{ vni }}"}]},
    ],
)
def test_any_value_may_be_a_template(variables: dict[str, Any]) -> None:
    assert errors(variables) == []


def test_variables_of_others_and_groups_of_any_name_are_let_alone() -> None:
    assert errors({"my_hosts": ["a"], "ntp": {"servers": ["10.0.0.1"]}, "ansible_user": "root"}) == []
    assert errors({"fabric_east": {"hosts": {"leaf1": {"fabric_asn": 65001, "colour": "red"}}}}) == []
    assert errors({"fabric_east": {"hosts": {"leaf1": {"fabric_asn": 0}}}}) != []


DOCUMENTS = jsonschema.Draft7Validator(json.loads((ROOT / "schemas/host_document.json").read_text()))


def refused(document: Any) -> list[str]:
    """What the schema of host documents refuses, by path."""
    return [error.json_path for error in DOCUMENTS.iter_errors(document)]


def test_the_schema_of_host_documents_takes_what_the_playbook_derives() -> None:
    groups, hostvars = fabric()
    derived = fabric_documents(hostvars, groups, tasks=True)
    assert derived["documents"]
    for host, document in derived["documents"].items():
        kernel = host_kernel(
            document, {"advertised_default_interfaces": ["eth0"]}, RUN["host_sysctls"].default, RUN["host_rules"].default
        )
        frr = frr_section(derived["frr"][host], [])
        assert refused({"version": 1, "kernel": json.loads(kernel), "frr": frr}) == [], host


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"version": 2}, "$.version"),
        ({"plane": {}}, "$"),
        ({"kernel": {"bridge": []}}, "$.kernel"),
        ({"kernel": {"vxlans": [{"name": "vxlan1", "vni": 2**24}]}}, "$.kernel.vxlans[0].vni"),
        ({"kernel": {"vxlans": [{"vni": 1}]}}, "$.kernel.vxlans[0]"),
        ({"frr": {"daemons": ["bgpd"]}}, "$.frr"),
    ],
)
def test_the_schema_of_host_documents_says_where_a_document_is_wrong(document: dict[str, Any], path: str) -> None:
    assert refused(document) == [path]
