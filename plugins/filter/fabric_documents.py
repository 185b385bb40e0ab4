# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_documents`."""

from __future__ import annotations

import json

from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text


def fabric_documents(hostvars, groups, expectations=False, hosts=None, frr_texts=False):
    """Problems of an inventory as a list of texts; each host's documents as JSON, so that Ansible carries text and no trees."""
    built = build(groups, *fabric_variables(hostvars, groups))
    chosen = built.documents.keys() if hosts is None else [host for host in hosts if host in built.documents]
    documents, texts = {}, {}
    for host in chosen:  # each is derived whenever it is asked for
        document = built.documents[host]
        documents[host] = json.dumps(document)
        if frr_texts:
            texts[host] = frr_text(document["frr"])
    return {
        "problems": [str(problem) for problem in built.problems],
        "notes": built.notes,
        "unseen": built.unseen,
        "documents": documents,
        "frr_texts": texts,
        "expectations": {host: json.dumps(built.expectations[host]) for host in (chosen if expectations else ())},
    }


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_documents": fabric_documents}
