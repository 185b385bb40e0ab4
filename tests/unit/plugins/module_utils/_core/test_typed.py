"""Whether input needs Ansible's validation: where it does not, both come to the same."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, argument_spec, listed
from ansible_collections.evpn.fabric.plugins.module_utils._core.typed import NotTypedError, completed
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.host import HOST
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build

from tests.fabrics import fabric

INNER = {"name": Key("str", "A name.", required=True), "on": Key("bool", "Whether.", default=True), "vni": Key("int", "A VNI.")}
KEYS = {
    "text": Key("str", "Text."),
    "needed": Key("str", "Text.", required=True),
    "number": Key("int", "A number."),
    "flag": Key("bool", "A flag."),
    "with_default": Key("int", "A number.", default=7),
    "choice": Key("str", "One of two.", choices=("a", "b"), default="a"),
    "names": Key("list", "Names.", elements="str"),
    "defaults": Key("list", "Names.", elements="str", default=("x", "y")),
    "chosen": Key("list", "Some of two.", elements="str", choices=("a", "b")),
    "free": Key("dict", "Anything."),
    "inner": Key("dict", "A mapping.", options=INNER),
    "many": listed(INNER, "Mappings."),
    "maybe": Key("str", "One of two.", choices=("a", "b")),
    "other": Key("str", "Text.", aliases=("alias",)),
}
VALUES: list[Any] = [
    *(None, "", "a", "c", "1", "yes", "a,b", 1, 0, -3, 1.5, True, False, [], ["a"], ["c"], ["a", "b"], [1], [None]),
    *({}, {"name": "n"}, {"name": "n", "on": "no"}, {"name": "n", "vni": 4}, {"name": 3}, '{"name": "n"}', '{"name": '),
    *([{"name": "n"}], [{"name": "n", "more": 1}], [{"on": True}]),
]


@pytest.mark.parametrize(("name", "value"), list(itertools.product([*KEYS, "alias", "unknown"], VALUES)), ids=repr)
def test_whatever_is_completed_is_completed_as_ansible_does_it(name: str, value: Any) -> None:
    given = {"needed": "x", name: value}
    try:
        found = completed(KEYS, given)
    except NotTypedError:
        return
    validated = ArgumentSpecValidator(argument_spec(KEYS)).validate(given)
    assert not validated.error_messages
    assert json.dumps(found, sort_keys=True) == json.dumps(validated.validated_parameters, sort_keys=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "a"),
        ("number", 1),
        ("flag", False),
        ("choice", "b"),
        ("names", ["a"]),
        ("free", {"a": [1]}),
        ("inner", {"name": "n"}),
        ("inner", '{"name": "n"}'),
        ("many", [{"name": "n", "vni": 4}]),
        ("other", None),
    ],
)
def test_what_has_the_declared_types_needs_no_other_validation(name: str, value: Any) -> None:
    completed(KEYS, {"needed": "x", name: value})


def test_what_is_required_is_missed() -> None:
    with pytest.raises(NotTypedError):
        completed(KEYS, {})


@pytest.mark.parametrize("host", ["leaf1", "spine1"])
def test_documents_that_are_derived_need_no_other_validation(host: str) -> None:
    built = build(*fabric(leaves=2, networks=20, vrfs=3, spines=1))
    assert not built.problems
    given = {"kernel": built.documents[host]["kernel"]}
    validated = ArgumentSpecValidator(argument_spec(HOST)).validate(given)
    assert not validated.error_messages
    assert completed(HOST, given) == validated.validated_parameters
