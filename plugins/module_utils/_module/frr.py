# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module frr_config. Private to this collection."""

from __future__ import annotations

import contextlib
import os

from .._core.errors import FabricError
from .._core.operation import refuse_stronger
from .._frr.host import startup_file
from .._frr.plane import FrrPlane
from .._frr.planning import Desired
from .._frr.vtysh import Vtysh
from .._host import guard
from .._host.surroundings import KernelSurroundings
from .._kernel.netlink.channel import Channel
from .output import operations_diff


def run(module, vtysh=Vtysh):
    """Brings FRR to the configuration in the module's options and ends the module."""
    params = module.params
    desired = Desired(
        params["config"],
        tuple(params["daemons"] or ()),
        startup_file(params["pathspace"]) if params["save"] else None,
        tuple(params["keep"] or ()),
    )
    try:
        if os.geteuid() != 0:
            raise FabricError("configuring FRR needs root: add become: true to the play or task")
        # An instance of its own may be in another network namespace.
        plane = FrrPlane(vtysh(params["pathspace"]), None if params["pathspace"] else KernelSurroundings(Channel()))
        with contextlib.nullcontext() if module.check_mode else guard.alone(params["lock_timeout"]):
            plan = plane.plan(desired, plane.read(desired))
            refuse_stronger(plan.operations, params["max_disruption"])
            if plan.operations and not module.check_mode:
                with guard.deaf() as stopped:
                    plane.apply(plan, stopped)
    except FabricError as error:
        module.fail_json(msg=str(error))
    for warning in plan.warnings:
        module.warn(warning)
    result = {"changed": bool(plan.operations), "operations": [operation.to_output() for operation in plan.operations]}
    if module._diff:
        result["diff"] = operations_diff(plan.operations, "FRR")
    module.exit_json(**result)
