# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gateway is to be, and what is known of its host. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ..._core.errors import Problem, some
from ..._frr.configuration import Configuration
from ..._gateway.ownership import owners
from ..._gateway.request import Request
from ..._gateway.vteps import vtep_addresses
from ..._kernel.model.vxlan import Vxlan
from ..._kernel.plane import Actual

EXCLUSIVE, ANYCAST = "exclusive", "anycast"


class Desired(NamedTuple):
    """Who owns what (``request``), and how this gateway comes to it: the options of `gateway_failover`."""

    request: Request
    mode: str
    phase: str
    route_map: str
    ospf: bool = False
    vtep_prefix: Optional[str] = None
    vtep_interface: str = "lo"

    @property
    def owned(self) -> Tuple[int, ...]:
        """The VNIs that this gateway owns, in ascending order."""
        ownership = owners(self.request)
        return tuple(vni for vni in self.request.vnis if ownership.of_vni(vni)[:1] == (self.request.self_name,))

    @property
    def ranks(self) -> Dict[int, int]:
        """Bucket -> rank of this gateway, of those that it is ranked for."""
        places = owners(self.request).ranked_at(self.request.self_name)
        return {bucket: rank for rank, buckets in enumerate(places) for bucket in buckets}

    @property
    def addresses(self) -> List[str]:
        """The VTEP address of each bucket, in the mode anycast. Raises :class:`ValidationError` for a prefix that is none."""
        return vtep_addresses(self.vtep_prefix, self.request.buckets)

    @property
    def carriers(self) -> List[str]:
        """The interface of each bucket's address: one for all, or one for each, so that OSPF has a cost for each."""
        if not self.ospf:
            return [self.vtep_interface] * self.request.buckets
        return ["%s%d" % (self.vtep_interface, bucket) for bucket in range(self.request.buckets)]


class Snapshot(NamedTuple):
    """What was read of a host, once.

    ``lines`` is FRR's running configuration, ``vnis`` what `show bgp l2vpn evpn vni json` says (empty where nothing depends on
    it), ``kernel`` as much of the kernel's state as a plan for :func:`.plan.document` needs.
    """

    lines: Configuration
    vnis: Mapping[str, Any]
    kernel: Actual
    arp_ignore_of_all: int
    has_nft: bool


def devices(desired: Desired, links: Mapping[str, Any]) -> Dict[int, Vxlan]:
    """VNI -> its VXLAN device, of the VNIs that have one."""
    by_vni = {link.vni: link for link in links.values() if link.kind == "vxlan" and link.vni}
    return {vni: by_vni[vni] for vni in desired.request.vnis if vni in by_vni}


def check_devices(desired: Desired, links: Mapping[str, Any], problems: List[Problem]) -> None:
    """Notes a Problem for VNIs without a VXLAN device that is a port of a bridge."""
    found = devices(desired, links)
    without = [vni for vni in desired.request.vnis if vni not in found]
    if without:
        remedy = "Make one for each with the module dataplane, or remove them from vnis"
        problems.append(Problem("vnis", "VNI %s: no VXLAN device on this host has it" % some(without), remedy))
    loose = [vni for vni, link in found.items() if getattr(links.get(link.master or ""), "kind", None) != "bridge"]
    if loose:
        remedy = "Put the device into a bridge, or remove them from vnis"
        problems.append(Problem("vnis", "VNI %s: the VXLAN device is not in a bridge" % some(loose), remedy))
