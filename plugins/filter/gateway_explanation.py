# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `gateway_explanation`."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import whole_number
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.explain import explanation
from ansible_collections.evpn.fabric.plugins.plugin_utils._gateway import requested


def gateway_explanation(request, vni):
    """Why a VNI belongs to its gateway, in words."""
    number = -1 if isinstance(vni, bool) else whole_number(str(vni))
    if number < 0:
        raise AnsibleFilterError(f"vni: {vni!r} is not a VNI. Write a number such as 10000.")
    return explanation(requested(request), number)


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"gateway_explanation": gateway_explanation}
