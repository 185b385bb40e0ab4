# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's plane: bringing a host's data plane to its document, and back. Private to this collection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Protocol, Sequence, Tuple

from .._core.errors import FabricError, KernelError, ValidationError, VerificationError, reworded, unforeseen
from .._core.operation import Operation
from .._core.plane import Stopped
from .model import saved as saving
from .model.document import GROUPS, Document, State, empty
from .model.step import Step
from .plan.difference import Difference, difference
from .plan.order import in_order
from .plan.plan import plan

#: So many steps may fail while a plan is reverted before the rest is given up.
FAILURES = 100


class Kernel(Protocol):
    """What the plane needs of :class:`.netlink.kernel.Kernel`."""

    def read(self, document: Document) -> State: ...

    def read_rest(self, document: Document, state: State) -> State: ...

    def reverted(self, state: State) -> None: ...

    def perform(self, steps: List[Step], stopped: Stopped = ...) -> Tuple[List[Step], Optional[KernelError]]: ...


class Actual(NamedTuple):
    """What a host is: as much of its state as a plan for a document needs, and how that differs from it.

    The difference says how much has to be read, so it is found while that is done, and once.
    """

    state: State
    difference: Difference


class Plan(NamedTuple):
    """The operations that bring the host to the document ``desired``, and the state that they start from."""

    operations: Tuple[Operation, ...]
    desired: Document
    actual: State

    @property
    def addresses(self) -> FrozenSet[Tuple[str, str]]:
        """The addresses that the plan adds: (interface, address with its prefix length)."""
        made = (step.after for operation in self.operations for step in operation.steps if not step.silent)
        return frozenset(each.key for each in made if each is not None and each.kind == "address")


class Saved(NamedTuple):
    """All that steps touch, as it was before them: a document of it, and the names of the links that they remove."""

    document: Document
    removed: FrozenSet[str]


class KernelPlane:
    """The plane of the kernel behind ``kernel``; ``notice()`` is called when reverting has brought addresses back."""

    name = "data plane"

    def __init__(self, kernel: Kernel, notice: Callable[[], None] = lambda: None):
        self.kernel, self.notice = kernel, notice

    def read(self, desired: Document) -> Actual:
        """Reads as much of the host's state as a plan for a document needs. Raises :class:`KernelError`."""
        return self._compared(desired, self.kernel.read(desired))

    def _compared(self, desired: Document, state: State) -> Actual:
        """A state of the kinds that a document speaks of, with all else that the plan needs."""
        found = difference(desired, state)
        return Actual(self.kernel.read_rest(desired, state) if found.reaches_further else state, found)

    @staticmethod
    def plan(desired: Document, actual: Actual) -> Plan:
        """What leads from one to the other. Raises :class:`ValidationError` with every reason why this host cannot be so."""
        return Plan(plan(actual.difference, actual.state), desired, actual.state)

    def apply(self, prepared: Plan, stopped: Stopped = lambda: None) -> None:
        """Carries a plan out, reads back and verifies. ``stopped()`` tells what asks to stop.

        Raises :class:`FabricError` with the cause if the kernel refuses something or if what is there afterwards is not what
        is desired; what was done has been reverted then, or the message says what could not be.
        """
        if not prepared.operations:
            return
        error: Optional[FabricError]
        steps = in_order(prepared.operations)
        try:
            done, error = self.kernel.perform(steps, stopped)
        except FabricError as failure:  # the socket, and not an answer of the kernel: any of the steps can have been done
            done, error = steps, failure
        if error is None:
            error = self._verified(prepared.desired)
        else:
            done = [*done, *getattr(error, "unsure", ())]
        if error is None:
            return
        if not done:
            raise reworded(error, "%s\nNothing had been changed before" % error) from error
        try:
            self._revert(done, prepared.actual)
        except FabricError as failure:
            raise reworded(error, "%s\nReverting what had been done failed too: %s" % (error, failure)) from error
        raise reworded(error, "%s\nWhat had been done before (%d steps) was reverted" % (error, len(done))) from error

    def revert(self, applied: Plan) -> None:
        """Brings the host back to what it was before a plan that was applied. Raises :class:`FabricError` with each object
        that is not as it was.
        """
        self._revert(in_order(applied.operations), applied.actual)

    def capture(self, applied: Plan) -> Dict[str, Any]:
        """What a plan touches, as it was before it, as JSON has it: enough for :meth:`bring_back` in another process."""
        was = _saved(in_order(applied.operations), applied.actual, applied.desired.gateway)
        return {
            "document": saving.to_json(was.document),
            "removed": sorted(was.removed),
            "remembered": list(applied.actual["remembered"].values()),
        }

    def plan_back(self, captured: Mapping[str, Any]) -> Plan:
        """What leads from what is there back to what has been captured. Raises :class:`FabricError`."""
        return self._plan_back(_restored(captured))[0]

    def bring_back(self, captured: Mapping[str, Any]) -> None:
        """Brings the host back to what has been captured, as far as the kernel lets it.

        Raises :class:`FabricError` with each object that is not as it was.
        """
        remaining = self._brought_back(_restored(captured))
        if remaining:
            raise FabricError("not reverted:\n  %s" % "\n  ".join(remaining))
        self.kernel.reverted({"remembered": dict(enumerate(captured["remembered"]))})

    def _verified(self, desired: Document) -> Optional[FabricError]:
        """None if the host is as the document says, or the error that says what is not."""
        try:
            rest = self.plan(desired, self.read(desired)).operations
        except ValidationError as error:
            found = ["  " + str(problem) for problem in error.problems]
        except FabricError as error:
            return error
        except Exception as error:
            return FabricError(unforeseen(error))
        else:
            found = ["  %s %s: %s" % (operation.kind, operation.name, operation.reason) for operation in rest]
        if not found:
            return None
        return VerificationError(
            "these differ although the kernel took the changes; something else on this host changes them:\n" + "\n".join(found)
        )

    def _revert(self, done: Sequence[Step], actual: State) -> None:
        """Reverts the steps ``done`` to a host that was as ``actual`` says. Raises :class:`FabricError` with what remains."""
        failure = self._carried_out([step.inverse() for step in reversed(done)])
        remaining = self._brought_back(_saved(done, actual)) if failure else []
        if remaining:
            raise FabricError("%s\nNot reverted:\n  %s" % (failure, "\n  ".join(remaining)))
        self.kernel.reverted(actual)
        if any(step.before is not None and step.before.kind == "address" for step in done):
            self.notice()

    def _carried_out(self, steps: List[Step]) -> Optional[FabricError]:
        """Carries steps out, without those that are refused; the first refusal, or None."""
        failures: List[FabricError] = []
        while steps and len(failures) < FAILURES:
            try:
                done, failure = self.kernel.perform(steps)
            except FabricError as error:  # the socket, and not an answer of the kernel
                return error
            carried_out = set(map(id, done))
            steps = [step for step in steps if id(step) not in carried_out]
            if failure is not None and steps:
                failures.append(failure)
                steps.pop(0)
        return failures[0] if failures else None

    def _brought_back(self, was: Saved) -> List[str]:
        """Brings a host to what it was, from what is there now; what is not as it was even then, in words."""
        try:
            plan, remaining = self._plan_back(was)
            self._carried_out(in_order(plan.operations))
            remaining += [_still(operation) for operation in self.plan(plan.desired, self.read(plan.desired)).operations]
        except ValidationError as error:
            return list(map(str, error.problems))
        except Exception as error:
            cause = str(error) if isinstance(error, FabricError) else unforeseen(error)
            touched = ", ".join(_touched(was.document))
            return [cause, "these may not be as they were, the kernel does not tell: %s" % touched]
        return remaining

    def _plan_back(self, was: Saved) -> Tuple[Plan, List[str]]:
        """What leads to what was, from what is there now, and what cannot be as it was, in words.

        Those are links that somebody else has removed, and what somebody else has put in the way of.
        """
        state = self.kernel.read(was.document)
        gone = {name for name in was.document.present["link"] if name not in state["link"] and name not in was.removed}
        remaining = ["%s: has disappeared" % name for name in sorted(gone)]
        plan, others = self._plan_what_can_be(
            _without(was.document, lambda made: getattr(made, "dev", made.key) in gone), state
        )
        return plan, remaining + others

    def _plan_what_can_be(self, before: Document, state: State) -> Tuple[Plan, List[str]]:
        """What leads to a document but for what is in conflict with what is there, and these conflicts, in words."""
        try:
            return self.plan(before, self._compared(before, state)), []
        except ValidationError as error:
            paths = {problem.path for problem in error.problems}
            rest = _without(before, lambda made: "%s %s" % (made.kind, made.name) in paths)
            if rest == before:
                raise
            plan, others = self._plan_what_can_be(rest, state)
            return plan, [*map(str, error.problems), *others]


def _saved(done: Sequence[Step], actual: State, gateway: Optional[bool] = None) -> Saved:
    """All that steps have touched, as it was, in the order in which it was."""
    touched = empty()
    for step in done:
        made = _object(step)
        touched[made.kind if made.kind in GROUPS else "link"][made.key] = made
    # The options of a port are told with the link, and the bridge that it belongs to.
    touched["link"].update((dev, actual["link"][dev]) for dev in touched["port"] if dev in actual["port"])
    present, absent = empty(), empty()
    for group, objects in touched.items():
        absent[group].update((key, made) for key, made in objects.items() if key not in actual[group])
        # A daemon sees to what it keeps; the sysctls of an interface come and go with it.
        present[group].update(
            (key, made)
            for key, made in actual[group].items()
            if key in objects and not getattr(made, "daemon", "") and _is_on(made, actual["link"])
        )
    removed = frozenset(step.before.key for step in done if step.after is None and step.before.kind not in GROUPS)
    scope = frozenset(_object(step).kind for step in done)
    document = Document(present, absent, scope, gateway=gateway, as_it_was=True)
    return Saved(document, removed)


def _is_on(made: Any, links: Mapping[str, Any]) -> bool:
    """Whether the interface that an object is on, if it is on one, is there."""
    dev = getattr(made, "dev", None)
    return not dev or dev in links


def _restored(captured: Mapping[str, Any]) -> Saved:
    """What :meth:`KernelPlane.capture` has told."""
    return Saved(saving.from_json(captured["document"]), frozenset(captured["removed"]))


def _still(operation: Operation) -> str:
    """What is not as it was, from the operation that would bring it back."""
    what = {"create": "is missing", "delete": "is still there"}.get(operation.action, operation.reason)
    return "%s %s: %s" % (operation.kind, operation.name, what)


def _without(document: Document, is_out: Callable[[Any], bool]) -> Document:
    """A document without the objects that are ``is_out``."""
    present, absent = (
        {group: {key: made for key, made in objects.items() if not is_out(made)} for group, objects in state.items()}
        for state in (document.present, document.absent)
    )
    return replace(document, present=present, absent=absent)


def _touched(document: Document) -> List[str]:
    """What a document speaks of, in words."""
    states = (document.present, document.absent)
    made = (each for state in states for objects in state.values() for each in objects.values())
    return list(dict.fromkeys("%s %s" % (each.kind, getattr(each, "name", None) or each.dev) for each in made))


def _object(step: Step) -> Any:
    return step.before or step.after
