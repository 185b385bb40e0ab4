# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_documents`."""

from __future__ import annotations

import json

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build


def fabric_documents(hostvars, groups, expectations=False):
    """Problems of an inventory as a list of texts; each host's documents as JSON, so that Ansible carries text and no trees."""
    built = build(groups, hostvars, with_expectations=expectations)
    return {
        "problems": [str(problem) for problem in built.problems],
        "notes": built.notes,
        "unseen": built.unseen,
        "documents": {host: json.dumps(documents) for host, documents in built.documents.items()},
        "expectations": {host: json.dumps(expected) for host, expected in built.expectations.items()},
    }


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_documents": fabric_documents}
