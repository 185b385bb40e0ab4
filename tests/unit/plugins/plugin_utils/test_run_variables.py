"""Variables of a run, as command lines, files and surveys give them."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.plugin_utils._run_variables import converted, run_problems
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import RUN

ROOT = pathlib.Path(__file__).parents[4]
NUMBERS = [name for name, key in RUN.items() if key.type in ("int", "float")]
NAMES = [name for name, key in RUN.items() if key.elements == "str"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [8, "8", "08"])
def test_a_number_may_be_given_as_text(name: str, value: Any) -> None:
    assert converted(name, value) == 8


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value", ["", " 8", "8 ", "٣", "²", "+8", "-1", -1, "0x8", "8.", "1e1", True, None, [8], {}, float("nan"), 10**9]
)
def test_what_is_no_number_is_refused_by_the_name_of_the_variable(name: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=rf"^{name}: .* is not .*\. Write a number from \d+ to \d+\.$"):
        converted(name, value)


@pytest.mark.parametrize("value", [0.5, "0.5", "0.50"])
def test_seconds_until_a_takeover_may_have_a_part(value: Any) -> None:
    assert converted("rehearse_takeover", value) == 0.5
    with pytest.raises(ValidationError):
        converted("rehearse_sample", value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "value",
    [
        "gw1,gw2",
        " gw1 , gw2, ",
        "gw1\ngw2\n",
        ["gw1", "gw2"],
        ["gw1,gw2"],
        ("gw1", "gw2", "gw1"),
        '["gw1", "gw2"]',
        "- gw1\n- gw2\n",
    ],
)
def test_names_may_be_given_as_text(name: str, value: Any) -> None:
    assert converted(name, value) == ["gw1", "gw2"]


@pytest.mark.parametrize("value", ["", " , ", "[]", [], None])
def test_no_name_is_no_name(value: Any) -> None:
    assert converted("gateway", value) == []


@pytest.mark.parametrize("value", [True, {"gw1": 1}, [["gw1"]], "[[gw1]]", 1.5])
def test_what_are_no_names_is_refused_by_the_name_of_the_variable(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"^gateway_drain: .* is not a list of names\. Write names with commas"):
        converted("gateway_drain", value)


def test_a_mapping_may_be_given_as_text() -> None:
    wanted = {"net.ipv4.ip_forward": 1}
    assert converted("host_sysctls", '{"net.ipv4.ip_forward": 1}') == converted("host_sysctls", wanted) == wanted
    assert converted("host_sysctls", "net.ipv4.ip_forward=1") == {"net.ipv4.ip_forward": "1"}
    for value in ("net.ipv4.ip_forward", "{not", [wanted], None):
        with pytest.raises(ValidationError, match=r"^host_sysctls: .* is not a mapping\. Write it as JSON"):
            converted("host_sysctls", value)


def test_a_directory_may_look_like_a_number() -> None:
    assert (converted("verify_report_directory", 2026), converted("verify_report_directory", None)) == ("2026", "")


def test_every_variable_of_roles_that_is_no_plain_text_is_read_in_this_way() -> None:
    specs = [yaml.safe_load(path.read_text())["argument_specs"] for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")]
    needed = {
        name
        for spec in specs
        for name, option in spec["main"]["options"].items()
        # Documents are no variables of a run. Of lists of mappings the argument spec takes no text.
        if option["type"] in ("int", "list", "dict") and option.get("elements") != "dict" and not option.get("required")
    }
    paths = [
        *(ROOT / "playbooks").glob("*.yml"),
        *(ROOT / "roles").glob("*/tasks/*.yml"),
        *(ROOT / "roles").glob("*/vars/*.yml"),
    ]
    texts = "\n".join(path.read_text() for path in paths)
    filters = "\n".join(path.read_text() for path in (ROOT / "plugins/filter").glob("*.py"))
    by_filters = set(map("".join, re.findall(r'converted\("(\w+)"|run_variable\(\w+, "(\w+)"', filters)))
    read = set(re.findall(r"run_variable\('(\w+)'\)", texts)) - by_filters
    assert needed <= read | by_filters <= set(RUN)
    for name in read - {"gateway", "host", "state"}:  # these are ordinary words, too
        for use in re.finditer(rf"(?<![\w.']){name}(?![\w:'])([^\n]*)", texts):
            assert re.match(r"( \| default\([^)]*\))? \| evpn\.fabric\.run_variable\('| is defined", use[1]), use[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fabric_max_disruption", "link"),
        ("fabric_boot", "no"),
        ("fabric_confirm_timeout", "0"),
        ("fabric_confirm_timeout", 10),
        ("fabric_state_directory", "~/fabric"),
        ("fabric_rollout", [["spine1", "leaf1"], "spine2"]),
        ("fabric_loopback", "not a variable of the run"),
    ],
)
def test_an_inventory_may_say_how_to_run(name: str, value: Any) -> None:
    assert run_problems({"leaf1": {name: value}}) == []


def test_all_variables_of_a_run_that_are_wrong_are_told_and_where() -> None:
    shared = {"fabric_max_disruption": "hitles", "fabric_confirm_timeout": 9}
    found = run_problems({"leaf1": {**shared, "fabric_boot": "maybe"}, "leaf2": shared, "leaf3": shared})
    assert found == [
        "fabric_boot: 'maybe' is not true or false. Write one of them. (leaf1)",
        "fabric_confirm_timeout: 9 is not enough: a fresh connection and its checks can take longer. Write 0, or 10 or more.",
        "fabric_max_disruption: 'hitles' is not one of hitless, session, link, daemon. Write one of these.",
    ]
