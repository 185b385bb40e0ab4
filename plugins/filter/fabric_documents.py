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

from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import besides, fabric_variables
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import Built, build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text


def fabric_documents(hostvars, groups, expectations=False, hosts=None, frr_texts=False):
    """Problems of an inventory as a list of texts; each host's documents as JSON, so that Ansible carries text and no trees."""
    read = fabric_variables(hostvars, groups)
    built = build(groups, read.variables, read.facts)
    chosen = built.documents.keys() if hosts is None else [host for host in hosts if host in built.documents]
    documents, texts, revisions = {}, {}, {}
    for host in chosen:  # each is derived whenever it is asked for
        document = built.documents[host]
        documents[host] = json.dumps(document)
        if frr_texts:
            texts[host] = frr_text(document["frr"])
            revisions[host] = _revision(documents[host], texts[host], besides(hostvars, host))
    return {
        "problems": [str(problem) for problem in built.problems],
        "notes": built.notes,
        "unseen": built.unseen,
        "documents": documents,
        "frr_texts": texts,
        "revisions": revisions,
        "rollout": _rollout(built, revisions, read.facts),
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
    changed = [host for host, found in kept.items() if found and found["revision"] != revisions[host]]
    batches = built.batches(changed) if changed else []
    together = [host for host in revisions if host not in set(changed)]
    every = [together, *batches] if together else batches
    return {"batches": batches, "hosts": list(itertools.chain(*every)), "sizes": [len(batch) for batch in every]}


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"fabric_documents": fabric_documents}
