"""Configurations that Hypothesis makes: what a leaf of a fabric has, and some more, with every reference defined.

Strategies are kept: Hypothesis takes longer to make one than to draw from it.
"""

from __future__ import annotations

import functools

from hypothesis import strategies as st

Lines = list[str]

#: Entries of route-maps and lists have these numbers.
_numbers = st.sets(st.sampled_from([10, 20]), min_size=1).map(sorted)
_prefixes = ["10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"]
_networks = st.sets(st.sampled_from(_prefixes[:2]))
_numbers_of_vnis = st.sets(st.sampled_from([100, 200])).map(sorted)
_ospf = st.sampled_from([[], *(["router ospf", f" ospf router-id 10.0.0.{last}", "exit"] for last in (1, 2))])


@functools.cache
def _some(*names: str) -> st.SearchStrategy[Lines]:
    return st.sets(st.sampled_from(names)).map(sorted)


@functools.cache
def maybe(*lines: str) -> st.SearchStrategy[Lines]:
    """One of these lines, or none."""
    return st.sampled_from([[], *([line] for line in lines)])


@st.composite
def configurations(draw: st.DrawFn, asn: int = 65001) -> str:
    """The text of a configuration, indented as FRR prints it."""
    lists, maps, profiles = draw(_some("LIST", "NETS")), draw(_some("IN", "OUT")), draw(_some("fast", "slow"))
    vrfs = draw(_some("blue", "red"))
    lines = [
        *(line for name in lists for line in draw(_prefix_list(name))),
        *(line for name in maps for line in draw(_route_map(name, lists))),
        *(["bfd", *(line for name in profiles for line in draw(_profile(name))), "exit"] if profiles else []),
        *draw(_static_routes("")),
        *(line for vrf in vrfs for line in draw(_vrf(vrf))),
        *(line for name in ("eth1", "eth2") for line in draw(_interface(name))),
        *draw(_ospf),
    ]
    speaks_bgp = draw(st.booleans())
    if vrfs or speaks_bgp:
        lines += draw(_default_instance(asn, lists, maps, profiles))
    for vrf in vrfs:
        lines += draw(_vrf_instance(asn, vrf))
    return "\n".join(lines) + "\n"


@functools.cache
def _static_routes(indent: str) -> st.SearchStrategy[Lines]:
    """Lines that the outermost context and a VRF know, and that mean something else in each."""
    return _networks.map(lambda prefixes: [f"{indent}ip route {prefix} blackhole" for prefix in sorted(prefixes)])


@functools.cache
@st.composite
def _vrf(draw: st.DrawFn, vrf: str) -> Lines:
    return [f"vrf {vrf}", f" vni {draw(st.sampled_from([50, 60])) + len(vrf)}", *draw(_static_routes(" ")), "exit-vrf"]


@functools.cache
@st.composite
def _prefix_list(draw: st.DrawFn, name: str) -> Lines:
    """Entries that differ: FRR 8.4 ignores one that the list has under another number."""
    entries = draw(st.dictionaries(st.sampled_from([10, 20, 30]), st.sampled_from(_prefixes), min_size=1))
    different = {prefix: number for number, prefix in entries.items()}
    return sorted(f"ip prefix-list {name} seq {number} permit {prefix}" for prefix, number in different.items())


@st.composite
def _route_map(draw: st.DrawFn, name: str, lists: Lines) -> Lines:
    lines = []
    for number in draw(_numbers):
        lines += [
            f"route-map {name} {draw(st.sampled_from(['permit', 'deny']))} {number}",
            *draw(maybe(*(f" match ip address prefix-list {other}" for other in lists))),
            *draw(maybe(" set local-preference 100", " set local-preference 200")),
            "exit",
        ]
    return lines


@functools.cache
@st.composite
def _profile(draw: st.DrawFn, name: str) -> Lines:
    timers = maybe("  transmit-interval 100", "  transmit-interval 200")
    return [f" profile {name}", *draw(timers), *draw(maybe("  detect-multiplier 5")), " exit"]


@functools.cache
@st.composite
def _interface(draw: st.DrawFn, name: str) -> Lines:
    return [
        f"interface {name}",
        *draw(maybe(" description to A", " description to B")),
        *draw(maybe(" ip ospf area 0.0.0.0", " ip ospf area 0.0.0.1")),
        *draw(maybe(" ip ospf cost 10", " ip ospf cost 20")),
        "exit",
    ]


@st.composite
def _default_instance(draw: st.DrawFn, asn: int, lists: Lines, maps: Lines, profiles: Lines) -> Lines:
    definitions = draw(_definitions())
    lines = [
        f"router bgp {asn}",
        *draw(maybe(" bgp router-id 10.0.0.1", " bgp router-id 10.0.0.2")),
        *draw(maybe(" no bgp ebgp-requires-policy")),
        *draw(maybe(" no bgp default ipv4-unicast")),
    ]
    for name, defined in definitions.items():
        lines += [
            *(f" {line}" for line in defined),
            *draw(maybe(f" neighbor {name} description to A", f" neighbor {name} description to B")),
            *draw(maybe(f" neighbor {name} password first", f" neighbor {name} password second")),
            *draw(maybe(f" neighbor {name} timers connect 5", f" neighbor {name} timers connect 10")),
            *draw(maybe(*(f" neighbor {name} bfd profile {other}" for other in profiles))),
        ]
    return [
        *lines,
        " address-family ipv4 unicast",
        *(f"  network {prefix}" for prefix in sorted(draw(_networks))),
        *(line for name in definitions for line in draw(_filters(name, lists, maps))),
        " exit-address-family",
        " address-family l2vpn evpn",
        *(line for name in definitions for line in draw(maybe(f"  neighbor {name} activate"))),
        *draw(maybe("  advertise-all-vni")),
        *(line for vni in draw(_numbers_of_vnis) for line in draw(_vni(vni))),
        " exit-address-family",
        "exit",
    ]


@functools.cache
@st.composite
def _definitions(draw: st.DrawFn) -> dict[str, Lines]:
    """Peer groups and neighbours, each with the lines that bring it into being."""
    groups = draw(_some("leaves", "spines"))
    found = {
        group: [f"neighbor {group} peer-group", f"neighbor {group} remote-as {draw(st.sampled_from(['external', '65100']))}"]
        for group in groups
    }
    for name, alone, joining in (
        ("eth1", "interface remote-as external", "interface peer-group"),
        ("10.0.0.2", "remote-as 65002", "peer-group"),
        ("10.0.0.3", "remote-as 65003", "peer-group"),
    ):
        shapes = (f"neighbor {name} {alone}", *(f"neighbor {name} {joining} {group}" for group in groups))
        line = draw(maybe(*shapes))
        if line:
            found[name] = line
    return found


@st.composite
def _filters(draw: st.DrawFn, name: str, lists: Lines, maps: Lines) -> Lines:
    return [
        *draw(maybe(*(f"  neighbor {name} prefix-list {other} in" for other in lists))),
        *draw(maybe(*(f"  neighbor {name} route-map {other} in" for other in maps))),
        *draw(maybe(*(f"  neighbor {name} route-map {other} out" for other in maps))),
    ]


@functools.cache
@st.composite
def _vni(draw: st.DrawFn, vni: int) -> Lines:
    return [f"  vni {vni}", *draw(maybe("   rd 1:1", "   rd 1:2")), *draw(_targets("   ")), "  exit-vni"]


@functools.cache
@st.composite
def _targets(draw: st.DrawFn, indent: str) -> Lines:
    return [f"{indent}route-target import 65000:{number}" for number in draw(_numbers)]


@functools.cache
@st.composite
def _vrf_instance(draw: st.DrawFn, asn: int, vrf: str) -> Lines:
    return [
        f"router bgp {asn} vrf {vrf}",
        *draw(maybe(" bgp router-id 10.0.0.1")),
        " address-family ipv4 unicast",
        *draw(maybe("  redistribute connected")),
        " exit-address-family",
        " address-family l2vpn evpn",
        "  advertise ipv4 unicast",
        *draw(_targets("  ")),
        " exit-address-family",
        "exit",
    ]
