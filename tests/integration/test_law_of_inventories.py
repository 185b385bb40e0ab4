"""The law of transitions: from any inventory to any other, a host ends as if only the second had ever been applied.

It is held on this machine's kernel, which may have no VRF and no VLAN devices (``tests/kernel`` has the same with them): with
FRR of each tested release, and, for more inventories in the same time, without. ``EVPN_EXAMPLES=100`` tries as many others.
"""

from __future__ import annotations

import functools
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.image import SUITES
from tests.fabrics import Inventory
from tests.sites import Site, WholeSite, law, leave_nothing_of_each_other, pairs

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="making network namespaces needs root")


@law(40)
@given(pairs())
def test_two_inventories_leave_nothing_of_each_other_in_the_kernel(pair: tuple[Inventory, Inventory]) -> None:
    leave_nothing_of_each_other(Site, *pair)


@pytest.mark.parametrize("image", SUITES)
@law(3)
@given(st.data())
def test_two_inventories_leave_nothing_of_each_other_in_kernel_and_frr(image: str, data: st.DataObject) -> None:
    leave_nothing_of_each_other(functools.partial(WholeSite, image), *data.draw(pairs(image)))
