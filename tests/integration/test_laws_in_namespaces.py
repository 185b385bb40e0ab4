"""The laws of planning and applying on this machine's kernel, for the kinds of links that it is sure to have."""

from __future__ import annotations

import ast
import contextlib
import os
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, KernelError, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.dataplanes import Kinds, documents, host_params
from tests.engine import bring, document, plan, plan_of
from tests.fake_kernel import FakeKernel
from tests.integration.test_faults import counting, snapshot
from tests.namespaces import ip, own_network

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="making network namespaces needs root")

KINDS = Kinds(("bridges", "vxlans", "veths", "macvlans", "interfaces"), vlan_filtering=False, mtus=(1400,), underlay=False)
#: Shrinking would take minutes: what fails is shown as it was found. The same code is tried with the same examples.
real = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
PORTS = [
    f"link add eth{number} address 02:00:00:00:90:0{number} type veth peer name far{number} address 02:00:00:00:91:0{number}"
    for number in (0, 1)
]


@st.composite
def hosts_and_documents(draw: st.DrawFn) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """What a host has, the links there that are not ours, and a document for it."""
    params = draw(host_params(KINDS))
    for bridge in params.get("bridges", ()):
        bridge.setdefault("mac", f"02:00:00:00:92:{ord(bridge['name'][-1]):02x}")  # or it is that of some port
    kernel = FakeKernel.holding(params)
    made = [name for name, link in kernel.state["link"].items() if link.owned and name not in ("va", "vb")]
    foreign = draw(st.lists(st.sampled_from(made), unique=True, max_size=2)) if made else []
    return params, foreign, draw(documents(kernel, KINDS))


def prepare(params: dict[str, Any], foreign: list[str]) -> None:
    """Makes the host; what this kernel does not take is no example."""
    ip(*PORTS)
    with contextlib.suppress(KernelError):
        bring(**params)
        ip(*(f"link set {name} alias theirs" for name in foreign))
        return
    assume(False)


def shown() -> dict[str, list[str]]:
    """All that there is; an address that was taken away and came back stands behind those that stayed."""
    return {command: sorted(map(unordered, made)) for command, made in snapshot().items()}


def unordered(text: str) -> str:
    made = ast.literal_eval(text)
    return repr({**made, "addr_info": sorted(map(repr, made["addr_info"]))} if "addr_info" in made else made)


@real
@given(hosts_and_documents())
def test_a_host_that_was_brought_to_its_document_has_nothing_left_to_do(made: Any) -> None:
    params, foreign, wanted = made
    with own_network():
        prepare(params, foreign)
        before = shown()
        with contextlib.suppress(KernelError, ValidationError):
            predicted = plan(**wanted)
            assert bring(**wanted) == predicted
            assert plan(**wanted) == []
            return
        assert shown() == before


@real
@given(hosts_and_documents(), st.integers(1, 30))
def test_a_run_that_is_stopped_anywhere_is_undone(made: Any, messages: int) -> None:
    params, foreign, options = made
    with own_network():
        prepare(params, foreign)
        before = shown()
        stop: list[str] = []
        kernel, wanted = counting(messages, lambda: stop.append("STOP")), document(**options)
        with contextlib.suppress(FabricError):
            KernelPlane(kernel).apply(plan_of(kernel, wanted), lambda: stop[0] if stop else None)
        assume(stop)
        assert shown() == before
