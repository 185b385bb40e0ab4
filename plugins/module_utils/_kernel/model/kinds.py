# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all kinds of kernel objects. Private to this collection."""

from __future__ import annotations

from typing import Dict

from . import (
    address,
    bridge,
    dummy,
    fdb,
    link,
    macvlan,
    membership,
    nd_suppression,
    neighbor,
    port,
    route,
    rule,
    sysctl,
    veth,
    vlan,
    vrf,
    vxlan,
)
from .kind import Kind

#: Every kind by name. What others refer to comes before them: in this order a document is read, and objects on links are added;
#: they are removed in reverse.
KINDS: Dict[str, Kind] = {
    kind.name: kind
    for kind in (
        vrf.KIND,
        bridge.KIND,
        vxlan.KIND,
        veth.KIND,
        dummy.KIND,
        vlan.KIND,
        macvlan.KIND,
        link.KIND,
        port.KIND,
        membership.BRIDGE_VLAN,
        membership.VNI,
        fdb.KIND,
        address.KIND,
        route.KIND,
        neighbor.KIND,
        rule.KIND,
        sysctl.KIND,
        nd_suppression.KIND,
    )
}
