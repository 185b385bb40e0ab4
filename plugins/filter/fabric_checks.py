# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_checks`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.checks import checks


def fabric_checks(
    seen: Mapping[str, Any], expected: Mapping[str, Any], before: Iterable[Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """What a host sees against what it should see: a list of checks, with ``before`` only those that had passed there."""
    found = [check._asdict() for check in checks(expected, seen)]
    if before is None:
        return found
    passed = {(check["name"], check["subject"]) for check in before if check["passed"]}
    return [check for check in found if (check["name"], check["subject"]) in passed]


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_checks": fabric_checks}
