# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of a host, on all planes. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key
from .checkpoint import CONFIRM_TIMEOUT
from .common import TRANSACTION
from .dataplane import DATAPLANE
from .frr import FRR

HOST = {
    "version": Key(
        "int",
        "The version of the document. A release refuses documents that it would read wrongly.",
        default=1,
        choices=(1,),
        version_added="0.2.0",
    ),
    "kernel": Key(
        "dict",
        "Links, addresses, forwarding entries, routes, neighbors, rules and sysctls; any options of the module "
        "M(evpn.fabric.dataplane) from O(evpn.fabric.dataplane#module:vrfs) to O(evpn.fabric.dataplane#module:purge).",
        options=DATAPLANE,
        version_added="0.2.0",
    ),
    "frr": Key(
        "dict",
        "FRR's whole configuration, as the module M(evpn.fabric.frr_config) takes it.",
        options=FRR,
        version_added="0.2.0",
    ),
}

#: The options of the module `fabric_host`.
FABRIC_HOST = {
    **HOST,
    # Its keys are documented with the module dataplane, and checked with their paths when the document is read.
    "kernel": HOST["kernel"]._replace(options=None),
    "persist": Key(
        "bool",
        (
            "Whether the host keeps this document, and what of this collection it needs to come back to it by itself after a "
            "reboot: the data plane is restored before FRR starts.",
            "All of it is in C(/var/lib/evpn-fabric), which only root can enter, and the unit "
            "C(evpn-fabric-restore.service). Where systemd does not run there is no unit, and a warning says so.",
            "V(false) leaves what is kept as it is.",
        ),
        default=False,
    ),
    "revision": Key(
        "str",
        "What tells this document from others, such as a digest of what it was derived from. It is kept with the document, and "
        "M(evpn.fabric.host_info) returns it.",
        version_added="0.2.0",
    ),
    "state": Key(
        "str",
        (
            "V(absent) removes what O(persist) has the host keep. The O(kernel) and O(frr) that are given are brought about in "
            "either case.",
            "V(confirmed) brings the host back to the document that it keeps, with which M(evpn.fabric.drift_info) compares "
            "it. What that does not say of links that this collection made returns to what a new one has.",
        ),
        default="present",
        choices=("present", "absent", "confirmed"),
    ),
    **CONFIRM_TIMEOUT,
    **TRANSACTION,
}
