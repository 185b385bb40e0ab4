"""Inputs that several tests use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import Ownership, owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import Gateway, read


def gateways(*weights: float, uids: Iterable[Iterable[int]] = ()) -> list[Gateway]:
    """gw1, gw2 and so on, with weights and, if there are any, with points."""
    points = [tuple(those) for those in uids] or [()] * len(weights)
    return [
        Gateway(f"gw{number}", int(1000 * weight), "active", those)
        for number, (weight, those) in enumerate(zip(weights, points), 1)
    ]


def owned(vnis: Any, names: Iterable[str], out: Iterable[str] = (), **options: Any) -> Ownership:
    """Who owns VNIs when gateways have these names, and those of ``out`` are drained."""
    out = set(out)
    listed = [{"name": name, "state": "drained" if name in out else "active"} for name in names]
    return owners(read({"gateways": listed, "vnis": vnis, **options}))


def owner_counts(ranks: Iterable[tuple]) -> Counter:
    """How often each name comes first."""
    return Counter(names[0] for names in ranks)
