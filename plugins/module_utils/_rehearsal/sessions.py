# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BGP sessions in a gateway's FRR configuration, and configurations for those at their other ends. Pure. Private to this
collection.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from .._core.errors import FabricError
from .._frr import configuration

_EVPN = "l2vpn evpn"
#: What the role `frr` has for VTEPs: they announce their own routes only, and zebra handles in order what bgpd sends it (FRR
#: before 10 needs that, and it does no harm to later ones).
_VTEP = """
zebra zapi-packets 1
zebra work-queue 0
bgp as-path access-list own permit ^$
route-map own permit 10
 match as-path own
exit
"""
_ACCEPT = {"ipv4": "ip prefix-list evpn-accept ", "ipv6": "ipv6 prefix-list evpn-accept "}


class Session(NamedTuple):
    """A session as a gateway sees it: the neighbor is an interface, or an address in the subnet of ``address`` on one."""

    neighbor: str
    interface: str
    address: Optional[str]
    asn: int
    remote_as: str
    description: str
    password: Optional[str]
    families: Tuple[str, ...]

    @property
    def inward(self) -> bool:
        """Whether it leads into the fabric."""
        return _EVPN in self.families


class Speaker(NamedTuple):
    """What the rehearsal needs of a gateway's configuration: sessions, lines about BFD, prefixes accepted from outside."""

    sessions: Tuple[Session, ...]
    bfd: str
    accepted: Tuple[str, ...]


def read(text: str, addresses: Sequence[Mapping[str, Any]]) -> Speaker:
    """The :class:`Speaker` of a configuration; ``addresses`` are those of the `dataplane` document. Raises FabricError."""
    lines = configuration.parse(text)
    router = next((path[0] for path in lines if path[0].startswith("router bgp ") and " vrf " not in path[0]), None)
    if router is None:
        raise FabricError("the configuration of a gateway has no router bgp")
    settings: dict[str, dict[str, str]] = {}
    families: dict[str, list[str]] = {}
    for path in lines:
        words = path[-1].split()
        if path[0] != router or words[0] != "neighbor":
            continue
        if len(path) == 2:
            _note(settings.setdefault(words[1], {}), words[2:])
        elif words[2:] == ["activate"]:
            families.setdefault(words[1], []).append(path[1].split(" ", 1)[1])
    sessions = []
    for name, own in settings.items():
        if ("group" not in own and "remote-as" not in own) or "is-group" in own:
            continue
        group = own.get("group", "")
        found = {**settings.get(group, {}), **own}
        interface, address = (name, None) if "interface" in own else _towards(name, addresses)
        active = tuple(families.get(name, []) + families.get(group, []))
        asn, remote = int(router.split()[2]), found.get("remote-as", "external")
        sessions.append(
            Session(name, interface, address, asn, remote, found.get("description", name), found.get("password"), active)
        )
    bfd = "".join("%s%s\n" % (" " * (len(path) - 1), path[-1]) for path in lines if path[0] == "bfd")
    accepted = [line.split(" permit ")[1].split()[0] for (line, *_rest) in lines if line.startswith(tuple(_ACCEPT.values()))]
    return Speaker(tuple(sessions), bfd, tuple(accepted))


def _note(settings: Dict[str, str], words: Sequence[str]) -> None:
    """Keeps what a line about a neighbor says."""
    if words == ["peer-group"]:
        settings["is-group"] = ""
    elif words[:1] == ["interface"]:
        settings["interface"] = ""
        _note(settings, words[1:])
    elif words[:1] == ["peer-group"]:
        settings["group"] = words[1]
    elif words[:1] == ["description"]:
        settings["description"] = " ".join(words[1:])
    elif words[0] in ("remote-as", "password"):
        settings[words[0]] = words[1]


def _towards(neighbor: str, addresses: Sequence[Mapping[str, Any]]) -> Tuple[str, str]:
    """(interface, own address with its length) in whose subnet a neighbor is."""
    target = ipaddress.ip_address(neighbor)
    for entry in addresses:
        own = ipaddress.ip_interface(entry["address"])
        if entry["dev"] != "lo" and own.version == target.version and target in own.network:
            return entry["dev"], entry["address"]
    raise FabricError("no interface of the gateway is in the subnet of its neighbor %s; a rehearsal knows no others" % neighbor)


class Far(NamedTuple):
    """The other end of a session: a node's interface, and the session."""

    interface: str
    session: Session


def far_end(
    asn: int,
    router_id: str,
    ends: Sequence[Far],
    bfd: str,
    loopbacks: Sequence[str] = (),
    originated: Sequence[str] = (),
    clients: Sequence[str] = (),
    vtep: bool = False,
) -> str:
    """The configuration of a node at the other ends of sessions.

    ``clients`` are interfaces towards nodes that are no gateways: sessions to them are unnumbered. ``originated``
    are prefixes that it announces to gateways, ``loopbacks`` its own. ``vtep`` says whether it has VNIs.
    """
    names = {end: end.interface if end.session.address is None else end.session.address.split("/")[0] for end in ends}
    families: dict[str, list[str]] = {"ipv4 unicast": [], "ipv6 unicast": [], _EVPN: []}
    # It recognizes a gateway's death as fast as the gateway would its own: BFD has the gateway's settings.
    lines = [bfd.rstrip("\n"), "router bgp %d" % asn, " bgp router-id %s" % router_id, " no bgp ebgp-requires-policy"]
    lines += [" no bgp default ipv4-unicast", " no bgp network import-check", " bgp bestpath as-path multipath-relax"]
    lines += [" timers bgp 3 9"]
    for end, name in names.items():
        lines += _neighbor(name, end.session.address is None, str(end.session.asn), end.session.password, bool(bfd))
        for family in end.session.families:
            families[family].append(" neighbor %s activate" % name)
    for interface in clients:
        lines += _neighbor(interface, True, "external", None, bool(bfd))
        families["ipv4 unicast"].append(" neighbor %s activate" % interface)
        families[_EVPN].append(" neighbor %s activate" % interface)
    for prefix in (*loopbacks, *originated):
        families["ipv6 unicast" if ":" in prefix else "ipv4 unicast"].append(" network %s" % prefix)
    if vtep:
        lines = [_VTEP, *lines]
        families[_EVPN] += [" advertise-all-vni"]
        for family in ("ipv4 unicast", _EVPN):
            families[family] += [" neighbor %s route-map own out" % interface for interface in clients]
    for family, members in families.items():
        if members:
            lines += [" address-family %s" % family, *(" " + line for line in members), " exit-address-family"]
    return "\n".join(line for line in lines if line) + "\nexit\n"


def _neighbor(name: str, is_interface: bool, remote_as: str, password: Optional[str], bfd: bool) -> Iterator[str]:
    """Lines for a neighbor. FRR tries to connect each second: its default of 120 s would make a rehearsal wait."""
    yield " neighbor %s %sremote-as %s" % (name, "interface " * is_interface, remote_as)
    yield " neighbor %s timers connect 1" % name
    if is_interface:
        yield " neighbor %s capability extended-nexthop" % name
    if password:
        yield " neighbor %s password %s" % (name, password)
    if bfd:
        yield " neighbor %s bfd" % name
        yield " neighbor %s bfd profile fabric" % name
