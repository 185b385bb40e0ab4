"""Routes as the kernel tells them."""

from __future__ import annotations

import ipaddress

from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import routes
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.wire import ATTRIBUTE, U32, attribute
from hypothesis import given
from hypothesis import strategies as st

#: What follows family and prefix length in a header: no source, no type of service, table main, static, unicast.
HEADER = bytes([0, 0, 254, 4, 0, 1]) + bytes(4)


def told(address: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int, order: str) -> bytes:
    """A message without its netlink header, its attributes in some order: t(able), d(estination), o(utgoing interface)."""
    made = {
        "t": attribute(routes.TABLE, U32.pack(254)),
        "d": attribute(routes.DST, address.packed),
        "o": attribute(routes.OIF, U32.pack(7)),
    }
    return bytes([2 if address.version == 4 else 10, length]) + HEADER + b"".join(made[place] for place in order)


def read(body: bytes) -> routes.Route:
    """The one route that a message is about."""
    found = list(routes.decode([body], {7: "eth7"}, 213).values())
    assert len(found) == 1
    return found[0]


@given(st.ip_addresses(), st.integers(1, 32), st.permutations("tdo").map("".join))
def test_a_destination_is_found_wherever_it_stands(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int, order: str
) -> None:
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    route = read(told(network.network_address, length, order))
    assert (route.family, route.dst, route.table) == (f"ipv{address.version}", str(network), 254)
    assert [hop.dev for hop in route.nexthops or ()] == ["eth7"]


def test_an_address_is_not_taken_for_attributes() -> None:
    # In it, where an IPv4 route has the header of its destination, the same bytes.
    address = ipaddress.IPv6Address(bytes.fromhex("20010db8") + ATTRIBUTE.pack(8, routes.DST) + bytes(8))
    body = told(address, 128, "dto")
    assert body[20:24] == told(ipaddress.IPv4Address("10.0.0.0"), 8, "tdo")[20:24]
    assert read(body).dst == f"{address}/128"
