"""The kernel as FRR's plane sees it: as it will be once the kernel's own plane has been applied."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._host import surroundings
from ansible_collections.evpn.fabric.plugins.module_utils._host.surroundings import KernelSurroundings
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import kernel as netlink
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane

from tests.fake_kernel import FakeKernel
from tests.unit.plugins.module_utils._kernel.netlink import reference

BEFORE: dict[str, Any] = {
    "vrfs": [{"name": "red", "table": 10}],
    "bridges": [{"name": "br1", "vrf": "red", "up": True}, {"name": "br2"}],
    "addresses": [{"dev": "br1", "address": "10.0.1.1/24"}, {"dev": "br2", "address": "10.0.2.1/24"}],
}
ONE, OTHER, EXPIRING = ("br1", "10.0.1.1/24"), ("br2", "10.0.2.1/24"), ("br1", "10.0.1.9/24")


class Channel:
    """A kernel with the addresses above, and with one that expires, which its plane knows nothing of."""

    def dump(self, _kind: int, _body: bytes) -> list[bytes]:
        return [
            reference.written(reference.ADDRESS, {"IFA_LOCAL": address}, family=2, prefixlen=24, index=number)
            for address, number in (("10.0.1.1", 1), ("10.0.2.1", 2), ("10.0.1.9", 1))
        ]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> FakeKernel:
    made = FakeKernel.holding(BEFORE)
    monkeypatch.setattr(made, "close", lambda: None, raising=False)
    monkeypatch.setattr(netlink, "Kernel", lambda **_options: made)
    monkeypatch.setattr(socket, "if_nameindex", lambda: [(1, "br1"), (2, "br2")])
    return made


def seen(host: FakeKernel, **document: Any) -> KernelSurroundings:
    """What FRR's plane sees while the kernel's plans for a document that removes what it does not list."""
    desired, plane = Document.from_params({"purge": True, **document}), KernelPlane(host)
    channel: Any = Channel()
    return KernelSurroundings(channel, plane.plan(desired, plane.read(desired)).operations)


def test_what_nobody_changes_is_expected_as_it_is(host: FakeKernel) -> None:
    assert seen(host, **BEFORE).expected() == surroundings.Expected(
        (surroundings.Link("red", False, None, 10), surroundings.Link("br1", True, "red"), surroundings.Link("br2", False)),
        (("br1", "10.0.1.1/24"), ("br2", "10.0.2.1/24")),
    )


def test_interfaces_and_addresses_that_will_be_made_are_expected_and_others_are_not(host: FakeKernel) -> None:
    found = seen(
        host,
        vrfs=[{"name": "blue", "table": 20, "up": True}],
        bridges=[{"name": "br1", "vrf": "blue"}],
        addresses=[{"dev": "br1", "address": "10.0.9.1/24"}],
    ).expected()
    assert set(found.links) == {surroundings.Link("blue", True, None, 20), surroundings.Link("br1", True, "blue")}
    assert found.addresses == (("br1", "10.0.9.1/24"),)


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        (BEFORE, {ONE, OTHER, EXPIRING}),
        ({**BEFORE, "addresses": BEFORE["addresses"][:1]}, {ONE, EXPIRING}),
        ({"bridges": [{"name": "br2"}], "addresses": BEFORE["addresses"][1:]}, {OTHER}),
        # It is made anew, with another metric.
        (
            {**BEFORE, "addresses": [{**each, "metric": 7} for each in BEFORE["addresses"]]},
            {ONE, OTHER, EXPIRING},
        ),
    ],
    ids=["nothing goes", "an address goes", "an interface goes", "addresses are made anew"],
)
def test_frr_overlooks_no_address_that_the_kernel_is_about_to_lose(
    host: FakeKernel, document: dict[str, Any], kept: set[tuple[str, str]]
) -> None:
    assert set(seen(host, **document).addresses()) == kept
