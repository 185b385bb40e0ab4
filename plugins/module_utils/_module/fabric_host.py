# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module fabric_host. Private to this collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

from .._core.errors import Problem, ValidationError
from .._core.typed import NotTypedError
from .._host.document import Host, HostDocument
from .._kernel.model.document import Document
from .._store import checkpoint
from .options.checkpoint import LONGEST, SHORTEST
from .options.dataplane import DATAPLANE
from .options.host import FABRIC_HOST
from .run import run_document
from .validation import validated

if TYPE_CHECKING:
    from .._store.planning import Desired as Kept

OPTIONS = FABRIC_HOST


def run(module: Any) -> None:
    """Brings the host to the options and ends the module."""
    params = module.params
    if params["state"] == "present" and params["kernel"] is None and params["frr"] is None:
        raise NotTypedError  # one of both is required
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

    run_document(module, lambda: _document(params), Host, begin=begin, outcome=outcome)


def _document(params: Mapping[str, Any]) -> HostDocument:
    """The document in the options of `fabric_host`. Raises :class:`ValidationError` with every problem of it."""
    if params["state"] == "confirmed":
        from .drift import confirmed_document

        _refuse_documents(params)
        return confirmed_document()._replace(confirm_timeout=_confirm_timeout(params))
    content: Dict[str, Any] = {}
    kernel = desired_frr = None
    if params["kernel"] is not None:
        content["kernel"] = validated(DATAPLANE, params["kernel"], "kernel", "See the module dataplane")
        try:
            kernel = Document.from_params(content["kernel"])
        except ValidationError as error:
            raise ValidationError([each._replace(path="kernel.%s" % each.path) for each in error.problems]) from None
    if params["frr"]:
        from . import frr

        content["frr"] = params["frr"]
        desired_frr = frr.desired(params["frr"])
    if params["revision"]:
        content["revision"] = params["revision"]
    return HostDocument(kernel, desired_frr, kept=_kept(params, content), confirm_timeout=_confirm_timeout(params))


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
