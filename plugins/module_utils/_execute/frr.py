# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing FRR to its configuration. Private to this collection."""

from __future__ import annotations

import time
from typing import Dict, NamedTuple, Optional, Tuple

from .._errors import FrrError
from .._frr import commands, configuration, host
from .._frr.difference import Change, difference
from .._frr.objects import Daemons, Lines, SeenAddress, StartupFile
from .._frr.secrets import masked
from .._plan.operation import DAEMON, DISRUPTIONS, HITLESS, Operation
from . import converge, overlooked
from .execute import refuse_stronger

#: Seconds that daemons which answer after a restart are given to read their startup configuration.
STARTUP_LIMIT = 30


class Wish(NamedTuple):
    """What is asked for: the whole configuration as text, daemons that shall run, where to save it (None: nowhere), and what of
    the present configuration is to stay besides: the beginnings of top-level lines.
    """

    text: str
    daemons: Tuple[str, ...]
    startup_file: Optional[str]
    keep: Tuple[str, ...] = ()


class FrrPlan(NamedTuple):
    """The changes to FRR, and what they start from.

    ``text`` is what is saved, ``desired`` the lines that FRR shall show. ``warnings`` are for the user.
    """

    wish: Wish
    text: str
    desired: Dict[Tuple[str, ...], None]
    running: Dict[Tuple[str, ...], None]
    operations: Tuple[Operation, ...]
    daemons_file: Optional[str]
    warnings: Tuple[str, ...]

    @property
    def restarts(self):
        """Whether FRR has to restart: for another list of daemons, or for other defaults."""
        return any(operation.disruption == DAEMON for operation in self.operations)

    @property
    def saves(self):
        """Whether the startup file changes."""
        return any(operation.kind == StartupFile.kind for operation in self.operations)

    @property
    def tells(self):
        """Whether FRR has overlooked addresses."""
        return any(operation.kind == SeenAddress.kind for operation in self.operations)


class _Comparison(NamedTuple):
    """What FRR shall show, what it shows now, the profile of defaults that it has to restart for, and what the user should
    know."""

    desired: Dict[Tuple[str, ...], None]
    running: Dict[Tuple[str, ...], None]
    profile: Optional[str] = None
    warnings: Tuple[str, ...] = ()


def make_plan(vtysh, channel, wish, max_disruption):
    """Reads what runs, finds out what FRR would show of the configuration, and plans.

    ``channel`` is a :class:`.._netlink.channel.Channel` in the network namespace of FRR, None where that is not known: what FRR
    has overlooked there is not found then.

    Raises :class:`FrrError` for lines that FRR does not take, for what it cannot be brought to, for daemons that are needed and
    do not run, and if FRR itself does not run; :class:`FabricError` if the plan is more disruptive than it may be.
    """
    text = configuration.for_startup(wish.text)
    written = configuration.parse(text)
    seen = vtysh.running()
    daemons_file = host.read(host.DAEMONS_FILE) if wish.daemons else None
    enabled = host.enabled_daemons(daemons_file or "")
    new = sorted(set(wish.daemons) - enabled)
    if not seen.daemons and not new:
        raise FrrError("FRR is not running on this host: systemctl start frr, and journalctl -u frr if it does not stay up")
    _refuse_without_daemons(written, seen.daemons | set(new))
    kept = _kept(wish.keep, seen)
    compared = _comparison(vtysh, seen, text, written, kept, new)
    text = _with_kept(text, kept)
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
    if compared.profile:
        operations.append(_profile_operation(configuration.profile(seen.text), compared.profile))
    changes = difference(compared.desired, compared.running)
    operations += line_operations(changes, compared.desired, compared.running)
    operations += _startup_operation(wish.startup_file, text)
    if channel and not new and not compared.profile:  # FRR that starts looks at all addresses
        operations += overlooked.operations(vtysh, channel, seen)
    refuse_stronger(operations, max_disruption)
    return FrrPlan(
        wish,
        text,
        compared.desired,
        compared.running,
        tuple(operations),
        daemons_file if new else None,
        compared.warnings,
    )


def _refuse_without_daemons(written, daemons):
    absent = {name: line for name, line in commands.needed_daemons(written).items() if name not in daemons}
    if absent:
        raise FrrError(
            "the configuration needs %s, which does not run: add it to `daemons` (FRR restarts), or find out why it "
            "stopped with journalctl -u frr"
            % " and ".join("%s (%s)" % (name, masked(line)) for name, line in sorted(absent.items()))
        )


def _kept(keep, seen):
    """The lines of what runs that are to stay: those below top-level lines with these beginnings."""
    beginnings = tuple("%s " % " ".join(beginning.split()) for beginning in keep)
    lines = configuration.parse(seen.text, shown=True) if beginnings else {}
    return {path: None for path in lines if (path[0] + " ").startswith(beginnings)}


def _with_kept(text, kept):
    """A startup file that has the kept lines, too."""
    if not kept:
        return text
    lines = text.rstrip("\n").split("\n")
    if lines[-1].strip() == "end":
        lines.pop()
    for path in kept:
        lines.append(" " * (len(path) - 1) + path[-1])
    return "\n".join([*lines, "end", ""])


def _comparison(vtysh, seen, text, written, kept, new):
    """What is compared with what. Lines that this collection does not write itself, and other defaults than FRR runs with, are
    tried on a scratch FRR first: how they are shown, and whether FRR comes to them from what runs.
    """
    wanted = {**written, **kept}
    running = converge.compared(seen, wanted)
    profile = configuration.profile(seen.text)
    as_it_runs = (configuration.profile(text) or host.DEFAULT_PROFILE) == profile
    if as_it_runs and wanted.keys() == running.keys():
        return _Comparison(wanted, running)
    as_written = configuration.version(text) in (None, configuration.version(seen.text))
    gone = running.keys() - wanted.keys()
    familiar = commands.are_familiar(wanted) and all(map(commands.is_familiar, gone))
    if as_written and (as_it_runs or not seen.daemons) and familiar:
        vtysh.check(text)
        return _Comparison(wanted, running)
    # Imported when it is needed: most runs have nothing to do.
    from . import scratch
    from .enclosure import NoEnclosureError

    daemons = (seen.daemons or host.started_by_file()) | set(new)
    try:
        outcome = scratch.started_from(vtysh, daemons, seen.text, text)
        if outcome.rejected:
            raise FrrError("FRR does not take these lines of the configuration; nothing was changed:\n%s" % outcome.rejected)
        desired = {**configuration.parse(outcome.shown, shown=True), **kept}
        told = configuration.profile(outcome.shown)
        running = converge.compared(seen, desired)
        if told != profile and seen.daemons:
            return _Comparison(desired, running, told)
        if not new and seen.daemons and desired.keys() != running.keys():
            _refuse_failed(scratch.brought(vtysh, daemons, seen.text, desired))
    except NoEnclosureError as error:
        if not as_it_runs:
            raise FrrError(
                "FRR runs with the defaults of the profile %s, and the configuration is for those of %s (frr defaults): write "
                "it for the profile that runs, or change that first"
                % (profile, configuration.profile(text) or host.DEFAULT_PROFILE)
            ) from error
        vtysh.check(text)
        return _Comparison(wanted, running, None, ("the configuration was not tried on a scratch FRR first: %s" % error,))
    return _Comparison(desired, running)


def _refuse_failed(attempt):
    """Raises :class:`FrrError` if a scratch FRR did not come to what is wanted."""
    if attempt.failure:
        raise FrrError("nothing was changed, because it failed on a scratch FRR: %s" % attempt.failure)
    if not attempt.missing and not attempt.extra:
        return
    words = ["nothing was changed, because this FRR does not come to the configuration while it runs, as a scratch FRR shows"]
    if attempt.missing:
        words.append("These lines would be missing:\n%s" % "\n".join("  + " + line for line in attempt.missing))
        words += ["FRR says:\n%s" % attempt.rejected] if attempt.rejected else []
    if attempt.extra:
        words.append(
            "These lines would stay, because FRR takes them away only by a restart:\n%s"
            % "\n".join("  - " + line for line in attempt.extra)
        )
    words.append("Write such lines into the configuration, name them in keep, or restart FRR with the configuration yourself")
    raise FrrError("\n".join(words))


def _profile_operation(before, after):
    return Operation(
        "change",
        Lines("frr defaults", (("frr defaults %s" % before,),)),
        Lines("frr defaults", (("frr defaults %s" % after,),)),
        DAEMON,
        "FRR keeps the defaults that it has started with: it restarts",
        (),
    )


def line_operations(changes, desired, running):
    """Operations for changes of :func:`~.._frr.difference.difference`, one for each top-level context or list."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(commands.policy_name(change.top) or change.top, []).append(change)
    before, after = set(map(_name, running)), set(map(_name, desired))
    for name, members in groups.items():
        removed = tuple(sorted(path for change in members for path in change.removed if path in running))
        added = tuple(path for change in members for path in change.added)
        action = "create" if name not in before else "delete" if not added and name not in after else "change"
        cause = max(members, key=lambda change: DISRUPTIONS.index(change.disruption))
        worst = cause.disruption
        reason = {"create": "in the configuration, not in FRR", "delete": "in FRR, not in the configuration"}.get(
            action, "differs"
        )
        if worst != HITLESS:
            reason += "; %s" % masked(cause.command)
        shown = masked(name)
        yield Operation(
            action, Lines(shown, removed) if removed else None, Lines(shown, added) if added else None, worst, reason, ()
        )


def _name(path):
    return commands.policy_name(path[0]) or path[0]


def _startup_operation(path, text):
    if path is None:
        return []
    present = host.read(path)
    if present == text and host.has_right_mode(path):
        return []
    file = StartupFile(path)
    reason = (
        "FRR starts from it" if present is None else "its content differs" if present != text else "its mode or owner is wrong"
    )
    return [Operation("create" if present is None else "change", None if present is None else file, file, HITLESS, reason, ())]


def apply(vtysh, channel, plan, stopped=lambda: None):
    """Carries a plan out and verifies it. ``stopped()`` tells what asks to stop, as :func:`.guard.deaf` does.

    Raises :class:`FrrError` with the cause; the previous configuration has then been put back, or the message says what could
    not be.
    """
    if plan.restarts:
        _restart_into(vtysh, plan)
        return
    converge.bring(vtysh, plan.desired, plan.running, converge.compared, stopped)
    if plan.saves:
        _save(vtysh, plan)
    if plan.tells:
        overlooked.tell(vtysh, channel)


def _save(vtysh, plan):
    """Writes the startup file; if that fails, FRR goes back to what it would start from."""
    try:
        host.write_startup(plan.wish.startup_file, plan.text)
    except FrrError as error:
        converge.bring(vtysh, plan.running, plan.desired, converge.compared)
        raise FrrError("%s\nThe previous configuration was put back" % error) from error


def _restart_into(vtysh, plan):
    """Enables daemons and restarts FRR, which then starts from the new configuration."""
    startup = plan.wish.startup_file or host.STARTUP_FILE
    previous, daemons = host.read(startup), vtysh.alive() - {"watchfrr"}
    if plan.daemons_file is not None:
        host.write_daemons(host.with_daemons(plan.daemons_file, plan.wish.daemons))
    host.write_startup(startup, plan.text)
    try:
        host.restart(vtysh, {"zebra", *daemons, *plan.wish.daemons})
        present = _once_read(vtysh, plan.desired)
        if present.keys() != plan.desired.keys():
            converge.bring(vtysh, plan.desired, present, converge.compared)
    except FrrError as error:
        if plan.daemons_file is not None:
            host.write_daemons(plan.daemons_file)
        host.write_startup(startup, previous or "")
        host.restart(vtysh, {"zebra"})
        raise FrrError(
            "%s\nThe previous daemons and configuration were put back, and FRR was restarted again" % error
        ) from error


def _once_read(vtysh, desired):
    """What runs once FRR has read its startup configuration, or after a while of waiting for that.

    On a busy host a daemon answers long before it has.
    """
    deadline, delay = time.monotonic() + STARTUP_LIMIT, 0.1
    while True:
        present = converge.compared(vtysh.running(), desired)
        if present.keys() == desired.keys() or time.monotonic() > deadline:
            return present
        time.sleep(delay)
        delay = min(2 * delay, 2)
