"""Neighbors from options: each one that cannot be meant is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document

USUAL = {"dev": "br1", "ip": "192.0.2.1", "mac": "02:00:00:00:00:01", "proxy": False, "router": None}


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ({"mac": None}, "mac: is missing"),
        ({"proxy": True}, "mac: is given, but a proxy entry"),
        ({"router": True}, "router: is for IPv6 neighbors"),
        ({"ip": "239.1.1.1"}, r"239\.1\.1\.1"),
    ],
)
def test_a_neighbor_that_cannot_be_meant_is_refused(odd: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Document.from_params({"neighbors": [{**USUAL, **odd}]})


def test_one_that_is_to_be_removed_needs_no_mac_address() -> None:
    document = Document.from_params({"neighbors": [{**USUAL, "mac": None, "state": "absent"}]})
    assert len(document.absent["neighbor"]) == 1
