# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing FRR to its configuration. Private to this collection."""

from __future__ import annotations

import time
from typing import Dict, NamedTuple, Optional, Tuple

from .._errors import FrrError, VerificationError
from .._frr import batch, commands, configuration, host
from .._frr.difference import Change, difference
from .._frr.objects import Daemons, Lines, SeenAddress, StartupFile
from .._frr.runtime import without_runtime
from .._plan.operation import DAEMON, DISRUPTIONS, HITLESS, Operation
from . import overlooked
from .execute import refuse_stronger

#: Seconds that daemons which answer after a restart are given to read their startup configuration.
STARTUP_LIMIT = 30


class Wish(NamedTuple):
    """What is wanted: the whole configuration as text, daemons that shall run, and where to save it (None: nowhere)."""

    text: str
    daemons: Tuple[str, ...]
    startup_file: Optional[str]


class FrrPlan(NamedTuple):
    """The changes to FRR, and what they start from."""

    wish: Wish
    wanted: Dict[Tuple[str, ...], None]
    running: Dict[Tuple[str, ...], None]
    operations: Tuple[Operation, ...]
    daemons_file: Optional[str]

    @property
    def restarts(self):
        """Whether the list of daemons changes."""
        return any(operation.disruption == DAEMON for operation in self.operations)

    @property
    def saves(self):
        """Whether the startup file changes."""
        return any(operation.kind == StartupFile.kind for operation in self.operations)

    @property
    def tells(self):
        """Whether FRR has overlooked addresses."""
        return any(operation.kind == SeenAddress.kind for operation in self.operations)


def make_plan(vtysh, channel, wish, max_disruption):
    """Checks a configuration, reads what runs, and plans.

    ``channel`` is a :class:`.._netlink.channel.Channel` in the network namespace of FRR, None where that is not known: what FRR
    has overlooked there is not found then.

    Raises :class:`FrrError` for lines that FRR does not know, for daemons that are needed and do not run, and if FRR itself
    does not run; :class:`FabricError` if the plan is more disruptive than it may be.
    """
    wanted = configuration.parse(wish.text)
    seen = vtysh.running()
    alive, running = seen.daemons, _compared(seen, wanted)
    changes = difference(wanted, running)
    if changes:
        vtysh.check(wish.text)
    daemons_file = host.read(host.DAEMONS_FILE) if wish.daemons else None
    enabled = host.enabled_daemons(daemons_file or "")
    new = sorted(set(wish.daemons) - enabled)
    if not alive and not new:
        raise FrrError("FRR is not running on this host: systemctl start frr, and journalctl -u frr if it does not stay up")
    absent = sorted(set(commands.needed_daemons(wanted)) - alive - set(new))
    if absent:
        raise FrrError(
            "the configuration needs %s, which does not run: add it to `daemons` (FRR restarts), or find out why it "
            "stopped with journalctl -u frr" % " and ".join(absent)
        )
    operations = []
    if new:
        operations.append(
            Operation(
                "change",
                Daemons(host.DAEMONS_FILE, tuple(sorted(enabled))),
                Daemons(host.DAEMONS_FILE, tuple(sorted(enabled | set(new)))),
                DAEMON,
                "%s %s enabled: FRR restarts" % (", ".join(new), "is" if len(new) == 1 else "are"),
                (),
            )
        )
    operations += line_operations(changes, wanted, running)
    operations += _startup_operation(wish)
    if channel and not new:  # FRR that starts looks at all addresses
        operations += overlooked.operations(vtysh, channel, seen)
    refuse_stronger(operations, max_disruption)
    return FrrPlan(wish, wanted, running, tuple(operations), daemons_file if new else None)


def line_operations(changes, wanted, running):
    """Operations for changes of :func:`~.._frr.difference.difference`, one for each top-level context or list."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(commands.policy_name(change.top) or change.top, []).append(change)
    for name, members in groups.items():
        removed = tuple(sorted(path for change in members for path in change.removed if path in running))
        added = tuple(path for change in members for path in change.added)
        action = (
            "create"
            if not removed and not _stands(name, running)
            else "delete"
            if not added and not _stands(name, wanted)
            else "change"
        )
        cause = max(members, key=lambda change: DISRUPTIONS.index(change.disruption))
        worst = cause.disruption
        reason = {"create": "in the configuration, not in FRR", "delete": "in FRR, not in the configuration"}.get(
            action, "differs"
        )
        if worst != HITLESS:
            reason += "; %s" % commands.masked(cause.command)
        yield Operation(
            action, Lines(name, removed) if removed else None, Lines(name, added) if added else None, worst, reason, ()
        )


def _stands(name, lines):
    return any((commands.policy_name(path[0]) or path[0]) == name for path in lines)


def _startup_operation(wish):
    if wish.startup_file is None:
        return []
    present = host.read(wish.startup_file)
    if present == wish.text and host.has_right_mode(wish.startup_file):
        return []
    file = StartupFile(wish.startup_file)
    reason = (
        "FRR starts from it"
        if present is None
        else "its content differs"
        if present != wish.text
        else "its mode or owner is wrong"
    )
    return [Operation("create" if present is None else "change", None if present is None else file, file, HITLESS, reason, ())]


def apply(vtysh, channel, plan):
    """Carries a plan out and verifies it.

    Raises :class:`FrrError` with FRR's own words if it rejects a line, or :class:`VerificationError` if what runs afterwards
    is not what was wanted; the previous configuration has then been put back, or the message says what could not be.
    """
    if plan.restarts:
        _restart_into(vtysh, plan)
        return
    bring(vtysh, plan.wanted, plan.running, _compared)
    if plan.saves:
        host.write_startup(plan.wish.startup_file, plan.wish.text)
    if plan.tells:
        overlooked.tell(vtysh, channel)


def _merged(seen, wanted):
    """All lines that vtysh shows."""
    return configuration.parse(seen.text)


def _compared(seen, wanted):
    """The lines of what runs that are compared with a whole configuration.

    Runtime state is not. Nor is a line of a route-map or list that bgpd lacks: on a slow host watchfrr may end the script that
    gives bgpd its startup configuration, while other daemons have read theirs and show the lists that only bgpd uses.
    """
    present = without_runtime(configuration.parse(seen.text), wanted)
    if "bgpd" not in seen.daemons:
        return present
    own, shared = configuration.parse(seen.of_bgpd), commands.policies_elsewhere(present)
    return {path: None for path in present if path in own or path not in wanted or not commands.is_of_bgpd_alone(path, shared)}


def bring(vtysh, wanted, running, compared=_merged):
    """Brings FRR from what runs to what is wanted, reads back and verifies.

    ``compared(seen, wanted)`` gives the lines of what runs afterwards (a :class:`~.._frr.vtysh.Running`) that are compared.
    Raises as :func:`apply` does.
    """
    present, error = _bring(vtysh, wanted, running, compared)
    if error:
        raise _put_back(vtysh, running, present, error, compared)


def _bring(vtysh, wanted, running, compared):
    """Brings FRR from what runs to what is wanted: (what runs then, the error to raise or None)."""
    rejected = vtysh.apply(batch.batches(difference(wanted, running), wanted, running))
    present = compared(vtysh.running(), wanted)
    if not rejected and present.keys() != wanted.keys():
        # What a startup file or a person at vtysh wrote is in the copies of all daemons: so take it back there too.
        rest = difference(wanted, present)
        rejected = vtysh.apply(batch.batches(rest, wanted, present, everywhere=True)) if _only_removes_policies(rest) else None
        present = compared(vtysh.running(), wanted)
    if rejected:
        return present, FrrError("FRR rejects the configuration:\n%s" % rejected)
    return present, None if present.keys() == wanted.keys() else _not_as_wanted(wanted, present)


def _only_removes_policies(changes):
    return all(change.removed and not change.added and commands.policy_name(change.top) for change in changes)


def _restart_into(vtysh, plan):
    """Enables daemons and restarts FRR, which then starts from the new configuration."""
    startup = plan.wish.startup_file or host.STARTUP_FILE
    previous = host.read(startup)
    host.write_daemons(host.with_daemons(plan.daemons_file, plan.wish.daemons))
    host.write_startup(startup, plan.wish.text)
    try:
        host.restart(vtysh, {"zebra", *plan.wish.daemons})
        present = _once_read(vtysh, plan.wanted)
        if present.keys() != plan.wanted.keys():
            error = _bring(vtysh, plan.wanted, present, _compared)[1]
            if error:
                raise error
    except (FrrError, VerificationError) as error:
        host.write_daemons(plan.daemons_file)
        host.write_startup(startup, previous or "")
        host.restart(vtysh, {"zebra"})
        raise type(error)(
            "%s\nThe previous daemons and configuration were put back, and FRR was restarted again" % error
        ) from error


def _once_read(vtysh, wanted):
    """What runs once FRR has read its startup configuration, or after a while of waiting for that.

    On a busy host a daemon answers long before it has.
    """
    deadline, delay = time.monotonic() + STARTUP_LIMIT, 0.1
    while True:
        present = _compared(vtysh.running(), wanted)
        if present.keys() == wanted.keys() or time.monotonic() > deadline:
            return present
        time.sleep(delay)
        delay = min(2 * delay, 2)


def _not_as_wanted(wanted, present):
    missing = ["  + " + _shown(path) for path in wanted if path not in present]
    extra = ["  - " + _shown(path) for path in present if path not in wanted]
    return VerificationError(
        "FRR took the configuration, but does not show it as it was written; write it as `show running-config` prints "
        "it, without lines that only repeat a default (+ written, - shown by FRR):\n%s" % "\n".join(missing + extra)
    )


def _shown(path):
    return " / ".join(commands.masked(line) for line in path)


def _put_back(vtysh, previous, present, error, compared):
    """Puts the configuration back that ran before; the error to raise."""
    vtysh.apply(batch.batches(difference(previous, present), previous, present))
    left = difference(previous, compared(vtysh.running(), previous))
    if not left:
        return type(error)("%s\nThe previous configuration was put back" % error)
    commands_left = "\n".join("  %s" % commands.masked(" / ".join((*change.context, change.command))) for change in left)
    return type(error)(
        "%s\nThe previous configuration could not be put back whole; what is missing:\n%s" % (error, commands_left)
    )
