"""Fixtures for tests on a real kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.namespaces import own_network


@pytest.fixture
def network() -> Iterator[None]:
    """A network namespace of the test's own."""
    if os.geteuid() != 0:
        pytest.skip("making network namespaces needs root")
    with own_network():
        yield
