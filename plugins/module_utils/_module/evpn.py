# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module evpn_info. Private to this collection."""

from __future__ import annotations

from typing import Any

from .._core.errors import FabricError
from .._core.schema import Key
from .._frr.vtysh import Vtysh
from .._host.evpn import KINDS, gather
from .options.common import PATHSPACE

OPTIONS = {
    "gather": Key(
        "list",
        "What to report.",
        default=("sessions", "vnis"),
        choices=tuple(KINDS),
        elements="str",
    ),
    "lookups": Key(
        "list",
        "Addresses to look up routes for. See RV(evpn.lookups).",
        default=(),
        elements="dict",
        options={
            "vrf": Key("str", "VRF to look up in; none where this is not given.", default=""),
            "address": Key("str", "Destination address.", required=True),
        },
    ),
    **PATHSPACE,
}


def run(module: Any) -> None:
    """Reports what FRR and the kernel know of the fabric and ends the module."""
    lookups = [(entry["vrf"], entry["address"]) for entry in module.params["lookups"]]
    try:
        seen = gather(Vtysh(module.params["pathspace"]), module.params["gather"], lookups)
    except FabricError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, evpn=seen)
