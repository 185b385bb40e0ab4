# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module frr_config. Private to this collection."""

from __future__ import annotations

import contextlib
import os

from .._core.errors import FabricError
from .._frr.host import startup_file
from .._frr.plane import Wish, apply, make_plan
from .._frr.vtysh import Vtysh
from .._host import guard
from .._kernel.netlink.channel import Channel
from .output import operations_diff


def run(module, vtysh=Vtysh):
    """Brings FRR to the configuration in the module's options and ends the module."""
    params = module.params
    wish = Wish(
        params["config"],
        tuple(params["daemons"] or ()),
        startup_file(params["pathspace"]) if params["save"] else None,
        tuple(params["keep"] or ()),
    )
    try:
        if os.geteuid() != 0:
            raise FabricError("configuring FRR needs root: add become: true to the play or task")
        opened = vtysh(params["pathspace"])
        channel = None if params["pathspace"] else Channel()  # an instance of its own may be in another network namespace
        with contextlib.nullcontext() if module.check_mode else guard.alone(params["lock_timeout"]):
            plan = make_plan(opened, channel, wish, params["max_disruption"])
            if plan.operations and not module.check_mode:
                with guard.deaf() as stopped:
                    apply(opened, channel, plan, stopped)
    except FabricError as error:
        module.fail_json(msg=str(error))
    for warning in plan.warnings:
        module.warn(warning)
    result = {"changed": bool(plan.operations), "operations": [operation.to_output() for operation in plan.operations]}
    if module._diff:
        result["diff"] = operations_diff(plan.operations, "FRR")
    module.exit_json(**result)
