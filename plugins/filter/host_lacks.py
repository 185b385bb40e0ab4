# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `host_lacks`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible.module_utils.compat.version import LooseVersion
from ansible_collections.evpn.fabric.plugins.plugin_utils._given_document import GivenDocument, tree
from ansible_collections.evpn.fabric.plugins.plugin_utils._run_variables import converted


def host_lacks(seen: Mapping[str, Any], needed: GivenDocument, distributions: Collection[str]) -> dict[str, Any]:
    """What keeps a host from its document, by what has to be done about it; each value is false or empty where nothing does.

    ``seen`` is what `host_info` returned, ``needed`` the host's document, also as text, or its section ``system``. It is one
    filter, because Ansible compiles each template of a variable anew for each host.
    """
    read = tree(needed)
    system = read.get("system", read)
    distribution, frr = seen["distribution"], seen["frr_version"]
    configured = [found for found in seen["configured_interfaces"] if found["interface"] in system["interfaces"]]
    return {
        "distribution": not {distribution["id"], *distribution["like"]} & set(converted("host_distributions", distributions)),
        "interfaces": [found["problem"] for found in configured if found.get("problem")],
        "packages": frr is None,
        "frr": frr is not None and LooseVersion(frr) < LooseVersion(system["frr_minimum"]),
        "modules": [name for name in system["kernel_modules"] if name in seen["missing_kernel_modules"]],
        "modules_at_boot": seen["modules_load"] != "".join("%s\n" % name for name in system["kernel_modules"]),
        "managers": sorted({found["manager"] for found in configured}),
    }


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"host_lacks": host_lacks}
