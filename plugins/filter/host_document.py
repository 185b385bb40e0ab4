# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters `host_kernel` and `host_frr`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.plugin_utils._run_variables import converted


def host_kernel(document: str, seen: Mapping[str, Any], sysctls: Any, rules: Any) -> str:
    """The kernel's part of a document with what the host has besides, as JSON text: Ansible walks trees for templates.

    ``seen`` is what `host_info` returned, ``sysctls`` and ``rules`` are the variables of the role `host`.
    """
    read = json.loads(document)
    # Where the host's own IPv6 default route comes from router advertisements, forwarding would drop it, and with it perhaps
    # the connection that this very run uses.
    kept = {"net/ipv6/conf/%s/accept_ra" % name: 2 for name in seen["advertised_default_interfaces"]}
    return json.dumps(
        {
            **read["kernel"],
            "sysctls": {**kept, **_converted("host_sysctls", sysctls), **read["kernel"].get("sysctls", {})},
            "rules": [*rules, *read["system"]["rules"]],
        }
    )


def host_frr(document: str, config: str, keep: Any) -> str:
    """FRR's part of a document as the module `fabric_host` takes it, as JSON text."""
    return json.dumps(
        {"config": config, "daemons": json.loads(document)["frr"]["daemons"], "keep": _converted("frr_keep", keep)}
    )


def _converted(name: str, value: Any) -> Any:
    try:
        return converted(name, value)
    except ValidationError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"host_kernel": host_kernel, "host_frr": host_frr}
