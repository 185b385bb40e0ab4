# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module checkpoint. Private to this collection."""

from __future__ import annotations

import os
from typing import Any, Dict

from .._core.errors import FabricError
from .._host import bgp_sessions, going_back
from .._store import checkpoint
from .options.checkpoint import CHECKPOINT

OPTIONS = CHECKPOINT


def run(module: Any) -> None:
    """Confirms or reverts the checkpoint that is armed and ends the module."""
    try:
        if os.geteuid() != 0:
            raise FabricError("checkpoints are root's: add become: true to the play or task")
        module.exit_json(**(_confirmed if module.params["state"] == "confirmed" else _reverted)(module))
    except FabricError as error:
        module.fail_json(msg=str(error))


def _confirmed(module: Any) -> Dict[str, Any]:
    waiting, identity = checkpoint.armed(), module.params["id"]
    if waiting is None or identity not in (None, waiting["id"]):
        going_back.refuse_unless_confirmed(identity)
        return {"changed": False}
    if module.params["wait"]:
        bgp_sessions.await_back(waiting["id"], module.params["wait"])
    if not module.check_mode:
        going_back.confirm(waiting["id"])
    diff = {"prepared": "- checkpoint %s: what was changed stays\n" % waiting["id"]}
    return {"changed": True, "checkpoint": waiting, "diff": diff}


def _reverted(module: Any) -> Dict[str, Any]:
    nothing: Dict[str, Any] = {"changed": False, "reverted": []}
    waiting, taken = checkpoint.armed(), checkpoint.read()
    if waiting is None or taken is None or module.params["id"] not in (None, taken.id):
        return nothing
    if not module.check_mode and going_back.revert(going_back.BY_HAND, taken.id) is None:
        return nothing
    diff = {"prepared": "".join("- %s\n" % each for each in taken.operations)}
    return {"changed": True, "checkpoint": waiting, "reverted": taken.operations, "diff": diff}
