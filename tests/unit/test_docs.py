"""The guides in docs/: their inventories are without problems, and the errors they explain are those that users meet."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
from typing import Any

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.explain import explanation
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import read
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent import gateways, inventory
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import Built, build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from lab.topology import hosts_of, list_inventory

ROOT = pathlib.Path(__file__).parents[2]
PAGES = {path.name: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
BLOCK = re.compile(r"^```(?P<language>[^\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
WHOLE, ON_TOP = "# inventory: ", "# on top of: "


def blocks(language: str, mark: str = "") -> list[str]:
    """The code blocks of a language that begin with a mark, of all pages."""
    found = [block for page in PAGES.values() for block in BLOCK.finditer(page)]
    return [block["text"] for block in found if block["language"] == language and block["text"].startswith(mark)]


def named(mark: str) -> dict[str, str]:
    """The YAML blocks that begin with a mark, by the name behind it."""
    return {text.split("\n")[0].removeprefix(mark): text for text in blocks("yaml", mark)}


INVENTORIES, CHANGES = named(WHOLE), named(ON_TOP)
#: Configurations that are shown: "HOST: INVENTORY" and lines of FRR.
CONFIGURATIONS = [
    (block["language"].removeprefix("text "), block["text"])
    for page in PAGES.values()
    for block in BLOCK.finditer(page)
    if ": " in block["language"]
]


@functools.cache
def listed(name: str, directory: pathlib.Path) -> dict[str, Any]:
    path = directory / f"{name}.yml"
    path.write_text(INVENTORIES[name])
    return list_inventory(path)


def built(name: str, directory: pathlib.Path, extra: dict[str, Any]) -> Built:
    """What follows from an inventory with variables on top of it."""
    found = listed(name, directory)
    groups = {group: hosts_of(found, group) for group in found if group != "_meta"}
    hostvars = {host: {**found["_meta"]["hostvars"].get(host, {}), **extra} for host in groups["fabric"]}
    made = build(groups, *fabric_variables(hostvars, groups))
    assert made.problems or set(made.documents) == set(groups["fabric"])
    return made


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("inventories")


def test_every_inventory_has_a_name_of_its_own() -> None:
    assert len(INVENTORIES) == len(blocks("yaml", WHOLE)) > 0
    assert len(CHANGES) == len(blocks("yaml", ON_TOP)) > 0


@pytest.mark.parametrize("name", INVENTORIES)
def test_an_inventory_is_without_problems(name: str, directory: pathlib.Path) -> None:
    assert built(name, directory, {}).problems == []
    assert built(name, directory, {"fabric_networks": [{"name": "web"}]}).problems, "this test would not see a problem"


@pytest.mark.parametrize("name", CHANGES)
def test_variables_on_top_of_an_inventory_are_without_problems(name: str, directory: pathlib.Path) -> None:
    assert built(name, directory, yaml.safe_load(CHANGES[name])).problems == []


@pytest.mark.parametrize(("of", "text"), CONFIGURATIONS, ids=[of for of, _text in CONFIGURATIONS])
def test_a_configuration_that_is_shown_is_what_is_rendered(of: str, text: str, directory: pathlib.Path) -> None:
    host, _colon, name = of.partition(": ")
    base = name.removeprefix("on top of ")
    made = built(base, directory, yaml.safe_load(CHANGES[base]) if base != name else {})
    rendered = iter(frr_text(made.documents[host]["frr"]).splitlines())
    shown = [line for line in text.splitlines() if line.strip() != "..."]
    assert [line for line in shown if line not in rendered] == [], "not in the configuration, or not in this order"


def test_every_refusal_that_is_quoted_is_one_that_is_tested() -> None:
    cases = yaml.safe_load((ROOT / "molecule/negative/inventory/cases.yml").read_text())["cases"]["hosts"].values()
    known = {problem for case in cases for problem in case["problems"]}
    quoted = [line for text in blocks("text refused") for line in re.sub(r"\n +", " ", text).splitlines()]
    assert quoted
    assert [line for line in quoted if line not in known] == []


def test_every_variable_and_key_is_documented() -> None:
    known = [*inventory.FABRIC_VARIABLES, *inventory.HOST_VARIABLES, *inventory.OTHER_VARIABLES]
    known += [*inventory.VRF_KEYS, *inventory.NETWORK_KEYS, *gateways.GATEWAYS_KEYS, *gateways.NORTH_KEYS]
    assert [name for name in known if f"`{name}`" not in PAGES["data-model.md"]] == []


GATEWAYS = named("# gateways: ")


@pytest.mark.parametrize("name", GATEWAYS)
def test_gateways_that_are_shown_can_be_placed(name: str) -> None:
    assert all(owners(read(yaml.safe_load(GATEWAYS[name]))).ranks.values())


def test_an_explanation_that_is_shown_is_what_is_said() -> None:
    (shown,) = blocks("text explanation four 10100")
    assert shown.splitlines() == explanation(read(yaml.safe_load(GATEWAYS["four"])), 10100)


def test_problems_of_gateways_that_are_shown_are_what_is_said() -> None:
    (shown,) = blocks("text problems four")
    request = yaml.safe_load(GATEWAYS["four"])
    request["gateways"][1]["weight"] = 0
    with pytest.raises(ValidationError) as refused:
        read({**request, "vnis": ["10999-10000", 20000], "self": "gw9", "pins": []})
    assert shown.splitlines() == str(refused.value).splitlines()


def texts_of_the_collection() -> str:
    """What the collection can say: the texts in its code and in its roles' tasks."""
    found = []
    for path in (ROOT / "plugins").rglob("*.py"):
        found += [node.value for node in ast.walk(ast.parse(path.read_text()))
                  if isinstance(node, ast.Constant) and isinstance(node.value, str)]  # fmt: skip
    found += [" ".join(path.read_text().split()) for path in (ROOT / "roles").rglob("tasks/*.yml")]
    return "\n".join(found)


def test_every_error_that_is_explained_is_one_that_the_collection_can_say() -> None:
    # "..." stands for what is filled in.
    explained = re.findall(r"^### `(.+)`$", PAGES["troubleshooting.md"], re.MULTILINE)
    texts = texts_of_the_collection()
    assert explained
    assert [part for error in explained for part in error.split("...") if part.strip() and part.strip() not in texts] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", PAGES[page]):
        path = (ROOT / "docs" / (target or page)).resolve()
        assert path.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", re.sub(BLOCK, "", path.read_text()), re.MULTILINE)
            anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor in anchors, f"{target}#{anchor}"
