"""The data plane engine as modules use it, for tests on real and fake kernels."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import refuse_stronger
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane, Plan
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import DATAPLANE
from ansible_collections.evpn.fabric.plugins.module_utils._module.present import SECTION_OPTIONS, look

_validator = ArgumentSpecValidator(DATAPLANE)


def document(**options: Any) -> Document:
    """A document from options of the module ``dataplane``, with the defaults that its argument spec adds."""
    checked = _validator.validate(options)
    assert not checked.error_messages, checked.error_messages
    return Document.from_params(checked.validated_parameters)


def plan_of(kernel: Any, desired: Document) -> Plan:
    """The plan that leads a kernel to a document."""
    plane = KernelPlane(kernel)
    return plane.plan(desired, plane.read(desired))


def plan(kernel: Any = None, max_disruption: str = "daemon", **options: Any) -> list[dict[str, Any]]:
    """The operations that a document asks for."""
    made = plan_of(kernel or Kernel(), document(**options))
    refuse_stronger(made.operations, max_disruption)
    return [operation.to_output() for operation in made.operations]


def bring(kernel: Any = None, max_disruption: str = "daemon", **options: Any) -> list[dict[str, Any]]:
    """Brings the host to a document; returns the operations that took."""
    kernel = kernel or Kernel()
    made = plan_of(kernel, document(**options))
    refuse_stronger(made.operations, max_disruption)
    if made.operations:
        KernelPlane(kernel).apply(made)
    return [operation.to_output() for operation in made.operations]


def present(*sections: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the module ``dataplane_info`` reports, as it arrives: the document, and the names of what is ours."""
    dataplane, owned, _not_adopted = json.loads(json.dumps(look(Kernel(), sections or list(SECTION_OPTIONS))))
    return dataplane, owned


def not_adopted(*sections: str) -> list[dict[str, Any]]:
    """What the document of ``dataplane_info`` leaves out."""
    return json.loads(json.dumps(look(Kernel(), sections or list(SECTION_OPTIONS))[2]))


def names(operations: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Operations as (action, kind, name)."""
    return [(made["action"], made["kind"], made["name"]) for made in operations]
