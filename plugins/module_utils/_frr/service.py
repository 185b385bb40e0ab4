# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FRR as a service of systemd: whether it runs and starts at boot, and having it do so. Private to this collection.

Distributions name the unit frr.service. It runs watchfrr, which starts the daemons that are enabled when it starts, and
starts one that dies anew: after 5 s, then each time after twice as long, 60 to 600 s. It knows no daemon that was enabled
later. Nothing starts one daemon under it, so a daemon that stays away needs a restart of the service.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from typing import Collection, FrozenSet, Optional, Set, Tuple

from .._core.errors import FrrError
from .._core.plane import Stopped
from .objects import Service
from .secrets import masked
from .vtysh import Vtysh, refuse_if_stopped

UNIT = "frr.service"
#: Seconds that systemctl is given: twice two minutes is what the unit has to stop and to start (TimeoutSec).
TIMEOUT = 300
#: Seconds within which all daemons have to answer after a start.
START_LIMIT = 120
#: Seconds that watchfrr is given to start a daemon anew that has died for the first time.
WATCHFRR_LIMIT = 10
#: Lines of the journal that an error quotes.
QUOTED = 15
#: How `show watchfrr` names the daemons that watchfrr knows, below what it says of itself.
_WATCHED = re.compile(r"^  (\w+) ", re.MULTILINE)


def look() -> Optional[Service]:
    """The service of this host, or None where systemd does not run FRR. Raises :class:`FrrError` for one that is masked."""
    if not os.path.isdir("/run/systemd/system"):  # sd_booted(3)
        return None
    shown = _systemctl("show", "--property=LoadState,ActiveState,UnitFileState", UNIT)
    state = dict(line.partition("=")[::2] for line in shown.splitlines())
    if state.get("LoadState") == "masked":
        raise FrrError("frr.service is masked on this host, so nothing can start it: systemctl unmask frr.service")
    if state.get("LoadState") != "loaded":
        return None
    return Service(
        active=state["ActiveState"] in ("active", "activating", "reloading"),
        enabled=state["UnitFileState"] not in ("disabled", "enabled-runtime"),
    )


def enable() -> None:
    """Has FRR start at boot. Raises :class:`FrrError`."""
    _systemctl("enable", UNIT)


def disable() -> None:
    """Has FRR not start at boot. Raises :class:`FrrError`."""
    _systemctl("disable", UNIT)


def restart(vtysh: Vtysh, daemons: Collection[str], stopped: Stopped = lambda: None) -> None:
    """Starts FRR, or restarts it, and waits until all ``daemons`` answer. Raises :class:`FrrError` with FRR's last words, and
    while it waits once ``stopped()`` names a signal that asks the run to stop.
    """
    # systemd refuses a fourth start within three minutes (StartLimitBurst of the unit), unless the count is reset. A unit that
    # is neither enabled nor active may not be loaded; it has no count then, and this fails.
    _run("systemctl", "reset-failed", UNIT)
    try:
        _systemctl("restart", UNIT)
    except FrrError as error:
        raise _with_journal(error) from error
    missing = missing_after(vtysh, daemons, START_LIMIT, stopped)
    if missing:
        raise _with_journal(FrrError("%s did not come up within %d s" % (", ".join(sorted(missing)), START_LIMIT)))


def stop() -> None:
    """Stops FRR. Raises :class:`FrrError`."""
    _systemctl("stop", UNIT)


def still_missing(vtysh: Vtysh, daemons: FrozenSet[str]) -> FrozenSet[str]:
    """Which of these daemons that do not answer stay away, although watchfrr was given time to start those that it knows."""
    watched: Set[str] = set()
    if "watchfrr" in vtysh.alive():
        watched.update(_WATCHED.findall(vtysh.show("show watchfrr")))
    return (daemons - watched) | missing_after(vtysh, daemons & watched, WATCHFRR_LIMIT)


def missing_after(vtysh: Vtysh, daemons: Collection[str], limit: float, stopped: Stopped = lambda: None) -> Set[str]:
    """Which of the ``daemons`` do not answer although they were given ``limit`` seconds."""
    deadline = time.monotonic() + limit
    while True:
        missing = set(daemons) - vtysh.alive()
        if not missing or time.monotonic() > deadline:
            return missing
        refuse_if_stopped(stopped)
        time.sleep(0.2)


def _systemctl(*arguments: str) -> str:
    status, output = _run("systemctl", *arguments)
    if status:
        raise FrrError("systemctl %s: %s" % (" ".join(arguments), output.strip() or "exit status %d" % status))
    return output


def _with_journal(error: FrrError) -> FrrError:
    """The error with what FRR said last."""
    _status, said = _run("journalctl", "--unit=" + UNIT, "--lines=%d" % QUOTED, "--no-pager", "--output=cat")
    lines = "\n".join("  " + masked(line) for line in said.splitlines())
    return FrrError("%s\nThe last lines of `journalctl -u frr`:\n%s" % (error, lines))


def _run(*command: str) -> Tuple[int, str]:
    """A command's exit status and output. Raises :class:`FrrError` if it is not there, or does not end in time."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            env={**os.environ, "LC_ALL": "C"},
            timeout=TIMEOUT,
            check=False,
            start_new_session=True,  # what ends our terminal does not end it half-way
        )
    except subprocess.TimeoutExpired:
        raise FrrError("%s did not end within %d s" % (" ".join(command), TIMEOUT)) from None
    except FileNotFoundError:
        raise FrrError("%s is not installed on this host" % command[0]) from None
    return done.returncode, done.stdout
