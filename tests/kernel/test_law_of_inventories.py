"""The law of transitions, with VRF and VLAN devices: what the first of two inventories has made is gone after the second.

FRR takes its time where processors are emulated, so most of it is without. ``EVPN_EXAMPLES=100`` tries as many other pairs.
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

pytestmark = pytest.mark.usefixtures("stock_kernel")


@law(12)
@given(pairs())
def test_two_inventories_leave_nothing_of_each_other_in_the_kernel(pair: tuple[Inventory, Inventory]) -> None:
    leave_nothing_of_each_other(Site, *pair)


@pytest.mark.skipif("EVPN_EXAMPLES" not in os.environ, reason="a pair takes 30 to 40 s where processors are emulated")
@pytest.mark.parametrize("image", SUITES)
@law(1)
@given(st.data())
def test_two_inventories_leave_nothing_of_each_other_in_kernel_and_frr(image: str, data: st.DataObject) -> None:
    leave_nothing_of_each_other(functools.partial(WholeSite, image), *data.draw(pairs(image)))
