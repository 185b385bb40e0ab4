"""What tells a host's document from another, part by part, without telling what is in it."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._module.sections import digests

CONTENT: dict[str, Any] = {
    "kernel": {"bridges": [{"name": "br1", "mtu": 1450, "mac": None}], "vrfs": None, "purge": True},
    "frr": {"config": "router bgp 1\n neighbor 192.0.2.9 password s3cret\n", "keep": None},
}


def test_each_part_has_a_digest_and_those_that_say_nothing_have_none() -> None:
    assert set(digests(CONTENT)) == {"frr", "kernel.bridges", "kernel.purge"}
    assert "s3cret" not in json.dumps(digests(CONTENT))


def test_only_the_part_that_changes_has_another_digest() -> None:
    other = json.loads(json.dumps(CONTENT))
    other["kernel"]["bridges"][0]["mtu"] = 1400
    before, after = digests(CONTENT), digests(other)
    assert {name for name in before if before[name] != after[name]} == {"kernel.bridges"}


def test_options_that_a_later_release_adds_change_nothing() -> None:
    other = json.loads(json.dumps(CONTENT))
    other["kernel"]["bridges"][0]["new"] = None
    other["kernel"]["news"] = None
    assert digests(other) == digests(CONTENT)
