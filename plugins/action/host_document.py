# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action `host_document`."""

from __future__ import annotations

from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._host_options import host_options
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import FACTS
from ansible_collections.evpn.fabric.plugins.plugin_utils._kept_engine import KeptEngineAction


class ActionModule(KeptEngineAction):
    """`fabric_host` with options that are read here.

    In a task, each of them would be a template, which Ansible compiles anew for each host, and each look into a mapping of all
    hosts would wrap that mapping anew.
    """

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Runs the task."""
        variables = task_vars or {}
        if self._task.check_mode and variables[FACTS]["frr_version"] is None:
            return {"skipped": True, "skip_reason": "FRR is not installed, and a check does not install it"}
        self._module, self._options = "fabric_host", host_options(variables, self._templar.template)
        return super().run(tmp, task_vars)
