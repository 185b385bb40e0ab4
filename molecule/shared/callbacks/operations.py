# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the operations that tasks report to the file OPERATIONS_FILE: for each host and task a list."""

from __future__ import annotations

import json
import os
import pathlib

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: operations
type: aggregate
short_description: Writes the operations of a run to a file
description: For the scenarios, which compare what a check announces with what is then done.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "operations"

    def __init__(self):
        super().__init__()
        self._found = {}

    def v2_runner_on_ok(self, result):
        host, task = result._host.get_name(), result._task.get_name()
        if "operations" in result._result:
            self._found[f"{host}: {task}"] = result._result["operations"]

    def v2_playbook_on_stats(self, stats):
        pathlib.Path(os.environ["OPERATIONS_FILE"]).write_text(json.dumps(self._found))
