"""What keeps bridges from answering ARP and ND, as the planner sees it."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document, empty
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.nd_suppression import NdSuppression
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.order import in_order

from tests.engine import plan_of
from tests.fake_kernel import FakeKernel

#: A host that does not answer on br1, a gateway's, and br2, somebody else's; the interface br3 has gone, its name has not.
HOST = {
    "br0": NdSuppression("br0", 1, nd=False, owned=False),
    "br1": NdSuppression("br1", 8, nd=True, owned=True),
    "br2": NdSuppression("br2", 8, nd=False, owned=False),
    "br3": NdSuppression("br3", None, nd=True, owned=True),
}
ANSWERS = {
    **HOST,
    "br1": NdSuppression("br1", 0, nd=False, owned=True),
    "br3": NdSuppression("br3", None, nd=False, owned=True),
}


def host() -> FakeKernel:
    return FakeKernel({**empty(), "nd_suppression": dict(HOST)})


def suppressing(purge: bool = False, **wanted: NdSuppression) -> Document:
    return Document({**empty(), "nd_suppression": wanted}, empty(), frozenset({"nd_suppression"}), purge)


def test_a_host_that_is_no_gateway_answers_where_a_gateway_did_not() -> None:
    kernel, document = host(), Document.from_params({"gateway": False, "purge": True})
    made = plan_of(kernel, document).operations
    assert [(operation.action, operation.name, operation.disruption) for operation in made] == [
        ("delete", "br1", "hitless"),
        ("delete", "br3", "hitless"),
    ]
    kernel.perform(in_order(made))
    assert kernel.state["nd_suppression"] == ANSWERS
    assert plan_of(kernel, document).operations == ()
    kernel.perform([step.inverse() for step in reversed(in_order(made))])
    assert kernel.state["nd_suppression"] == HOST


@pytest.mark.parametrize("options", [{"gateway": False}, {"gateway": True, "purge": True}, {"addresses": [], "purge": True}])
def test_suppression_stays_where_nobody_asks_for_the_purge_of_what_gateways_leave(options: dict[str, object]) -> None:
    document = Document.from_params(options)
    assert plan_of(host(), document).operations == ()


def test_what_is_suppressed_is_answered_as_before_once_that_is_reverted() -> None:
    kernel, document = host(), suppressing(br0=NdSuppression("br0", 8, nd=True))
    (made,) = plan_of(kernel, document).operations
    assert (made.action, made.name, made.before) == ("create", "br0", None)
    kernel.perform(list(made.steps))
    assert kernel.state["nd_suppression"]["br0"] == NdSuppression("br0", 8, nd=True, owned=False)
    kernel.perform([step.inverse() for step in made.steps])
    assert kernel.state["nd_suppression"] == HOST


def test_what_suppresses_arp_alone_comes_to_suppress_both() -> None:
    document = suppressing(br2=NdSuppression("br2", 8, nd=True))
    (made,) = plan_of(host(), document).operations
    assert (made.action, made.to_output()["before"], made.to_output()["after"]) == (
        "change",
        {"name": "br2", "nd": False},
        {"name": "br2", "nd": True},
    )


def test_an_interface_of_which_nothing_is_specified_is_left_alone() -> None:
    document = suppressing(purge=True, br1=NdSuppression("br1"), br3=NdSuppression("br3"), br0=NdSuppression("br0"))
    assert plan_of(host(), document).operations == ()
