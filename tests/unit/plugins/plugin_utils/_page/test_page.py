"""The page as a text: one file that loads nothing, in which nothing from outside is markup."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.filter.fabric_page import fabric_page
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.content import Content, Figure, content
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.drawing import Edge, Node, drawing
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.page import page
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.table import Table
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fabrics import fabric
from tests.reports import AT, DRIFT, RUNS, observed, read, sources

EVIL = '</script><script>alert(1)</script><!--"\' onload="alert(2)'


class Parsed(html.parser.HTMLParser):
    """The tags of a page, and the texts of its scripts and styles."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "text": [], "title": []}
        self._inside: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside in self.texts:
            self.texts[self._inside].append(data)

    @property
    def tables(self) -> Any:
        return json.loads(self.texts["script"][0])


def parsed(made: Content) -> Parsed:
    return Parsed(page(made, AT))


def everywhere(text: str) -> Content:
    """A page with a text wherever one from outside can be."""
    node, other = Node(text, text, "good", text), Node(f"{text} ", "spine", "bad", text)
    edges = [Edge((node.name, other.name), "good", text)]
    table = Table("hosts", "Hosts", "about", "empty", ("Host", "State"), [(text, text)])
    figure = Figure("hosts", "Hosts", text, True)
    return Content([figure], drawing([[node], [other]], edges), [table], {"hosts": [text]})


def shape(made: Parsed) -> list[tuple[str, list[str]]]:
    """The tags of a page with the names of their attributes: its markup without its words."""
    return [(tag, list(attributes)) for tag, attributes in made.tags]


@given(st.text(max_size=12))
@example(EVIL)
@example("</style></title></svg>")
@example("<!--")
@example("\ud800")
def test_no_text_from_outside_becomes_markup(text: str) -> None:
    made = Parsed(page(everywhere(text), AT).encode().decode())
    assert shape(made) == shape(parsed(everywhere("leaf1")))
    cell = made.tables["hosts"]["values"][0][0]
    assert cell == text


def test_a_page_of_such_names_has_no_script_but_its_own() -> None:
    made = page(everywhere(EVIL), AT)
    assert made.count("<script") == page(everywhere("leaf1"), AT).count("<script") == 2


def test_the_policy_forbids_everything_but_this_style_and_this_script() -> None:
    made = parsed(content(sources()))
    (policy,) = [attributes["content"] for tag, attributes in made.tags
                 if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip

    def source(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy is not None
    assert dict(part.strip().split(" ", 1) for part in policy.split(";")) == {
        "default-src": "'none'",
        "style-src": source("".join(made.texts["style"])),
        "script-src": source(made.texts["script"][1]),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_page_refers_to_nothing_outside_itself() -> None:
    made = parsed(content(sources()))
    referring = [value for _tag, attributes in made.tags for name, value in attributes.items()
                 if name in ("href", "src", "srcset", "action", "data", "xlink:href")]  # fmt: skip
    assert referring and all(str(value).startswith("#") for value in referring)
    assert not [name for _tag, attributes in made.tags for name in attributes if name.startswith("on") or name == "style"]
    assert not re.search(r"url\(|@import", "".join(made.texts["style"]))


def test_each_link_within_the_page_leads_to_a_section() -> None:
    made = parsed(content(sources()))
    ids = [attributes["id"] for _tag, attributes in made.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(attributes["href"])[1:] for tag, attributes in made.tags if tag == "a"} <= set(ids)


def test_every_host_is_drawn_with_its_state_in_words() -> None:
    made = parsed(content(sources()))
    drawn = {attributes["data-host"]: attributes["aria-label"] for tag, attributes in made.tags if "data-host" in attributes}
    assert drawn["leaf1"] == "leaf1, VTEP, 3 of 50 checks failed"
    assert drawn["leaf2"] == "leaf2, VTEP, cannot be reached: no route to host"
    assert {"spine1", "spine2", "gw1", "gw2", "leaf3"} < set(drawn)


def hostvars() -> tuple[dict[str, list[str]], dict[str, dict[str, Any]]]:
    """A fabric as Ansible's variables have it: leaf1 was seen, leaf2 not reached, spine1 failed, spine2 was left out."""
    groups, variables = fabric(leaves=2)
    variables["leaf1"]["__report_observation"] = json.dumps(observed(read(leaves=2), "leaf1"))
    variables["leaf2"]["__host_info"] = {"unreachable": True, "msg": "no route to host"}
    variables["spine1"] |= {"__host_info": {"kernel": "6.1"}, "__report_look": {"msg": "FRR is not installed"}}
    return groups, variables


def test_the_filter_makes_the_page_of_what_was_registered_for_each_host() -> None:
    groups, variables = hostvars()
    hosts = Parsed(fabric_page(variables, groups, AT, DRIFT, RUNS)).tables["hosts"]
    state = hosts["columns"].index("State")
    names, states = ([hosts["values"][column][place] for place in hosts["places"][column]] for column in (0, state))
    assert dict(zip(names, states)) == {
        "leaf1": "✓ 50 checks passed",
        "leaf2": "✗ cannot be reached: no route to host",
        "spine1": "✗ did not answer: FRR is not installed",
        "spine2": "✗ was not looked at",
    }


def test_an_observation_is_read_as_text_and_as_a_tree() -> None:
    groups, variables = hostvars()
    text = fabric_page(variables, groups, AT)
    variables["leaf1"]["__report_observation"] = json.loads(variables["leaf1"]["__report_observation"])
    assert fabric_page(variables, groups, AT) == text


def test_a_report_of_drift_of_another_version_is_refused_with_the_remedy() -> None:
    groups, variables = hostvars()
    with pytest.raises(AnsibleFilterError, match=r"version 2, and this release reads version 1: run evpn\.fabric\.drift"):
        fabric_page(variables, groups, AT, {**DRIFT, "version": 2})


def test_an_inventory_with_problems_is_refused_with_all_of_them() -> None:
    groups, variables = hostvars()
    variables["leaf1"]["fabric_asn"] = variables["leaf2"]["fabric_asn"] = 0
    with pytest.raises(AnsibleFilterError, match=r"(?s)leaf1\.fabric_asn.*leaf2\.fabric_asn"):
        fabric_page(variables, groups, AT)
