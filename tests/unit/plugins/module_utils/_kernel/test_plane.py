"""Applying and reverting, on a kernel that refuses when it is told to."""

from __future__ import annotations

import copy
import errno
import itertools
import json
import pathlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, KernelError, VerificationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import refuse_stronger
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import GROUPS, Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.order import in_order
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane, Plan

from tests.engine import plan_of
from tests.fake_kernel import FakeKernel
from tests.unit.plugins.module_utils._kernel.plan.test_cases import CASES, host, load

Params = dict[str, Any]

TENANT: Params = {
    "vrfs": [{"name": "a", "table": 10}],
    "bridges": [{"name": "br1", "vrf": "a"}],
    "addresses": [{"dev": "br1", "address": "10.0.0.1/24"}, {"dev": "br1", "address": "2001:db8::1/64"}],
}


def name_of(step: Any) -> str:
    what = step.after or step.before
    return getattr(what, "name", None) or what.dev


class Refusing(FakeKernel):
    """Refuses the steps that reach it at these positions, counted from 0; ``carried_out`` are those that it took."""

    def __init__(self, state: dict[str, dict[Any, Any]], *positions: int):
        super().__init__(state)
        self.positions: Sequence[int] = positions
        self.reached = 0
        self.carried_out: list[Any] = []

    def _carry_out(self, step: Any) -> str | None:
        self.reached += 1
        if self.reached - 1 in self.positions:
            return f"refused at {self.reached - 1}"
        error = super()._carry_out(step)
        if error is None:
            self.carried_out.append(step)
        return error


def bring(kernel: Any, params: Params, max_disruption: str = "daemon") -> None:
    made = plan_of(kernel, Document.from_params(params))
    refuse_stronger(made.operations, max_disruption)
    KernelPlane(kernel).apply(made)


def loud_steps(kernel: Any, params: Params) -> list[Any]:
    made = plan_of(kernel, Document.from_params(params))
    return [step for step in in_order(made.operations) if not step.silent]


def standing(state: dict[str, dict[Any, Any]]) -> dict[str, dict[Any, Any]]:
    """A state without the sysctls of interfaces that are not there."""
    sysctls = {path: made for path, made in state["sysctl"].items() if made.dev is None or made.dev in state["link"]}
    return copy.deepcopy({**state, "sysctl": sysctls})


def refuse_each_step(make: Callable[[], FakeKernel], params: Params) -> None:
    number = len(loud_steps(make(), params))
    assert number
    for position in range(number):
        kernel = Refusing(make().state, position)
        before = standing(kernel.state)
        with pytest.raises(KernelError, match=f"refused at {position}"):
            bring(kernel, params)
        assert standing(kernel.state) == before, f"refused at {position}"


@pytest.mark.parametrize(
    "case", [case for case in CASES if load(case, "expected").get("operations")], ids=lambda path: path.name
)
def test_a_refusal_at_any_step_leaves_the_host_as_it_was(case: pathlib.Path) -> None:
    refuse_each_step(lambda: host(case), load(case, "desired"))


def test_a_bridge_that_comes_back_has_its_ports_with_their_options() -> None:
    current = {"bridges": [{"name": "br1", "up": True}, {"name": "br2"}],
               "vxlans": [{"name": "vx1", "vni": 1, "bridge": "br1", "learning": False, "neigh_suppress": True}]}  # fmt: skip
    desired = {"bridges": [{"name": "br1", "state": "absent"}, {"name": "br2", "mtu": 9000}]}
    refuse_each_step(lambda: FakeKernel.holding(current), desired)


def test_a_link_that_comes_back_has_its_sysctls() -> None:
    path = "net/ipv4/conf/eth1.7/forwarding"
    current = {"interfaces": [{"name": "eth1"}], "vlans": [{"name": "eth1.7", "link": "eth1", "vlan": 6}], "sysctls": {path: 0}}

    def make() -> FakeKernel:
        kernel = FakeKernel.holding(current)
        kernel.state["sysctl"][path] = replace(kernel.state["sysctl"][path], default="1")
        return kernel

    refuse_each_step(make, {**current, "vlans": [{"name": "eth1.7", "link": "eth1", "vlan": 7}]})


def test_what_was_done_is_reverted_in_reverse_order() -> None:
    kernel = Refusing(FakeKernel().state, 4)
    with pytest.raises(KernelError) as refused:
        bring(kernel, TENANT)
    done, reverted = kernel.carried_out[:4], kernel.carried_out[4:]
    assert [name_of(step) for step in done] == ["a", "br1", "10.0.0.1/24 on br1", "2001:db8::1/64 on br1"]
    assert [(step.before, step.after) for step in reverted] == [(step.after, step.before) for step in reversed(done)]
    assert str(refused.value) == "refused at 4\nWhat had been done before (4 steps) was reverted"


def test_consequences_of_a_deletion_are_reverted_too() -> None:
    kernel = Refusing(FakeKernel.holding(TENANT).state, 1)
    with pytest.raises(KernelError):
        bring(kernel, {"bridges": [{"name": "br1", "state": "absent"}], "vrfs": [{"name": "a", "state": "absent"}]})
    assert set(kernel.state["address"]) == {("br1", "10.0.0.1/24"), ("br1", "2001:db8::1/64")}
    assert kernel.state["link"]["br1"].master == "a"


def test_a_refusal_of_the_first_step_says_that_nothing_was_changed() -> None:
    kernel = Refusing(FakeKernel().state, 0)
    with pytest.raises(KernelError, match="refused at 0\nNothing had been changed before"):
        bring(kernel, TENANT)
    assert kernel.state["link"] == {}
    assert kernel.reached == 1


def test_what_cannot_be_reverted_step_by_step_is_planned_again_from_what_is_there() -> None:
    kernel = Refusing(FakeKernel().state, 4, 7)
    with pytest.raises(KernelError) as refused:
        bring(kernel, TENANT)
    assert str(refused.value) == "refused at 4\nWhat had been done before (4 steps) was reverted"
    assert kernel.reached == 10, "the bridge is deleted once more"
    assert not any(kernel.state.values())


def test_where_that_fails_too_the_error_names_each_object_that_is_left() -> None:
    kernel = Refusing(FakeKernel().state, 4, 7, 9)
    with pytest.raises(KernelError) as refused:
        bring(kernel, TENANT)
    assert str(refused.value) == (
        "refused at 4\nReverting what had been done failed too: refused at 7\nNot reverted:\n  bridge br1: is still there"
    )
    assert list(kernel.state["link"]) == ["br1"], "the rest is reverted all the same"


def test_what_was_changed_and_is_still_not_as_it_was_is_told_with_the_difference() -> None:
    kernel = Refusing(FakeKernel.holding({"bridges": [{"name": "br1", "mtu": 1500}]}).state, 1, 2, 3)
    with pytest.raises(KernelError) as refused:
        bring(kernel, {"bridges": [{"name": "br1", "mtu": 1400}], "sysctls": {"net/ipv4/ip_forward": 1}})
    assert str(refused.value).endswith("\nNot reverted:\n  bridge br1: mtu 1400 -> 1500")


class InGroups(Refusing):
    """Goes on with the steps of one phase and rank after one that it refuses, as the real kernel does."""

    def perform(self, steps: list[Any], stopped: Any = lambda: None) -> tuple[list[Any], KernelError | None]:
        done: list[Any] = []
        for _place, group in itertools.groupby(steps, key=lambda step: step[:2]):
            answers = [(step, super(InGroups, self).perform([step])[1]) for step in group]
            done += [step for step, error in answers if error is None]
            errors = [error for _step, error in answers if error is not None]
            if errors:
                return done, errors[0]
        return done, None


def test_where_reverting_fails_for_one_of_a_group_the_error_names_that_one() -> None:
    kernel = InGroups(FakeKernel().state, 2, 3, 5)
    with pytest.raises(KernelError) as refused:
        bring(kernel, {"bridges": [{"name": "br1"}, {"name": "br2"}], "sysctls": {"net/ipv4/ip_forward": 1}})
    assert str(refused.value).endswith("\nNot reverted:\n  bridge br2: is still there")
    assert list(kernel.state["link"]) == ["br2"]


def test_the_kernels_error_number_stays() -> None:
    class Busy(FakeKernel):
        def perform(self, steps: list[Any], stopped: Any = lambda: None) -> tuple[list[Any], KernelError | None]:
            return [], KernelError("busy", errno.EBUSY)

    with pytest.raises(KernelError) as refused:
        bring(Busy(), TENANT)
    assert refused.value.errno == errno.EBUSY


class Faulty(FakeKernel):
    """Has a fault of its own that nobody foresaw, once, in reading or in comparing what was read."""

    def __init__(self, reads: int):
        super().__init__()
        self.reads = reads

    def read(self, document: Document) -> dict[str, dict[Any, Any]]:
        self.reads -= 1
        if self.reads == 0:
            raise KeyError(13)
        return super().read(document)


def test_an_exception_that_nobody_foresaw_after_the_changes_is_reverted_too() -> None:
    kernel = Faulty(reads=2)
    with pytest.raises(FabricError, match=r"KeyError\(13\) \(.*test_plane.py, line \d+\)\. This is a fault") as failed:
        bring(kernel, TENANT)
    assert str(failed.value).endswith("was reverted")
    assert not any(kernel.state.values())


class Meddled(FakeKernel):
    """Something else on the host changes its state once, right after the changes."""

    def __init__(self, state: dict[str, dict[Any, Any]], meddle: Callable[[dict[str, dict[Any, Any]]], object]):
        super().__init__(state)
        self.meddle: Callable[[dict[str, dict[Any, Any]]], object] | None = meddle

    def perform(self, steps: list[Any], stopped: Any = lambda: None) -> tuple[list[Any], KernelError | None]:
        answer = super().perform(steps)
        if self.meddle:
            self.meddle(self.state)
            self.meddle = None
        return answer


def applied(kernel: Any, params: Params) -> tuple[KernelPlane, Plan]:
    """A plan that was applied when another plane fails."""
    plane, made = KernelPlane(kernel), plan_of(kernel, Document.from_params(params))
    plane.apply(made)
    return plane, made


@pytest.mark.parametrize(
    "case", [case for case in CASES if load(case, "expected").get("operations")], ids=lambda path: path.name
)
def test_a_plan_that_was_applied_is_reverted_later_and_the_host_is_as_it_was(case: pathlib.Path) -> None:
    kernel = host(case)
    before = standing(kernel.state)
    plane, made = applied(kernel, load(case, "desired"))
    assert standing(kernel.state) != before
    plane.revert(made)
    assert standing(kernel.state) == before


def test_what_somebody_else_has_taken_away_after_a_plan_does_not_keep_the_rest_from_being_reverted() -> None:
    kernel = FakeKernel.holding({"interfaces": [{"name": "eth1"}]})
    plane, made = applied(kernel, {**TENANT, "interfaces": [{"name": "eth1", "mtu": 9000}]})
    del kernel.state["link"]["eth1"]
    with pytest.raises(FabricError, match=r"eth1.*does not exist\nNot reverted:\n  eth1: has disappeared$"):
        plane.revert(made)
    assert kernel.state["link"] == {}


def test_a_plan_that_cannot_be_reverted_says_of_each_object_what_is_not_as_it_was() -> None:
    kernel = Refusing(FakeKernel().state)
    plane, made = applied(kernel, {"bridges": [{"name": "br1"}], "vrfs": [{"name": "a", "table": 10}]})
    kernel.positions = range(kernel.reached, kernel.reached + 100)
    with pytest.raises(FabricError, match=r"^refused at \d+\nNot reverted:\n") as refused:
        plane.revert(made)
    assert str(refused.value).split("\n")[2:] == ["  vrf a: is still there", "  bridge br1: is still there"]


def test_a_plan_tells_the_addresses_that_it_adds() -> None:
    kernel = FakeKernel.holding(TENANT)
    made = plan_of(kernel, Document.from_params({"addresses": [
        {"dev": "br1", "address": "10.0.0.1/24"}, {"dev": "br1", "address": "10.0.0.2/24"},
        {"dev": "br1", "address": "2001:db8::1/64", "state": "absent"}]}))  # fmt: skip
    assert made.addresses == {("br1", "10.0.0.2/24")}


def test_what_differs_after_the_changes_is_named_and_the_changes_are_reverted() -> None:
    def lower(state: dict[str, dict[Any, Any]]) -> None:
        state["link"]["br1"] = replace(state["link"]["br1"], mtu=1400)

    kernel = Meddled(FakeKernel().state, lower)
    with pytest.raises(VerificationError) as refused:
        bring(kernel, {**TENANT, "bridges": [{"name": "br1", "vrf": "a", "mtu": 9000}]})
    assert "\n  bridge br1: mtu 1400 -> 9000\n" in str(refused.value)
    assert "something else on this host changes them" in str(refused.value)
    assert str(refused.value).endswith("was reverted")
    assert not any(kernel.state.values())


def test_an_interface_that_disappears_meanwhile_does_not_keep_the_rest_from_being_reverted() -> None:
    kernel = Meddled(FakeKernel.holding({"interfaces": [{"name": "eth1"}]}).state, lambda state: state["link"].pop("eth1"))
    with pytest.raises(FabricError):
        bring(kernel, {**TENANT, "interfaces": [{"name": "eth1", "mtu": 9000}]})
    assert kernel.state["link"] == {}


def test_a_host_that_cannot_be_read_back_is_not_left_half_done_without_a_word() -> None:
    class Unreadable(FakeKernel):
        reads = 0

        def read(self, document: Document) -> dict[str, dict[Any, Any]]:
            self.reads += 1
            if self.reads == 2:
                raise KernelError("the kernel's tables kept changing while they were read")
            return super().read(document)

    kernel = Unreadable()
    with pytest.raises(KernelError, match="kept changing") as refused:
        bring(kernel, TENANT)
    assert "was reverted" in str(refused.value)
    assert not any(kernel.state.values())


def test_a_plan_that_disturbs_more_than_it_may_touches_nothing_and_says_why() -> None:
    kernel = Refusing(FakeKernel.holding(TENANT).state)
    with pytest.raises(FabricError) as refused:
        bring(kernel, {"vrfs": [{"name": "a", "table": 20}]}, max_disruption="session")
    assert kernel.reached == 0
    lines = str(refused.value).split("\n")
    assert lines[0] == "nothing was changed: max_disruption is session, and these operations are stronger:"
    assert "  recreate vrf a [link]: table 10 -> 20 cannot change on a live device" in lines
    assert lines[-1] == "Raise max_disruption in a maintenance window, or change the document"


def test_of_many_operations_that_disturb_too_much_twenty_are_named() -> None:
    kernel = FakeKernel.holding({"vrfs": [{"name": f"red{number}", "table": 100 + number} for number in range(23)]})
    with pytest.raises(FabricError) as refused:
        bring(kernel, {"vrfs": [], "purge": True}, max_disruption="hitless")
    assert str(refused.value).count("delete vrf red") == 20
    assert "\n  and 3 more\n" in str(refused.value)


@pytest.mark.parametrize(
    ("params", "reads_rest"),
    [
        ({"bridges": [{"name": "br1", "mtu": 9000}]}, False),
        ({"bridges": [{"name": "br1", "state": "absent"}]}, True),
        ({"bridges": [{"name": "br1", "vrf": ""}]}, True),
        ({"bridges": [{"name": "br1", "up": False}]}, True),
        ({"bridges": [{"name": "br1", "mac": "02:00:5e:00:01:01"}]}, True),
        ({"bridges": [{"name": "br1", "mtu": 1000}]}, True),
        ({"vrfs": [{"name": "a", "table": 20}]}, True),
        ({"addresses": [{"dev": "br1", "address": "2001:db8::2/64"}], "purge": True}, True),
        ({"addresses": [{"dev": "br1", "address": "10.0.0.1/24"}], "purge": True}, False),
        ({"addresses": [{"dev": "br1", "address": "10.0.0.1/24", "metric": 7}]}, True),
        ({"addresses": [{"dev": "a", "address": "10.0.1.1/24"}]}, True),
        ({"sysctls": {"net/ipv4/ip_forward": 1}}, True),
        ({"sysctls": {"net/ipv4/conf/all/rp_filter": 1}}, False),
    ],
)
def test_what_a_document_does_not_speak_of_is_read_only_where_it_may_have_to_be_put_back(
    params: Params, reads_rest: bool
) -> None:
    asked: list[str] = []

    class Asked(FakeKernel):
        def read(self, document: Document) -> dict[str, dict[Any, Any]]:
            asked.append("read")
            return super().read(document)

        def read_rest(self, document: Document, state: dict[str, dict[Any, Any]]) -> dict[str, dict[Any, Any]]:
            asked.append("rest")
            return super().read_rest(document, state)

    raised = {**TENANT, "bridges": [{"name": "br1", "vrf": "a", "up": True}]}
    plan_of(Asked(FakeKernel.holding(raised).state), Document.from_params(params))
    assert asked == (["read", "rest"] if reads_rest else ["read"])


@pytest.mark.parametrize(("dropped", "is_told"), [("addresses", True), ("vrfs", False)])
def test_who_has_to_notice_addresses_is_told_when_reverting_brings_some_back(dropped: str, is_told: bool) -> None:
    state = {**TENANT, "bridges": [{"name": "br1"}]}
    kernel, told = FakeKernel({group: {} for group in GROUPS}), []
    bring(kernel, state)
    plane = KernelPlane(kernel, lambda: told.append(copy.deepcopy(kernel.state["address"])))
    made = plan_of(kernel, Document.from_params({**state, dropped: [], "purge": True}))
    plane.apply(made)
    assert not told
    plane.revert(made)
    assert [set(addresses) for addresses in told] == [{("br1", "10.0.0.1/24"), ("br1", "2001:db8::1/64")}] * is_told


@pytest.mark.parametrize(
    "case", [case for case in CASES if load(case, "expected").get("operations")], ids=lambda path: path.name
)
def test_from_any_step_on_a_host_goes_back_to_what_was_captured(case: pathlib.Path) -> None:
    steps = in_order(plan_of(host(case), Document.from_params(load(case, "desired"))).operations)
    for number in range(len(steps) + 1):
        kernel = host(case)
        made, before = plan_of(kernel, Document.from_params(load(case, "desired"))), standing(kernel.state)
        captured = json.loads(json.dumps(KernelPlane(kernel).capture(made)))
        kernel.perform(in_order(made.operations)[:number])
        KernelPlane(kernel).bring_back(captured)
        assert standing(kernel.state) == before, f"after {number} steps"
        assert KernelPlane(kernel).plan_back(captured).operations == ()


def test_what_cannot_be_brought_back_does_not_keep_the_rest_from_it() -> None:
    kernel = Refusing(FakeKernel.holding(TENANT).state)
    made = plan_of(
        kernel, Document.from_params({"bridges": [{"name": "br1", "mtu": 1400}], "vrfs": [{"name": "b", "table": 11}]})
    )
    captured = KernelPlane(kernel).capture(made)
    KernelPlane(kernel).apply(made)
    kernel.positions = range(kernel.reached, kernel.reached + 1)
    with pytest.raises(FabricError, match="not reverted:\n  vrf b: is still there"):
        KernelPlane(kernel).bring_back(captured)
    assert kernel.state["link"]["br1"].mtu == 1500


def test_what_somebody_else_has_put_in_the_way_does_not_keep_the_rest_from_being_brought_back() -> None:
    kernel = FakeKernel.holding(TENANT)
    made = plan_of(kernel, Document.from_params({"vrfs": [], "bridges": [{"name": "br1", "state": "absent"}], "purge": True}))
    captured = KernelPlane(kernel).capture(made)
    KernelPlane(kernel).apply(made)
    assert kernel.state["link"] == {}
    kernel.state["link"].update(FakeKernel.holding({"dummies": [{"name": "br1"}]}, owned=False).state["link"])
    with pytest.raises(FabricError, match="bridge br1: the name is taken by a dummy device"):
        KernelPlane(kernel).bring_back(captured)
    assert {link.kind for link in kernel.state["link"].values()} == {"vrf", "dummy"}
