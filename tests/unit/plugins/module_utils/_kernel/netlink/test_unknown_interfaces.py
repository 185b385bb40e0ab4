"""Dumps of different kinds are no one snapshot: they name interfaces that were not there when links were read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.address import Address
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.bridge import Bridge
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.fdb import Fdb
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import Interface
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.membership import BridgeVlan, Vni
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.neighbor import Neighbor
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.route import Nexthop, Route
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import addresses, fdb, memberships, neighbors, routes
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.wire import HEADER

OURS = 213
NUMBERS = {"br1": 3, "eth1": 4, "new": 9}
#: As they were when links were read.
NAMES = {3: "br1", 4: "eth1"}
LINKS: dict[str, Any] = {
    "br1": Bridge("br1", owned=True, vlan_filtering=True),
    "eth1": Interface("eth1", held=True, master="br1", up=True),
}
MAC = "02:00:00:00:00:01"


def bodies(messages: Any) -> list[bytes]:
    return [body for _kind, _flags, body in messages]


def parts(messages: Any) -> list[bytes]:
    """Messages as a part of a dump of forwarding entries."""
    return [HEADER.pack(16 + len(body), fdb.NEWNEIGH, 2, 1, 0) + body for body in bodies(messages)]


def of_dev(dev: str) -> dict[str, list[Any]]:
    """Group -> what a dump says of something on a link, and what is read of it."""
    number, known = NUMBERS.__getitem__, list(NUMBERS)[:1]
    address = Address(dev, "2001:db8::1/64", owned=True)
    route = Route("ipv4", 254, "10.2.0.0/16", type="unicast", nexthops=(Nexthop("10.1.0.9", dev),), owned=True)
    two = route._replace(dst="10.3.0.0/16", nexthops=(Nexthop("10.1.0.9", "br1"), Nexthop("10.1.0.9", dev)))
    neighbor = Neighbor(dev, "10.1.0.9", mac=MAC, owned=True)
    plain, far = Fdb(dev, MAC, dst="10.0.0.1"), Fdb(dev, MAC, dst="2001:db8::1")
    vlan = BridgeVlan(dev, 7, False, False, 0)
    through = Fdb("eth1", MAC, dst="10.0.0.1", via=dev)
    return {
        "address": list(addresses.decode(bodies(addresses.add(address, number, OURS)), NAMES, {OURS})),
        "route": list(routes.decode(bodies(routes.add_all([route, two], number, OURS)), NAMES, OURS)),
        "neighbor": list(neighbors.decode(bodies(neighbors.add_all([neighbor], number, OURS)), NAMES, OURS)),
        "fdb": list(fdb.decode(parts(fdb.add_all([plain], number, known)), NAMES, LINKS)),
        "other fdb": list(fdb.decode(parts(fdb.add_all([far], number, known)), NAMES, LINKS)),
        "fdb through it": list(fdb.decode(parts(fdb.add_all([through], number, known)), NAMES, LINKS)),
        "bridge_vlan": list(memberships.decode_vlans(bodies(memberships.set_vlan(None, vlan, number, ())), NAMES, LINKS)),
        "vni": list(memberships.decode_vnis(bodies(memberships.add_vni(Vni(dev, 7), number)), NAMES, LINKS)),
    }


@pytest.mark.parametrize("group", of_dev("eth1"))
def test_what_is_on_an_interface_that_has_come_since_is_skipped(group: str) -> None:
    assert of_dev("eth1")[group], "otherwise this test shows nothing"
    assert of_dev("new")[group] == []
