# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a host's data plane to its document. Private to this collection."""

from __future__ import annotations

from typing import NamedTuple, Tuple

from .._core.errors import FabricError, ValidationError, VerificationError, reworded, unforeseen
from .._core.operation import Operation, in_order, refuse_stronger
from .model.document import GROUPS, Document, empty
from .plan.plan import needs_everything, plan

#: So many steps may fail while a run is taken back before the rest is given up.
UNDO_FAILURES = 100


class Plan(NamedTuple):
    """The operations that bring the host to its document, and the state they start from."""

    operations: Tuple[Operation, ...]
    actual: dict


def make_plan(kernel, document, max_disruption):
    """Reads the host and plans. ``kernel`` is anything with the two methods of :class:`.netlink.kernel.Kernel`.

    Raises :class:`FabricError` if an operation is more disruptive than ``max_disruption``, and whatever planning raises.
    """
    actual = _read(kernel, document)
    operations = plan(document, actual)
    refuse_stronger(operations, max_disruption)
    return Plan(operations, actual)


def _read(kernel, document):
    """As much of the host's state as a plan for a document needs."""
    actual = kernel.read(document)
    return kernel.read(document, everything=True) if needs_everything(document, actual) else actual


def apply(kernel, document, prepared, stopped=lambda: None):
    """Carries a plan out, reads back and verifies. ``stopped()`` tells what asks to stop, as :func:`.._host.guard.deaf` does.

    Raises :class:`FabricError` with the cause if the kernel refuses something or if what is there afterwards is not what
    was wanted; what was done has then been undone, or the message says what could not be.
    """
    done, error = kernel.perform(in_order(prepared.operations), stopped)
    if error is None:
        error = _verified(kernel, document)
    else:
        done = [*done, *error.unsure]
    if error is not None:
        raise _undone(kernel, prepared.actual, done, error) from error


def _verified(kernel, document):
    """None if the host is as the document wants it, or the error that says what is not."""
    try:
        rest = plan(document, _read(kernel, document))
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


def _undone(kernel, actual, done, error):
    """Takes back what was done to a host that was as ``actual`` says, as much of it as can be; the error to raise."""
    if not done:
        return reworded(error, "%s\nNothing had been changed before" % error)
    failure = _carried_out([step.inverse() for step in reversed(done)], kernel)
    left = _brought_back(kernel, done, actual) if failure else []
    if not left:
        return reworded(error, "%s\nWhat had been done before (%d steps) was taken back" % (error, len(done)))
    text = "%s\nTaking back what had been done failed too: %s\nNot taken back:\n  %s" % (error, failure, "\n  ".join(left))
    return reworded(error, text)


def _carried_out(steps, kernel):
    """Carries steps out, those left out that are refused; the first refusal, or None."""
    failures: list = []
    while steps and len(failures) < UNDO_FAILURES:
        done, failure = kernel.perform(steps)
        carried_out = set(map(id, done))
        steps = [step for step in steps if id(step) not in carried_out]
        if failure is not None and steps:
            failures.append(failure)
            steps.pop(0)
    return failures[0] if failures else None


def _as_before(done, actual):
    """A document of all that steps have touched, as it was, in the order in which it was."""
    before = Document(empty(), empty(), frozenset(_subject(step).kind for step in done))
    touched = empty()
    for step in done:
        what = _subject(step)
        touched[what.kind if what.kind in GROUPS else "link"][what.key] = what
    # The options of a port are told with the link, and the bridge that it belongs to.
    touched["link"].update((dev, actual["link"][dev]) for dev in touched["port"] if dev in actual["port"])
    for group, objects in touched.items():
        before.absent[group].update((key, what) for key, what in objects.items() if key not in actual[group])
        # A daemon sees to what it keeps.
        kept = ((key, there) for key, there in actual[group].items() if key in objects and not getattr(there, "daemon", ""))
        before.present[group].update(kept)
    return before


def _brought_back(kernel, done, actual):
    """Brings a host to what it was, from what is there now, where replaying what was done backwards did not; what is not as it
    was even then, in words.
    """
    try:
        before = _as_before(done, actual)
        present = kernel.read(before, everything=True)
        removed = {step.before.key for step in done if step.after is None}
        gone = [name for name in before.present["link"] if name not in present["link"] and name not in removed]
        _without(before, set(gone))
        _carried_out(in_order(plan(before, present)), kernel)
        rest = list(map(_still, plan(before, kernel.read(before, everything=True))))
    except ValidationError as error:
        return list(map(str, error.problems))
    except FabricError as error:
        return [str(error)]
    except Exception as error:
        return [unforeseen(error)]
    return [*("%s: has disappeared" % name for name in gone), *rest]


def _still(operation):
    """What is not as it was, from the operation that would bring it back."""
    what = {"create": "is missing", "delete": "is still there"}.get(operation.action, operation.reason)
    return "%s %s: %s" % (operation.kind, operation.name, what)


def _without(document, names):
    """Takes links of these names, which somebody else has removed, out of a document, and what is on them."""
    for state in (document.present, document.absent) if names else ():
        for objects in state.values():
            for key in [key for key, made in objects.items() if getattr(made, "dev", key) in names]:
                del objects[key]


def _subject(step):
    return step.before or step.after
