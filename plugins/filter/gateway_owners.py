# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `gateway_owners`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import bucket_of, owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ranges import as_text
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.gateway import OWNERSHIP
from ansible_collections.evpn.fabric.plugins.plugin_utils._gateway import requested

OPTIONS = {"_input": Key("dict", "Gateways, VNIs and how to place them.", required=True, options=OWNERSHIP)}


def gateway_owners(request):
    """Ranked gateways of each VNI or bucket, and how many VNIs each owns."""
    read = requested(request)
    ownership = owners(read)
    result = {"owners": {number: list(names) for number, names in ownership.ranks.items()}, "loads": ownership.loads()}
    if read.buckets:
        members: dict[int, list] = {bucket: [] for bucket in read.numbers}
        for vni in read.vnis:
            members[bucket_of(vni, read.buckets)].append(vni)
        result["buckets"] = {bucket: as_text(vnis) for bucket, vnis in members.items()}
    if read.self_name:
        result["self"] = [as_text(numbers) for numbers in ownership.ranked_at(read.self_name)]
    return result


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"gateway_owners": gateway_owners}
