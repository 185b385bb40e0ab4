# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module maintenance. Private to this collection."""

from __future__ import annotations

from typing import Any

from .._core.errors import ValidationError
from .._frr.vtysh import Vtysh
from .._host.maintenance import record, stages
from .options.common import TRANSACTION
from .options.maintenance import MAINTENANCE
from .run import run as run_transaction

OPTIONS = {**MAINTENANCE, **TRANSACTION}


def run(module: Any) -> None:
    """Begins or ends the maintenance of this host and ends the module."""
    state, given = module.params["state"], module.params["expiry"]
    try:
        expiry = stages.seconds(given) if given is not None else None
    except ValidationError as error:
        module.fail_json(msg=str(error))
    if state == "off" and given is not None:
        module.fail_json(msg="expiry: has no meaning with state: off. Remove it.")
    run_transaction(module, lambda: stages.prepare(Vtysh(), state, expiry), record.as_result)
