# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done so that FRR has a configuration, runs the daemons for it and starts from it. Pure. Private to this
collection."""

from __future__ import annotations

import functools
from typing import Dict, FrozenSet, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from .._core.errors import FrrError
from .._core.operation import DAEMON, DISRUPTIONS, HITLESS, Operation
from . import commands, configuration, daemons_file, maintenance
from .comparison import compared
from .configuration import Configuration, Path, Running
from .difference import Change, difference
from .objects import PRIVATE, Daemons, File, Lines, SeenAddress, Service, StartupFile, UnfinishedFile
from .secrets import masked

#: The profile of defaults that daemons are compiled for, and that Debian's and FRR's own scripts start them with.
DEFAULT_PROFILE = "traditional"

#: How a configuration is checked before the host's FRR reads it: vtysh reads it in a dry run, which names lines that it does
#: not know; or a scratch FRR starts from it.
DRY_RUN, SCRATCH = "dry run", "scratch FRR"


class Desired(NamedTuple):
    """The whole configuration as text, the daemons that have to run, the path that FRR starts from (None: it is not saved),
    and which lines of the running configuration stay besides: the beginnings of top-level lines.
    """

    text: str
    daemons: Tuple[str, ...] = ()
    startup_file: Optional[str] = None
    keep: Tuple[str, ...] = ()


class Trial(NamedTuple):
    """What FRR said of a configuration before the host's FRR read it.

    ``rejected`` are its words about lines that it does not take. ``shown`` is what a scratch FRR shows after it has started
    from the configuration, None if vtysh was asked in a dry run. ``obstacle`` says why a scratch FRR did not get there from
    what runs; ``impossible`` why there could be no scratch FRR.
    """

    rejected: Optional[str] = None
    shown: Optional[str] = None
    obstacle: Optional[str] = None
    impossible: Optional[str] = None


class Snapshot(NamedTuple):
    """All that a plan depends on.

    ``unit`` is FRR's service, None where systemd does not run this FRR; ``running`` what runs, or if the service is stopped
    what it would start with. ``installed`` are the daemons that have programs on this host. ``dead`` daemons are needed and
    enabled, and do not run. ``owner`` are the numbers of FRR's user and group, None if there are none. ``trial`` is None if
    none was needed. ``unfinished`` are files that a run which was killed has left.
    """

    running: Running
    unit: Optional[Service] = None
    pathspace: Optional[str] = None
    daemons_file: Optional[File] = None
    installed: FrozenSet[str] = frozenset()
    dead: FrozenSet[str] = frozenset()
    startup: Optional[File] = None
    owner: Optional[Tuple[int, int]] = None
    trial: Optional[Trial] = None
    overlooked: Tuple[SeenAddress, ...] = ()
    unfinished: Tuple[str, ...] = ()


class FrrPlan(NamedTuple):
    """The changes to FRR, and what they start from.

    ``text`` is what is saved, ``lines`` what FRR is to show, ``before`` the lines of ``snapshot`` that they are compared with.
    ``new`` daemons are enabled. ``warnings`` are for the user.
    """

    desired: Desired
    snapshot: Snapshot
    text: str
    lines: Configuration
    before: Configuration
    new: Tuple[str, ...]
    operations: Tuple[Operation, ...]
    warnings: Tuple[str, ...] = ()

    @property
    def restarts(self) -> bool:
        """Whether FRR starts or restarts: for other daemons, for other defaults, or for what it does not get to otherwise."""
        return any(operation.disruption == DAEMON for operation in self.operations)

    @property
    def saves(self) -> bool:
        """Whether the startup file changes."""
        return any(operation.kind == StartupFile.kind for operation in self.operations)

    @property
    def announces(self) -> bool:
        """Whether FRR has overlooked addresses."""
        return any(operation.kind == SeenAddress.kind for operation in self.operations)

    @property
    def enables(self) -> bool:
        """Whether the service has to start at boot and does not."""
        return self.snapshot.unit is not None and not self.snapshot.unit.enabled


class DaemonPlan(NamedTuple):
    """``operations`` on the service and the daemons file, the ``new`` daemons that these enable, and which daemons are
    ``expected`` to run afterwards."""

    new: Tuple[str, ...]
    expected: FrozenSet[str]
    operations: Tuple[Operation, ...]

    @property
    def starts(self) -> bool:
        """Whether FRR starts or restarts because of its daemons."""
        return any(operation.disruption == DAEMON for operation in self.operations)


def needed_daemons(desired: Desired, snapshot: Snapshot) -> FrozenSet[str]:
    """The enabled daemons that a configuration cannot do without."""
    needed = {"zebra", *desired.daemons, *_daemons_of(desired.text)}
    return frozenset(needed & {*daemons_file.ALWAYS, *_enabled(snapshot)})


def new_daemons(desired: Desired, snapshot: Snapshot) -> Tuple[str, ...]:
    """The daemons that have to be enabled."""
    run = frozenset() if snapshot.unit else snapshot.running.daemons
    return tuple(sorted(set(desired.daemons) - _enabled(snapshot) - run))


def plan_daemons(desired: Desired, snapshot: Snapshot) -> DaemonPlan:
    """What has to be done so that all daemons run that the configuration needs.

    Raises :class:`FrrError` if FRR does not run and nothing here can start it, and for daemons that are needed and neither run
    nor are enabled.
    """
    running, unit, new = snapshot.running, snapshot.unit, new_daemons(desired, snapshot)
    if not unit and not running.daemons:
        raise FrrError(
            "FRR is not running in the pathspace %s: start its daemons with -N %s" % (snapshot.pathspace, snapshot.pathspace)
            if snapshot.pathspace
            else "FRR is not running on this host: systemctl start frr, and journalctl -u frr if it does not stay up"
        )
    operations = service_operations(unit, snapshot.dead, bool(new)) if unit else []
    if new:
        reason = "%s %s enabled: FRR restarts" % (", ".join(new), "is" if len(new) == 1 else "are")
        before, after = (
            Daemons(daemons_file.PATH, tuple(sorted(names))) for names in (_enabled(snapshot), _enabled(snapshot).union(new))
        )
        operations.append(Operation("change", before, after, DAEMON, reason, ()))
    made = DaemonPlan(new, running.daemons, tuple(operations))
    if made.starts:
        started = {*daemons_file.ALWAYS, *_enabled(snapshot)} & snapshot.installed
        made = made._replace(expected=running.daemons.union(started, new))
    absent = {name: line for name, line in _daemons_of(desired.text).items() if name not in made.expected}
    if absent:
        raise FrrError(
            "the configuration needs %s, which does not run: add it to `daemons` (FRR restarts), or find out why it "
            "stopped with journalctl -u frr"
            % " and ".join("%s (%s)" % (name, masked(line)) for name, line in sorted(absent.items()))
        )
    return made


def service_operations(actual: Service, dead: Iterable[str], restarts: bool) -> List[Operation]:
    """What has to be done so that FRR runs with all its daemons and starts at boot.

    ``dead`` are daemons that are needed and enabled, and do not run; ``restarts`` says whether FRR restarts anyway.
    """
    made = []
    after = Service(active=True, enabled=True)
    if not actual.enabled:
        made.append(Operation("change", actual, Service(actual.active, True), HITLESS, "FRR does not start at boot", ()))
    if not actual.active and not restarts:
        made.append(Operation("change", Service(False, True), after, DAEMON, "FRR does not run: it is started", ()))
    elif dead and not restarts:
        names = ", ".join(sorted(dead))
        reason = "%s %s enabled and not running: FRR restarts" % (names, "is" if len(set(dead)) == 1 else "are")
        made.append(Operation("recreate", after, after, DAEMON, reason, ()))
    return made


# What is read asks for it, and then the plan does.
@functools.lru_cache(maxsize=2)
def compare(desired: Desired, snapshot: Snapshot) -> Tuple[Configuration, Configuration]:
    """The lines that FRR will show, as a scratch FRR has shown them if there was one, and those that it shows now, as far as
    they are compared."""
    shown = snapshot.trial.shown if snapshot.trial else None
    written = configuration.for_startup(desired.text) if shown is None else shown
    lines = {**configuration.parse(written, shown=shown is not None), **_kept(desired, snapshot)}
    return lines, compared(snapshot.running, lines)


def trial_needed(desired: Desired, snapshot: Snapshot) -> Optional[str]:
    """How FRR has to be asked about the configuration: :data:`DRY_RUN`, :data:`SCRATCH`, or None if it runs already.

    Lines that this collection does not write itself, and other defaults than FRR runs with, need a scratch FRR: only FRR knows
    how it shows them.
    """
    lines, before = compare(desired, snapshot)
    running, text = snapshot.running, desired.text
    if _same_profile(desired, snapshot) and lines.keys() == before.keys():
        return None
    as_written = configuration.version(text) in (None, configuration.version(running.text))
    familiar = commands.are_familiar(lines) and all(map(commands.is_familiar, before.keys() - lines.keys()))
    return DRY_RUN if as_written and (_same_profile(desired, snapshot) or not running.daemons) and familiar else SCRATCH


def way_needed(desired: Desired, snapshot: Snapshot) -> bool:
    """Whether a scratch FRR, which has shown what it makes of the configuration, also has to get there from what runs."""
    if plan_daemons(desired, snapshot).starts or _other_profile(snapshot):
        return False
    lines, before = compare(desired, snapshot)
    return lines.keys() != before.keys()


def plan(desired: Desired, snapshot: Snapshot) -> FrrPlan:
    """The changes that bring FRR to what is desired. ``snapshot.trial`` has to be what :func:`trial_needed` asks for.

    Raises :class:`FrrError` for lines that FRR does not take, for what it cannot be brought to, for daemons that are needed and
    do not run, and if FRR itself does not run.
    """
    daemons = plan_daemons(desired, snapshot)
    _refuse_what_frr_does_not_take(desired, snapshot)
    trial = snapshot.trial or Trial()
    lines, before = compare(desired, snapshot)
    text = _with_kept(configuration.for_startup(desired.text), _kept(desired, snapshot))
    operations = [*daemons.operations, *_restart_for_configuration(snapshot, trial)]
    restarts = any(operation.disruption == DAEMON for operation in operations)
    if restarts and not snapshot.unit:
        raise FrrError(
            "nothing was changed, because FRR has to restart with this configuration, and systemd does not run this FRR: "
            "restart it yourself (%s)" % operations[-1].reason
        )
    operations += line_operations(difference(lines, before), lines, before)
    operations += _startup_operation(desired.startup_file, text, snapshot)
    operations += [
        Operation("delete", UnfinishedFile(path), None, HITLESS, "a run that was killed has left it", ())
        for path in snapshot.unfinished
    ]
    if not restarts:  # FRR that starts looks at all addresses
        operations += [Operation("create", None, each, HITLESS, "FRR has overlooked it", ()) for each in snapshot.overlooked]
    warnings = ("the configuration was not tried on a scratch FRR first: %s" % trial.impossible,) if trial.impossible else ()
    return FrrPlan(desired, snapshot, text, lines, before, daemons.new, tuple(operations), warnings)


def line_operations(changes: Iterable[Change], desired: Configuration, running: Configuration) -> Iterator[Operation]:
    """Operations for changes of :func:`~.difference.difference`, one for each top-level context or list."""
    groups: Dict[str, List[Change]] = {}
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


def _name(path: Path) -> str:
    return commands.policy_name(path[0]) or path[0]


@functools.lru_cache(maxsize=1)
def _daemons_of(text: str) -> Dict[str, str]:
    return commands.needed_daemons(configuration.parse(text))


def _enabled(snapshot: Snapshot) -> FrozenSet[str]:
    return daemons_file.enabled(snapshot.daemons_file.text if snapshot.daemons_file else "")


def _kept(desired: Desired, snapshot: Snapshot) -> Configuration:
    """The running lines that stay: those below top-level lines with the beginnings in ``keep``."""
    beginnings = tuple("%s " % " ".join(beginning.split()) for beginning in desired.keep)
    lines = configuration.parse(snapshot.running.text, shown=True) if beginnings else {}
    if snapshot.running.in_maintenance:
        lines = maintenance.without(lines, {})
    return {path: None for path in lines if (path[0] + " ").startswith(beginnings)}


def _with_kept(text: str, kept: Configuration) -> str:
    """A startup file that has the kept lines, too."""
    if not kept:
        return text
    lines = text.rstrip("\n").split("\n")
    if lines[-1].strip() == "end":
        lines.pop()
    for path in kept:
        lines.append(" " * (len(path) - 1) + path[-1])
    return "\n".join([*lines, "end", ""])


def _profile(text: str) -> str:
    return configuration.profile(text) or DEFAULT_PROFILE


def _same_profile(desired: Desired, snapshot: Snapshot) -> bool:
    return _profile(desired.text) == _profile(snapshot.running.text)


def _other_profile(snapshot: Snapshot) -> Optional[str]:
    """The profile that a scratch FRR had with the configuration, if FRR runs with another one."""
    trial = snapshot.trial
    shown = _profile(trial.shown) if trial and trial.shown is not None and snapshot.running.daemons else None
    return shown if shown != _profile(snapshot.running.text) else None


def _refuse_what_frr_does_not_take(desired: Desired, snapshot: Snapshot) -> None:
    trial = snapshot.trial
    if trial and trial.impossible and not _same_profile(desired, snapshot):
        raise FrrError(
            "FRR runs with the defaults of the profile %s, and the configuration is for those of %s (frr defaults): write "
            "it for the profile that runs, or change that first" % (_profile(snapshot.running.text), _profile(desired.text))
        )
    if trial and trial.rejected:
        if trial.shown is None:
            raise FrrError("FRR does not know these lines of the configuration; nothing was changed:\n%s" % trial.rejected)
        raise FrrError("FRR does not take these lines of the configuration; nothing was changed:\n%s" % trial.rejected)


def _restart_for_configuration(snapshot: Snapshot, trial: Trial) -> Iterator[Operation]:
    """The restart without which FRR does not get to the configuration."""
    profile = _other_profile(snapshot)
    if profile:
        before, after = (
            Lines("frr defaults", (("frr defaults %s" % name,),)) for name in (_profile(snapshot.running.text), profile)
        )
        reason = "FRR keeps the defaults that it has started with: it restarts"
        yield Operation("change", before, after, DAEMON, reason, ())
    elif trial.obstacle:
        frr = Service(active=True, enabled=True)
        reason = "a scratch FRR did not get to this while it ran: %s" % trial.obstacle
        yield Operation("recreate", frr, frr, DAEMON, reason, ())


def _startup_operation(path: Optional[str], text: str, snapshot: Snapshot) -> Iterator[Operation]:
    """The startup file that differs from what is saved in it."""
    if path is None:
        return
    actual, file = snapshot.startup, StartupFile(path)
    if actual is None:
        yield Operation("create", None, file, HITLESS, "FRR starts from it", ())
    elif actual.text != text:
        yield Operation("change", file, file, HITLESS, "its content differs", ())
    elif (actual.mode, (actual.uid, actual.gid)) != (PRIVATE, snapshot.owner):
        yield Operation("change", file, file, HITLESS, "its mode or owner is wrong", ())
