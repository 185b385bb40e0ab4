# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway's run: what is read of its host, once, and the transaction. Private to this collection."""

from __future__ import annotations

import json
from typing import Dict, List, Tuple

from ..._core.errors import FrrError
from ..._frr import configuration, prerequisites
from ..._frr.vtysh import Vtysh
from ..._kernel import nftables
from ..._kernel.model.document import Document, empty
from ..._kernel.model.sysctl import Sysctl
from ..._kernel.netlink import sysctls
from ..._kernel.netlink.kernel import Kernel
from ..._kernel.plan.difference import difference
from ..._kernel.plane import Actual
from ..transaction import Stage
from . import planes
from .desired import EXCLUSIVE, Desired, Snapshot
from .plan import Plan, document, plan

_ARP_IGNORE_OF_ALL = Sysctl("net/ipv4/conf/all/arp_ignore", "")


def prepare(vtysh: Vtysh, kernel: Kernel, desired: Desired) -> Tuple[Plan, List[Stage]]:
    """Reads a gateway and plans: the plan, and its stages for a transaction.

    Raises :class:`~..._core.errors.ValidationError` with every reason why this host cannot be such a gateway, and as
    :func:`read` does.
    """
    made = plan(desired, read(vtysh, kernel, desired))
    return made, planes.staged(made.stages, vtysh, kernel)


def read(vtysh: Vtysh, kernel: Kernel, desired: Desired) -> Snapshot:
    """All that a plan depends on. Changes nothing. Raises :class:`FrrError` if FRR's bgpd does not run."""
    running = vtysh.running()
    if "bgpd" not in running.daemons:
        raise FrrError(
            "FRR's bgpd is not running on this host: systemctl start frr, and see that /etc/frr/daemons has bgpd=yes"
        )
    lines = configuration.parse(running.text, shown=True)
    by_target = desired.mode == EXCLUSIVE and prerequisites.way_of_exclusion(lines, desired.route_map, []) == "list"
    return Snapshot(
        lines=lines,
        vnis=json.loads(vtysh.show("show bgp l2vpn evpn vni json")) if by_target else {},
        kernel=_kernel_state(kernel, desired),
        arp_ignore_of_all=int(sysctls.read([_ARP_IGNORE_OF_ALL])[_ARP_IGNORE_OF_ALL.path].value),
        has_nft=nftables.is_installed(),
    )


def _kernel_state(kernel: Kernel, desired: Desired) -> Actual:
    """As much of the kernel's state as the plan for a gateway's document needs."""
    state = kernel.read(Document(empty(), empty(), frozenset({"address", "nd_suppression"})))
    made = document(desired, state["link"])
    found = difference(made, state)
    return Actual(kernel.read_rest(made, state) if found.reaches_further else state, found)


def sessions(vtysh: Vtysh) -> Dict[str, int]:
    """The EVPN sessions of this host: how many are ``configured`` and ``established``, and the age of the ``youngest`` in s."""
    shown = json.loads(vtysh.show("show bgp l2vpn evpn summary json") or "{}")
    peers = shown.get("peers", {}).values()
    ages = [peer.get("peerUptimeMsec", 0) // 1000 for peer in peers if peer.get("state") == "Established"]
    return {"configured": len(peers), "established": len(ages), "youngest": min(ages, default=0)}
