"""wmgwd's placement: the owner has the smallest uid that is not below fmix64(VNI), beyond the last uid the first one.

Places of the VNIs 1 to 8 on the ring, as a C compiler makes them of fmix64:

    1  B456BCFC34C2CB2C    5  D66AD737D54C5575
    2  3ABF2A20650683E7    6  E8B4B3B1C77C4573
    3  0B5181C509F8D8CE    7  740729CBE468D1DD
    4  47900468A8F01875    8  46ABCCA593A3C687
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.mixing import mix64
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ring import Ring
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils._gateway.gateways import gateways

#: gw1 has points at 2... and C..., gw2 at 4..., gw3 at 8...
THREE = gateways(1, 1, 1, uids=[[2 << 60, 12 << 60], [4 << 60], [8 << 60]])
UIDS = st.lists(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5, unique=True), min_size=1, max_size=6, unique_by=tuple
).filter(lambda lists: len({uid for uids in lists for uid in uids}) == sum(map(len, lists)))


@pytest.mark.parametrize(
    ("vni", "names"),
    [
        (1, ("gw1", "gw2", "gw3")),  # C..., then around: 2... is gw1 again, 4..., 8...
        (2, ("gw2", "gw3", "gw1")),
        (3, ("gw1", "gw2", "gw3")),
        (4, ("gw3", "gw1", "gw2")),
        (5, ("gw1", "gw2", "gw3")),  # beyond the last uid: the first one
        (6, ("gw1", "gw2", "gw3")),  # beyond the last uid: the first one
        (7, ("gw3", "gw1", "gw2")),
        (8, ("gw3", "gw1", "gw2")),
    ],
)
def test_vnis_are_where_wmgwd_has_them(vni: int, names: tuple) -> None:
    assert Ring(THREE).ranked([vni], 3) == [names]
    assert Ring(THREE).ranked([vni], 2) == [names[:2]]


def test_without_a_gateway_its_vnis_are_where_wmgwd_moves_them() -> None:
    # C... is gone, so VNI 1 goes around; 4... is now the first point.
    found = Ring(THREE[1:]).ranked(range(1, 9), 1)
    assert found == [("gw2",), ("gw2",), ("gw2",), ("gw3",), ("gw2",), ("gw2",), ("gw3",), ("gw3",)]


@pytest.mark.parametrize(("distance", "owner"), [(0, "gw1"), (-1, "gw2"), (1, "gw1")])
def test_a_uid_owns_what_falls_right_on_it(distance: int, owner: str) -> None:
    ring = Ring(gateways(1, 1, uids=[[0xB456BCFC34C2CB2C + distance], [0xF << 60]]))
    assert ring.ranked([1], 1) == [(owner,)]


@given(UIDS, st.lists(st.integers(1, 2**24 - 1), max_size=50), st.data())
def test_the_owner_has_the_nearest_uid(uids: list[list[int]], vnis: list[int], data: Any) -> None:
    among = gateways(*[1] * len(uids), uids=uids)
    names = {uid: gateway.name for gateway in among for uid in gateway.uids}
    found = Ring(data.draw(st.permutations(among))).ranked(vnis, 1)
    assert found == [(names[min(names, key=lambda uid: (uid - mix64(vni)) % 2**64)],) for vni in vnis]


@given(UIDS, st.lists(st.integers(1, 2**24 - 1), max_size=50), st.data())
def test_what_follows_the_owner_owns_without_it(uids: list[list[int]], vnis: list[int], data: Any) -> None:
    among = gateways(*[1] * len(uids), uids=uids)
    gone = data.draw(st.sampled_from(among))
    before = Ring(among).ranked(vnis, len(among))
    after = Ring([gateway for gateway in among if gateway != gone]).ranked(vnis, len(among))
    assert after == [tuple(name for name in names if name != gone.name) for names in before]


def test_a_ring_without_points_has_no_owners() -> None:
    assert Ring([]).ranked([1, 2], 2) == [(), ()]
