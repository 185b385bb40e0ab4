# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FRR as it was, and what leads back to it. Pure. Private to this collection.

Going back is no plan for a configuration: the startup file returns word for word, whatever runs; daemons are disabled again;
and FRR is stopped if it did not run.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from .._core.operation import DAEMON, HITLESS, Operation
from . import configuration, daemons_file
from .comparison import compared
from .configuration import Configuration, Running
from .difference import difference
from .objects import Daemons, File, Service, StartupFile
from .planning import FrrPlan, line_operations

NOT_AS_IT_WAS = "it is not as it was"


class Saved(NamedTuple):
    """FRR before a plan: the ``lines`` that it showed, those of its ``daemons`` that ran, the ``profile`` of defaults; the file
    at ``startup_path`` and the daemons file, None where there was none; its service, None where systemd does not run it.
    """

    lines: Configuration
    daemons: FrozenSet[str]
    profile: Optional[str]
    startup_path: str
    startup: Optional[File]
    daemons_file: Optional[File]
    unit: Optional[Service]

    def to_json(self) -> Dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "lines": list(self.lines),
            "daemons": sorted(self.daemons),
            "profile": self.profile,
            "startup_path": self.startup_path,
            "startup": self.startup,
            "daemons_file": self.daemons_file,
            "service": self.unit and [self.unit.active, self.unit.enabled],
        }


class Seen(NamedTuple):
    """FRR as it is now, as far as going back depends on it."""

    running: Running
    startup: Optional[File]
    daemons_file: Optional[File]
    unit: Optional[Service]


class WayBack(NamedTuple):
    """The operations that bring FRR back to ``saved``."""

    saved: Saved
    seen: Seen
    operations: Tuple[Operation, ...]

    @property
    def restarts(self) -> bool:
        """Whether FRR starts or restarts."""
        return bool(self.saved.unit and self.saved.unit.active) and any(made.disruption == DAEMON for made in self.operations)

    @property
    def stops(self) -> bool:
        """Whether FRR ran after the plan only."""
        was, unit = self.saved.unit, self.seen.unit
        return bool(was and not was.active and unit and unit.active)


def captured(plan: FrrPlan, startup_path: str) -> Saved:
    """FRR before a plan."""
    was = plan.snapshot
    running = was.running
    profile = configuration.profile(running.text)
    return Saved(plan.before, running.daemons, profile, startup_path, was.startup, was.daemons_file, was.unit)


def from_json(told: Mapping[str, Any]) -> Saved:
    """What :meth:`Saved.to_json` has told. Raises :class:`KeyError` or :class:`TypeError` for what it has not."""
    return Saved(
        {tuple(path): None for path in told["lines"]},
        frozenset(told["daemons"]),
        told["profile"],
        told["startup_path"],
        _file(told["startup"]),
        _file(told["daemons_file"]),
        Service(*told["service"]) if told["service"] else None,
    )


def _file(told: Optional[List[Any]]) -> Optional[File]:
    return None if told is None else File(*told)


def plan(saved: Saved, seen: Seen) -> WayBack:
    """What leads back."""
    operations = [*_service(saved, seen), *_files(saved, seen)]
    if saved.unit is None or saved.unit.active:
        actual = compared(seen.running, saved.lines)
        operations += line_operations(difference(saved.lines, actual), saved.lines, actual)
    return WayBack(saved, seen, tuple(operations))


def _service(saved: Saved, seen: Seen) -> Iterator[Operation]:
    was, unit = saved.unit, seen.unit
    if was is None or unit is None:
        return
    if was.enabled != unit.enabled:
        reason = "it started at boot" if was.enabled else "it did not start at boot"
        yield Operation("change", unit, Service(unit.active, was.enabled), HITLESS, reason)
    if was.active != unit.active:
        yield Operation("change", unit, was, DAEMON, "it ran" if was.active else "it did not run")
    elif was.active and _needs_restart(saved, seen):
        yield Operation("recreate", unit, was, DAEMON, "other daemons ran, or with other defaults: FRR restarts")


def _needs_restart(saved: Saved, seen: Seen) -> bool:
    """Whether daemons are missing, run that are not enabled, or were started for another profile of defaults."""
    # watchfrr starts a daemon that had died, and one that is enabled may have been dead.
    may_run = saved.daemons.union(daemons_file.ALWAYS, _enabled(saved.daemons_file), {"watchfrr"})
    running = seen.running
    return (
        not running.daemons >= saved.daemons
        or not running.daemons <= may_run
        or configuration.profile(running.text) != saved.profile
    )


def _files(saved: Saved, seen: Seen) -> Iterator[Operation]:
    for was, file, made in (
        (saved.startup, seen.startup, lambda _file: StartupFile(saved.startup_path)),
        (saved.daemons_file, seen.daemons_file, lambda file: Daemons(daemons_file.PATH, tuple(sorted(_enabled(file))))),
    ):
        if was != file:
            action = "create" if file is None else "delete" if was is None else "change"
            yield Operation(action, file and made(file), was and made(was), HITLESS, NOT_AS_IT_WAS)


def _enabled(file: Optional[File]) -> FrozenSet[str]:
    return daemons_file.enabled(file.text if file else "")
