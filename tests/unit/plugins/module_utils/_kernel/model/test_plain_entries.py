"""Forwarding entries from options: many that are alike are taken as columns, and are what they are one by one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import Columns
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.fdb import (
    FLOOD,
    RARE,
    Fdb,
    PlainEntries,
    devs_of,
    from_columns,
    keys,
    plain_entries,
    stations_of,
)

USUAL = {"dev": "vx1", "mac": "02:00:00:00:00:01", "dst": "10.0.0.1", **dict.fromkeys(RARE)}
PLAIN: list[dict[str, Any]] = [
    USUAL,
    {**USUAL, "mac": "02:00:00:00:00:02"},
    {**USUAL, "dev": "vx2"},
    {**USUAL, "mac": FLOOD},
    {**USUAL, "mac": FLOOD, "dst": "10.0.0.2"},
]


def test_plain_entries_are_what_each_is_by_itself() -> None:
    entries = plain_entries(Columns([], "fdb", PLAIN))
    one_by_one = from_columns(Columns([], "fdb", PLAIN), {})
    assert entries is not None
    assert list(entries.items()) == list(zip(keys(one_by_one), one_by_one))
    assert len(entries) == len(one_by_one) == len(PLAIN)
    assert entries["vx2", "02:00:00:00:00:01"] == Fdb("vx2", "02:00:00:00:00:01", dst="10.0.0.1", owned=True)
    assert ("vx2", "02:00:00:00:00:02") not in entries


@pytest.mark.parametrize(
    "odd",
    [
        {"vni": 5},
        {"vlan": 5, "dst": None},
        {"dst": "local"},
        {"dst": "fd00::1"},
        {"dst": "239.1.1.1"},
        {"dst": "10.0.0.01"},
        {"dev": None},
        {"dev": "no name"},
        {"mac": "02:00:00:00:00:0A"},
        {"mac": None},
        {"mac": USUAL["mac"]},
    ],
)
def test_one_entry_that_is_not_plain_has_all_looked_at(odd: dict[str, Any]) -> None:
    assert plain_entries(Columns([], "fdb", [*PLAIN, {**USUAL, "mac": "02:00:00:00:00:03", **odd}])) is None


def test_a_plain_entry_that_is_listed_twice_is_told() -> None:
    with pytest.raises(ValidationError, match=r"fdb\[5\]: 02:00:00:00:00:01 on vx1 dst 10.0.0.9 is listed twice"):
        Document.from_params({"fdb": [*PLAIN, {**USUAL, "dst": "10.0.0.9"}]})


def test_devices_are_told_and_no_stations() -> None:
    plain = PlainEntries(["vx1", "vx2"], ["02:00:00:00:00:01", "02:00:00:00:00:02"], ["10.0.0.1", "10.0.0.1"])
    station = Fdb("eth1", "02:00:00:00:00:03")
    assert devs_of(plain) == {"vx1", "vx2"} and stations_of(plain) == []
    assert devs_of({"any": station}) == {"eth1"} and stations_of({"any": station}) == [station]
