"""Inventories that Hypothesis makes: one host's place in a small fabric, whatever that place may be.

All of them are valid as they are made. Names, numbers and interfaces come from small pools, so that two inventories often speak
of the same thing in another way: an interface is a link in one and a port, a gateway's way outside or nothing in the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.fabrics import Inventory

#: The host whose documents are of interest; the others are there so that it has somebody to talk to.
HERE = "host1"
SPINES, OTHER_VTEP, OTHER_GATEWAYS = ("spine1", "spine2"), "leaf2", ("gw2", "gw3")
#: The interfaces that the host has.
INTERFACES = tuple(f"eth{number}" for number in range(1, 6))
NETWORKS = 3
#: Releases of FRR that others may have been seen to run: on some, BFD between two hosts is left out.
RELEASES = (None, "8.4.4", "10.3")
ACCEPTED = ("0.0.0.0/0", "203.0.113.0/24", "198.18.0.0/15", "192.0.2.128/25", "::/0", "2001:db8:f::/48")

Entry = dict[str, Any]


class Kinds(NamedTuple):
    """What the host can do: whether its kernel has VRF and VLAN devices, which FRR it runs, which kernel it has."""

    vrfs_and_vlans: bool
    frr: str
    kernel: str

    @property
    def ipv6_vteps(self) -> bool:
        """Whether FRR carries IPv6 addresses of VTEPs (10.6 and newer)."""
        return tuple(map(int, self.frr.split(".")[:2])) >= (10, 6)


def _maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """One of the values, or None: half of the entries lack the option."""
    return st.none() | st.sampled_from(values)


def _given(**options: Any) -> Entry:
    return {option: value for option, value in options.items() if value is not None}


@st.composite
def inventories(draw: st.DrawFn, kinds: Kinds) -> Inventory:
    """Groups and host variables of a fabric that :data:`HERE` is a host of."""
    role = draw(st.sampled_from(("vtep", "vtep", "gateway", "gateway", "spine")))
    gateways = OTHER_GATEWAYS if role == "gateway" or draw(st.booleans()) else ()
    underlay = draw(st.sampled_from(("unnumbered", "ipv4", "ipv6") if gateways else ("unnumbered", "ipv4", "ipv6", "ospf")))
    exclusive = draw(st.booleans())
    ipv6_vteps = kinds.ipv6_vteps and underlay != "ospf" and (exclusive or not gateways) and draw(st.integers(0, 3)) == 0
    links, free = _links(draw, role, gateways, underlay)
    shared: dict[str, Any] = {
        "fabric_underlay": _underlay(draw, underlay),
        "fabric_links": links,
        "fabric_vrfs": _vrfs(draw) if kinds.vrfs_and_vlans else [],
        **_given(fabric_anycast_mac=draw(_maybe(("02:00:5e:00:02:02",)))),
    }
    if underlay == "ospf":
        shared["fabric_overlay"] = {"protocol": "ibgp", "asn": 65100, **_given(password=draw(_maybe(("overlay-secret",))))}
    if gateways:
        shared["fabric_gateways"] = _gateways(draw, exclusive)
    shared["fabric_networks"] = _networks(draw, role, bool(gateways), [vrf["name"] for vrf in shared["fabric_vrfs"]])
    groups = {
        "spines": [*SPINES, *([HERE] if role == "spine" else [])],
        "vteps": [OTHER_VTEP, *([HERE] if role == "vtep" else [])],
        "gateways": [*gateways, *([HERE] if role == "gateway" else [])],
    }
    names = [HERE, *SPINES, OTHER_VTEP, *gateways]
    hostvars = {name: {**shared, "fabric_loopback": f"10.255.0.{10 + place}"} for place, name in enumerate(names)}
    hostvars[HERE]["fabric_loopback"] = draw(st.sampled_from(("10.255.0.1", "10.255.0.2")))
    spine_asn = draw(st.sampled_from((65000, 64900)))
    for place, name in enumerate(names):
        if underlay != "ospf":
            hostvars[name]["fabric_asn"] = spine_asn if name in SPINES else 65010 + place
        if ipv6_vteps and name not in groups["spines"]:
            hostvars[name]["fabric_vtep"] = f"2001:db8:ff::{place + 1}"
        if name != HERE and underlay == "unnumbered" and not ipv6_vteps:
            hostvars[name]["__host_info"] = {"frr_version": draw(st.sampled_from(RELEASES))}
        if name in gateways:
            outside = {"interface": "eth9", "asn": 64999}
            hostvars[name]["fabric_north"] = [
                {**outside, "address": f"198.51.100.{128 + 2 * place}/31", "peer": f"198.51.100.{129 + 2 * place}"}
            ]
    here = hostvars[HERE]
    here["__host_info"] = {"frr_version": kinds.frr, "kernel": kinds.kernel}
    if underlay != "ospf":
        here["fabric_asn"] = draw(st.sampled_from((65001, 4200000001)))
    if role != "spine" and not ipv6_vteps:
        here.update(_given(fabric_vtep=draw(_maybe(("10.255.2.1", "10.255.2.2")))))
    if role == "vtep":
        here["fabric_ports"] = _ports(draw, free, shared["fabric_networks"], kinds)
    if role == "gateway":
        here["fabric_north"] = _north(draw, free, bool(shared["fabric_underlay"].get("bfd")), exclusive)
        here.update(_given(fabric_gateway_state=draw(_maybe(("drained", "failed"))), fabric_gateway_weight=draw(_maybe((2,)))))
    return {"fabric": names, **{group: hosts for group, hosts in groups.items() if hosts}}, hostvars


def _underlay(draw: st.DrawFn, kind: str) -> Entry:
    bfd = draw(st.sampled_from((None, True, {"transmit_interval": 100, "detect_multiplier": 5})))
    return _given(
        protocol="ospf" if kind == "ospf" else "ebgp",
        unnumbered=kind == "unnumbered",
        mtu=draw(_maybe((1400, 9000))),
        area=draw(_maybe(("0.0.0.7",))) if kind == "ospf" else None,
        bfd=bfd,
        password=None if kind == "ospf" else draw(_maybe(("underlay-secret", "another-secret"))),
    )


def _links(draw: st.DrawFn, role: str, gateways: Sequence[str], underlay: str) -> tuple[list[Entry], list[str]]:
    """Links of the fabric, and which interfaces of the host are free besides: two at least."""
    peers = (OTHER_VTEP, *gateways) if role == "spine" else (*SPINES, OTHER_VTEP)
    uplinks = draw(st.lists(st.sampled_from(INTERFACES), min_size=1, max_size=len(INTERFACES) - 2, unique=True))
    ends = [[f"{HERE}:{interface}", f"{draw(st.sampled_from(peers))}:to{interface}"] for interface in uplinks]
    ends += [[f"{spine}:{name}", f"{name}:{spine}"] for spine in SPINES for name in (OTHER_VTEP, *gateways)]
    links: list[Entry] = [{"ends": pair} for pair in ends]
    if underlay in ("ipv4", "ipv6", "ospf"):
        plan = draw(st.integers(0, 1))
        for place, link in enumerate(links):
            other_family = underlay == "ipv6" or (underlay == "ipv4" and plan and place == 1)
            link["subnet"] = f"2001:db8:ffff::{2 * place:x}/127" if other_family else f"10.254.{plan}.{2 * place}/31"
    return links, [interface for interface in INTERFACES if interface not in uplinks]


def _vrfs(draw: st.DrawFn) -> list[Entry]:
    found: list[Entry] = []
    for number, name in enumerate(draw(st.sampled_from(((), ("red",), ("red", "blue"), ("blue",))))):
        l3vni, other = draw(_maybe((50001 + number,))), draw(st.booleans())
        targets = {"import": ["65000:7"], "export": [f"65000:{7 + number}"]}
        found.append(
            _given(
                name=name,
                l3vni=l3vni,
                table=1001 + number if other or l3vni is None else None,
                vteps=draw(_maybe(([OTHER_VTEP],))),
                rd=draw(_maybe((1001 + number,))) if l3vni else None,
                route_targets=draw(_maybe((targets,))) if l3vni else None,
            )
        )
    return found


def _networks(draw: st.DrawFn, role: str, gateways: bool, vrfs: Sequence[str]) -> list[Entry]:
    numbers = draw(st.lists(st.sampled_from(range(NETWORKS)), min_size=1, max_size=NETWORKS, unique=True))
    kinds = ("bridged", *(("central",) if gateways else ()), *(("routed",) if vrfs else ()))
    found = []
    for place, number in enumerate(numbers):
        kind = "central" if gateways and not place else draw(st.sampled_from(kinds))
        prefix = "172.16" if kind == "central" else "10.1"
        subnets: tuple[list[str], ...] = ([f"{prefix}.{number}.1/24"], [f"2001:db8:{number + 1:x}::1/64"])
        subnets += (subnets[0] + subnets[1], [f"{prefix}.{number}.254/24", *subnets[1]])
        targets = {"import": [f"65000:{100 + number}", "65000:99"], "export": [f"65000:{100 + number}"]}
        found.append(
            _given(
                name=f"net{number}",
                vni=10100 + number,
                vlan=draw(st.sampled_from((100, 200))) + number,
                description=draw(_maybe(("of a tenant",))),
                mtu=draw(_maybe((1300,))),
                rd=draw(_maybe((100 + number,))),
                route_targets=draw(_maybe((targets,))),
                vteps=draw(st.sampled_from((None, None, None, [OTHER_VTEP]))),
                central=True if kind == "central" else None,
                vrf=draw(st.sampled_from(vrfs)) if kind == "routed" else None,
                gateways=draw(st.sampled_from(subnets)) if kind != "bridged" else None,
            )
        )
    return found


def _ports(draw: st.DrawFn, free: Sequence[str], networks: Sequence[Entry], kinds: Kinds) -> list[Entry]:
    here = [network["name"] for network in networks if "vteps" not in network]
    found: list[Entry] = []
    for interface in free if here else ():
        untagged = draw(_maybe(here))
        tagged = draw(st.lists(st.sampled_from(here), max_size=2, unique=True)) if kinds.vrfs_and_vlans else []
        tagged = [name for name in tagged if name != untagged]
        if untagged or tagged:
            found.append({"interface": interface, **_given(untagged=untagged, tagged=tagged or None)})
    return found


def _gateways(draw: st.DrawFn, exclusive: bool) -> Entry:
    return _given(
        mode="exclusive" if exclusive else "anycast",
        vtep_prefix=None if exclusive else draw(st.sampled_from(("192.0.2.0/29", "192.0.2.64/28"))),
        buckets=draw(st.sampled_from((2, 4))),
        standbys=draw(_maybe((0, 2))),
        accept=draw(st.none() | st.lists(st.sampled_from(ACCEPTED), min_size=1, max_size=4, unique=True)),
    )


def _north(draw: st.DrawFn, free: Sequence[str], with_bfd: bool, ipv6_only: bool) -> list[Entry]:
    """Sessions of the host with routers outside; each is written as it may change: on another interface, as another's."""
    one: Entry = {"interface": draw(st.sampled_from(free)), "address": "198.51.100.1/29", "peer": "198.51.100.2"}
    another: Entry = {**one, "peer": "198.51.100.3"}
    six: Entry = {"interface": draw(st.sampled_from(free)), "address": "2001:db8:e::1/112", "peer": "2001:db8:e::2"}
    sets = [[one], [one, another], [one, six], [another, six], *([[six]] if ipv6_only else [])]
    return [
        {
            **north,
            "asn": draw(st.sampled_from((64999, 64998))),
            **_given(password=draw(_maybe(("outside-secret",))), bfd=draw(st.none() | st.booleans()) if with_bfd else None),
        }
        for north in draw(st.sampled_from(sets))
    ]
