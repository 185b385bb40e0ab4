"""What holds for any document on any host: laws of planning and applying, on hosts and documents that Hypothesis makes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import KernelError, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import GROUPS, Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.fdb import FLOOD
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import Link
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.sysctl import SETS_ALL
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.compare import ATTRIBUTES
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.loss import ATTACHED
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.order import in_order
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane, Plan
from hypothesis import assume, given, settings

from tests.dataplanes import hosts_and_documents
from tests.engine import plan_of
from tests.fake_kernel import FakeKernel

State = dict[str, dict[Any, Any]]
Made = tuple[FakeKernel, dict[str, Any]]


class Recording(FakeKernel):
    """Remembers the steps that reach it, and refuses the one at ``position``."""

    def __init__(self, state: State, position: int | None = None):
        super().__init__(state)
        self.position = position
        self.reached: list[Any] = []

    def _carry_out(self, step: Any) -> str | None:
        self.reached.append(step)
        if len(self.reached) - 1 == self.position:
            return "refused on purpose"
        return super()._carry_out(step)


def prepare(made: Made) -> tuple[Recording, Document, Plan]:
    """The host, the document, and the plan; a document that this host cannot have is no example."""
    kernel, document = Recording(made[0].state), Document.from_params(made[1])
    try:
        return kernel, document, plan_of(kernel, document)
    except ValidationError:
        assume(False)
        raise


def whole(kernel: FakeKernel, document: Document) -> State:
    """All that is read of a host where a plan needs everything."""
    return kernel.read_rest(document, kernel.read(document))


def standing(state: State) -> State:
    """A state without the sysctls of interfaces that are not there, and without the flood lists that may be zebra's."""
    sysctls = {path: made for path, made in state["sysctl"].items() if made.dev is None or made.dev in state["link"]}
    entries = {key: made for key, made in state["fdb"].items() if made.owned or made.mac != FLOOD}
    return {**copied(state), "sysctl": sysctls, "fdb": entries}


def copied(state: State) -> State:
    """A state that stays as it is whatever becomes of the host."""
    return {group: dict(objects) for group, objects in state.items()}


def changed(before: State, after: State) -> dict[tuple[str, Any], tuple[Any, Any]]:
    """What differs between two states, each object before and after."""
    return {
        (group, key): (before[group].get(key), after[group].get(key))
        for group in GROUPS
        for key in before[group].keys() | after[group].keys()
        if before[group].get(key) != after[group].get(key)
    }


def moved(dev: str, before: State, after: State) -> bool:
    """Whether a link is in another bridge than before: a port of another bridge is another port."""
    was, now = before["link"].get(dev), after["link"].get(dev)
    return was is not None and now is not None and was.master != now.master


def mtu_left(link: Any, before: State, after: State) -> int:
    """The MTU of a link that nobody gave one: it follows that of the device below it, if that shrinks."""
    was, now = (state["link"].get(link.lower) for state in (before, after))
    if link.kind not in ("vlan", "macvlan") or was is None or now is None or was.mtu == now.mtu:
        return link.mtu
    return min(link.mtu, now.mtu)


def named(document: Document) -> set[tuple[str, Any]]:
    """Group and key of each object that a document lists, be it as present or as absent."""
    return {(group, key) for listed in (document.present, document.absent) for group in listed for key in listed[group]}


def group_of(made: Any) -> str:
    return "link" if isinstance(made, Link) else made.kind


@settings(max_examples=200)
@given(hosts_and_documents())
def test_a_host_that_was_brought_to_its_document_has_nothing_left_to_do(made: Made) -> None:
    kernel, document, prepared = prepare(made)
    KernelPlane(kernel).apply(prepared)
    assert plan_of(kernel, document).operations == ()


@settings(max_examples=100)
@given(hosts_and_documents())
def test_a_refusal_at_any_step_is_undone_and_the_host_is_exactly_as_before(made: Made) -> None:
    kernel, document, prepared = prepare(made)
    before = standing(whole(kernel, document))
    number = sum(not step.silent for operation in prepared.operations for step in operation.steps)
    for position in range(number):
        refusing = Recording(standing(before), position)
        with pytest.raises(KernelError, match="refused on purpose"):
            KernelPlane(refusing).apply(prepared)
        left = changed(before, standing(refusing.state))
        assert not left, f"refused at {position} of {number}: {left}"


@settings(max_examples=200)
@given(hosts_and_documents())
def test_what_is_foreign_and_not_in_the_document_stays_as_it_is(made: Made) -> None:
    kernel, document, prepared = prepare(made)
    before, listed = standing(kernel.state), named(document)
    KernelPlane(kernel).apply(prepared)
    after = kernel.state
    for name, link in before["link"].items():
        if not (link.owned or link.held) and ("link", name) not in listed:
            let_go = link.master in before["link"] and link.master not in after["link"]
            stays = replace(link, mtu=mtu_left(link, before, after))
            assert after["link"].get(name) == (replace(stays, master="") if let_go else stays)
    for group in ("rule", *ATTACHED):
        for key, entry in before[group].items():
            if not entry.owned and (group, key) not in listed and _undisturbed(getattr(entry, "dev", ""), before, after):
                assert after[group].get(key) == entry


def _undisturbed(dev: str, before: State, after: State) -> bool:
    """Whether a link is there all the same, as high and in the same bridge or VRF as before."""
    was, now = before["link"].get(dev), after["link"].get(dev)
    return not dev or (was is not None and now is not None and (was.up, was.master) == (now.up, now.master))


@settings(max_examples=200)
@given(hosts_and_documents())
def test_each_operation_is_on_what_is_listed_or_ours_in_scope_or_follows_from_one_that_is(made: Made) -> None:
    _kernel, document, prepared = prepare(made)
    listed = named(document)
    touched = {operation.object.name for operation in prepared.operations if group_of(operation.object) == "link"}
    touched |= {operation.object.dev for operation in prepared.operations if operation.kind == "address"}
    for operation in prepared.operations:
        what = operation.before or operation.after
        purged = document.purge and what.kind in document.scope and getattr(what, "owned", False)
        let_go = document.purge and "interface" in document.scope and getattr(what, "held", False)
        if (group_of(what), what.key) in listed or purged or let_go:
            continue
        related = {getattr(what, option, None) for option in ("dev", "master", "lower", "peer")}
        assert related & touched, f"{operation.action} {operation.kind} {operation.name}: {operation.reason}"
        if operation.action == "delete" and group_of(what) == "link":
            assert what.owned


@settings(max_examples=200)
@given(hosts_and_documents())
def test_the_steps_that_are_carried_out_are_those_of_the_plan(made: Made) -> None:
    kernel, _document, prepared = prepare(made)
    KernelPlane(kernel).apply(prepared)
    assert kernel.reached == [step for step in in_order(prepared.operations) if not step.silent]


@settings(max_examples=200)
@given(hosts_and_documents())
def test_the_operations_tell_all_that_differs_afterwards_and_how(made: Made) -> None:
    kernel, document, prepared = prepare(made)
    before = copied(whole(kernel, document))
    KernelPlane(kernel).apply(prepared)
    after = kernel.state
    differ = changed(standing(before), standing(after))
    told = {(group_of(operation.object), operation.object.key): operation for operation in prepared.operations}
    assert len(told) == len(prepared.operations), "no object has two operations"
    overwritten = {SETS_ALL[key] for group, key in told if group == "sysctl" and key in SETS_ALL}
    for (group, key), (was, now) in differ.items():
        if group == "sysctl" and (now or was).common in overwritten:
            continue  # who writes that of all interfaces has named them all
        if group == "port" and moved(key, before, after):
            continue
        if (group, key) not in told and not (group in ("port", "sysctl") and (was is None or now is None)):
            pytest.fail(f"{group} {key} was {was}, is {now}, and nobody was told")
    for (group, key), operation in told.items():
        was, now = before[group].get(key), after[group].get(key)
        assert shown(operation.before) == shown(was) or (group == "sysctl" and was is None), f"{was}: {operation}"
        assert shown(operation.after) == shown(now, operation.after), f"{now}: {operation}"


def shown(made: Any, like: Any = None) -> Any:
    """An object as far as it can be compared: of ``like`` only what that one specifies."""
    if made is None or like is None:
        return made and {option: getattr(made, option) for option in ATTRIBUTES[made.kind]}
    return {option: getattr(like if getattr(like, option) is None else made, option) for option in ATTRIBUTES[made.kind]}


@settings(max_examples=200)
@given(hosts_and_documents())
def test_what_a_document_does_not_specify_is_never_changed(made: Made) -> None:
    kernel, document, prepared = prepare(made)
    before = standing(whole(kernel, document))
    KernelPlane(kernel).apply(prepared)
    after = kernel.state
    for group, objects in document.present.items():
        for key, wanted in objects.items():
            was = before[group].get(key)
            if was is None or was.kind != wanted.kind:
                continue
            if group == "port" and moved(key, before, after):
                continue
            for option in ATTRIBUTES[wanted.kind]:
                if getattr(wanted, option) is not None or option in ("owned", "held"):
                    continue
                if option == "default_vlan" and after[group][key].vlan_filtering and not was.vlan_filtering:
                    continue  # who turns the filter on lists the VLANs of ports
                let_go = option == "master" and was.master and was.master not in after["link"]
                stays = mtu_left(was, before, after) if option == "mtu" else getattr(was, option)
                assert getattr(after[group][key], option) == ("" if let_go else stays), (wanted, option)
