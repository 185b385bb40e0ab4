# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a module that changes a host: a call of the transaction. Private to this collection."""

from __future__ import annotations

import contextlib
import gc
import os
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Mapping, Optional, Sequence

from .._core.errors import FabricError, Problem, ValidationError
from .._core.schema import argument_spec
from .._core.typed import NotTypedError, completed
from .._host import transaction
from .._host.document import Host, HostDocument
from .._kernel.model.document import Document
from .._kernel.netlink.kernel import Kernel
from .options.checkpoint import LONGEST, SHORTEST
from .options.dataplane import DATAPLANE
from .output import operations_diff

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from .._frr.planning import Desired as DesiredFrr
    from .._store.planning import Desired as Kept


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
    read: Callable[[], HostDocument],
    kernel: Optional[Callable[[], Kernel]] = None,
    begin: Callable[[], None] = lambda: None,
    outcome: Callable[[], Dict[str, Any]] = dict,
) -> None:
    """Brings the host to the :class:`~.._host.document.HostDocument` that ``read()`` returns and ends the module.

    ``kernel`` makes the kernel to work on; that of this process's network namespace where it is not given. ``begin()`` is
    called once this run holds the lock; ``outcome()`` returns what the result has besides.
    """
    try:
        document = read()
    except FabricError as error:
        module.fail_json(msg=str(error))
    with contextlib.ExitStack() as stack:

        def prepare() -> Sequence[transaction.Stage]:
            begin()
            host = Host(kernel() if kernel else None)
            stack.callback(host.close)
            return host.stages(document)

        run(module, prepare, outcome)


def run_kernel(module: AnsibleModule, params: Mapping[str, Any], kernel: Optional[Callable[[], Kernel]] = None) -> None:
    """Brings the kernel to a document of the module `dataplane` and ends the module."""
    run_document(module, lambda: HostDocument(Document.from_params(params), frr_is_here=not module.params["netns"]), kernel)


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


def run_frr(module: AnsibleModule) -> None:
    """Brings FRR to the options of the module `frr_config` and ends the module."""
    params = module.params
    run_document(module, lambda: HostDocument(frr=desired_frr(params, params["pathspace"]), pathspace=params["pathspace"]))


def run_host(module: AnsibleModule) -> None:
    """Brings the host to the options of the module `fabric_host` and ends the module."""
    from .._store import checkpoint

    reverted = checkpoint.last_reverted()
    if reverted:
        module.warn(reverted.told())

    def outcome() -> Dict[str, Any]:
        if module.check_mode:
            return {}
        if reverted:
            checkpoint.forget_reverted()
        waiting = checkpoint.armed()
        return {"checkpoint": waiting} if waiting else {}

    def begin() -> None:
        checkpoint.refuse_if_armed(resumes=not module.check_mode)

    run_document(module, lambda: _host_document(module.params), begin=begin, outcome=outcome)


def _host_document(params: Mapping[str, Any]) -> HostDocument:
    """The document in the options of `fabric_host`. Raises :class:`ValidationError` with every problem of it."""
    if params["state"] == "confirmed":
        from .drift import confirmed_document

        _refuse_documents(params)
        return confirmed_document()._replace(confirm_timeout=_confirm_timeout(params))
    if params["kernel"] is None:
        kernel = None
    else:
        validated = _validated_kernel(params["kernel"])
        try:
            kernel = Document.from_params(validated)
        except ValidationError as error:
            raise ValidationError([each._replace(path="kernel.%s" % each.path) for each in error.problems]) from None
    content: Dict[str, Any] = {}
    if params["kernel"] is not None:
        content["kernel"] = validated
    if params["frr"]:
        content["frr"] = params["frr"]
    if params["revision"]:
        content["revision"] = params["revision"]
    frr = desired_frr(params["frr"]) if params["frr"] else None
    return HostDocument(kernel, frr, kept=_kept(params, content), confirm_timeout=_confirm_timeout(params))


def _validated_kernel(given: Dict[str, Any]) -> Dict[str, Any]:
    """The options of the module `dataplane`, all of them. Raises :class:`ValidationError`."""
    try:
        return completed(DATAPLANE, given)
    except NotTypedError:
        from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

        found = ArgumentSpecValidator(argument_spec(DATAPLANE)).validate(given)
        if found.error_messages:
            raise ValidationError([Problem("kernel", each, "See the module dataplane") for each in found.error_messages])
        return found.validated_parameters


def _confirm_timeout(params: Mapping[str, Any]) -> int:
    """Seconds within which the run has to be confirmed, 0 for never. Raises :class:`ValidationError`."""
    timeout = int(params["confirm_timeout"])
    if timeout and params["state"] == "absent":
        message = "has no meaning with state: absent, which removes what the host goes back with"
        raise ValidationError([Problem("confirm_timeout", message, "Remove it")])
    if timeout and not SHORTEST <= timeout <= LONGEST:
        message = "is %d s: a fresh connection and its checks can take %d s" % (timeout, SHORTEST)
        raise ValidationError([Problem("confirm_timeout", message, "Write 0, or %d to %d" % (SHORTEST, LONGEST))])
    return timeout


def _refuse_documents(params: Mapping[str, Any]) -> None:
    """Raises :class:`ValidationError` for a document that is given where the host's own is meant."""
    given = [option for option in ("kernel", "frr", "persist") if params[option]]
    remedy = "Remove it: the document that the host keeps is meant; or write state: present"
    if given:
        raise ValidationError([Problem(option, "is given together with state: confirmed", remedy) for option in given])


def _kept(params: Mapping[str, Any], content: Dict[str, Any]) -> Optional[Kept]:
    """What the host is to keep for its next boot; None where that stays as it is. Raises :class:`FabricError`."""
    if params["state"] == "present" and not params["persist"]:
        return None
    from .._store import plane

    return plane.desired(content) if params["state"] == "present" else plane.NOTHING


def desired_frr(params: Mapping[str, Any], pathspace: Optional[str] = None) -> DesiredFrr:
    """What FRR is to do, from the options of `frr_config`."""
    from .._frr.host import startup_file
    from .._frr.planning import Desired

    return Desired(
        params["config"],
        tuple(params["daemons"] or ()),
        startup_file(pathspace) if params["save"] else None,
        tuple(params["keep"] or ()),
    )
