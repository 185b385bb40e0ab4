# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module drift_info, and the document that `fabric_host` brings a host back to. Private to this collection."""

from __future__ import annotations

import gc
import os
from typing import Any, Dict, Mapping, Tuple

from .._core.errors import FabricError
from .._host import findings, guard
from .._host.document import HostDocument
from .._host.drift import Drift, look, side_by_side
from .._kernel.model.document import Document
from .._store import checkpoint
from .._store import plane as store
from .._store.confirmed import Confirmed
from . import frr, host
from .options.drift import DRIFT_INFO
from .sections import digests

OPTIONS = DRIFT_INFO


def confirmed_document() -> HostDocument:
    """What the host keeps, as what it is brought back to. Raises :class:`FabricError` where that is nothing, or damaged."""
    content = _kept().content
    return _document(content)._replace(kept=store.desired(content))


def run(module: Any) -> None:
    """Tells how this host differs from its confirmed document, and ends the module."""
    gc.disable()  # nothing here makes circles of objects
    seen, (told, drift) = side_by_side(host.look, lambda: _compared(module.params))
    for warning in drift.warnings:
        module.warn(warning)
    findings_told = [each.to_output() for each in drift.findings]
    module.exit_json(changed=False, findings=findings_told, problems=drift.problems, **{**seen, **told})


def _compared(params: Mapping[str, Any]) -> Tuple[Dict[str, Any], Drift]:
    """What is confirmed (more than `host_info` tells of it) and what this gateway serves, as the module tells it, and what
    differs.
    """
    told: Dict[str, Any] = {"confirmed": None}
    drift = Drift([], [], [])
    try:
        if os.geteuid() != 0:
            raise FabricError("looking at all that a fabric has on a host needs root: add become: true to the play or task")
        with guard.lock(params["lock_timeout"]):  # a run that is at work would be seen half done
            if params["gateway"]:  # what it serves is compared with the inventory, whatever the host keeps
                told.update(_gateway(params["gateway"], drift))
            _refuse_if_armed()
            kept = _kept()
            told["confirmed"] = {
                "at": kept.at,
                "revision": kept.content.get("revision"),
                "digest": kept.digest,
                "parts": digests(kept.content),
            }
            drift = _with_gateway(look(_document(kept.content), kept.content), drift)
    except FabricError as error:
        drift.problems.append(str(error))
    return told, drift


def _with_gateway(host: Drift, gateway: Drift) -> Drift:
    """What differs in all. Why it cannot be told what the gateway serves is a problem where its host is as it was confirmed;
    otherwise that may be because of what differs there, such as an FRR that is stopped, and must not keep that from its repair.
    """
    drifted = any(each.whose != findings.FOREIGN for each in host.findings)
    if not drifted:
        return Drift(host.findings + gateway.findings, host.problems + gateway.problems, host.warnings)
    unknown = ["what this gateway serves is not known before its host is repaired: %s" % each for each in gateway.problems]
    return Drift(host.findings + gateway.findings, host.problems, host.warnings + unknown)


def _refuse_if_armed() -> None:
    """Raises :class:`FabricError` while a change of this host waits to be confirmed: that is no drift."""
    waiting = checkpoint.armed()
    if waiting is not None:
        raise FabricError(
            "a run has changed this host and has not confirmed that yet; in %d s it goes back by itself. Look again after that"
            % waiting["seconds"]
        )


def _kept() -> Confirmed:
    """The confirmed document. Raises :class:`FabricError` where there is none, or it is damaged."""
    if not store.has_document():
        raise FabricError(
            "this host keeps no document (%s): run evpn.fabric.site, with fabric_boot as it is by default" % store.DOCUMENT_FILE
        )
    return store.last_confirmed()


def _document(content: Dict[str, Any]) -> HostDocument:
    return HostDocument(
        Document.from_params(content["kernel"]) if "kernel" in content else None,
        frr.desired(content["frr"]) if "frr" in content else None,
        confirmed=True,
    )


def _gateway(params: Dict[str, Any], drift: Drift) -> Dict[str, Any]:
    """What this gateway serves, as `gateway_failover` tells it in check mode; adds what differs, or why that cannot be told."""
    # Imported when it is needed: most hosts are no gateways.
    from . import gateway

    try:
        operations, told = gateway.look(params)
        drift.findings.extend(findings.merged(findings.of_gateway(operations)))
        return told
    except FabricError as error:
        drift.problems.append(str(error))
        return {"msg": str(error)}
