# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of Ansible's that runs from the engine that a host keeps. Private to this collection.

Ansible sends a module with its own and our sources, half a MiB, which Python reads from its standard input at 2.5 MiB a second,
and compiles. Here only the options come, and nothing of Ansible is imported.
"""

from __future__ import annotations

import json
import sys
import syslog
from typing import Any, Callable, Dict, List, Mapping, NoReturn

from .._core.schema import Keys
from .._core.typed import NotTypedError, completed

#: Exit status if Ansible's own validation has to see the options. Nothing has been done, and nothing is printed.
NOT_HERE = 3


class Task:
    """What modules of this collection use of AnsibleModule."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.params: Dict[str, Any] = given["options"]
        self.check_mode: bool = given["check_mode"]
        self._diff: bool = given["diff"]
        self._warnings: List[str] = []

    def warn(self, warning: str) -> None:
        """Has the result carry a warning."""
        self._warnings.append(warning)

    def exit_json(self, **result: Any) -> NoReturn:
        """Prints the result and ends the process."""
        if self._warnings:
            result["warnings"] = self._warnings
        sys.stdout.write(json.dumps(result) + "\n")
        raise SystemExit(0)

    def fail_json(self, msg: str) -> NoReturn:
        """Prints the failure and ends the process."""
        self.exit_json(failed=True, msg=msg)


def main() -> int:
    """Runs the task on standard input: a JSON object with ``module``, ``options``, and whether to check only (``check_mode``),
    to tell a ``diff``, and to ``log`` the run as Ansible logs those of modules.
    """
    given = json.load(sys.stdin)
    if given["log"]:
        syslog.openlog("ansible-evpn.fabric.%s" % given["module"], 0, syslog.LOG_USER)
        syslog.syslog(syslog.LOG_INFO, "Invoked; the options are not logged, because they can hold passwords")
    try:
        MODULES[given["module"]](Task(given))
    except (NotTypedError, ImportError):  # of Ansible's validation
        return NOT_HERE
    return 0


def _fabric_host(task: Task) -> None:
    from .options.host import FABRIC_HOST
    from .run import run_host

    task.params = completed(FABRIC_HOST, task.params)
    if task.params["state"] == "present" and task.params["kernel"] is None and task.params["frr"] is None:
        raise NotTypedError  # one of both is required
    run_host(task)


def _host_info(task: Task) -> None:
    from .host import look

    completed(NO_OPTIONS, task.params)
    task.exit_json(changed=False, **look())


def _drift_info(task: Task) -> None:
    from .drift import run
    from .options.drift import DRIFT_INFO

    task.params = completed(DRIFT_INFO, task.params)
    run(task)


NO_OPTIONS: Keys = {}
MODULES: Dict[str, Callable[[Task], None]] = {
    "fabric_host": _fabric_host,
    "host_info": _host_info,
    "drift_info": _drift_info,
}


def has_all() -> None:
    """Never runs: Ansible sends what is imported anywhere, so the engine has all that any module imports."""
    from .._gateway import explain  # noqa: F401
    from .._host import evpn  # noqa: F401
    from . import checkpoint, drift, drift_report, gateway, maintenance, present, rehearsal  # noqa: F401
    from .options import checkpoint as checkpoint_options  # noqa: F401
    from .options import gateway as gateway_options  # noqa: F401
    from .options import maintenance as maintenance_options  # noqa: F401
