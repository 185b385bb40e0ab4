# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `fabric_documents`."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.filter.host_lacks import host_lacks
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import besides, fabric_variables, written
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import Built, build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text
from ansible_collections.evpn.fabric.plugins.plugin_utils._run_variables import run_problems
from ansible_collections.evpn.fabric.plugins.plugin_utils._schema.run import RUN

#: What the role `host` accepts where nothing else is said.
DISTRIBUTIONS = list(RUN["host_distributions"].default)


def fabric_documents(hostvars, groups, expectations=False, hosts=None, tasks=False):
    """Problems of an inventory as a list of texts; each host's documents as JSON, so that Ansible carries text and no trees."""
    variables, facts = fabric_variables(hostvars, groups)
    built = build(groups, variables, facts)
    chosen = built.documents.keys() if hosts is None else [host for host in hosts if host in built.documents]
    documents, frr, revisions, unready = {}, {}, {}, []
    for host in chosen:  # each is derived whenever it is asked for
        document = built.documents[host]
        documents[host] = json.dumps(document)
        if tasks:
            frr[host] = json.dumps({"config": frr_text(document["frr"]), "daemons": document["frr"]["daemons"]})
            revisions[host] = _revision(documents[host], frr[host], besides(hostvars, host))
            if not _is_ready(facts.get(host), document, written(hostvars, host, "host_distributions", DISTRIBUTIONS)):
                unready.append(host)
    return {
        "problems": [*map(str, built.problems), *run_problems(variables)],
        "notes": built.notes,
        "unseen": built.unseen,
        "documents": documents,
        "frr": frr,
        "unready": unready,
        "revisions": revisions,
        "rollout": _rollout(built, revisions, facts),
        "expectations": {host: json.dumps(built.expectations[host]) for host in (chosen if expectations else ())},
    }


def _revision(*made: Any) -> str:
    """What tells all that a host is brought to from anything else, in hexadecimal digits."""
    return hashlib.sha256(json.dumps(made, sort_keys=True, default=str).encode()).hexdigest()


def _rollout(built: Built, revisions: Mapping[str, str], facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """In which batches hosts are changed, by their revisions and what has been found on them.

    Those that keep a document of another revision are changed by the batch. The others come first, all of them together: they
    have nothing to do, or keep no document, so that they are new.
    """
    kept = {host: facts.get(host, {}).get("confirmed") for host in revisions}
    changed = [host for host, found in kept.items() if found and found.get("revision") != revisions[host]]
    batches = built.batches(changed) if changed else []
    together = [host for host in revisions if host not in set(changed)]
    every = [together, *batches] if together else batches
    return {"batches": batches, "hosts": list(itertools.chain(*every)), "sizes": [len(batch) for batch in every]}


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
