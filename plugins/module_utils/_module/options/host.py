# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of a host, on all planes. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key
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
