# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module frr_config. Private to this collection."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .._frr.host import startup_file
from .._frr.planning import Desired
from .._host.document import Host, HostDocument
from .options.common import PATHSPACE, TRANSACTION
from .options.frr import FRR
from .run import run_document

OPTIONS = {**FRR, **TRANSACTION, **PATHSPACE}


def run(module: Any) -> None:
    """Brings FRR to the options and ends the module."""
    params = module.params
    run_document(module, lambda: HostDocument(frr=desired(params, params["pathspace"]), pathspace=params["pathspace"]), Host)


def desired(params: Mapping[str, Any], pathspace: Optional[str] = None) -> Desired:
    """What FRR is to do, from the options of `frr_config`."""
    return Desired(
        params["config"],
        tuple(params["daemons"] or ()),
        startup_file(pathspace) if params["save"] else None,
        tuple(params["keep"] or ()),
    )
