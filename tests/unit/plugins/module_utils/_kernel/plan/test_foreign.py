"""What others have put into VRFs and bridges of ours, as cases."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import Interface
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.veth import Veth
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.foreign import foreign

from tests.engine import document
from tests.fake_kernel import FakeKernel

OURS: dict[str, Any] = {
    "vrfs": [{"name": "red", "table": 5001}],
    "bridges": [{"name": "br1", "vrf": "red"}],
    "vxlans": [{"name": "vx1", "vni": 1, "bridge": "br1"}],
    "interfaces": [{"name": "eth3", "bridge": "br1"}, {"name": "eth1"}],
    "addresses": [{"dev": "br1", "address": "10.1.0.1/24"}],
    "rules": [{"priority": 1000, "l3mdev": True}, {"priority": 300, "table": "77"}],
    "purge": True,
}
#: What somebody else has there, and where it is found; nowhere where that is nobody's business.
CASES: list[tuple[dict[str, Any], str]] = [
    ({"routes": [{"dst": "10.9.0.0/16", "table": "5001", "dev": "br1"}]}, "route 10.9.0.0/16 table 5001: in vrf red"),
    ({"routes": [{"dst": "10.9.0.0/16", "table": "77", "dev": "eth1"}]}, "route 10.9.0.0/16 table 77: in table 77"),
    ({"routes": [{"dst": "10.9.0.0/16", "dev": "eth1"}]}, ""),
    ({"addresses": [{"dev": "br1", "address": "10.2.0.1/24"}]}, "address 10.2.0.1/24 on br1: on br1"),
    ({"addresses": [{"dev": "br1", "address": "fe80::9/64"}]}, ""),
    ({"addresses": [{"dev": "eth1", "address": "10.2.0.1/24"}]}, ""),
    ({"rules": [{"priority": 5, "table": "5001"}]}, "rule 5: from all lookup 5001 (ipv4): for VRFs or devices of the fabric"),
    (
        {"rules": [{"priority": 5, "iif": "br1", "table": "main"}]},
        "rule 5: from all iif br1 lookup 254 (ipv4): for VRFs or devices of the fabric",
    ),
    ({"rules": [{"priority": 7, "l3mdev": True}]}, "rule 7: from all l3mdev (ipv4): for VRFs or devices of the fabric"),
    ({"rules": [{"priority": 5210, "fwmark": "0x80000/0xff0000", "table": "52"}]}, ""),
    ({"neighbors": [{"dev": "br1", "ip": "10.1.0.9", "mac": "02:00:00:00:00:09"}]}, "neighbor 10.1.0.9 on br1: on br1"),
    ({"neighbors": [{"dev": "eth1", "ip": "10.1.0.9", "mac": "02:00:00:00:00:09"}]}, ""),
    (
        {"fdb": [{"dev": "vx1", "mac": "02:00:00:00:00:09", "dst": "192.0.2.9"}]},
        "fdb 02:00:00:00:00:09 on vx1 dst 192.0.2.9: on vx1",
    ),
    ({"fdb": [{"dev": "eth3", "mac": "02:00:00:00:00:09"}]}, "fdb 02:00:00:00:00:09 on eth3: on eth3"),
    ({"fdb": [{"dev": "vx1", "mac": "00:00:00:00:00:00", "dst": "192.0.2.9"}]}, ""),
    ({"bridges": [{"name": "docker0"}], "vxlans": [{"name": "vx9", "vni": 9, "bridge": "docker0"}]}, ""),
    ({"vxlans": [{"name": "vx9", "vni": 9, "bridge": "br1"}]}, "vxlan vx9: in bridge br1"),
    ({"bridges": [{"name": "br9", "vrf": "red"}]}, "bridge br9: in vrf red"),
]


def found(host: FakeKernel) -> list[str]:
    return ["%s %s: %s" % (each.object.kind, each.object.name, each.where) for each in foreign(document(**OURS), host.state)]


def host_with(others: dict[str, Any]) -> FakeKernel:
    host, theirs = FakeKernel.holding(document_options(OURS)), FakeKernel.holding(document_options(others), owned=False)
    for group, objects in theirs.state.items():
        host.state[group].update(objects)
    return host


def document_options(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "purge"}


@pytest.mark.parametrize(("others", "where"), CASES, ids=lambda value: value if isinstance(value, str) and value else None)
def test_what_is_somebody_elses_is_found_where_it_meddles_with_ours_and_nowhere_else(others: Any, where: str) -> None:
    assert found(host_with(others)) == ([where] if where else [])


@pytest.mark.parametrize("daemon", ["bgp", "protocol 55"])
def test_what_a_daemon_keeps_is_no_drift(daemon: str) -> None:
    host = host_with({"routes": [{"dst": "10.9.0.0/16", "table": "5001", "dev": "br1"}]})
    ((key, route),) = host.state["route"].items()
    host.state["route"][key] = route._replace(daemon=daemon)
    assert found(host) == []


@pytest.mark.parametrize(
    "port",
    [
        Interface("tap0", type="tun", master="br1"),
        Interface("macvtap0", type="macvtap", master="br1"),
        Veth("vethab12", master="br1"),
    ],
    ids=lambda port: port.name,
)
def test_machines_and_containers_are_what_a_bridge_is_for(port: Any) -> None:
    host = host_with({})
    host.state["link"][port.name] = port
    assert found(host) == []
