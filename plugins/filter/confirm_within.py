# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `confirm_within`."""

from __future__ import annotations

from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.run_variable import run_variable
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import RUN

NAME = "fabric_confirm_timeout"
#: Seconds by which hosts may have to wait for as many others as Ansible changes at once.
WAIT = 10


def confirm_within(timeout: Any, hosts: int, forks: int) -> int:
    """Seconds within which what is changed on a host has to be confirmed; 0 where nothing has to be.

    ``timeout`` is the variable `fabric_confirm_timeout`. Of ``hosts`` that are changed, ``forks`` at once, the first wait for
    the last before any is confirmed. Raises AnsibleFilterError for a ``timeout`` that is none.
    """
    seconds = run_variable(timeout, NAME)
    return min(seconds + WAIT * ((hosts - 1) // forks), int(RUN[NAME].maximum or 0)) if seconds else 0


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"confirm_within": confirm_within}
