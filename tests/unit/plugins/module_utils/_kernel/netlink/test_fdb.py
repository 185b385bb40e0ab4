"""Dumps of forwarding entries: what is as desired is told from all else by its bytes alone."""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.bridge import Bridge
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.fdb import RARE, Fdb
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import Interface
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.macvlan import Macvlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vxlan import Vxlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import by_hand, fdb
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.channel import InterruptedDumpError

NAMES = {1: "vx1", 2: "vx2", 3: "foreign", 4: "eth1"}
LINKS = {
    "vx1": Vxlan(name="vx1", owned=True, held=False),
    "vx2": Vxlan(name="vx2", owned=False, held=True),
    "foreign": Vxlan(name="foreign", owned=False, held=False),
    "eth1": Interface(name="eth1", owned=False, held=False),
}
MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"
#: An entry of the commonest layout, and nothing more, on a device of ours.
PLAIN = Fdb("vx1", MAC, dst="10.0.0.1", vni=0, port=0, via="", sticky=False, local=False, owned=True)
STATIC, PERMANENT, REACHABLE = 0x42, 0x80, 0x02
SELF, MASTER, LEARNED = 0x02, 0x04, 0x10
_message = Struct("=IHHIIBxxxiHBBHH6s2xHH4sHH16x")


def entry(
    mac: str = MAC,
    dst: str = "10.0.0.1",
    number: int = 1,
    state: int = STATIC,
    flags: int = SELF,
    head: int = 2,
    attribute: int = 1,
) -> bytes:
    """A message of a dump, as long as the kernel's for an entry of a VXLAN device."""
    packed = bytes.fromhex(mac.replace(":", ""))
    address = bytes(map(int, dst.split(".")))
    return _message.pack(68, 28, head, 1, 0, 7, number, state, flags, 1, 10, 2, packed, 8, attribute, address, 20, 3)


def listed(*entries: dict[str, Any]) -> Any:
    """The entries of a document that lists them, each of which needs no more than what differs from the first one of all."""
    usual = {"dev": "vx1", "mac": MAC, "dst": "10.0.0.1", **dict.fromkeys(RARE)}
    return Document.from_params({"fdb": [{**usual, **entry} for entry in entries or ({},)]}).present["fdb"]


def decoded(parts: list[bytes], desired: Any) -> Mapping[Any, Fdb]:
    return fdb.decode(parts, NAMES, LINKS, desired)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_entry_that_is_as_desired_is_the_same_object(number: int) -> None:
    desired = listed({"dev": NAMES[number]})
    found = decoded([entry(number=number) + entry(OTHER, number=number)], desired)
    owned = number != 3
    assert found[NAMES[number], MAC] is desired[NAMES[number], MAC]
    assert found[NAMES[number], OTHER] == PLAIN._replace(dev=NAMES[number], mac=OTHER, owned=owned)


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (entry(dst="10.0.0.2"), {"dst": "10.0.0.2"}),
        (entry(state=PERMANENT), {"owned": False}),
        (entry(flags=SELF | LEARNED), {"daemon": "zebra"}),
        (entry(dst="10.0.0.2", number=3), {"dst": "10.0.0.2", "dev": "foreign", "owned": False}),
        (entry(state=REACHABLE), None),
        (entry(number=9), None),
    ],
)
def test_what_differs_is_decoded(there: bytes, expected: dict[str, Any] | None) -> None:
    desired = listed({}, {"dev": "foreign"}, {"dev": "gone"})
    found = list(decoded([there], desired).values())
    assert found == ([] if expected is None else [PLAIN._replace(**expected)])


@pytest.mark.parametrize("more", [{"vni": 5}, {"port": 8472}, {"via": "eth1"}, {"src_vni": 5}])
def test_an_entry_that_says_more_than_the_commonest_has_is_not_there(more: dict[str, Any]) -> None:
    desired = listed(more)
    assert not set(map(id, decoded([entry()], desired).values())) & set(map(id, desired.values()))


@pytest.mark.parametrize("of_device", ["remote", "group"])
def test_the_flood_list_of_a_devices_own_options_is_no_entry(of_device: str) -> None:
    flood = "00:00:00:00:00:00"
    own: dict[str, Any] = {of_device: "10.0.0.1"}
    links = {**LINKS, "vx1": Vxlan(name="vx1", owned=True, held=False, **own)}
    parts = [entry(flood, state=PERMANENT) + entry(flood, "10.0.0.2")]
    for desired in (listed(), listed({"mac": flood}, {"mac": flood, "dst": "10.0.0.2"})):
        assert [made.dst for made in fdb.decode(parts, NAMES, links, desired).values()] == ["10.0.0.2"]


def test_some_are_as_desired_and_some_are_not() -> None:
    desired = listed({}, {"mac": OTHER})
    found = decoded([entry(), entry(OTHER, "10.0.0.9")], desired)
    assert found["vx1", MAC] is desired["vx1", MAC]
    assert found["vx1", OTHER].dst == "10.0.0.9"


def test_a_message_of_the_same_length_and_other_attributes_is_no_plain_one() -> None:
    on_a_bridge = entry(flags=MASTER, attribute=9)  # the number of the bridge stands where a destination does
    found = decoded([entry(OTHER) + on_a_bridge + entry(OTHER, number=2)], listed())
    assert {key: made.dst for key, made in found.items()} == {
        ("vx1", MAC): "",
        ("vx1", OTHER): "10.0.0.1",
        ("vx2", OTHER): "10.0.0.1",
    }


def test_an_interrupted_dump_is_told() -> None:
    with pytest.raises(InterruptedDumpError):
        decoded([entry() + entry(OTHER, head=0x12)], listed())


@pytest.mark.parametrize(("mac", "dst"), [(MAC, "10.0.0.1"), ("fe:dc:ba:98:76:54", "255.254.253.252")])
def test_what_adds_an_entry_is_what_the_kernel_says_of_it(mac: str, dst: str) -> None:
    [(kind, _flags, core)] = fdb.add_all(list(listed({"mac": mac, "dst": dst}).values()), lambda dev: 1, set())
    assert (kind, core) == (28, entry(mac, dst)[16:48])


BRIDGED = {
    "br1": Bridge("br1", mac="02:00:00:00:00:b1", owned=True, held=False),
    "eth1": Interface("eth1", mac="02:00:00:00:00:e1", master="br1", owned=False, held=True),
}


def local(mac: str, number: int, state: int = PERMANENT) -> bytes:
    """A message for an entry of a bridge, which has no destination."""
    return entry(mac, number=number, state=state, flags=0, attribute=9)


@pytest.mark.parametrize(
    ("number", "mac", "is_somebodys"),
    [
        (4, "02:00:00:00:00:e1", False),  # the port's own
        (4, "02:00:00:00:00:b1", False),  # the bridge's own, which it has from that port
        (5, "02:00:00:00:00:b1", False),
        (4, MAC, True),
        (5, MAC, True),
    ],
)
def test_the_addresses_of_a_bridge_and_its_ports_are_no_entries_of_anybody(number: int, mac: str, is_somebodys: bool) -> None:
    names = {4: "eth1", 5: "br1"}
    found = list(fdb.decode([local(mac, number)], names, BRIDGED).values())
    assert [(made.dev, made.mac, made.local, made.owned) for made in found] == (
        [(names[number], mac, True, True)] if is_somebodys else [])  # fmt: skip


@pytest.mark.parametrize(("dev", "flags"), [("br1", SELF), ("eth1", MASTER)])
def test_an_entry_of_the_bridge_itself_is_told_to_the_bridge(dev: str, flags: int) -> None:
    [(_kind, _flags, body)] = fdb.add_all([Fdb(dev, MAC, local=True)], lambda name: 7, {"br1"})
    assert (body[8], body[10]) == (PERMANENT, flags)


def test_what_the_model_cannot_say_is_told_by_name() -> None:
    links = {
        **BRIDGED,
        "vx1": Vxlan("vx1", mac="02:00:00:00:00:f1"),
        "mv1": Macvlan("mv1", link="eth1", mac="02:00:00:00:00:a1"),
    }
    nexthop = Struct("=BxxxiHBBHH6s2xHHI").pack(7, 1, STATIC, SELF, 1, 10, 2, bytes.fromhex("020000000001"), 8, 13, 5)
    learned = nexthop[:10] + bytes([SELF | LEARNED]) + nexthop[11:]
    own = entry(OTHER, number=4, state=PERMANENT, attribute=9)[16:]
    of_macvlan = entry("02:00:00:00:00:a1", number=4, state=PERMANENT, attribute=9)[16:]
    group = entry("01:00:5e:00:00:01", number=4, state=PERMANENT, attribute=9)[16:]
    known = {"any": Fdb("eth1", "02:00:00:00:00:0c")}
    of_bridge = entry("02:00:00:00:00:0c", number=4, state=PERMANENT, attribute=9)[16:]
    found = by_hand.entries_left_out([nexthop, learned, own, of_macvlan, group, of_bridge], {1: "vx1", 4: "eth1"}, links, known)
    assert [(each.kind, each.name, each.reason) for each in found] == [
        ("fdb", f"{MAC} on vx1", "leads to a nexthop group"),
        ("fdb", f"{OTHER} on eth1", "is an address that the device itself takes"),
    ]
