"""A declaration as an argument spec of AnsibleModule."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, argument_spec, listed


def test_a_key_says_only_what_is_declared() -> None:
    assert argument_spec({"mtu": Key("int", "The MTU.", minimum=68, maximum=65535, what="an MTU")}) == {"mtu": {"type": "int"}}


def test_a_mapping_in_a_list_has_its_own_keys() -> None:
    inner = {"name": Key("str", "The name.", required=True, aliases=("title",)), "up": Key("bool", "Up.", default=False)}
    assert argument_spec({"links": listed(inner, "Links.")}) == {
        "links": {
            "type": "list",
            "elements": "dict",
            "options": {
                "name": {"type": "str", "required": True, "aliases": ["title"]},
                "up": {"type": "bool", "default": False},
            },
        }
    }


def test_defaults_and_choices_of_a_list_are_lists() -> None:
    # A module is free to change its parameters, and `ansible-test` takes no tuple for a list.
    key = Key("list", "What to report.", elements="str", choices=("a", "b"), default=("a",))
    assert key.argument() == {"type": "list", "elements": "str", "choices": ["a", "b"], "default": ["a"]}


def test_a_secret_is_not_logged() -> None:
    assert Key("str", "The password.", secret=True).argument() == {"type": "str", "no_log": True}
