# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can do by itself: the command of the engine that it keeps. Private to this collection."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Callable, List, Optional

from .._core.errors import FabricError, some, unforeseen

if TYPE_CHECKING:
    from .._store.confirmed import Confirmed

#: This module, relative to module_utils.
NAME = "_host.command"
#: Exit statuses.
DONE, REFUSED, NO_DOCUMENT, IN_PART = 0, 1, 2, 3


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs a command; its exit status."""
    parser = argparse.ArgumentParser(prog="evpn-fabric", description="What this host of a fabric can do by itself.")
    commands = parser.add_subparsers(dest="command", required=True)
    restoring = commands.add_parser(
        "restore",
        help="bring the kernel to the confirmed document, as at boot",
        description="Brings links, addresses, rules and sysctls to the confirmed document. FRR is left alone. "
        "Exit status: 0 all is as the document says; 1 refused, and reverted; 2 there is no document, or it is damaged; 3 done "
        "without interfaces that did not come.",
    )
    restoring.add_argument("--wait", type=float, default=30, metavar="SECONDS", help="for interfaces that others make (30)")
    reverting = commands.add_parser(
        "revert",
        help="go back to what the host was before what has not been confirmed",
        description="Brings the kernel, FRR and the confirmed document back to the checkpoint that is armed. Exit status: 0 "
        "done, or no checkpoint is armed; 1 not all could be reverted, and the checkpoint stays armed; or it is damaged, and "
        "the host stays as it is.",
    )
    reverting.add_argument(
        "--when-due", metavar="ID", help="wait until the time of this checkpoint is over, or it is confirmed"
    )
    commands.add_parser(
        "confirm",
        help="keep what has been changed: the host does not go back",
        description="Removes the checkpoint that is armed. Exit status: 0 there is none any more; 1 refused.",
    )
    given = parser.parse_args(arguments)
    if os.geteuid() != 0:
        return _failed("changing the network configuration needs root", REFUSED)
    if given.command == "restore":
        return _restore(given.wait)
    try:
        return _confirm() if given.command == "confirm" else _revert(given.when_due)
    except Exception as error:
        return _failed(_words(error), REFUSED)


def _revert(due: Optional[str]) -> int:
    from . import going_back

    reverted = going_back.when_due(due) if due else going_back.revert(going_back.BY_HAND)
    if reverted:
        _say(reverted.told())
    elif not due:
        _say("no checkpoint is armed: nothing to do")
    return DONE


def _confirm() -> int:
    from . import going_back

    _say("confirmed" if going_back.confirm() else "no checkpoint is armed: nothing to do")
    return DONE


def _restore(wait: float) -> int:
    # Imported when it is needed: --help answers at once.
    from .._store import checkpoint, confirmed
    from .._store.plane import last_confirmed

    if not checkpoint.is_armed():
        return _restore_document(last_confirmed, wait)
    from .going_back import at_boot

    try:
        told, text = at_boot()
    except Exception as error:
        return _failed(_words(error), REFUSED)
    _say(told)
    return DONE if text is None else _restore_document(lambda: confirmed.read(text, confirmed.DOCUMENT_FILE), wait)


def _restore_document(read: Callable[[], Confirmed], wait: float) -> int:
    from .._kernel.model.document import Document
    from .restore import restore

    try:
        confirmed = read()
        if "kernel" not in confirmed.content:
            _say("the confirmed document says nothing of the kernel: nothing to do")
            return DONE
        document = Document.from_params(confirmed.content["kernel"])
    except Exception as error:
        return _failed(_words(error), NO_DOCUMENT)
    try:
        restored = restore(document, wait)
    except Exception as error:
        return _failed(_words(error), REFUSED)
    _say("restored the document confirmed at %s: %d operations" % (confirmed.at, len(restored.operations)))
    if not restored.missing:
        return DONE
    return _failed(
        "these interfaces did not come within %g s: %s\nLeft out because of them: %s\nRun this again once they are there: "
        "systemctl restart evpn-fabric-restore" % (wait, ", ".join(restored.missing), some(restored.left_out)),
        IN_PART,
    )


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, FabricError) else unforeseen(error)


def _failed(message: str, status: int) -> int:
    sys.stderr.write(message + "\n")
    return status


def _say(message: str) -> None:
    sys.stdout.write(message + "\n")
    sys.stdout.flush()
