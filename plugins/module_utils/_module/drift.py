# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module drift_info, and the document that `fabric_host` brings a host back to. Private to this collection."""

from __future__ import annotations

import contextlib
import gc
import os
from typing import Any, Dict, Optional

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._core.errors import FabricError, Problem, ValidationError
from .._core.schema import argument_spec
from .._frr.vtysh import Vtysh
from .._host import findings, guard
from .._host.document import HostDocument
from .._host.drift import Drift, look
from .._host.gateway import host as gateway_host
from .._kernel.model.document import Document
from .._kernel.netlink.addresses import GATEWAY_PROTOCOL
from .._kernel.netlink.kernel import Kernel
from .._store import plane as store
from .._store.confirmed import Confirmed
from . import gateway, host
from .options.gateway import GATEWAY
from .run import desired_frr
from .sections import digests


def confirmed_document() -> HostDocument:
    """What the host keeps, as what it is brought back to. Raises :class:`FabricError` where that is nothing, or damaged."""
    content = store.last_confirmed().content
    return _document(content)._replace(kept=store.desired(content))


def run(module: Any) -> None:
    """Tells how this host differs from its confirmed document, and ends the module."""
    gc.disable()  # nothing here makes circles of objects
    params, told = module.params, host.look()
    confirmed: Optional[Confirmed] = None
    drift = Drift([], [], [])
    try:
        if os.geteuid() != 0:
            raise FabricError("looking at all that a fabric has on a host needs root: add become: true to the play or task")
        with guard.lock(params["lock_timeout"]):  # a run that is at work would be seen half done
            if params["gateway"]:  # what it serves is compared with the inventory, whatever the host keeps
                told.update(_gateway(params["gateway"], drift))
            confirmed = store.last_confirmed()
            found = look(_document(confirmed.content), confirmed.content)
            drift = Drift(found.findings + drift.findings, found.problems + drift.problems, found.warnings)
    except FabricError as error:
        drift.problems.append(str(error))
    for warning in drift.warnings:
        module.warn(warning)
    module.exit_json(
        changed=False,
        confirmed=confirmed and {"at": confirmed.at, "digest": confirmed.digest, "parts": digests(confirmed.content)},
        findings=[each.to_output() for each in drift.findings],
        problems=drift.problems,
        **told,
    )


def _document(content: Dict[str, Any]) -> HostDocument:
    return HostDocument(
        Document.from_params(content["kernel"]) if "kernel" in content else None,
        desired_frr(content["frr"]) if "frr" in content else None,
        confirmed=True,
    )


def _gateway(params: Dict[str, Any], drift: Drift) -> Dict[str, Any]:
    """What this gateway serves, as `gateway_failover` tells it in check mode; adds what differs, or why that cannot be told."""
    vtysh, checked = Vtysh(), ArgumentSpecValidator(argument_spec(GATEWAY)).validate(params)
    try:
        if checked.error_messages:
            raise ValidationError([Problem("gateway", each, "See gateway_failover") for each in checked.error_messages])
        desired = gateway.desired_from(checked.validated_parameters)
        with contextlib.closing(Kernel(GATEWAY_PROTOCOL)) as kernel:
            plan, _stages = gateway_host.prepare(vtysh, kernel, desired)
        drift.findings.extend(findings.merged(findings.of_gateway(plan.operations)))
        return gateway.told(plan, vtysh)
    except FabricError as error:
        drift.problems.append(str(error))
        return {"msg": str(error)}
