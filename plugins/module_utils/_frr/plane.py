# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing FRR to its configuration. Private to this collection."""

from __future__ import annotations

import time
from typing import Dict, FrozenSet, NamedTuple, Optional, Tuple

from .._core.errors import FrrError, NoEnclosureError
from .._core.operation import DAEMON, DISRUPTIONS, HITLESS, Operation, refuse_stronger
from . import commands, configuration, converge, host, overlooked, service
from .difference import Change, difference
from .objects import Daemons, Lines, SeenAddress, StartupFile
from .secrets import masked
from .vtysh import Running

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

    ``text`` is what is saved, ``desired`` the lines that FRR shall show, ``unit`` FRR's service if systemd runs it.
    ``daemons_file`` is what it says today, if daemons are to be enabled there. ``warnings`` are for the user.
    """

    wish: Wish
    text: str
    desired: Dict[Tuple[str, ...], None]
    running: Dict[Tuple[str, ...], None]
    operations: Tuple[Operation, ...]
    unit: Optional[service.Service]
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
    """What FRR shall show, what it shows now, why it has to restart for that (None if it need not), and what the user should
    know."""

    desired: Dict[Tuple[str, ...], None]
    running: Dict[Tuple[str, ...], None]
    restart: Optional[Operation] = None
    warnings: Tuple[str, ...] = ()


def make_plan(vtysh, channel, wish, max_disruption):
    """Reads what runs, finds out what FRR would show of the configuration, and plans.

    ``channel`` is a :class:`.._kernel.netlink.channel.Channel` in the network namespace of FRR, None where that is not known:
    what FRR has overlooked there is not found then.

    Raises :class:`FrrError` for lines that FRR does not take, for what it cannot be brought to, for daemons that are needed and
    do not run, and if FRR itself does not run; :class:`FabricError` if the plan is more disruptive than it may be.
    """
    text = configuration.for_startup(wish.text)
    written = configuration.parse(text)
    daemons = _look(vtysh, channel, wish, written)
    kept = _kept(wish.keep, daemons.seen)
    compared = _comparison(vtysh, daemons, text, written, kept)
    text = _with_kept(text, kept)
    operations = list(daemons.operations)
    if compared.restart:
        operations.append(compared.restart)
    restarts = any(operation.disruption == DAEMON for operation in operations)
    if restarts and not daemons.unit:
        raise FrrError(
            "nothing was changed, because FRR has to restart with this configuration, and systemd does not run this FRR: "
            "restart it yourself (%s)" % operations[-1].reason
        )
    changes = difference(compared.desired, compared.running)
    operations += line_operations(changes, compared.desired, compared.running)
    operations += _startup_operation(wish.startup_file, text)
    if channel and not restarts:  # FRR that starts looks at all addresses
        operations += overlooked.operations(vtysh, channel, daemons.seen)
    refuse_stronger(operations, max_disruption)
    return FrrPlan(
        wish,
        text,
        compared.desired,
        compared.running,
        tuple(operations),
        daemons.unit,
        daemons.file if daemons.new else None,
        compared.warnings,
    )


class _Daemons(NamedTuple):
    """What runs of FRR, the service that runs it (None where systemd does not), and the daemons file.

    ``new`` daemons are to be enabled, ``expected`` are those that run once ``operations`` on the service and the file are done.
    """

    seen: Running
    unit: Optional[service.Service]
    file: Optional[str]
    new: Tuple[str, ...]
    expected: FrozenSet[str]
    operations: Tuple[Operation, ...]

    @property
    def start(self):
        """Whether FRR starts anew before it gets the configuration."""
        return any(operation.disruption == DAEMON for operation in self.operations)


def _look(vtysh, channel, wish, written):
    """What runs of FRR, and what has to be done so that all daemons do. Raises :class:`FrrError` for what cannot be done."""
    unit, seen = service.look() if channel else None, vtysh.running()
    file = host.read(host.DAEMONS_FILE)
    enabled = frozenset(host.enabled_daemons(file or ""))
    if unit and not unit.active and seen.daemons:
        unit = None  # somebody has started these daemons in another way
    new = tuple(sorted(set(wish.daemons) - enabled - (frozenset() if unit else seen.daemons)))
    dead = set()
    if unit:
        needed = {"zebra", *wish.daemons, *commands.needed_daemons(written)} & {*host.ALWAYS, *enabled}
        dead = needed - seen.daemons
        if unit.active and dead and not new:
            dead = service.still_missing(vtysh, dead)
            seen = vtysh.running()
        if not unit.active:  # what it would start with is what the plan goes out from
            seen = Running(frozenset(), host.read(host.STARTUP_FILE) or "", "")
    elif not seen.daemons:
        raise FrrError(
            "FRR is not running on this host: systemctl start frr, and journalctl -u frr if it does not stay up"
            if channel
            else "FRR is not running in the pathspace %s: start its daemons with -N %s" % (vtysh.pathspace, vtysh.pathspace)
        )
    operations = service.operations(unit, dead, bool(new)) if unit else []
    if new:
        reason = "%s %s enabled: FRR restarts" % (", ".join(new), "is" if len(new) == 1 else "are")
        before, after = (Daemons(host.DAEMONS_FILE, tuple(sorted(names))) for names in (enabled, enabled.union(new)))
        operations.append(Operation("change", before, after, DAEMON, reason, ()))
    starts = any(operation.disruption == DAEMON for operation in operations)
    expected = seen.daemons | (host.started_by_file() | set(new) if starts else set())
    _refuse_without_daemons(written, expected)
    return _Daemons(seen, unit, file, new, frozenset(expected), tuple(operations))


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


def _comparison(vtysh, daemons, text, written, kept):
    """What is compared with what. Lines that this collection does not write itself, and other defaults than FRR runs with, are
    tried on a scratch FRR first: how they are shown, and whether FRR comes to them from what runs.
    """
    seen, wanted = daemons.seen, {**written, **kept}

    def present(desired):
        if not seen.daemons and seen.text == text:
            return desired  # FRR does not run, and would start with this very text
        return converge.compared(seen, desired)

    running = present(wanted)
    profile = configuration.profile(seen.text) or host.DEFAULT_PROFILE
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

    try:
        outcome = scratch.started_from(vtysh, daemons.expected, seen.text, text)
        if outcome.rejected:
            raise FrrError("FRR does not take these lines of the configuration; nothing was changed:\n%s" % outcome.rejected)
        desired = {**configuration.parse(outcome.shown, shown=True), **kept}
        told = configuration.profile(outcome.shown)
        running = present(desired)
        if told != profile and seen.daemons:
            return _Comparison(desired, running, _profile_operation(profile, told))
        if not daemons.start and desired.keys() != running.keys():
            attempt = scratch.brought(vtysh, daemons.expected, seen.text, desired)
            if attempt.obstacle:
                return _Comparison(desired, running, _restart_operation(attempt.obstacle))
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


def _profile_operation(before, after):
    return Operation(
        "change",
        Lines("frr defaults", (("frr defaults %s" % before,),)),
        Lines("frr defaults", (("frr defaults %s" % after,),)),
        DAEMON,
        "FRR keeps the defaults that it has started with: it restarts",
        (),
    )


def _restart_operation(obstacle):
    frr = service.Service(active=True, enabled=True)
    return Operation("recreate", frr, frr, DAEMON, "a scratch FRR did not come to this while it ran: %s" % obstacle, ())


def line_operations(changes, desired, running):
    """Operations for changes of :func:`~.difference.difference`, one for each top-level context or list."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(commands.policy_name(change.top) or change.top, []).append(change)
    before, after = set(map(_name, running)), set(map(_name, desired))
    for name, members in groups.items():
        removed = tuple(sorted(path for change in members for path in change.removed if path in running))
        added = tuple(dict.fromkeys(path for change in members for path in change.added if path in desired))
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
    """Carries a plan out and verifies it. ``stopped()`` tells what asks to stop, as :func:`.._host.guard.deaf` does.

    Raises :class:`FrrError` with the cause; the previous configuration has then been put back, or the message says what could
    not be.
    """
    if plan.restarts:
        _restart_into(vtysh, plan)
    else:
        converge.bring(vtysh, plan.desired, plan.running, converge.compared, stopped)
        if plan.saves:
            _save(vtysh, plan)
        if plan.tells:
            overlooked.tell(vtysh, channel)
    if plan.unit and not plan.unit.enabled:
        service.enable()


def _save(vtysh, plan):
    """Writes the startup file; if that fails, FRR goes back to what it would start from."""
    try:
        host.write_startup(plan.wish.startup_file, plan.text)
    except FrrError as error:
        converge.bring(vtysh, plan.running, plan.desired, converge.compared)
        raise FrrError("%s\nThe previous configuration was put back" % error) from error


def _restart_into(vtysh, plan):
    """Enables daemons and starts or restarts FRR, which then starts from the new configuration."""
    startup = plan.wish.startup_file or host.STARTUP_FILE
    previous, daemons = host.read(startup), vtysh.alive() - {"watchfrr"}
    if plan.daemons_file is not None:
        host.write_daemons(host.with_daemons(plan.daemons_file, plan.wish.daemons))
    host.write_startup(startup, plan.text)
    try:
        service.restart(vtysh, {"zebra", *daemons, *plan.wish.daemons, *commands.needed_daemons(plan.desired)})
        present = _once_read(vtysh, plan.desired)
        if present.keys() != plan.desired.keys():
            converge.bring(vtysh, plan.desired, present, converge.compared)
    except FrrError as error:
        raise FrrError("%s\n%s" % (error, _put_back(vtysh, plan, startup, previous))) from error


def _put_back(vtysh, plan, startup, previous):
    """Has FRR be as it was before it was restarted, in words."""
    if plan.daemons_file is not None:
        host.write_daemons(plan.daemons_file)
    host.write_startup(startup, previous or "")
    try:
        if not plan.unit.active:
            service.stop()
            return "The previous daemons and configuration were put back, and FRR was stopped again"
        service.restart(vtysh, {"zebra"})
    except FrrError as error:
        return "The previous daemons and configuration were put back, but FRR does not run with them: %s" % error
    return "The previous daemons and configuration were put back, and FRR was restarted again"


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
