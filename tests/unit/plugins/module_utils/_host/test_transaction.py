"""The transaction over planes that are lists, and that fail where a test asks for it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, FrrError, KernelError
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import Operation
from ansible_collections.evpn.fabric.plugins.module_utils._core.plane import Stopped
from ansible_collections.evpn.fabric.plugins.module_utils._host import guard, transaction
from ansible_collections.evpn.fabric.plugins.module_utils._host.transaction import Stage

NEVER: Stopped = lambda: None  # noqa: E731


class Thing(NamedTuple):
    name: str
    kind: str = "thing"

    def to_output(self) -> dict[str, str]:
        return {"name": self.name}


class Plan(NamedTuple):
    operations: Sequence[Operation]


class Listed:
    """A plane that appends what a plan creates to ``state``, and removes it again."""

    def __init__(self, name: str, fails: Exception | None = None, stays: bool = False):
        self.name, self.fails, self.stays = name, fails, stays
        self.state: list[str] = []

    def read(self, desired: Sequence[str]) -> list[str]:
        return list(self.state)

    def plan(self, desired: Sequence[str], actual: Sequence[str]) -> Plan:
        return Plan([creates(name) for name in desired if name not in actual])

    def apply(self, plan: Plan, stopped: Stopped) -> None:
        if self.fails:
            raise self.fails
        self.state += [operation.name for operation in plan.operations]

    def revert(self, plan: Plan) -> None:
        if self.stays:
            raise FabricError("it is busy")
        self.state = [name for name in self.state if name not in {operation.name for operation in plan.operations}]


def creates(name: str, disruption: str = "hitless") -> Operation:
    return Operation("create", None, Thing(name), disruption, "it is missing", ())


@pytest.fixture(autouse=True)
def unlocked(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(guard.namespace, "path", lambda ending: f"{tmp_path}/lock")


def stages(*planes: Listed, disruption: str = "hitless") -> Callable[[], list[Stage]]:
    return lambda: [Stage(plane, Plan([creates(plane.name, disruption)])) for plane in planes]


def test_planes_are_applied_in_their_order() -> None:
    order: list[str] = []
    planes = [Listed("one"), Listed("two")]
    for plane in planes:
        plane.state = order
    transaction.run(stages(*planes), "hitless", check_mode=False, lock_timeout=1)
    assert order == ["one", "two"]


def test_a_checkpoint_is_always_reverted_without_operations_and_is_not_counted() -> None:
    one, two = Listed("one"), Listed("two", fails=FabricError("it is refused"))
    one.state, one.stays = ["kept"], True
    staged = [Stage(one, Plan([])), Stage(one, Plan([]), is_checkpoint=True), Stage(two, Plan([creates("two")]))]
    with pytest.raises(FabricError) as refused:
        transaction.carry_out(staged, NEVER)
    assert str(refused.value) == "it is refused\none: could not be reverted: it is busy"
    one.stays = False
    with pytest.raises(FabricError) as refused:
        transaction.carry_out(staged, NEVER)
    assert str(refused.value) == "it is refused"


def test_what_a_checkpoint_needs_stays_while_it_is_armed_and_the_planes_after_it_are_reverted() -> None:
    engine, checkpoint = Listed("engine"), Listed("checkpoint", stays=True)
    kernel, frr = Listed("kernel"), Listed("FRR", fails=FrrError("it is refused"))
    staged = [
        Stage(engine, Plan([creates("engine")])),
        Stage(checkpoint, Plan([]), is_checkpoint=True),
        *stages(kernel, frr)(),
    ]
    with pytest.raises(FrrError) as refused:
        transaction.carry_out(staged, NEVER)
    assert (engine.state, kernel.state) == (["engine"], [])
    assert str(refused.value) == "it is refused\nkernel: reverted, 1 operations\ncheckpoint: could not be reverted: it is busy"
    checkpoint.stays, engine.state = False, []
    with pytest.raises(FrrError, match="engine: reverted"):
        transaction.carry_out(staged, NEVER)
    assert engine.state == []


def test_what_a_checkpoint_needs_stays_if_it_cannot_be_disarmed_after_it_failed_itself() -> None:
    engine, checkpoint = Listed("engine"), Listed("checkpoint", fails=FabricError("no room"), stays=True)
    staged = [Stage(engine, Plan([creates("engine")])), Stage(checkpoint, Plan([]), is_checkpoint=True)]
    with pytest.raises(FabricError, match="no room"):
        transaction.carry_out(staged, NEVER)
    assert engine.state == ["engine"]
    checkpoint.stays, engine.state = False, []
    with pytest.raises(FabricError, match="no room"):
        transaction.carry_out(staged, NEVER)
    assert engine.state == []


def test_a_check_touches_nothing_and_tells_the_same_operations() -> None:
    one, two = Listed("one"), Listed("two")
    told = transaction.operations_of(transaction.run(stages(one, two), "hitless", check_mode=True, lock_timeout=1))
    assert (one.state, two.state) == ([], [])
    assert told == transaction.operations_of(transaction.run(stages(one, two), "hitless", check_mode=False, lock_timeout=1))


def test_an_operation_of_the_last_plane_that_is_too_strong_keeps_the_first_from_being_touched() -> None:
    one, two = Listed("one"), Listed("two")
    mixed = [*stages(one)(), *stages(two, disruption="daemon")()]
    with pytest.raises(FabricError, match=r"nothing was changed: max_disruption is session[^+]*create thing two \[daemon\]"):
        transaction.run(lambda: mixed, "session", check_mode=False, lock_timeout=1)
    assert (one.state, two.state) == ([], [])


@pytest.mark.parametrize("error", [FrrError("vtysh hangs"), KernelError("refused", 13), KeyError("odd")])
def test_a_plane_that_fails_has_all_planes_before_it_reverted(error: Exception) -> None:
    one, two, three = Listed("one"), Listed("two"), Listed("three", fails=error)
    with pytest.raises(FabricError) as raised:
        transaction.run(stages(one, two, three), "hitless", check_mode=False, lock_timeout=1)
    assert (one.state, two.state) == ([], [])
    assert str(error) in str(raised.value)
    assert str(raised.value).index("two: reverted") < str(raised.value).index("one: reverted")
    if isinstance(error, FabricError):
        assert type(raised.value) is type(error)


def test_a_plane_that_fails_by_a_fault_of_ours_is_reverted_itself() -> None:
    class Faulty(Listed):
        def apply(self, plan: Plan, stopped: Stopped) -> None:
            super().apply(plan, stopped)
            raise OSError(28, "No space left on device")

    one, two = Listed("one"), Faulty("two")
    with pytest.raises(FabricError, match=r"(?s)No space left.*two: reverted.*one: reverted"):
        transaction.run(stages(one, two), "hitless", check_mode=False, lock_timeout=1)
    assert (one.state, two.state) == ([], [])


def test_a_signal_that_the_process_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with guard.deferred_signals() as stopped:
            signal.raise_signal(signal.SIGHUP)
            assert stopped() is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_revert_that_breaks_off_names_each_object_of_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = Listed("one"), Listed("two", fails=FrrError("refused"))

    def revert(plan: Plan) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(one, "revert", revert)
    with pytest.raises(FrrError, match=r"(?s)one: could not be reverted: OSError.*may not be as they were: thing one$"):
        transaction.run(stages(one, two), "hitless", check_mode=False, lock_timeout=1)


def test_what_could_not_be_reverted_is_said_and_the_rest_is_reverted_all_the_same() -> None:
    one, two, three = Listed("one"), Listed("two", stays=True), Listed("three", fails=FrrError("refused"))
    with pytest.raises(FrrError, match=r"(?s)refused.*two: could not be reverted: it is busy.*one: reverted"):
        transaction.run(stages(one, two, three), "hitless", check_mode=False, lock_timeout=1)
    assert (one.state, two.state) == ([], ["two"])


def test_a_signal_between_two_planes_reverts_the_first() -> None:
    asked: Iterator[str | None] = iter([None, "SIGTERM", "SIGTERM"])
    one, two = Listed("one"), Listed("two")
    with pytest.raises(FabricError, match=r"(?s)SIGTERM came.*one: reverted"):
        transaction.carry_out(stages(one, two)(), lambda: next(asked))
    assert (one.state, two.state) == ([], [])


def test_a_signal_is_kept_until_a_plane_asks_for_it() -> None:
    class Interrupted(Listed):
        def apply(self, plan: Plan, stopped: Stopped) -> None:
            signal.raise_signal(signal.SIGTERM)
            super().apply(plan, stopped)

    one, two = Interrupted("one"), Listed("two")
    with pytest.raises(FabricError, match="SIGTERM came"):
        transaction.run(stages(one, two), "hitless", check_mode=False, lock_timeout=1)
    assert (one.state, two.state) == ([], [])


def test_planning_happens_under_the_lock_and_a_check_waits_for_nobody() -> None:
    one = Listed("one")

    def prepare() -> list[Stage]:
        with pytest.raises(FabricError, match="another run is at work"), guard.lock(0):
            pass
        return stages(one)()

    transaction.run(prepare, "hitless", check_mode=False, lock_timeout=1)
    with guard.lock(0):
        transaction.run(stages(one), "hitless", check_mode=True, lock_timeout=0)
