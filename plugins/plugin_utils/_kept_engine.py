# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that run from the engine that a host keeps, where it is of this release. Private to this collection."""

from __future__ import annotations

import json
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible_collections.evpn.fabric.plugins.module_utils._store import archive, plane


class KeptEngineAction(ActionBase):
    """The action of a module that the engine can run, too: see module_utils/_module/task.py.

    Whatever keeps the engine from answering, the module is then sent as any other: it says what is wrong, and may have the host
    keep an engine.
    """

    _supports_async = True
    _supports_check_mode = True
    #: Its name says what is in it. Made once: Ansible imports this before it starts a process for each task.
    _engine = plane.engine_path(archive.digest(archive.contents()))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._module: str = self._task.action.rpartition(".")[2]
        self._options: dict[str, Any] = self._task.args

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Runs the task."""
        super().run(tmp, task_vars)
        # Without pipelining the options would have to be in a file, or in the list of processes.
        if not self._task.async_val and self._is_pipelining_enabled("new"):
            result = self._from_engine(task_vars or {})
            if result is not None:
                return result
        wrap_async = self._task.async_val and not self._connection.has_native_async
        module = f"evpn.fabric.{self._module}"
        result = self._execute_module(module, self._options, task_vars=task_vars, wrap_async=wrap_async)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _from_engine(self, task_vars: dict[str, Any]) -> dict[str, Any] | None:
        """The result of the task in the engine; None where it does not run there."""
        given = {
            "module": self._module,
            "options": self._options,
            "check_mode": self._task.check_mode,
            "diff": self._task.diff,
            "log": not constants.DEFAULT_NO_TARGET_SYSLOG,
        }
        command = [self._compute_environment_string(), self._python(task_vars), "-I", self._engine, "task"]
        done = self._low_level_execute_command(" ".join(filter(None, command)), in_data=json.dumps(given, default=str).encode())
        # What a login says of its own comes before.
        answer = done["stdout"].rstrip().rpartition("\n")[2]
        return json.loads(answer) if answer.startswith("{") else None

    def _python(self, task_vars: dict[str, Any]) -> str:
        """The Python of the host: the one that is configured, or the one that restores the host at boot, too."""
        other = self._task.delegate_to
        of_host = task_vars["ansible_delegated_vars"][other] if other else task_vars
        configured = self._templar.template(constants.config.get_config_value("INTERPRETER_PYTHON", variables=of_host))
        return "/usr/bin/python3" if configured.startswith("auto") else configured
