# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a module that changes a host: a call of the transaction. Private to this collection.

Ansible sends a module with all that it imports anywhere, so this imports no plane but the kernel's.
"""

from __future__ import annotations

import contextlib
import gc
import os
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Mapping, Sequence

from .._core.errors import FabricError
from .._host import transaction
from .._host.kernel import KernelDocument, KernelHost
from .._kernel.model.document import Document
from .output import operations_diff

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def run(
    module: AnsibleModule,
    prepare: Callable[[], Sequence[transaction.Stage]],
    outcome: Callable[[], Dict[str, Any]] = dict,
) -> None:
    """Carries out the transaction of the stages that ``prepare()`` returns and ends the module.

    In check mode the transaction stops before it applies. ``outcome()`` returns what the result has besides.
    """
    # Nothing here makes reference cycles, and the collector would search a hundred thousand objects for them.
    gc.disable()
    params = module.params
    try:
        if os.geteuid() != 0:
            raise FabricError("changing the network configuration needs root: add become: true to the play or task")
        if params.get("netns"):
            from .._kernel.netlink import pyroute2_bridge

            pyroute2_bridge.enter_namespace(params["netns"])
        stages = transaction.run(prepare, params["max_disruption"], module.check_mode, params["lock_timeout"])
    except FabricError as error:
        module.fail_json(msg=str(error))
    try:
        more = outcome()
    except FabricError as error:
        module.fail_json(msg="the host is as desired, but reading the rest of the result failed: %s" % error)
    for stage in stages:
        for warning in getattr(stage.plan, "warnings", ()):
            module.warn(warning)
    operations = transaction.operations_of(stages)
    result = {"changed": bool(operations), "operations": [operation.to_output() for operation in operations], **more}
    if module._diff:
        shown = (operations_diff(stage.plan.operations, stage.plane.name) for stage in stages)
        result["diff"] = {"prepared": "\n".join(filter(None, shown))}
    module.exit_json(**result)


def run_document(
    module: AnsibleModule,
    read: Callable[[], Any],
    open_host: Callable[[], Any],
    begin: Callable[[], None] = lambda: None,
    outcome: Callable[[], Dict[str, Any]] = dict,
) -> None:
    """Brings the host to the document that ``read()`` returns and ends the module.

    ``open_host()`` returns what makes stages of such a document: a :class:`~.._host.kernel.KernelHost`, or a
    :class:`~.._host.document.Host`. ``begin()`` is called once this run holds the lock; ``outcome()`` returns what the result
    has besides.
    """
    try:
        document = read()
    except FabricError as error:
        module.fail_json(msg=str(error))
    with contextlib.ExitStack() as stack:

        def prepare() -> Sequence[transaction.Stage]:
            begin()
            host = open_host()
            stack.callback(host.close)
            return host.stages(document)

        run(module, prepare, outcome)


def run_kernel(module: AnsibleModule, params: Mapping[str, Any]) -> None:
    """Brings the kernel to a document of the module `dataplane` and ends the module."""
    frr_is_here = not module.params["netns"]
    run_document(module, lambda: KernelDocument(Document.from_params(params), frr_is_here), KernelHost)


def run_single(module: AnsibleModule, section: str, options: Iterable[str]) -> None:
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
    run_kernel(module, params)
