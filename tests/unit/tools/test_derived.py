"""What is derived from declarations, and how it is seen that it is not current."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.filter import gateway_owners
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, listed
from ansible_collections.evpn.fabric.plugins.modules import vrf

from tools.schema import filters, markup, modules, roles, tables
from tools.schema.__main__ import ROOT
from tools.schema.blocks import with_key, written

OTHER = Key("int", "Another text.", minimum=1, maximum=9)


def test_the_command_names_a_file_that_is_not_current(tmp_path: pathlib.Path) -> None:
    script = (
        "import sys; from tools.schema import __main__ as command; "
        "command.derived = lambda: [(command.ROOT / 'README.md', 'other')]; sys.exit(command.main())"
    )
    ended = subprocess.run([sys.executable, "-c", script, "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "README.md is not current: run python -m tools.schema\n")
    assert (ROOT / "README.md").read_text() != "other"


def test_an_option_that_changes_makes_the_documentation_old(monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "plugins/modules/vrf.py"
    assert modules.derived(path) == path.read_text()
    monkeypatch.setitem(vrf.OPTIONS, "table", OTHER)
    assert "Another text. From 1 to 9." in modules.derived(path)


def test_an_option_of_a_filter_that_changes_makes_its_documentation_old(monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "plugins/filter/gateway_owners.yml"
    assert filters.derived(path) == path.read_text()
    key = Key(
        "dict", "The input.", options={"ring": Key("bool", "Whether O(uids) count; see O(evpn.fabric.vrf#module:table).")}
    )
    monkeypatch.setitem(gateway_owners.OPTIONS, "_input", key)
    ring = yaml.safe_load(filters.derived(path))["DOCUMENTATION"]["options"]["_input"]["suboptions"]["ring"]
    assert ring["description"] == "Whether O(_input.uids) count; see O(evpn.fabric.vrf#module:table)."


def test_a_filter_keeps_what_it_is_for_and_what_it_returns() -> None:
    path = ROOT / "plugins/filter/gateway_owners.yml"
    before, after = yaml.safe_load(path.read_text()), yaml.safe_load(filters.derived(path))
    assert set(after["DOCUMENTATION"]) >= {"name", "description", "positional"}
    assert (after["EXAMPLES"], after["RETURN"]) == (before["EXAMPLES"], before["RETURN"])


def test_a_new_module_gets_its_options_behind_what_it_is_for() -> None:
    block = "module: new\ndescription: It is new.\nnotes:\n  - None.\n"
    text = with_key(block, "options", "options: {}\n", after=modules.BEFORE_OPTIONS)
    assert text == "module: new\ndescription: It is new.\noptions: {}\nnotes:\n  - None.\n"


def test_options_that_are_alike_are_written_once() -> None:
    options = {"one": listed({"name": OTHER}, "First."), "two": listed({"name": OTHER}, "Second.")}
    text = written(modules.documented(options))
    assert text.count("Another text.") == 1
    found = yaml.safe_load(text)
    assert found["one"]["suboptions"] == found["two"]["suboptions"]
    assert found["one"]["suboptions"]["name"] == {"description": "Another text. From 1 to 9.", "type": "int"}


def test_a_role_keeps_what_its_entry_points_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "roles/verify/meta/argument_specs.yml"
    monkeypatch.setitem(roles.ROLES, "verify", {"main": {"verify_delay": OTHER}})
    found = yaml.safe_load(roles.argument_specs(path))["argument_specs"]["main"]
    before = yaml.safe_load(path.read_text())["argument_specs"]["main"]
    assert (found["short_description"], found["description"]) == (before["short_description"], before["description"])
    assert list(found["options"]) == ["verify_delay"]


def test_a_table_has_the_bounds_the_default_and_the_release_of_a_key() -> None:
    key = Key("int", "C(vni) of L(it,#place).", default=3, minimum=1, maximum=9, allowed="odd", version_added="0.2.0")
    assert tables.table({"x": key}).splitlines()[-1] == "| `x` | integer | `3` | 1 to 9; odd | `vni` of [it](#place). | 0.2.0 |"


@pytest.mark.parametrize(
    ("marked", "plain", "markdown"),
    [
        ("C(br<vni>) and V(true)", "br<vni> and true", "`br<vni>` and `true`"),
        ("see L(the page,x.md#y).", "see the page.", "see [the page](x.md#y)."),
        ("P(evpn.fabric.verify#role)", "evpn.fabric.verify", "`evpn.fabric.verify`"),
        ("O(evpn.fabric.frr_config#module:keep)", "keep", "`keep`"),
    ],
)
def test_markup_of_ansible_becomes_text(marked: str, plain: str, markdown: str) -> None:
    assert (markup.plain(marked), markup.markdown(marked)) == (plain, markdown)
