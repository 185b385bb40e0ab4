# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing an FRR that runs from one configuration to another: the host's, or a scratch one. Private to this collection.

One pass over the difference is not always enough: FRR refuses a line while another daemon does not know what it needs, and
some commands remove more than the line that they name. And mgmtd of FRR 10 that has just started now and then takes a batch
without a word and loses it. So FRR is read again after each pass and given what still differs, until two passes have changed
nothing and FRR has said why.
"""

from __future__ import annotations

import socket
import time
from typing import Callable, Collection, Dict, FrozenSet, Iterable, List, Optional, Set, Tuple

from .._core.errors import FabricError, FrrError, unforeseen
from .._core.plane import Stopped
from . import batch, commands
from .comparison import merged
from .configuration import Configuration, Path, Running
from .secrets import masked, secrets_of, without
from .vtysh import Vtysh

#: Passes at most. Every second one empties contexts line by line: FRR does not remove some of them as a whole.
ROUNDS = 6
#: Seconds within which watchfrr has to start a daemon again that has died, and the daemon has to read its configuration.
PATIENCE = 60
#: Seconds before the next pass once two have changed nothing without a word from FRR.
PAUSE = 0.5

#: ``view(running, desired)``: the lines of what runs that are compared with a desired configuration.
View = Callable[[Running, Configuration], Configuration]


class UnreachedError(FrrError):
    """FRR does not show what is desired. ``missing`` and ``extra`` are lines without secrets, ``rejected`` FRR's own words or
    None."""

    def __init__(self, missing: List[str], extra: List[str], rejected: Optional[str]) -> None:
        self.missing, self.extra, self.rejected = missing, extra, rejected
        said = "FRR rejects the configuration:\n%s\n" % rejected if rejected else ""
        super().__init__(
            "%sFRR does not show the desired configuration (+ desired, - shown by FRR):\n%s\nWrite what FRR shows, or name in "
            "keep what FRR does not remove" % (said, "\n".join("  " + line for line in self.lines()))
        )

    def lines(self) -> List[str]:
        """The lines: "+" before one that is missing, "-" before one that is there and not desired."""
        return ["+ " + line for line in self.missing] + ["- " + line for line in self.extra]


def bring(
    vtysh: Vtysh,
    desired: Configuration,
    running: Configuration,
    view: View = merged,
    stopped: Stopped = lambda: None,
    revert: bool = True,
) -> None:
    """Brings FRR from what runs to what is desired, reads back and verifies.

    ``stopped()`` names the signal that asks the run to stop, if one came. Raises :class:`UnreachedError` if what runs
    afterwards is not what was desired, and :class:`FrrError` if vtysh does not end in time, a daemon dies for good, or the run
    was stopped. With ``revert`` FRR has its previous configuration then, or the message says what could not be reverted.
    """
    error = _attempt(vtysh, desired, running, view, stopped)
    if error is None:
        return
    if not revert:
        raise error
    raise FrrError("%s\n%s" % (error, outcome_of_reverting(reverted(vtysh, running, desired, view)))) from error


def reverted(vtysh: Vtysh, previous: Configuration, applied: Configuration, view: View) -> List[str]:
    """Reverts FRR to a previous configuration from one that may have been ``applied``. Returns what could not be reverted, a
    text each; none if FRR has the previous one again.
    """
    failure: Optional[FabricError]
    try:
        actual = view(vtysh.running(), previous)
        same = actual.keys() == previous.keys()
        failure = None if same else _attempt(vtysh, previous, actual, view, lambda: None)
    except Exception as error:
        failure = error if isinstance(error, FabricError) else FrrError(unforeseen(error))
    if isinstance(failure, UnreachedError):
        return failure.lines()
    return [str(failure), *_undecided(previous, applied)] if failure else []


def _undecided(previous: Configuration, applied: Configuration) -> List[str]:
    """In words, what two configurations have in different ways, where FRR does not tell which of them it has."""
    paths = [path for path in (*previous, *applied) if (path in previous) != (path in applied)]
    names = dict.fromkeys(masked(commands.policy_name(path[0]) or path[0]) for path in paths)
    return ["these may not be as they were, FRR does not tell: %s" % ", ".join(names)] if names else []


def outcome_of_reverting(unreverted: Collection[str]) -> str:
    """What an error says of reverting; ``unreverted`` is what :func:`reverted` returns."""
    if not unreverted:
        return "FRR was reverted to what it was before"
    return "FRR could not be reverted to what it was before: %s" % listed(unreverted)


def listed(unreverted: Iterable[str]) -> str:
    """What could not be reverted, as one text."""
    return "what is missing (+) and left over (-):\n%s" % "\n".join("  " + line for line in unreverted)


def _attempt(vtysh: Vtysh, desired: Configuration, actual: Configuration, view: View, stopped: Stopped) -> Optional[FrrError]:
    """Brings FRR to what is desired; the error to raise, or None."""
    running, daemons, in_vain = actual, vtysh.alive(), 0
    for number in range(ROUNDS):
        try:
            rejected = vtysh.apply(_batches(vtysh, desired, actual, daemons, view, bool(number % 2)), stopped)
            before, actual = actual, view(_awaited(vtysh, daemons), desired)
        except FrrError as failure:
            return FrrError(_without_secrets(str(failure), desired, running))
        if actual.keys() == desired.keys():
            return None
        in_vain = in_vain + 1 if actual.keys() == before.keys() else 0
        if in_vain >= 2:
            if rejected:
                break
            time.sleep(PAUSE)
    missing = [shown(path) for path in desired if path not in actual]
    extra = [shown(path) for path in actual if path not in desired]
    return UnreachedError(missing, extra, rejected and _without_secrets(rejected, desired, running))


def _batches(
    vtysh: Vtysh, desired: Configuration, actual: Configuration, daemons: FrozenSet[str], view: View, piecemeal: bool
) -> List[Tuple[Optional[str], str]]:
    """The batches of one pass, as :func:`.batch.batches` returns them."""
    known = negations(vtysh, desired, actual)
    gone = _interfaces_that_are_gone(vtysh, actual)
    known.update({path: "no %s" % path[0] for path in actual if len(path) == 1 and path[0] in gone and path not in desired})
    own: Dict[str, Configuration] = {}
    if batch.policies_and_others(actual)[0].keys() != batch.policies_and_others(desired)[0].keys():
        texts = vtysh.own(daemons)
        own = {daemon: view(Running(frozenset(), text, ""), desired) for daemon, text in texts.items()}
    return batch.batches(batch.planned(desired, actual, own, known, piecemeal))


def negations(vtysh: Vtysh, desired: Configuration, actual: Configuration) -> Dict[Path, Optional[str]]:
    """The commands that negate lines that this collection does not write itself: path -> command, None where FRR knows none.

    FRR is asked, in a dry run, which of the commands that may do so it knows.
    """
    paths = [
        path
        for path in actual
        if path not in desired and not commands.is_familiar(path) and commands.removable(path[-1]) is None
    ]
    if not paths:
        return {}
    lines: List[str] = []
    candidates: List[Tuple[int, Path, str]] = []
    place: Path = ()
    for path in paths:
        lines += batch.moving(place, path[:-1])
        place = path[:-1]
        for command in commands.negations(path[-1]):
            lines.append(" " * len(place) + command)
            candidates.append((len(lines), path, command))
    unknown = vtysh.unknown("\n".join(lines) + "\n")
    found: Dict[Path, Optional[str]] = dict.fromkeys(paths)
    for number, path, command in candidates:
        if found[path] is None and number not in unknown:
            found[path] = command
    return found


def _interfaces_that_are_gone(vtysh: Vtysh, actual: Configuration) -> Set[str]:
    """Contexts of interfaces that the host does not have: FRR removes these as a whole, and from 8.4 no single line of them.

    The kernel's plane has been applied by now, so this is read when FRR's plan is applied and is no part of it.
    """
    if vtysh.pathspace:
        return set()  # it may be in another network namespace
    there = {"interface %s" % name for _number, name in socket.if_nameindex()}
    return {path[0] for path in actual if path[0].startswith("interface ") and path[0] not in there}


def _awaited(vtysh: Vtysh, daemons: FrozenSet[str]) -> Running:
    """What runs, once all ``daemons`` run again: watchfrr starts one that has died, which then reads its startup file.

    Raises :class:`FrrError` with those that do not come back.
    """
    running = vtysh.running()
    if daemons <= running.daemons:
        return running
    patience = PATIENCE if "watchfrr" in daemons else 0
    deadline = time.monotonic() + patience
    while not daemons <= running.daemons:
        if time.monotonic() >= deadline:
            raise FrrError(
                "%s died while FRR read the configuration%s"
                % (
                    " and ".join(sorted(daemons - running.daemons)),
                    ", and did not come back within %d s; see journalctl -u frr" % patience if patience else "",
                )
            )
        time.sleep(0.5)
        running = vtysh.running()
    before = None
    while before != running.text and time.monotonic() < deadline:
        time.sleep(2)
        before, running = running.text, vtysh.running()
    return running


def shown(path: Path) -> str:
    """A line in its contexts, without secrets."""
    return " / ".join(map(masked, path))


def _without_secrets(text: str, *configurations: Configuration) -> str:
    return without(text, secrets_of(line for lines in configurations for path in lines for line in path))
