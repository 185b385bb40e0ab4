"""The planner, case by case: a folder each with the host as it is, the document, and what has to come of it.

``current.yml`` and ``desired.yml`` are options of the module ``dataplane``; what is under ``foreign`` in the former is not
ours. ``expected.yml`` lists operations, or the problems that the document is refused for.
"""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document

from tests.engine import plan_of
from tests.fake_kernel import FakeKernel

CASES = sorted(path for path in (pathlib.Path(__file__).parent / "cases").iterdir())


def load(case: pathlib.Path, name: str) -> Any:
    path = case / f"{name}.yml"
    return yaml.safe_load(path.read_text()) or {} if path.exists() else {}


def host(case: pathlib.Path) -> FakeKernel:
    current = load(case, "current")
    foreign = current.pop("foreign", {})
    kernel, other = FakeKernel.holding(current), FakeKernel.holding(foreign, owned=False)
    for group, objects in other.state.items():
        kernel.state[group].update(objects)
    return kernel


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: pathlib.Path) -> None:
    expected = load(case, "expected")
    if "problems" in expected:
        with pytest.raises(ValidationError) as refused:
            planned(case)
        assert [str(problem) for problem in refused.value.problems] == expected["problems"]
    else:
        assert planned(case) == (expected.get("operations") or [])


def planned(case: pathlib.Path) -> list[dict[str, str]]:
    kernel, document = host(case), Document.from_params(load(case, "desired"))
    return [
        {"action": made.action, "kind": made.kind, "name": made.name, "disruption": made.disruption, "reason": made.reason}
        for made in plan_of(kernel, document).operations
    ]
