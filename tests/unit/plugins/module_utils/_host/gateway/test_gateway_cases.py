"""The planner of gateways, case by case: a folder each with the host, the options, and what has to come of it.

``snapshot.yml`` is the host: ``kernel`` and ``ours`` are options of the module ``dataplane`` (the latter for what gateways
have made), ``suppressed`` bridges that do not answer, ``frr`` its running configuration, ``exports`` the route targets of VNIs.
``options.yml`` are options of ``gateway_failover``. ``expected.yml`` lists the stages in order, each with its operations and
what it announces, or the problems that the options are refused for.
"""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import Operation
from ansible_collections.evpn.fabric.plugins.module_utils._frr.configuration import parse
from ansible_collections.evpn.fabric.plugins.module_utils._host.gateway.desired import Desired, Snapshot
from ansible_collections.evpn.fabric.plugins.module_utils._host.gateway.plan import Plan, document, plan
from ansible_collections.evpn.fabric.plugins.module_utils._host.gateway.stages import KernelStage, Stage
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.nd_suppression import NdSuppression
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.difference import difference
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.order import in_order
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import Actual
from ansible_collections.evpn.fabric.plugins.module_utils._module.gateway import desired_from

from tests.fake_kernel import FakeKernel

#: Options of the module that a case need not give: three gateways, of which this is the first, and buckets that balance.
DEFAULTS: dict[str, Any] = {
    "gateways": [{"name": "gw1"}, {"name": "gw2"}, {"name": "gw3"}],
    "self": "gw1",
    "buckets": None,
    "pins": None,
    "standbys": 1,
    "placement": "rendezvous",
    "allow_none_active": False,
    "phase": "all",
    "route_map": "evpn-gateway",
    "ospf": False,
    "vtep_prefix": None,
    "vtep_interface": "lo",
}
CASES = sorted(path for path in (pathlib.Path(__file__).parent / "cases").iterdir())


def load(case: pathlib.Path, name: str) -> Any:
    return yaml.safe_load((case / f"{name}.yml").read_text()) or {}


def desired(case: pathlib.Path) -> Desired:
    return desired_from({**DEFAULTS, **load(case, "options")})


def kernel(given: dict[str, Any]) -> FakeKernel:
    made, ours = FakeKernel.holding(given["kernel"], owned=False), FakeKernel.holding(given.get("ours") or {})
    for group, objects in ours.state.items():
        made.state[group].update(objects)
    for name, link in made.state["link"].items():
        if link.kind == "bridge":
            made.state["nd_suppression"][name] = NdSuppression(name, 0, nd=False, owned=False)
    for name in given.get("suppressed") or ():
        made.state["nd_suppression"][name] = NdSuppression(name, 8, nd=True, owned=True)
    return made


def snapshot(given: dict[str, Any], host: FakeKernel, target: Desired) -> Snapshot:
    made = document(target, host.state["link"])
    actual = host.read(made)
    return Snapshot(
        lines=parse(given["frr"], shown=True),
        vnis={str(vni): {"exportRTs": [target]} for vni, target in (given.get("exports") or {}).items()},
        kernel=Actual(actual, difference(made, actual)),
        arp_ignore_of_all=given.get("arp_ignore_of_all", 0),
        has_nft=given.get("nft", True),
    )


def planned(case: pathlib.Path) -> Plan:
    given, target = load(case, "snapshot"), desired(case)
    return plan(target, snapshot(given, kernel(given), target))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: pathlib.Path) -> None:
    expected = load(case, "expected")
    if "problems" in expected:
        with pytest.raises(ValidationError) as refused:
            planned(case)
        assert [str(problem) for problem in refused.value.problems] == expected["problems"]
        return
    made = planned(case)
    assert [shown(stage) for stage in made.stages] == expected["stages"]
    assert (list(made.owned), made.holds) == (expected["owned"], expected["holds"])


def shown(stage: Stage) -> dict[str, Any]:
    """A stage as a case spells it."""
    found: dict[str, Any] = {"plane": "kernel" if isinstance(stage, KernelStage) else "frr"}
    found["operations"] = [shown_operation(operation) for operation in stage.operations]
    if stage.announced:
        found["announced"] = [f"{address} on {dev}" for dev, _mac, address in stage.announced]
    return found


def shown_operation(operation: Operation) -> str | dict[str, list[str]]:
    """An operation in words; one of FRR with the lines that go and come."""
    words = f"{operation.action} {operation.kind} {operation.name} [{operation.disruption}] {operation.reason}"
    if operation.kind != "frr":
        return words
    lines = [f"- {line}" for line in (operation.before.lines if operation.before else ())]
    return {words: lines + [f"+ {line}" for line in (operation.after.lines if operation.after else ())]}


@pytest.mark.parametrize(
    "case", [case for case in CASES if "problems" not in load(case, "expected")], ids=lambda path: path.name
)
def test_a_phase_that_has_been_carried_out_has_nothing_left_to_do(case: pathlib.Path) -> None:
    given, target = load(case, "snapshot"), desired(case)
    host = kernel(given)
    before = snapshot(given, host, target)
    lines = before.lines
    for stage in plan(target, before).stages:
        if isinstance(stage, KernelStage):
            assert host.perform(in_order(stage.operations))[1] is None
        else:
            assert stage.actual == lines, "a stage goes on from the one before it"
            lines = stage.desired
    assert plan(target, snapshot(given, host, target)._replace(lines=lines)).operations == ()
