"""The file of the confirmed document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._store.confirmed import Confirmed, digest, read, written

CONTENT = {"kernel": {"bridges": [{"name": "br1"}]}, "frr": {"config": "router bgp 65001\n"}}
CONFIRMED = Confirmed(CONTENT, "2026-11-27T06:00:00Z", digest(CONTENT))


def test_what_is_written_is_read() -> None:
    assert read(written(CONFIRMED), "file") == CONFIRMED


def test_the_order_of_keys_makes_no_other_document() -> None:
    assert digest(dict(reversed(CONTENT.items()))) == digest(CONTENT)


def altered(**keys: Any) -> str:
    return json.dumps({**json.loads(written(CONFIRMED)), **keys})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file is damaged: it is no document"),
        (written(CONFIRMED)[:-20], "file is damaged: it is no document"),
        ("[]", "file is damaged: it is no document"),
        (written(CONFIRMED).replace("br1", "br2"), "file is damaged: its content does not have the digest that it tells"),
        (altered(content=1), "file is damaged: its content does not have the digest"),
        (altered(content=[1], digest=digest([1])), "file is damaged: its content"),  # type: ignore[arg-type]
        (altered(version=2), "file has version 2, and this release reads 1"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_refused_with_the_remedy(text: str, message: str) -> None:
    with pytest.raises(FabricError, match=message) as caught:
        read(text, "file")
    assert str(caught.value).endswith("Run evpn.fabric.site, which writes it anew")
