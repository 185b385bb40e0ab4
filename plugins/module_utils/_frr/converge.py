# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing an FRR that runs from one configuration to another: the host's, or a scratch one. Private to this collection.

One pass over the difference is not always enough: FRR refuses a line while another daemon has not been told of what it needs,
and some commands take more away than the line they are about. So FRR is read again, and what still differs is told again, as
long as that makes a difference.
"""

from __future__ import annotations

import socket
import time

from .._core.errors import FrrError
from . import batch, commands, configuration
from .runtime import without_runtime
from .secrets import masked, secrets_of, without
from .vtysh import Running

#: So often FRR is told what still differs. Every second time contexts are emptied line by line: some do not go as a whole.
ROUNDS = 6
#: Seconds that a daemon which has died on the way is given to be started again by watchfrr and to read its configuration.
PATIENCE = 60


class UnreachedError(FrrError):
    """FRR does not show what is desired. ``missing`` and ``extra`` are lines without secrets, ``rejected`` FRR's own words or
    None."""

    def __init__(self, missing, extra, rejected):
        self.missing, self.extra, self.rejected = missing, extra, rejected
        said = "FRR rejects the configuration:\n%s\n" % rejected if rejected else ""
        super().__init__(
            "%sFRR shows another configuration than the one that it was told (+ written, - shown by FRR):\n%s\nWrite what FRR "
            "shows, or name in keep what FRR does not take away" % (said, self.listed())
        )

    def listed(self):
        """The lines, one below the other."""
        return "\n".join(["  + " + line for line in self.missing] + ["  - " + line for line in self.extra])


def merged(seen, desired):
    """All lines that vtysh shows."""
    return configuration.parse(seen.text, shown=True)


def compared(seen, desired):
    """The lines of what runs that are compared with a whole configuration.

    Runtime state is not. Nor is a line of a route-map or list that bgpd lacks: on a slow host watchfrr may end the script that
    gives bgpd its startup configuration, while other daemons have read theirs and show the lists that only bgpd uses.
    """
    present = without_runtime(configuration.parse(seen.text, shown=True), desired)
    if "bgpd" not in seen.daemons:
        return present
    own, alone = configuration.parse(seen.of_bgpd, shown=True), commands.policies_of_bgpd(present)
    return {path: None for path in present if path in own or path not in desired or not commands.is_policy_of(path[0], alone)}


def bring(vtysh, desired, running, view=merged, stopped=lambda: None, put_back=True):
    """Brings FRR from what runs to what is desired, reads back and verifies.

    ``view(seen, desired)`` gives the lines of what runs afterwards (a :class:`~.vtysh.Running`) that are compared,
    ``stopped()`` tells what asks to stop. Raises :class:`UnreachedError` if what runs afterwards is not what was desired, and
    :class:`FrrError` if vtysh does not come back, a daemon dies for good, or the run was stopped. With ``put_back`` the
    previous configuration is back then, or the message says what could not be put back.
    """
    error = _attempt(vtysh, desired, running, view, stopped)
    if error is not None:
        raise _put_back(vtysh, running, error, view) if put_back else error


def _attempt(vtysh, desired, running, view, stopped):
    """Brings FRR to what is desired; the error to raise, or None."""
    daemons, present, in_vain = vtysh.alive(), running, 0
    for number in range(ROUNDS):
        try:
            rejected = vtysh.apply(_batches(vtysh, desired, present, daemons, view, bool(number % 2)), stopped)
            before, present = present, view(_awaited(vtysh, daemons), desired)
        except FrrError as failure:
            return FrrError(_without_secrets(str(failure), desired, running))
        if present.keys() == desired.keys():
            return None
        in_vain = in_vain + 1 if present.keys() == before.keys() else 0
        if in_vain == 2:
            break
    missing = [shown(path) for path in desired if path not in present]
    extra = [shown(path) for path in present if path not in desired]
    return UnreachedError(missing, extra, rejected and _without_secrets(rejected, desired, running))


def _batches(vtysh, desired, present, daemons, view, piecemeal):
    """What to tell FRR."""
    known = negations(vtysh, desired, present)
    gone = _interfaces_that_are_gone(vtysh, present)
    known.update({path: "no %s" % path[0] for path in present if len(path) == 1 and path[0] in gone and path not in desired})
    own = {}
    if batch.policies_and_others(present)[0].keys() != batch.policies_and_others(desired)[0].keys():
        texts = vtysh.own(daemons)
        own = {daemon: view(Running(frozenset(), text, ""), desired) for daemon, text in texts.items()}
    return batch.batches(batch.planned(desired, present, own, known, piecemeal))


def negations(vtysh, desired, present):
    """What takes lines back that this collection does not write itself: path -> command, None where FRR knows none.

    FRR is asked, in a dry run, which of the commands that may do so it knows.
    """
    paths = [
        path
        for path in present
        if path not in desired and not commands.is_familiar(path) and commands.removable(path[-1]) is None
    ]
    if not paths:
        return {}
    lines, candidates, place = [], [], ()
    for path in paths:
        lines += batch.moving(place, path[:-1])
        place = path[:-1]
        for command in commands.negations(path[-1]):
            lines.append(" " * len(place) + command)
            candidates.append((len(lines), path, command))
    unknown = vtysh.unknown("\n".join(lines) + "\n")
    found = dict.fromkeys(paths)
    for number, path, command in candidates:
        if found[path] is None and number not in unknown:
            found[path] = command
    return found


def _interfaces_that_are_gone(vtysh, present):
    """Contexts of interfaces that the host does not have: FRR takes these away as a whole, and from 8.4 no single line of
    them."""
    if vtysh.pathspace:
        return set()  # it may be in another network namespace
    there = {"interface %s" % name for _number, name in socket.if_nameindex()}
    return {path[0] for path in present if path[0].startswith("interface ") and path[0] not in there}


def _awaited(vtysh, daemons):
    """What runs, once all ``daemons`` run again: watchfrr starts one that has died, which then reads its startup file.

    Raises :class:`FrrError` with those that do not come back.
    """
    seen = vtysh.running()
    if daemons <= seen.daemons:
        return seen
    patience = PATIENCE if "watchfrr" in daemons else 0
    deadline = time.monotonic() + patience
    while not daemons <= seen.daemons:
        if time.monotonic() >= deadline:
            raise FrrError(
                "%s died when FRR was told the configuration%s"
                % (
                    " and ".join(sorted(daemons - seen.daemons)),
                    ", and did not come back within %d s; see journalctl -u frr" % patience if patience else "",
                )
            )
        time.sleep(0.5)
        seen = vtysh.running()
    before = None
    while before != seen.text and time.monotonic() < deadline:
        time.sleep(2)
        before, seen = seen.text, vtysh.running()
    return seen


def shown(path):
    """A line in its contexts, without secrets."""
    return " / ".join(map(masked, path))


def _without_secrets(text, *configurations):
    return without(text, secrets_of(line for lines in configurations for path in lines for line in path))


def _put_back(vtysh, previous, error, view):
    """Puts the configuration back that ran before; the error to raise."""
    try:
        present = view(vtysh.running(), previous)
        failure = _attempt(vtysh, previous, present, view, lambda: None) if present.keys() != previous.keys() else None
    except FrrError as another:
        failure = another
    if failure is None:
        return FrrError("%s\nThe previous configuration was put back" % error)
    left = failure.listed() if isinstance(failure, UnreachedError) else "  %s" % failure
    return FrrError(
        "%s\nThe previous configuration could not be put back whole; what is missing (+) and left over (-):\n%s" % (error, left)
    )
