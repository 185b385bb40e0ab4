# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_observation`."""

from __future__ import annotations

import json

from ansible_collections.evpn.fabric.plugins.plugin_utils._given_document import tree
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.observation import observation


def fabric_observation(seen, expected):
    """What of a host's look goes to the page, as JSON, so that Ansible carries text and no trees."""
    return json.dumps(observation(tree(expected), seen))


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_observation": fabric_observation}
