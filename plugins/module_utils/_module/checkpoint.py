# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module checkpoint. Private to this collection."""

from __future__ import annotations

import os

from .._core.errors import FabricError
from .._host import going_back
from .._kernel.netlink.kernel import Kernel
from .._store import checkpoint
from .output import operations_diff


def run(module):
    """Confirms or reverts the checkpoint that is armed and ends the module."""
    try:
        if os.geteuid() != 0:
            raise FabricError("checkpoints are root's: add become: true to the play or task")
        module.exit_json(**(_confirmed if module.params["state"] == "confirmed" else _reverted)(module))
    except FabricError as error:
        module.fail_json(msg=str(error))


def _confirmed(module):
    waiting = _waiting(module)
    if waiting is None:
        return {"changed": False}
    if module.params["wait"]:
        going_back.await_sessions(waiting["id"], module.params["wait"])
    if not module.check_mode:
        going_back.confirm(waiting["id"])
    diff = {"prepared": "- checkpoint %s: what was changed stays\n" % waiting["id"]}
    return {"changed": True, "checkpoint": waiting, "diff": diff}


def _reverted(module):
    waiting, taken = _waiting(module), checkpoint.read()
    if waiting is None or taken is None:
        return {"changed": False, "operations": []}
    kernel = Kernel()
    back = going_back.operations(taken, kernel)
    kernel.close()
    if not module.check_mode:
        going_back.revert(going_back.BY_HAND)
    words = ["%s %s %s" % (each.action, each.kind, each.name) for each in back]
    diff = {"prepared": operations_diff(back, "checkpoint %s" % waiting["id"])}
    return {"changed": True, "checkpoint": waiting, "operations": words, "diff": diff}


def _waiting(module):
    """The checkpoint that is meant, or None if it is not armed. Raises :class:`FabricError` if it has been reverted."""
    waiting, identity = checkpoint.armed(), module.params["id"]
    if waiting is None or identity not in (None, waiting["id"]):
        going_back.refuse_if_reverted(identity)
        return None
    return waiting
