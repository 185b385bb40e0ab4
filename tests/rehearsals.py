"""Rehearsals of fabrics with two gateways and many central networks, for tests and benchmarks."""

from __future__ import annotations

from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests import fabrics


def central_networks(count: int) -> list[dict[str, Any]]:
    """So many central networks from VNI 10000 on, with a subnet each; that of the second is an IPv6 one."""
    networks = [
        {"name": f"net{number}", "vni": 10000 + number, "central": True,
         "gateways": [f"10.{64 + number // 256}.{number % 256}.1/24"]}
        for number in range(count)
    ]  # fmt: skip
    for network in networks[1:2]:
        network["gateways"] = ["2001:db8:64::1/64"]
    return networks


def gateways(networks: int, mode: str = "anycast", count: int = 2, bfd: int = 100) -> list[dict[str, Any]]:
    """The option ``gateways`` of ``gateway_rehearsal``, for some gateways with BFD every so many milliseconds."""
    settings = {"mode": mode, "buckets": 64, **({"vtep_prefix": "192.0.2.0/26"} if mode == "anycast" else {})}
    kind = {
        **fabrics.GATEWAYS,
        "gateways": count,
        "fabric_gateways": settings,
        "fabric_underlay": {**fabrics.GATEWAYS["fabric_underlay"], "bfd": {"transmit_interval": bfd, "receive_interval": bfd}},
        "fabric_networks": central_networks(networks),
    }
    groups, hostvars = fabrics.fabric(**kind)
    built = build(groups, hostvars)
    assert not built.problems, built.problems[0]
    documents = {name: built.documents[name] for name in groups["gateways"]}
    return [
        {
            "name": name,
            "dataplane": {**made["kernel"], "rules": made["system"]["rules"]},
            "frr": frr_text(made["frr"]),
            "options": made["gateway"]["options"],
        }
        for name, made in documents.items()
    ]
