"""Messages on a big-endian host (s390x): the codecs are imported as they are there, where native numbers are big-endian.

What is expected is packed here with an explicit byte order. Netlink's own numbers are native (include/uapi/linux/netlink.h);
ports, protocols and addresses are in network order on any host.
"""

from __future__ import annotations

import importlib
import pathlib
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel import netlink
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.address import Address
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.bridge import Bridge
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.fdb import Fdb, PlainEntries
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.membership import BridgeVlan, Vni
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.neighbor import Neighbor
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.route import Nexthop, Route
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.rule import Rule
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vlan import Vlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vxlan import Vxlan

PACKAGE = netlink.__name__
FILES = sorted(path.stem for path in pathlib.Path(netlink.__file__ or "").parent.glob("*.py") if path.stem != "__init__")
OURS, MAC = 213, "02:00:00:00:00:01"
NUMBERS = {"br1": 0x01020304, "vx1": 5, "eth1": 6}
NAMES = {number: name for name, number in NUMBERS.items()}
LINKS: dict[str, Any] = {
    "br1": Bridge("br1", owned=True, vlan_filtering=True),
    "vx1": Vxlan("vx1", owned=True, master="br1"),
}
NATIVE_STRUCT = struct.Struct
Codecs = Callable[[str], Any]


@pytest.fixture
def big() -> Iterator[Codecs]:
    """What imports a file of the codecs, by its name, as a big-endian host has it."""
    names = [f"{PACKAGE}.{name}" for name in FILES]
    kept = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    attributes = {name: getattr(netlink, name) for name in FILES if hasattr(netlink, name)}
    for name in attributes:  # or one file would import the others as they are here
        delattr(netlink, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(struct, "Struct", lambda form: NATIVE_STRUCT(form.replace("=", ">")))
        patch.setattr(sys, "byteorder", "big")
        yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(kept)
    for name, module in attributes.items():
        setattr(netlink, name, module)


def part(codecs: Codecs, messages: Any, flags: int = 2) -> bytes:
    """Messages as a part of a dump."""
    header = codecs("wire").HEADER
    padded = (body + b"\0" * (-len(body) % 4) for _kind, _flags, body in messages)
    return b"".join(header.pack(16 + len(body), 28, flags, 1, 0) + body for body in padded)


def attribute(kind: int, payload: bytes) -> bytes:
    return struct.pack(">HH", 4 + len(payload), kind) + payload + b"\0" * (-len(payload) % 4)


#: A forwarding entry of the commonest layout, with its ages, as vxlan_fdb_info() in drivers/net/vxlan/vxlan_core.c lays it out.
ENTRY = (
    struct.pack(">BxxxiHBB", 7, 5, 0x42, 0x02, 1)
    + attribute(2, bytes.fromhex(MAC.replace(":", "")))
    + attribute(1, bytes((10, 0, 0, 1)))
)
AGES = attribute(3, bytes(16))


def test_an_entry_of_the_commonest_layout_is_written_in_the_order_of_the_host(big: Codecs) -> None:
    ((_kind, _flags, body),) = big("fdb").add_all([Fdb("vx1", MAC, dst="10.0.0.1")], NUMBERS.__getitem__, ())
    assert body == ENTRY


def test_an_entry_of_the_commonest_layout_is_read(big: Codecs) -> None:
    found = big("fdb").decode([part(big, [(28, 0, ENTRY + AGES)])], NAMES, LINKS)
    assert [(made.dev, made.mac, made.dst) for made in found.values()] == [("vx1", MAC, "10.0.0.1")]


def test_an_entry_that_is_as_desired_is_recognized(big: Codecs) -> None:
    desired = PlainEntries(["vx1"], [MAC], ["10.0.0.1"])
    assert big("fdb").decode([part(big, [(28, 0, ENTRY + AGES)])], NAMES, LINKS, desired) is desired


@pytest.mark.parametrize("body", [ENTRY + AGES, ENTRY + AGES + attribute(7, bytes(4))], ids=["plain", "other"])
def test_a_dump_of_entries_that_something_interrupted_is_noticed(big: Codecs, body: bytes) -> None:
    with pytest.raises(big("channel").InterruptedDumpError):
        big("fdb").decode([part(big, [(28, 0, body)], flags=2 | 0x10)], NAMES, LINKS)


def test_an_address_that_a_device_itself_takes_is_no_entry(big: Codecs) -> None:
    body = struct.pack(">BxxxiHBB", 7, 5, 0x80, 0x02, 1) + attribute(2, bytes.fromhex(MAC.replace(":", "")))
    assert big("fdb").decode([part(big, [(28, 0, body)])], NAMES, LINKS) == {}


def test_other_entries_are_read_as_they_are_written(big: Codecs) -> None:
    fdb = big("fdb")
    entries = [
        Fdb("vx1", MAC, 0, 7, "2001:db8::1", 0x010203, 0x1234, "eth1", False, False, True),
        Fdb("vx1", "02:00:00:00:00:02", 0x102, 0, "", 0, 0, "", True, False, True),
    ]
    messages = [each for entry in entries for each in fdb.add_all([entry], NUMBERS.__getitem__, ())]
    assert list(fdb.decode([part(big, messages)], NAMES, LINKS).values()) == entries


def test_addresses_routes_neighbors_and_rules_are_read_as_they_are_written(big: Codecs) -> None:
    number = NUMBERS.__getitem__
    address = Address("br1", "10.1.0.1/24", owned=True, metric=0x01020304, peer="", broadcast="10.1.0.255", label="br1:1")
    hops = (Nexthop("10.1.0.8", "br1", 3), Nexthop("10.1.0.9", "vx1", 1, True))
    route = Route("ipv4", 0x01020304, "10.2.0.0/16", 7, 0, "unicast", hops, "10.1.0.1", (("mtu", 1400),), ("mtu",), owned=True)
    neighbor = Neighbor("br1", "2001:db8::1", mac=MAC, router=True, owned=True)
    rule = Rule(0x01020304, "ipv4", table=1000, fwmark=1, fwmask=0xFF, sport="1-2", uidrange="3-4", suppress_prefixlength=8)
    bodies = {
        "addresses": [big("addresses").add(address, number, OURS), NAMES, {OURS}],
        "routes": [big("routes").add_all([route], number, OURS), NAMES, OURS],
        "neighbors": [big("neighbors").add_all([neighbor], number, OURS), NAMES, OURS],
        "rules": [big("rules").add(rule, OURS), "ipv4", OURS],
    }
    read = {
        name: list(big(name).decode([body for _kind, _flags, body in messages], *rest).values())
        for name, (messages, *rest) in bodies.items()
    }
    (found,) = read["addresses"]
    assert (found.key, found.metric, found.broadcast, found.label, found.owned) == (
        ("br1", "10.1.0.1/24"), 0x01020304, "10.1.0.255", "br1:1", True)  # fmt: skip
    assert [read["routes"][0][:10], read["neighbors"], read["rules"][0].key] == [route[:10], [neighbor], rule.key]


def test_vlans_and_vnis_are_read_as_they_are_written(big: Codecs) -> None:
    memberships, number = big("memberships"), NUMBERS.__getitem__
    vlan, vni = BridgeVlan("br1", 0x102, True, True, 0, True), Vni("vx1", 0x010203, "239.0.0.1", True)
    vlans = [body for _kind, _flags, body in memberships.set_vlan(None, vlan, number, {"br1"})]
    vnis = [body for _kind, _flags, body in memberships.add_vni(vni, number)]
    assert list(memberships.decode_vlans(vlans, NAMES, LINKS).values()) == [vlan]
    assert list(memberships.decode_vnis(vnis, NAMES, LINKS).values()) == [vni]


def test_links_are_read_as_they_are_written(big: Codecs) -> None:
    links, number = big("links"), {**NUMBERS, "vx2": 0}.__getitem__
    made = [
        Bridge("br2", mtu=1450, vlan_filtering=True, default_vlan=0x102, ageing=0x01020304, settings={"priority": 0x1234}),
        Vxlan("vx2", vni=0x010203, dstport=0x1234, local="10.0.0.1", settings={"srcport": "258-772", "flowlabel": 0x10203}),
        Vlan("vlan2", vlan=0x102, link="br1", settings={"reorder_hdr": False, "egress_qos_map": "1:2"}),
    ]
    for link in made:
        (_kind, _flags, body), *_others = links.create(link, number)
        found = big("link_dump").Links([body]).models[link.name]
        names = [name for name in link.attributes if name != "ageing" and getattr(link, name) is not None]
        assert {name: getattr(found, name) for name in names} == {name: getattr(link, name) for name in names}


def test_the_answer_to_a_message_finds_its_way_back(big: Codecs) -> None:
    channel: Any = big("channel")
    body = struct.pack(">i", -17) + struct.pack(">IHHII", 20, 16, 5, 7, 0)
    answer = struct.pack(">IHHII", 16 + len(body), 2, 0, 7, 0) + body

    class Kernel(channel.Channel):
        def __init__(self) -> None:
            self.sequence = 7

        def _receive(self) -> bytes:
            return answer

    assert Kernel()._answers(3, 7) == [(3, 17, "")]
