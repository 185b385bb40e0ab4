# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `host_frr`. In a file of its own: for one in a file of another name Ansible reads all."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.run_variable import run_variable
from ansible_collections.evpn.fabric.plugins.plugin_utils._given_document import GivenDocument, tree


def host_frr(frr: GivenDocument, keep: Any) -> str:
    """What `fabric_documents` derives for FRR, with the lines to keep, as JSON text for the module `fabric_host`."""
    return json.dumps({**tree(frr), "keep": run_variable(keep, "frr_keep")})


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"host_frr": host_frr}
