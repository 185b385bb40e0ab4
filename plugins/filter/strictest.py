# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `strictest`."""

from __future__ import annotations

from collections.abc import Collection

from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import DISRUPTIONS


def strictest(limits: Collection[str]) -> str:
    """The one of several values of ``max_disruption`` that allows least. Raises AnsibleFilterError for one that is none."""
    unknown = [str(limit) for limit in limits if limit not in DISRUPTIONS]
    if unknown:
        raise AnsibleFilterError("max_disruption is %s. Write one of %s." % (" and ".join(unknown), ", ".join(DISRUPTIONS)))
    return min(limits, key=DISRUPTIONS.index)


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"strictest": strictest}
