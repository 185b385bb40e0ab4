# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of a transaction that has to be confirmed: one takes a checkpoint of all planes before anything is touched, one
has the time to confirm begin once all is applied. Private to this collection.
"""

from __future__ import annotations

import secrets
import subprocess
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from .._core import namespace, program
from .._core.errors import FabricError
from .._core.operation import Operation
from .._core.plane import Stopped
from .._frr.vtysh import Vtysh
from .._kernel.netlink.kernel import Kernel
from .._store import checkpoint
from .._store.checkpoint import Checkpoint
from . import going_back

#: Where the process that waits writes what it says if systemd does not run it.
LOG = "%s/revert.log" % namespace.DIRECTORY


class Plan(NamedTuple):
    """The checkpoint to take. It configures nothing, so there is no operation."""

    checkpoint: Checkpoint
    text: str
    operations: Tuple[Operation, ...] = ()


def plan(planes: Dict[str, Any], operations: Sequence[Operation], seconds: int) -> Plan:
    """The checkpoint before some operations: ``planes`` are what each plane has captured, by name.

    It waits to be confirmed for so many ``seconds``. Raises :class:`FabricError` if there is no room for it.
    """
    words = ["%s %s %s" % (each.action, each.kind, each.name) for each in operations]
    states = going_back.sessions(Vtysh()) or {}
    established = [name for name, state in states.items() if state == going_back.ESTABLISHED]
    taken = Checkpoint(secrets.token_hex(4), checkpoint.boot_id(), seconds, planes, words, established)
    text = taken.text()
    checkpoint.refuse_without_room(text)
    return Plan(taken, text)


class CheckpointPlane:
    """The first stage. Its plan is always reverted, last: the checkpoint goes once nothing is left to go back from."""

    name = "checkpoint"

    def __init__(self, kernel: Kernel):
        self._kernel = kernel

    def apply(self, plan: Plan, stopped: Stopped) -> None:
        """Writes the checkpoint, and starts what waits for its deadline. Raises :class:`FabricError`; there is none then."""
        try:
            checkpoint.set_deadline(plan.checkpoint.id, plan.checkpoint.seconds)
            checkpoint.write(plan.text)
            _start(checkpoint.waiting_command(plan.checkpoint.id), plan.checkpoint.id)
        except BaseException:
            checkpoint.disarm()
            raise

    def revert(self, plan: Plan) -> None:
        """Removes the checkpoint. Raises :class:`FabricError` if the host is not as it was, and stays armed then."""
        if not checkpoint.is_armed():
            return  # applying it has failed
        left = going_back.operations(plan.checkpoint, self._kernel)
        if left:
            raise FabricError(
                "%d objects are not as they were, and the host tries to revert them once more within %d s"
                % (len(left), plan.checkpoint.seconds)
            )
        checkpoint.disarm()


class Renewal:
    """The last stage: from now on there is time to confirm."""

    name = "checkpoint"

    def apply(self, plan: Plan, stopped: Stopped) -> None:
        """Sets the deadline anew. Raises :class:`FabricError`."""
        checkpoint.set_deadline(plan.checkpoint.id, plan.checkpoint.seconds)

    def revert(self, plan: Plan) -> None:
        """The first stage sees to the checkpoint."""


def _start(command: List[str], identity: str) -> None:
    """Starts a process that ends with neither this one nor the connection that this one was started by. Raises
    :class:`FabricError`.
    """
    if not program.systemd_serves_here():
        try:
            with open(LOG, "a") as log:
                subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd="/", start_new_session=True
                )
        except OSError as error:
            raise FabricError("what waits for the deadline cannot be started: %s" % error) from error
        return
    unit = ["--unit=evpn-fabric-revert-%s" % identity, "--description=Revert this host unless its checkpoint is confirmed"]
    # Somebody may kill it, but not what it is for.
    properties = ["--service-type=exec", "--property=Restart=on-abnormal"]
    try:
        program.run("systemd-run", "--quiet", "--collect", *unit, *properties, *command)
    except FabricError as error:
        raise FabricError("what waits for the deadline cannot be started: %s" % error) from error
