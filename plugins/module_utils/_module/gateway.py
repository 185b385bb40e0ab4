# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module gateway_failover. Private to this collection."""

from __future__ import annotations

import contextlib
import gc
import os

from .._core.errors import FabricError, Problem, ValidationError
from .._frr.vtysh import Vtysh
from .._gateway import request
from .._gateway.ranges import as_text
from .._host import gateway, guard
from .._kernel.netlink.addresses import GATEWAY_PROTOCOL
from .._kernel.netlink.kernel import Kernel
from .._kernel.netlink.pyroute2_bridge import enter_namespace
from .output import operations_diff

#: Options that say who owns what, as the filter gateway_owners reads them.
OWNERSHIP = ("gateways", "self", "vnis", "buckets", "pins", "standbys", "placement", "allow_none_active")


def run(module):
    """Brings this gateway to what it owns and ends the module."""
    # Nothing here makes circles of objects, and looking for them takes longer than the work.
    gc.disable()
    params = module.params
    try:
        wish = _wish(params)
        if os.geteuid() != 0:
            raise FabricError("configuring a gateway needs root: add become: true to the play or task")
        if params["netns"]:
            enter_namespace(params["netns"])
        with contextlib.nullcontext() if module.check_mode else guard.alone(params["lock_timeout"]):
            vtysh, kernel = Vtysh(params["pathspace"]), Kernel(GATEWAY_PROTOCOL)
            plan = gateway.make_plan(vtysh, kernel, wish, params["max_disruption"])
            if plan.stages and not module.check_mode:
                with guard.deaf() as stopped:
                    gateway.apply(vtysh, kernel, plan, stopped)
            seen = gateway.sessions(vtysh)
        kernel.close()
    except FabricError as error:
        module.fail_json(msg=str(error))
    result = {
        "changed": bool(plan.operations),
        "operations": [operation.to_output() for operation in plan.operations],
        "owned": as_text(plan.owned),
        "holds": plan.holds,
        "sessions": seen,
    }
    if module._diff:
        result["diff"] = operations_diff(plan.operations, "gateway")
    module.exit_json(**result)


def _wish(params):
    """The options as a :class:`~.._host.gateway.Wish`. Raises :class:`ValidationError` with every problem of them."""
    problems: list = []
    found = None
    try:
        found = request.read(_given({option: params[option] for option in OWNERSHIP}))
    except ValidationError as error:
        problems += error.problems
    if found and not found.vnis:
        # With none, a gateway would give up all that it serves.
        problems.append(Problem("vnis", "names no VNI", "Write those that the gateways serve"))
    if params["mode"] == gateway.EXCLUSIVE:
        if params["vtep_prefix"] is not None:
            problems.append(Problem("vtep_prefix", "has no meaning in the mode exclusive", "Remove it, or write mode: anycast"))
    else:
        for option, example in (("buckets", "64"), ("vtep_prefix", "192.0.2.0/26")):
            if params[option] is None:
                problems.append(Problem(option, "is missing in the mode anycast", "Write one such as %s" % example))
    if problems:
        raise ValidationError(problems)
    return gateway.Wish(
        request=found,
        mode=params["mode"],
        phase=params["phase"],
        route_map=params["route_map"],
        ospf=params["ospf"],
        vtep_prefix=params["vtep_prefix"],
        vtep_interface=params["vtep_interface"],
    )


def _given(value):
    """A value without the keys that Ansible fills in for what was not given."""
    if isinstance(value, dict):
        return {key: _given(each) for key, each in value.items() if each is not None}
    return [_given(each) for each in value] if isinstance(value, list) else value
