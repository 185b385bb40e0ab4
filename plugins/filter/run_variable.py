# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `run_variable`."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.plugin_utils._run_variables import converted


def run_variable(value, name):
    """The value of a variable of the playbooks and roles, converted from text where it was given as such."""
    try:
        return converted(name, value)
    except ValidationError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"run_variable": run_variable}
