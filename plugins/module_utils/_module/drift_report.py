# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module drift_report: what was seen before, and the files that tell of it. Private to this collection."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
from typing import Any, Dict, Iterator, Optional

from .._core.errors import FabricError
from . import drift_forms
from .drift_history import VERSION, continued

#: Seconds to wait for another run that writes here.
LOCK_TIMEOUT = 60
NAME = "drift.json"


def run(module: Any) -> None:
    """Continues the last report by what has been seen now, writes it, and ends the module."""
    params = module.params
    current, place = json.loads(params["current"]), params["state_directory"] or default_directory()
    try:
        with _locked(place):
            report = continued(_last(module, os.path.join(place, NAME)), current, params["fabric"])
            if not module.check_mode:
                _write(os.path.join(place, NAME), json.dumps(report, indent=1) + "\n")
                for name, text in drift_forms.files(report) if params["report_directory"] else ():
                    _write(os.path.join(params["report_directory"], name), text)
    except (FabricError, OSError) as error:
        module.fail_json(msg="the report of drift cannot be kept: %s" % error)
    shown = {name: report["hosts"][name] for name in current["hosts"]}
    differing = sum(bool(each["findings"] or each["problem"]) for each in shown.values())
    module.exit_json(changed=False, report=report, table=drift_forms.table(shown, report["notes"]), differing=differing)


def default_directory() -> str:
    """Where programs keep what they know from run to run (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local/state")
    return os.path.join(state, "evpn-fabric")


@contextlib.contextmanager
def _locked(place: str) -> Iterator[None]:
    """Holds the lock of a directory, which is made if need be. Raises :class:`FabricError` and :class:`OSError`."""
    os.makedirs(place, mode=0o700, exist_ok=True)
    deadline = time.monotonic() + LOCK_TIMEOUT
    with open(os.path.join(place, "lock"), "a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise FabricError("another run has held %s for %d s" % (file.name, LOCK_TIMEOUT)) from None
                time.sleep(0.1)
        yield


def _last(module: Any, path: str) -> Optional[Dict[str, Any]]:
    """The last report; None where there is none, or it cannot be read, which costs no more than what it tells of the past."""
    try:
        with open(path) as file:
            report = json.load(file)
        if report["version"] == VERSION and isinstance(report["hosts"], dict):
            return report
        why = "it has version %s, and this release reads %d" % (report["version"], VERSION)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        why = repr(error)
    os.replace(path, path + ".unreadable")
    module.warn(
        "%s cannot be read (%s): it is now %s.unreadable, and since when things differ is not known" % (path, why, path)
    )
    return None


def _write(path: str, text: str) -> None:
    """Writes a file in one step. Those who watch the directory for files of a kind do not take the unfinished one for one."""
    descriptor, unfinished = tempfile.mkstemp(dir=os.path.dirname(path), prefix=os.path.basename(path) + ".")
    try:
        with open(descriptor, "w") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(text)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
