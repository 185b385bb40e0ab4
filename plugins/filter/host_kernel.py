# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `host_kernel`. In a file of its own: for one in a file of another name Ansible reads all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.run_variable import run_variable
from ansible_collections.evpn.fabric.plugins.plugin_utils._given_document import GivenDocument, tree


def host_kernel(document: GivenDocument, seen: Mapping[str, Any], sysctls: Any, rules: Any) -> str:
    """The kernel's part of a document with what the host has besides, as JSON text: Ansible walks trees for templates.

    ``seen`` is what `host_info` returned, ``sysctls`` and ``rules`` are the variables of the role `host`.
    """
    read = tree(document)
    # Where the host's own IPv6 default route comes from router advertisements, forwarding would drop it, and with it perhaps
    # the connection that this very run uses.
    kept = {"net/ipv6/conf/%s/accept_ra" % name: 2 for name in seen["advertised_default_interfaces"]}
    return json.dumps(
        {
            **read["kernel"],
            "sysctls": {**kept, **run_variable(sysctls, "host_sysctls"), **read["kernel"].get("sysctls", {})},
            "rules": [*rules, *read["system"]["rules"]],
        }
    )


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"host_kernel": host_kernel}
