# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FRR as a plane: its service and daemons, its running configuration, its startup file, and the addresses that it knows.
Private to this collection."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional

from .._core.errors import FabricError, FrrError, NoEnclosureError, unforeseen
from .._core.plane import Stopped
from . import commands, configuration, converge, daemons_file, host, overlooked, planning, saved, service
from .comparison import compared
from .configuration import Configuration
from .planning import Desired, FrrPlan, Snapshot, Trial
from .surroundings import Surroundings
from .vtysh import Vtysh, refuse_if_stopped

#: Seconds within which daemons that answer after a restart have to read their startup configuration.
STARTUP_LIMIT = 30


class FrrPlane:
    """FRR of this host, or one of its own pathspace: a :class:`.._core.plane.Plane`.

    ``kernel`` is that of FRR's network namespace; None where that is not known, as for an FRR of a pathspace: systemd does not
    run it then, and nothing is known of its interfaces.
    """

    name = "FRR"

    def __init__(self, vtysh: Vtysh, kernel: Optional[Surroundings] = None) -> None:
        self.vtysh, self.kernel = vtysh, kernel
        #: Whether a restart of FRR has begun: reverting one that has not begun must not make one.
        self._has_restarted = False

    def read(self, desired: Desired) -> Snapshot:
        """All that a plan for ``desired`` depends on.

        Waits for daemons that watchfrr starts again, and tries the configuration if need be; changes nothing. Raises
        :class:`FrrError`.
        """
        running, unit = self.vtysh.running(), service.look() if self.kernel else None
        path = self._startup_path(desired)
        startup = host.read(path)
        if unit and not unit.active:
            if running.daemons:
                unit = None  # somebody has started these daemons in another way
            else:  # it would start with this
                running = configuration.Running(frozenset(), startup.text if startup else "", "")
        snapshot = Snapshot(
            running,
            unit,
            self.vtysh.pathspace,
            host.read(daemons_file.PATH),
            host.installed(),
            startup=startup,
            owner=host.owner(),
            unfinished=host.unfinished((path, daemons_file.PATH)),
        )
        snapshot = self._with_dead_daemons(desired, snapshot)
        trial = self._tried(desired, snapshot)
        seen = overlooked.find(self.vtysh, self.kernel, snapshot.running) if self.kernel else ()
        return snapshot._replace(trial=trial, overlooked=seen)

    def plan(self, desired: Desired, actual: Snapshot) -> FrrPlan:
        """What has to be done, as :func:`.planning.plan` says."""
        return planning.plan(desired, actual)

    def apply(self, plan: FrrPlan, stopped: Stopped = lambda: None) -> None:
        """Carries a plan out, reads back and verifies. ``stopped()`` names the signal that asks the run to
        stop, if one came (:func:`.._host.guard.deferred_signals`).

        Raises :class:`FrrError` with the cause; FRR was then reverted, or the message says what could not be.
        """
        if not plan.operations:
            return
        try:
            if plan.restarts:
                self._restart_into(plan, stopped)
            else:
                self._change(plan, stopped)
            if plan.enables:
                service.enable()
            for path in plan.snapshot.unfinished:
                host.remove(path)
        except Exception as error:
            cause = error if isinstance(error, FabricError) else unforeseen(error)
            raise FrrError("%s\n%s" % (cause, converge.outcome_of_reverting(self._unreverted(plan)))) from error

    def revert(self, plan: FrrPlan) -> None:
        """Brings FRR back to what it was before a plan that has been applied.

        Raises :class:`FrrError` with what could not be reverted.
        """
        unreverted = self._unreverted(plan)
        if unreverted:
            raise FrrError(converge.listed(unreverted))

    def capture(self, plan: FrrPlan) -> Dict[str, Any]:
        """FRR as it was before a plan, as JSON has it: enough for :meth:`bring_back` in another process. It has secrets."""
        return saved.captured(plan, self._startup_path(plan.desired)).to_json()

    def plan_back(self, captured: Mapping[str, Any]) -> saved.WayBack:
        """What leads from what is there back to what has been captured. Raises :class:`FrrError`."""
        was = saved.from_json(captured)
        startup, listed = host.read(was.startup_path), host.read(daemons_file.PATH)
        seen = saved.Seen(self.vtysh.running(), startup, listed, service.look() if self.kernel else None)
        return saved.plan(was, seen)

    def bring_back(self, captured: Mapping[str, Any]) -> None:
        """Brings FRR back to what has been captured. Raises :class:`FrrError` with what is not as it was."""
        # The files come first: FRR that does not answer is restarted from them.
        steps = ((self._bring_back_files, saved.from_json(captured)), (self._bring_back_daemons, captured))
        unreverted = [line for step, what in steps for line in _failure(step, what)]
        if unreverted:
            raise FrrError(converge.listed(unreverted))

    def bring_back_at_boot(self, captured: Mapping[str, Any]) -> None:
        """Has FRR, which has not started yet, start as it would have before. Raises :class:`FrrError`."""
        was = saved.from_json(captured)
        host.revert(was.startup_path, was.startup)
        host.revert(daemons_file.PATH, was.daemons_file)
        if was.unit and not was.unit.enabled:
            service.disable()
        if was.unit and not was.unit.active:
            service.stop()

    def _bring_back_files(self, was: saved.Saved) -> List[str]:
        host.revert(was.startup_path, was.startup)
        host.revert(daemons_file.PATH, was.daemons_file)
        return []

    def _bring_back_daemons(self, captured: Mapping[str, Any]) -> List[str]:
        try:
            way = self.plan_back(captured)
        except FrrError:
            was = saved.from_json(captured)
            if not was.unit:
                raise  # systemd does not run it
            self._restart_as_it_was(was)
            way = self.plan_back(captured)
        return [line for step in (self._bring_back_running, self._bring_back_service) for line in _failure(step, way)]

    def _restart_as_it_was(self, was: saved.Saved) -> None:
        """Has FRR start from the files that it had, or stop if it did not run."""
        if was.unit and not was.unit.active:
            service.stop()
            return
        service.restart(self.vtysh, {"zebra", *was.daemons} - {"watchfrr"})
        self._once_read(was.lines)

    def _bring_back_running(self, way: saved.WayBack) -> List[str]:
        if way.stops:
            service.stop()
        if way.saved.unit and not way.saved.unit.active:
            return []
        applied = compared(way.seen.running, way.saved.lines)
        unreverted = [] if way.restarts else converge.reverted(self.vtysh, way.saved.lines, applied, compared)
        if not way.restarts and not (unreverted and way.seen.unit):
            return unreverted
        # FRR that runs does not always get there.
        self._restart_as_it_was(way.saved)
        return converge.reverted(self.vtysh, way.saved.lines, applied, compared)

    def _bring_back_service(self, way: saved.WayBack) -> List[str]:
        was, unit = way.saved.unit, way.seen.unit
        if was and unit and was.enabled != unit.enabled:
            (service.enable if was.enabled else service.disable)()
        return []

    def _startup_path(self, desired: Desired) -> str:
        """What FRR starts from."""
        return desired.startup_file or host.startup_file(self.vtysh.pathspace)

    def _with_dead_daemons(self, desired: Desired, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the daemons that stay away, and with what runs after the time that they were given."""
        if not snapshot.unit or not snapshot.unit.active:
            return snapshot
        dead = planning.needed_daemons(desired, snapshot) - snapshot.running.daemons
        if not dead or planning.new_daemons(desired, snapshot):  # FRR restarts anyway
            return snapshot._replace(dead=dead)
        dead = frozenset(service.still_missing(self.vtysh, dead))
        return snapshot._replace(dead=dead, running=self.vtysh.running())

    def _tried(self, desired: Desired, snapshot: Snapshot) -> Optional[Trial]:
        """The :class:`~.planning.Trial` that a plan needs, or None."""
        daemons = planning.plan_daemons(desired, snapshot)
        needed = planning.trial_needed(desired, snapshot)
        if needed is None:
            return None
        text = configuration.for_startup(desired.text)
        if needed == planning.DRY_RUN:
            return Trial(self.vtysh.check(text))
        # Imported when it is needed: most runs have nothing to do.
        from . import scratch

        place, running = (self.vtysh, self.kernel, daemons.expected), snapshot.running.text
        try:
            outcome = scratch.started_from(*place, running, text)
            trial = Trial(outcome.rejected, outcome.shown)
            shown = snapshot._replace(trial=trial)
            if not outcome.rejected and planning.way_needed(desired, shown):
                lines, _before = planning.compare(desired, shown)
                trial = trial._replace(obstacle=scratch.brought(*place, running, lines).obstacle)
            return trial
        except NoEnclosureError as error:
            return Trial(self.vtysh.check(text), impossible=str(error))

    def _change(self, plan: FrrPlan, stopped: Stopped) -> None:
        """Writes to FRR what differs, and saves the configuration."""
        # Interfaces may have come and gone since the plan was made: the kernel's plane is applied first.
        actual = compared(self.vtysh.running(), plan.lines)
        converge.bring(self.vtysh, plan.lines, actual, compared, stopped, revert=False)
        if plan.saves:
            host.write(self._startup_path(plan.desired), plan.text)
        if plan.announces and self.kernel:
            overlooked.announce(self.vtysh, self.kernel, stopped)

    def _restart_into(self, plan: FrrPlan, stopped: Stopped) -> None:
        """Enables daemons and starts or restarts FRR, which then starts from the new configuration."""
        refuse_if_stopped(stopped)
        needed = {"zebra", *plan.desired.daemons, *commands.needed_daemons(plan.lines)}
        if plan.new:
            listed = plan.snapshot.daemons_file
            host.write(daemons_file.PATH, daemons_file.with_daemons(listed.text if listed else "", plan.desired.daemons))
        host.write(self._startup_path(plan.desired), plan.text)
        self._has_restarted = True
        service.restart(self.vtysh, needed | _with_configuration(plan.snapshot), stopped)
        actual = self._once_read(plan.lines, stopped)
        if actual.keys() != plan.lines.keys():
            converge.bring(self.vtysh, plan.lines, actual, compared, stopped, revert=False)

    def _unreverted(self, plan: FrrPlan) -> List[str]:
        """Reverts FRR to what it was before a plan. Returns what could not be reverted, a text each."""
        # One that fails does not keep the others from being reverted.
        steps = (self._revert_files, self._revert_running, self._revert_service)
        return [line for step in steps for line in _failure(step, plan)]

    def _revert_files(self, plan: FrrPlan) -> List[str]:
        if plan.restarts or plan.saves:
            host.revert(self._startup_path(plan.desired), plan.snapshot.startup)
        if plan.new:
            host.revert(daemons_file.PATH, plan.snapshot.daemons_file)
        return []

    def _revert_running(self, plan: FrrPlan) -> List[str]:
        if not plan.restarts:
            return converge.reverted(self.vtysh, plan.before, plan.lines, compared)
        if not self._has_restarted:
            return []
        if plan.snapshot.unit and not plan.snapshot.unit.active:
            service.stop()
            return []
        service.restart(self.vtysh, {"zebra", *_with_configuration(plan.snapshot)})
        if plan.snapshot.dead:
            return []  # these daemons may run now, with their lines of the startup file
        self._once_read(plan.before)
        return converge.reverted(self.vtysh, plan.before, plan.lines, compared)

    def _revert_service(self, plan: FrrPlan) -> List[str]:
        if plan.enables:
            service.disable()
        return []

    def _once_read(self, desired: Configuration, stopped: Stopped = lambda: None) -> Configuration:
        """What runs once FRR has read its startup configuration, or after a while of waiting for that.

        On a busy host a daemon answers long before it has.
        """
        deadline, delay = time.monotonic() + STARTUP_LIMIT, 0.1
        while True:
            actual = compared(self.vtysh.running(), desired)
            if actual.keys() == desired.keys() or time.monotonic() > deadline:
                return actual
            refuse_if_stopped(stopped)
            time.sleep(delay)
            delay = min(2 * delay, 2)


def _failure(revert: Callable[[Any], List[str]], plan: Any) -> List[str]:
    """Why a part of FRR could not be reverted, a text for each line of the message."""
    try:
        return revert(plan)
    except FabricError as error:
        return str(error).split("\n")
    except Exception as error:
        return [unforeseen(error)]


def _with_configuration(snapshot: Snapshot) -> FrozenSet[str]:
    """The daemons that run, without watchfrr, which has no configuration."""
    return snapshot.running.daemons - {"watchfrr"}
