# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters about gateways share. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.request import Request, read


def requested(value: Any, path: str = "") -> Request:
    """The request in a filter's input, which stands at ``path``; all its problems as one error of Ansible's."""
    try:
        return read(value, path)
    except ValidationError as error:
        raise AnsibleFilterError(str(error)) from error
