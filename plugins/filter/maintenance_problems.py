# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `maintenance_problems`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._maintenance import problems_of_request, problems_of_spines


def maintenance_problems(
    hosts: Sequence[str],
    groups: Mapping[str, Iterable[str]],
    state: str,
    looks: Mapping[str, Mapping[str, Any]] | None = None,
    last: bool = False,
) -> list[str]:
    """Why hosts may not be put into maintenance, or out of it: a list of texts."""
    problems = problems_of_request(hosts, state, groups)
    if looks is not None and state == "on" and not last and not problems:
        problems = problems_of_spines(hosts, groups, looks)
    return [str(problem) for problem in problems]


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"maintenance_problems": maintenance_problems}
