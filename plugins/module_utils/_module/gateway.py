# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module gateway_failover. Private to this collection."""

from __future__ import annotations

import contextlib
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .._core.errors import Problem, ValidationError
from .._core.operation import Operation
from .._frr.vtysh import Vtysh
from .._gateway import request
from .._gateway.ranges import as_text
from .._host.gateway import host
from .._host.gateway.desired import EXCLUSIVE, Desired
from .._host.gateway.plan import Plan
from .._host.maintenance import record
from .._host.transaction import Stage
from .._kernel.netlink.addresses import GATEWAY_PROTOCOL
from .._kernel.netlink.kernel import Kernel
from .options.common import COMMON, PATHSPACE
from .options.gateway import GATEWAY
from .run import run as run_transaction
from .validation import validated

OPTIONS = {**GATEWAY, **COMMON, **PATHSPACE}


def run(module: Any) -> None:
    """Brings this gateway to what it owns and ends the module."""
    try:
        desired = desired_from(module.params)
    except ValidationError as error:
        module.fail_json(msg=str(error))
    vtysh = Vtysh(module.params["pathspace"])
    planned: List[Plan] = []
    with contextlib.ExitStack() as stack:

        def prepare() -> Sequence[Stage]:
            kernel = Kernel(GATEWAY_PROTOCOL)
            stack.callback(kernel.close)
            plan, stages = host.prepare(vtysh, kernel, desired)
            planned.append(plan)
            return stages

        def outcome() -> Dict[str, Any]:
            return {**_told(planned[0], vtysh), **record.as_result()}

        run_transaction(module, prepare, outcome)


def look(options: Mapping[str, Any]) -> Tuple[Sequence[Operation], Dict[str, Any]]:
    """What would bring this gateway to what it owns, by options as a document has them, and what it serves.

    Raises :class:`~.._core.errors.FabricError`.
    """
    params = validated(GATEWAY, options, "gateway", "See gateway_failover")
    vtysh, kernel = Vtysh(), Kernel(GATEWAY_PROTOCOL)
    with contextlib.closing(kernel):
        plan, _stages = host.prepare(vtysh, kernel, desired_from(params))
    return plan.operations, _told(plan, vtysh)


def _told(plan: Plan, vtysh: Vtysh) -> Dict[str, Any]:
    """What a gateway served before its plan, and its sessions."""
    return {"owned": as_text(plan.owned), "holds": plan.holds, "sessions": host.sessions(vtysh)}


def desired_from(params: Mapping[str, Any]) -> Desired:
    """What the options of `gateway_failover` ask for. Raises :class:`ValidationError` with every problem of them."""
    problems: List[Problem] = []
    found = None
    try:
        found = request.read_options(_given(params))
    except ValidationError as error:
        problems += error.problems
    if found and not found.vnis:
        # With none, a gateway would release all that it serves.
        problems.append(Problem("vnis", "names no VNI", "Write those that the gateways serve"))
    if params["mode"] == EXCLUSIVE:
        if params["vtep_prefix"] is not None:
            problems.append(Problem("vtep_prefix", "has no meaning in the mode exclusive", "Remove it, or write mode: anycast"))
    else:
        for option, example in (("buckets", "64"), ("vtep_prefix", "192.0.2.0/26")):
            if params[option] is None:
                problems.append(Problem(option, "is missing in the mode anycast", "Write one such as %s" % example))
    if problems or found is None:
        raise ValidationError(problems)
    return Desired(
        request=found,
        mode=params["mode"],
        phase=params["phase"],
        route_map=params["route_map"],
        ospf=params["ospf"],
        vtep_prefix=params["vtep_prefix"],
        vtep_interface=params["vtep_interface"],
    )


def _given(value: Any) -> Any:
    """A value without the keys that Ansible fills in for what was not given."""
    if isinstance(value, dict):
        return {key: _given(each) for key, each in value.items() if each is not None}
    return [_given(each) for each in value] if isinstance(value, list) else value
