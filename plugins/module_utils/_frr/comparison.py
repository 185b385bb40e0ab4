# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lines of what runs are compared with a desired configuration. Pure. Private to this collection."""

from __future__ import annotations

from . import commands, configuration, maintenance
from .configuration import Configuration, Running
from .runtime import without_runtime


def merged(running: Running, desired: Configuration) -> Configuration:
    """All lines that vtysh shows."""
    return configuration.parse(running.text, shown=True)


def compared(running: Running, desired: Configuration) -> Configuration:
    """The lines of what runs that are compared with a whole configuration.

    Runtime state is not: that of gateways, and that of a maintenance while it lasts. Nor is a line of a route-map or list that
    bgpd lacks: on a slow host watchfrr may end the script that gives bgpd its startup configuration, while other daemons have
    read theirs and show the lists that only bgpd uses.
    """
    lines = configuration.parse(running.text, shown=True)
    lines = without_runtime(maintenance.without(lines, desired) if running.in_maintenance else lines, desired)
    if "bgpd" not in running.daemons:
        return lines
    own, alone = configuration.parse(running.of_bgpd, shown=True), commands.policies_of_bgpd(lines)
    return {path: None for path in lines if path in own or path not in desired or not commands.is_policy_of(path[0], alone)}
