# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fabric around gateways: spines, a leaf with tenants, a router outside. Private to this collection."""

from __future__ import annotations

import ipaddress
import json
import signal
import time
from functools import partial
from typing import Any, Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .._core.enclosure import command, started
from .._core.errors import FabricError
from .._gateway.phases import ALL
from . import bring
from .nodes import Node, Wires, until
from .probes import Flow, Outcome, Probe
from .sessions import Far, Speaker, far_end, read

LEAF, TENANTS, OUTSIDE = "leaf", "tenants", "outside"
#: Addresses and AS numbers of what the rehearsal adds; the addresses are set aside for measurements (RFC 2544, RFC 5180).
LEAF_VTEP, LEAF_AS, FIRST_SPINE_AS = "198.18.0.1", 4200980001, 4200990001
SPINE_ID, OUTSIDE_ID = "198.18.1.%d", "198.18.2.1"
#: What spines announce to gateways of a fabric that carries IPv6: a prefix that leads nowhere (RFC 6666).
LIVENESS_PREFIX = "100::1/128"
OUTSIDE_ADDRESSES = {4: "198.18.2.1", 6: "2001:2::1"}
#: Seconds: for all traffic to flow; without a change in BGP until it counts as settled; after which traffic is looked at again.
FLOW_LIMIT, QUIET, LOOK = 300, 3, 1
#: Of a session that is not up.
DOWN = "down"


class Gateway(NamedTuple):
    """A gateway: the options of `dataplane`, FRR's configuration as text, and the options of `gateway_failover`."""

    name: str
    dataplane: Dict[str, Any]
    text: str
    options: Dict[str, Any]


class Tenant(NamedTuple):
    """A tenant of a network: its interface, its address with its length, its gateway's address."""

    vni: int
    interface: str
    address: str
    gateway: str

    @property
    def plain(self) -> str:
        """The address alone."""
        return self.address.split("/")[0]


class Scene:
    """Gateways and what is around them, in network namespaces of this process's mount namespace.

    ``sampled`` are the VNIs that have a tenant. Raises :class:`FabricError` for what it cannot build.
    """

    def __init__(self, gateways: Sequence[Gateway], sampled: Sequence[int]) -> None:
        self.gateways = {each.name: each for each in gateways}
        self.speakers: Dict[str, Speaker] = {
            each.name: read(each.text, each.dataplane.get("addresses") or ()) for each in gateways
        }
        self.tenants = _tenants(gateways[0].dataplane, sampled)
        self._spines: Dict[str, List[Far]] = {}
        self._north: List[Far] = []
        self.nodes: Dict[str, Node] = {}
        self.dead: List[str] = []

    def build(self) -> None:
        """Makes nodes and links, brings gateways to their documents and waits until all traffic flows."""
        self.wires = Wires()
        self._link()
        self._make_leaf()
        for each in self.gateways.values():
            self.nodes[each.name].dataplane(each.dataplane)
        for node in self.nodes.values():
            if node.name != TENANTS:
                node.start_frr()
        self._configure_others()
        for each in self.gateways.values():
            self.nodes[each.name].configure(each.text)
        until(self._vnis_known, "FRR's BGP of the gateways does not come to know all VNIs", FLOW_LIMIT)
        self.fail_over()
        self.settle()

    def _link(self) -> None:
        for name in (*self.gateways, LEAF, TENANTS, OUTSIDE):
            self.nodes[name] = Node(name, forwards=name != TENANTS)
        made: Dict[Tuple[str, str], str] = {}
        for name, speaker in self.speakers.items():
            for session in speaker.sessions:
                far = session.description if session.inward else OUTSIDE
                if far not in self.nodes:
                    self.nodes[far] = Node(far)
                ends = self._spines.setdefault(far, []) if session.inward else self._north
                if (name, session.interface) not in made:
                    made[name, session.interface] = "to%d" % len(made)
                    self.wires.connect(self.nodes[name], session.interface, self.nodes[far], made[name, session.interface])
                interface = made[name, session.interface]
                ends.append(Far(interface, session))
                if session.address:
                    length = session.address.split("/")[1]
                    self.nodes[far].dataplane({"addresses": [_address(interface, "%s/%s" % (session.neighbor, length))]})
        for number, spine in enumerate(self._spines):
            self.wires.connect(self.nodes[spine], "leaf", self.nodes[LEAF], "spine%d" % number)
        if not self._spines or not self._north:
            raise FabricError("the gateways need EVPN sessions to spines, and sessions to routers outside, for a rehearsal")

    def _make_leaf(self) -> None:
        """The leaf's VNIs, all that the gateways have, and tenants."""
        vnis = _vnis(next(iter(self.gateways.values())).dataplane)
        self.nodes[LEAF].dataplane(_leaf(vnis, self.tenants))
        self.nodes[LEAF].give([bring.End(each.interface, TENANTS, each.interface) for each in self.tenants])
        self.nodes[TENANTS].dataplane(_home(self.tenants))

    def _configure_others(self) -> None:
        speaker = next(iter(self.speakers.values()))
        for number, (name, ends) in enumerate(self._spines.items()):
            given = ends[0].session.remote_as
            asn = int(given) if given.isdigit() else FIRST_SPINE_AS + number
            prefixes = [LIVENESS_PREFIX] if any("ipv6 unicast" in end.session.families for end in ends) else []
            text = far_end(asn, SPINE_ID % (number + 1), ends, speaker.bfd, originated=prefixes, clients=("leaf",))
            self.nodes[name].configure(text)
        interfaces = ["spine%d" % number for number in range(len(self._spines))]
        loopbacks = ["%s/32" % LEAF_VTEP]
        self.nodes[LEAF].configure(far_end(LEAF_AS, LEAF_VTEP, (), speaker.bfd, loopbacks, clients=interfaces, vtep=True))
        outside = {end.session.remote_as for end in self._north}
        if len(outside) > 1:
            raise FabricError("routers outside are in several AS (%s); a rehearsal knows one" % ", ".join(sorted(outside)))
        text = far_end(int(outside.pop()), OUTSIDE_ID, self._north, speaker.bfd, originated=speaker.accepted)
        self.nodes[OUTSIDE].configure(text)
        self.outside = {version: _within(speaker.accepted, version) for version in OUTSIDE_ADDRESSES}
        addresses = [
            _address("lo", "%s/%d" % (address, 128 if ":" in address else 32)) for address in self.outside.values() if address
        ]
        self.nodes[OUTSIDE].dataplane({"addresses": addresses})

    def _vnis_known(self) -> bool:
        """Whether BGP of every gateway has heard of all its VNIs from zebra, which takes seconds if they are thousands."""
        for name, each in self.gateways.items():
            shown = json.loads(self.nodes[name].vtysh.show("show bgp l2vpn evpn vni json"))
            if not {str(vni) for vni in _vnis(each.dataplane)} <= set(shown):
                return False
        return True

    def cut(self, name: str) -> None:
        """A gateway dies silently. Its FRR stops as well: on a host of its own, its work would not keep others from theirs."""
        self.dead.append(name)
        self.wires.cut(self.nodes[name])
        self.nodes[name].signal_frr(signal.SIGSTOP)

    def mend(self) -> None:
        """Connects gateways that died again."""
        while self.dead:
            node = self.nodes[self.dead.pop()]
            self.wires.mend(node)
            node.signal_frr(signal.SIGCONT)

    def fail_over(self, phase: str = ALL, drained: Collection[str] = ()) -> int:
        """Runs `gateway_failover` on all gateways that live at once; some count as drained, the dead as failed.

        Returns the number of its operations.
        """
        states = {**dict.fromkeys(drained, "drained"), **dict.fromkeys(self.dead, "failed")}
        running = [
            started(name, partial(bring.failover, each.name, each.options, phase, states))
            for name, each in self.gateways.items()
            if name not in self.dead
        ]
        return sum([result() for result in running])

    def settle(self) -> None:
        """Waits until traffic flows for all tenants, both ways, all sessions are up, and nothing changes any more in BGP."""
        until(self._flows_whole, "not all tenants reach the outside, or are reached", FLOW_LIMIT)
        until(self._quiet, "BGP around the gateways does not settle: a session is down, or routes change", FLOW_LIMIT)

    def _quiet(self) -> bool:
        """Whether all sessions are up and nothing changes in BGP for a while."""
        seen, since = self._versions(), time.monotonic()
        while self._versions() == seen and DOWN not in seen:
            if time.monotonic() - since > QUIET:
                return True
            time.sleep(0.3)
        return False

    def _flows_whole(self) -> bool:
        sent = self.probe(0.1)
        time.sleep(LOOK)
        return all(each.lost == 0 for way in sent.stop().values() for each in way.values())

    def _versions(self) -> List[Any]:
        """What changes whenever a route or a session does, for nodes around the gateways; ``DOWN`` for a session that is."""
        found = []
        for name in (*self._spines, OUTSIDE):
            for family in json.loads(self.nodes[name].vtysh.show("show bgp summary json")).values():
                found.append(family.get("tableVersion"))
                found += [
                    peer["connectionsEstablished"] if peer["state"] == "Established" else DOWN
                    for peer in family.get("peers", {}).values()
                ]
        return found

    def probe(self, interval: float) -> _Probes:
        """Sends packets of all tenants, both ways: an object whose stop() gives outcomes by way and VNI."""
        return _Probes(self, interval)

    def forget_tenants(self, but: Collection[str] = ()) -> None:
        """Empties the neighbor tables of gateways, as if they had never seen a tenant."""
        for name in self.gateways:
            if name not in but:
                for tenant in self.tenants:
                    command("ip", "-n", name, "neigh", "flush", "to", tenant.plain, "nud", "all")


class _Probes:
    """Probes both ways: ``out`` from tenants to the outside, ``back`` to them."""

    def __init__(self, scene: Scene, interval: float) -> None:
        pairs = [(each, scene.outside[6 if ":" in each.plain else 4]) for each in scene.tenants]
        out = [Flow(each.vni, each.plain, far, each.interface) for each, far in pairs if far]
        back = [Flow(each.vni, far, each.plain) for each, far in pairs if far]
        tenants, outside = scene.nodes[TENANTS], scene.nodes[OUTSIDE]
        self._ways = {"out": Probe(out, tenants, outside, interval), "back": Probe(back, outside, tenants, interval)}

    def stop(self) -> Dict[str, Dict[int, Outcome]]:
        """Stops both; the outcomes by way and VNI."""
        for probe in self._ways.values():
            probe.stop()
        return {way: probe.outcomes() for way, probe in self._ways.items()}


def _address(dev: str, address: str) -> Dict[str, Any]:
    """An address of a document; no other node has it, so the kernel need not look for duplicates."""
    return {"dev": dev, "address": address, **({"nodad": True} if ":" in address else {})}


def _leaf(vnis: Mapping[int, str], tenants: Sequence[Tenant]) -> Dict[str, Any]:
    """The document of the leaf: a bridge and a VXLAN device for each VNI, and the ports of tenants."""
    return {
        "addresses": [_address("lo", "%s/32" % LEAF_VTEP)],
        "bridges": [{"name": "b%d" % vni, "mcast_snooping": False, "ipv6_link_local": False} for vni in vnis],
        "vxlans": [
            {
                "name": "v%d" % vni,
                "vni": vni,
                "local": LEAF_VTEP,
                "dstport": 4789,
                "bridge": "b%d" % vni,
                "learning": False,
                "neigh_suppress": True,
                "ipv6_link_local": False,
            }
            for vni in vnis
        ],
        "veths": [
            {"name": "p%d" % each.vni, "peer": each.interface, "bridge": "b%d" % each.vni, "ipv6_link_local": False}
            for each in tenants
        ],
    }


def _home(tenants: Sequence[Tenant]) -> Dict[str, Any]:
    """The document of the node where all tenants are."""
    return {
        "interfaces": [{"name": each.interface, "up": True} for each in tenants],
        "addresses": [_address(each.interface, each.address) for each in tenants],
        # A packet that is bound to an interface takes the route of that interface, whatever its metric.
        "routes": [
            {
                "dst": "::/0" if ":" in each.gateway else "0.0.0.0/0",
                "via": each.gateway,
                "dev": each.interface,
                "metric": metric,
            }
            for metric, each in enumerate(tenants, 1)
        ],
        "sysctls": {"net/ipv4/conf/all/arp_ignore": 1},
    }


def _vnis(dataplane: Mapping[str, Any]) -> Dict[int, str]:
    """VNI -> bridge."""
    return {entry["vni"]: entry["bridge"] for entry in dataplane.get("vxlans") or ()}


def _tenants(dataplane: Mapping[str, Any], sampled: Sequence[int]) -> List[Tenant]:
    """A tenant for each sampled VNI, behind its first gateway address, IPv4 before IPv6."""
    found = []
    bridges = _vnis(dataplane)
    for vni in sampled:
        own = [ipaddress.ip_interface(each["address"]) for each in dataplane["addresses"] if each["dev"] == bridges[vni]]
        if not own:
            raise FabricError("VNI %d: the gateways have no address in it" % vni)
        chosen = min(own, key=lambda each: each.version)
        taken = {each.ip for each in own}
        last = int(chosen.network.broadcast_address) - (chosen.version == 4)
        address = next(each for each in (chosen.ip.__class__(last - step) for step in range(3)) if each not in taken)
        found.append(Tenant(vni, "t%d" % vni, "%s/%d" % (address, chosen.network.prefixlen), str(chosen.ip)))
    return found


def _within(prefixes: Sequence[str], version: int) -> Optional[str]:
    """An address outside in the first prefix of this IP version that gateways accept; None if they accept none."""
    for prefix in map(ipaddress.ip_network, prefixes):
        if prefix.version == version:
            return OUTSIDE_ADDRESSES[version] if not prefix.prefixlen else str(prefix.network_address + 1)
    return None
