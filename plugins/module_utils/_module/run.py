# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a data plane module. Private to this collection."""

from __future__ import annotations

import contextlib
import gc
import os

from .._core.errors import FabricError
from .._core.operation import refuse_stronger
from .._host import guard
from .._kernel.model.document import Document
from .._kernel.netlink.kernel import Kernel
from .._kernel.netlink.pyroute2_bridge import enter_namespace
from .._kernel.plane import KernelPlane
from .output import operations_diff


def run(module, params, kernel=Kernel):
    """Brings the host to the `dataplane` document in ``params`` and ends the module.

    ``kernel`` makes the kernel to work on. In check mode everything happens but the applying.
    """
    # Nothing here makes circles of objects, and looking for them among a hundred thousand takes longer than the work.
    gc.disable()
    try:
        document = Document.from_params(params)
        _require_root()
        if module.params["netns"]:
            enter_namespace(module.params["netns"])
        with contextlib.nullcontext() if module.check_mode else guard.alone(module.params["lock_timeout"]):
            opened = kernel()
            plane = KernelPlane(opened)
            prepared = plane.plan(document, plane.read(document))
            refuse_stronger(prepared.operations, module.params["max_disruption"])
            if prepared.operations and not module.check_mode:
                with guard.deaf() as stopped:
                    plane.apply(prepared, stopped)
                if not module.params["netns"]:  # there FRR would be another one
                    _await_frr(opened, prepared.operations)
        opened.close()
    except FabricError as error:
        module.fail_json(msg=str(error))
    result = {
        "changed": bool(prepared.operations),
        "operations": [operation.to_output() for operation in prepared.operations],
    }
    if module._diff:
        result["diff"] = operations_diff(prepared.operations, "data plane")
    module.exit_json(**result)


def _await_frr(kernel, operations):
    # Imported when it is needed: most runs have nothing to do, and would be slower by this.
    from .._frr import overlooked
    from .._frr.vtysh import Vtysh

    overlooked.follow(Vtysh(), kernel.channel, operations)


def _require_root():
    if os.geteuid() != 0:
        raise FabricError("changing the network configuration needs root: add become: true to the play or task")


def run_single(module, section, options):
    """Runs a module that is for one object: a document with that object alone, and its addresses if it has some.

    ``options`` are those of the object among the module's.
    """
    entry = {option: module.params[option] for option in options}
    params = {section: [entry]}
    if module.params.get("addresses") is not None:
        name = module.params["name"]
        params["addresses"] = [
            {"dev": name, "address": address, "nodad": ":" in address or None, "state": entry["state"]}
            for address in module.params["addresses"]
        ]
    run(module, params)
