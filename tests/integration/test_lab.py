"""The lab in a network namespace of its own."""

from __future__ import annotations

import os
import pathlib
from types import SimpleNamespace
from typing import Any

import pytest

from lab import nodes
from tests.namespaces import link

pytestmark = pytest.mark.usefixtures("network")
#: An interface of the machine, which has its /sys.
ELSEWHERE = next(
    (name for name in os.listdir("/sys/class/net") if pathlib.Path("/sys/class/net", name).is_symlink() and name != "lo"), ""
)


@pytest.mark.skipif(not ELSEWHERE, reason="this machine has no interface but lo")
def test_a_bridge_that_the_machine_has_is_made_in_another_namespace_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "BRIDGE", ELSEWHERE)
    spec: Any = SimpleNamespace(virtual=False)
    for _time in range(2):
        nodes._management_bridge(spec)
        assert link(ELSEWHERE)
