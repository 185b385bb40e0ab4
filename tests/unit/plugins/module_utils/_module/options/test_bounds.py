"""Bounds that options are declared with are those that their checks hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, Keys, argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.dataplane import DATAPLANE

#: An entry of each section to which a number is added.
ENTRIES: dict[str, dict[str, Any]] = {
    "vrfs": {"name": "red", "table": 1000},
    "bridges": {"name": "br1"},
    "vxlans": {"name": "vxlan1", "vni": 1, "bridge": "br1"},
    "veths": {"name": "veth1", "peer": "veth2", "bridge": "br1"},
    "vlans": {"name": "eth1.1", "link": "eth1", "vlan": 1, "bridge": "br1"},
    "dummies": {"name": "dummy1", "bridge": "br1"},
    "macvlans": {"name": "macvlan1", "link": "eth1", "bridge": "br1"},
    "interfaces": {"name": "eth1", "bridge": "br1"},
    "fdb": {"dev": "vxlan1", "mac": "02:00:00:00:00:01", "dst": "10.0.0.1"},
    "addresses": {"dev": "lo", "address": "10.0.0.1/32"},
    "routes": {"dst": "10.0.0.0/8", "via": "10.1.0.1"},
    "rules": {"priority": 1000, "table": "main"},
}


def numbers() -> Iterator[tuple[str, str, Key]]:
    for section, key in DATAPLANE.items():
        options: Keys = key.options or {}
        yield from ((section, name, option) for name, option in options.items() if option.type == "int")


def problems(section: str, name: str, value: int) -> list[str]:
    """Problems with one option of an entry."""
    checked = ArgumentSpecValidator(argument_spec(DATAPLANE)).validate({section: [{**ENTRIES[section], name: value}]})
    assert not checked.error_messages
    try:
        Document.from_params(checked.validated_parameters)
    except ValidationError as error:
        return [str(problem) for problem in error.problems if problem.path.endswith(f"].{name}")]
    return []


def bounded() -> list[Any]:
    return [pytest.param(*each, id=f"{each[0]}-{each[1]}") for each in numbers()]


@pytest.mark.parametrize(("section", "name", "key"), bounded())
def test_a_number_outside_of_its_bounds_is_refused(section: str, name: str, key: Key) -> None:
    assert key.minimum is not None and key.maximum is not None
    assert problems(section, name, int(key.maximum) + 1)
    assert problems(section, name, int(key.minimum) - 1)


@pytest.mark.parametrize(("section", "name", "key"), bounded())
def test_the_bounds_themselves_are_taken(section: str, name: str, key: Key) -> None:
    out_of_bounds = [problem for bound in (key.minimum, key.maximum) for problem in problems(section, name, int(bound or 0))]
    assert [problem for problem in out_of_bounds if "Write a number from" in problem] == []
