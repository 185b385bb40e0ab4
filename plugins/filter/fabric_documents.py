# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_documents`."""

from __future__ import annotations

import json

from ansible_collections.evpn.fabric.plugins.filter.host_lacks import host_lacks
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables, written
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import RUN

#: What the role `host` accepts where nothing else is said.
DISTRIBUTIONS = list(RUN["host_distributions"].default)


def fabric_documents(hostvars, groups, expectations=False, hosts=None, tasks=False):
    """Problems of an inventory as a list of texts; each host's documents as JSON, so that Ansible carries text and no trees."""
    variables, facts = fabric_variables(hostvars, groups)
    built = build(groups, variables, facts)
    chosen = built.documents.keys() if hosts is None else [host for host in hosts if host in built.documents]
    documents, frr, unready = {}, {}, []
    for host in chosen:  # each is derived whenever it is asked for
        document = built.documents[host]
        documents[host] = json.dumps(document)
        if tasks:
            frr[host] = json.dumps({"config": frr_text(document["frr"]), "daemons": document["frr"]["daemons"]})
            if not _is_ready(facts.get(host), document, written(hostvars, host, "host_distributions", DISTRIBUTIONS)):
                unready.append(host)
    return {
        "problems": [str(problem) for problem in built.problems],
        "notes": built.notes,
        "unseen": built.unseen,
        "documents": documents,
        "frr": frr,
        "unready": unready,
        "expectations": {host: json.dumps(built.expectations[host]) for host in (chosen if expectations else ())},
    }


def _is_ready(seen, document, distributions):
    """Whether it is certain that a host lacks nothing of its document, and that nothing else manages its network."""
    if seen is None or distributions is None or seen["network_managers"]:
        return False
    return not any(host_lacks(seen, document, distributions).values())


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_documents": fabric_documents}
