# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of checkpoints. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key

#: Seconds. A fresh connection and its checks can take the former; a host that nobody can reach waits for the latter.
SHORTEST, LONGEST = 10, 3600
CONFIRM_TIMEOUT = {
    "confirm_timeout": Key(
        "int",
        (
            "With a number of seconds, from 10 to 3600, what this task changes has to be confirmed within that time by "
            "M(evpn.fabric.checkpoint). Otherwise the host goes back on all planes by itself, whatever has become of its "
            "connection, and the next task with this module says so in a warning.",
            "A checkpoint is taken only if there is something to do to the kernel or FRR; the result has RV(checkpoint) then. "
            "The host keeps the engine and its unit for that, as with O(persist).",
            "While a checkpoint waits to be confirmed, tasks with this module are refused on the host.",
            "V(0) takes none.",
        ),
        default=0,
        what="a number of seconds",
        version_added="0.2.0",
    ),
}
CHECKPOINT = {
    "state": Key(
        "str",
        (
            "V(confirmed) keeps what was changed since the checkpoint: the host does not go back by itself any more.",
            "V(reverted) brings the kernel, FRR and the confirmed document back at once.",
            "If no checkpoint is armed, neither does anything.",
        ),
        required=True,
        choices=("confirmed", "reverted"),
        version_added="0.2.0",
    ),
    "id": Key(
        "str",
        "The checkpoint that is meant, as RV(evpn.fabric.fabric_host#module:checkpoint) has it. With O(state=confirmed) the "
        "task fails and says why if that one is neither armed nor the last that was confirmed. If another one is armed, it "
        "stays so. Without it, the one that is armed.",
        version_added="0.2.0",
    ),
    "wait": Key(
        "int",
        "With O(state=confirmed), how many seconds to wait at most until all BGP sessions are established again that were so "
        "when the checkpoint was taken, and whose neighbors FRR is still to have. If one does not come back, or none is "
        "established, the task fails, and the host goes back by itself. With V(0) nobody looks at sessions.",
        default=30,
        version_added="0.2.0",
    ),
}
