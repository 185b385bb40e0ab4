# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_page`."""

from __future__ import annotations

from typing import cast

from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.plugin_utils._given_document import tree
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent import inventory
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.content import Sight, Sources, content
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.observation import Observation
from ansible_collections.evpn.fabric.plugins.plugin_utils._page.page import page

#: The version of the report of drift that is understood, see docs/drift.md.
DRIFT = 1


def fabric_page(hostvars, groups, at, drift=None, runs=()):
    """The whole fabric as one web page."""
    if drift and drift.get("version") != DRIFT:
        raise AnsibleFilterError(
            f"drift.json is of version {drift.get('version')}, and this release reads version {DRIFT}: "
            "run evpn.fabric.drift of this release, which writes it anew"
        )
    intent = inventory.read(groups, *fabric_variables(hostvars, groups))
    if intent.problems or intent.fabric is None:
        raise AnsibleFilterError("\n".join(map(str, intent.problems)))
    # A thousand hosts' observations are not templates: Ansible would walk through each of them.
    raw_get = getattr(hostvars, "raw_get", hostvars.__getitem__)
    raw = {name: raw_get(name) for name in groups["fabric"]}
    sights = {name: _sight(variables) for name, variables in raw.items()}
    looks = {name: raw[name].get("__gateway_look") or _unseen(raw[name]) for name in groups.get("gateways", ())}
    return page(content(Sources(intent.fabric, sights, looks, drift or None, runs)), at)


def _sight(variables):
    """What is known of a host, by what the playbook registers for it."""
    if variables.get("__report_observation"):
        return Sight(cast(Observation, tree(variables["__report_observation"])))
    look = _unseen(variables)
    if look is None:
        return Sight(None, "was not looked at")
    return Sight(None, f"{'cannot be reached' if look.get('unreachable') else 'did not answer'}: {look.get('msg', '')}")


def _unseen(variables):
    """The result of the last look at a host of which nothing is known; None for one that was not looked at."""
    return variables.get("__report_look") or variables.get("__host_info")


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_page": fabric_page}
