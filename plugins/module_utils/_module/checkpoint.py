# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module checkpoint. Private to this collection."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from .._core.errors import FabricError
from .._host import going_back
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
    waiting = _waiting(module)
    if waiting is None:
        going_back.refuse_unless_confirmed(module.params["id"])
        return {"changed": False}
    if module.params["wait"]:
        going_back.await_sessions(waiting["id"], module.params["wait"])
    if not module.check_mode:
        going_back.confirm(waiting["id"])
    diff = {"prepared": "- checkpoint %s: what was changed stays\n" % waiting["id"]}
    return {"changed": True, "checkpoint": waiting, "diff": diff}


def _reverted(module: Any) -> Dict[str, Any]:
    waiting, taken = _waiting(module), checkpoint.read()
    if waiting is None or taken is None:
        return {"changed": False, "reverted": []}
    if not module.check_mode:
        going_back.revert(going_back.BY_HAND)
    diff = {"prepared": "".join("- %s\n" % each for each in taken.operations)}
    return {"changed": True, "checkpoint": waiting, "reverted": taken.operations, "diff": diff}


def _waiting(module: Any) -> Optional[Dict[str, Any]]:
    """The checkpoint that is meant, or None if it is not armed."""
    waiting, identity = checkpoint.armed(), module.params["id"]
    return None if waiting is None or identity not in (None, waiting["id"]) else waiting
