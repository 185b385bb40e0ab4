# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of the module `dataplane_info`."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.plugin_utils._kept_engine import KeptEngineAction as ActionModule

__all__ = ["ActionModule"]
