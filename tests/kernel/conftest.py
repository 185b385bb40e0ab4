"""Fixtures for tests that need a kernel with VRF and VLAN devices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.kernel import missing_kinds
from tests.namespaces import own_network


@pytest.fixture(scope="session")
def stock_kernel() -> None:
    """Skips where the kernel lacks what these tests are for; the test runner has a kernel that does not."""
    missing = missing_kinds()
    if missing:
        pytest.skip(f"this kernel lacks {', '.join(missing)} devices")


@pytest.fixture
def network(stock_kernel: None) -> Iterator[None]:
    """A network namespace of the test's own."""
    with own_network():
        yield
