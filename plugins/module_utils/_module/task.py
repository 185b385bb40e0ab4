# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of Ansible's that runs from the engine that a host keeps. Private to this collection.

Ansible sends a module with its own and our sources, half a MiB, which Python reads from its standard input at 2.5 MiB a second,
and compiles. Here only the options come, and nothing of Ansible is imported.
"""

from __future__ import annotations

import importlib
import json
import sys
import syslog
from typing import Any, Dict, List, Mapping, NoReturn

from .._core.typed import NotTypedError, completed

#: Exit status if Ansible's own validation has to see the options. Nothing has been done, and nothing is printed.
NOT_HERE = 3
#: Each module that runs from the engine, and the file of this package that has its OPTIONS and its run().
MODULES = {
    "checkpoint": "checkpoint",
    "dataplane": "dataplane",
    "dataplane_info": "present",
    "drift_info": "drift",
    "evpn_info": "evpn",
    "fabric_host": "fabric_host",
    "frr_config": "frr",
    "gateway_failover": "gateway",
    "host_info": "host",
    "maintenance": "maintenance",
}


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
        module = importlib.import_module("." + MODULES[given["module"]], __package__)
        task = Task(given)
        task.params = completed(module.OPTIONS, task.params)
        module.run(task)
    except (NotTypedError, ImportError):  # of Ansible's validation
        return NOT_HERE
    return 0


def has_all() -> None:
    """Never runs: Ansible sends what is imported anywhere, so the engine has all that any module imports."""
    from .._gateway import explain  # noqa: F401
    from . import (  # noqa: F401
        checkpoint,
        dataplane,
        drift,
        drift_report,
        evpn,
        gateway,
        maintenance,
        present,
        rehearsal,
    )
