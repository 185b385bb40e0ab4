# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_repairs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils import _remediation


def fabric_repairs(decision: Mapping[str, Any], step: int) -> str:
    """The memory of repairs, as JSON text, when a step of a decision begins."""
    return _remediation.begun(decision["earlier"], decision["steps"], step)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file by name."""
        return {"fabric_repairs": fabric_repairs}
