"""Declared keys are those that are read."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, Keys
from ansible_collections.evpn.fabric.plugins.module_utils._gateway import request
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.section import Section
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.inventory import FABRIC, GATEWAYS, HOST, PIN

INVENTORY = pathlib.Path(__file__).parents[5] / "molecule/negative/inventory"
BASE = yaml.safe_load((INVENTORY / "group_vars/cases.yml").read_text())
CASES = yaml.safe_load((INVENTORY / "cases.yml").read_text())["cases"]["hosts"]


def declared(keys: Keys, path: str = "") -> Iterator[tuple[str, str, Key]]:
    """All keys, each with the path of its mapping."""
    for name, key in keys.items():
        yield path, name, key
        yield from declared(key.options or {}, f"{path}.{name}")


def test_every_declared_key_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[tuple[int, str]] = set()
    real = Section.read

    def noting(section: Section, option: str) -> tuple[Key, Any]:
        key, value = real(section, option)
        read.add((id(key), option))
        return key, value

    monkeypatch.setattr(Section, "read", noting)
    for case in (*CASES.values(), {"fabric": {"fabric_underlay": {"bfd": True}}}):
        groups = {**BASE["case_groups"], **case.get("groups_of_case", {})}
        others = case.get("hosts_of_case", {})
        build(
            groups,
            {
                host: {**BASE["case_fabric"], **variables, **case.get("fabric", {}), **others.get(host, {})}
                for host, variables in BASE["case_hosts"].items()
            },
        )
    unread = [f"{path}.{name}" for path, name, key in declared({**FABRIC, **HOST}) if (id(key), name) not in read]
    # Pins are read by what finds the owners, on the host as well.
    assert unread == [f".fabric_gateways.pins.{name}" for name in PIN]


def test_a_key_that_is_not_declared_cannot_be_read() -> None:
    with pytest.raises(KeyError):
        Section([], "", {"colour": "red"}, {"vni": Key("int", "The VNI.")}).value("colour")


def test_pins_have_the_keys_by_which_owners_are_found() -> None:
    pin = {"buckets": [1], "gateway": "gw1"}
    assert list(pin) == list(PIN)
    found = request.read({"gateways": [{"name": "gw1"}], "vnis": [1], "buckets": GATEWAYS["buckets"].default, "pins": [pin]})
    assert list(found.pins) == [1]
