"""Fixtures for tests on a real kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.frr_host import FrrHost, connect
from tests.gateways import OBSERVER, UNDERLAY, VNIS, devices, load, started
from tests.namespaces import own_network


@pytest.fixture
def network() -> Iterator[None]:
    """A network namespace of the test's own."""
    if os.geteuid() != 0:
        pytest.skip("making network namespaces needs root")
    with own_network():
        yield


@pytest.fixture(scope="module", params=("debian12", "debian13"))
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[FrrHost, FrrHost]]:
    """A gateway with bridges and VXLAN devices, and a host that sees what it advertises."""
    with FrrHost(request.param) as gateway, FrrHost("debian12") as observer:
        connect(gateway, observer, "e0")
        gateway.run("ip", "address", "add", "10.9.0.1/30", "dev", "e0")
        observer.run("ip", "address", "add", "10.9.0.2/30", "dev", "e0")
        devices(gateway, VNIS)
        load(observer, OBSERVER)
        yield gateway, observer


@pytest.fixture
def gateway(pair: tuple[FrrHost, FrrHost]) -> FrrHost:
    """The gateway with the configuration of a fabric of ours and without runtime state."""
    started(pair[0], UNDERLAY)
    return pair[0]
