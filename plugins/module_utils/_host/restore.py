# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the kernel of a host that has started to its confirmed document. Private to this collection."""

from __future__ import annotations

import dataclasses
import socket
import time
from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Set, Tuple

from .._core.operation import DISRUPTIONS, Operation
from .._kernel.model.document import GROUPS, Document
from . import transaction
from .document import Host, HostDocument

POLL = 0.2
#: Seconds to wait for another run.
LOCK_TIMEOUT = 60


class Restored(NamedTuple):
    """What has been done; the interfaces that did not come, and the objects that were left out because of them."""

    operations: Tuple[Operation, ...]
    missing: Tuple[str, ...]
    left_out: Tuple[str, ...]


def restore(document: Document, wait: float) -> Restored:
    """Brings the kernel to a document, by the transaction of every run. FRR is not looked at: it starts later.

    ``wait`` is how many seconds interfaces are waited for that others make. What needs one that has not come by then is left
    out. Raises :class:`~.._core.errors.FabricError`; nothing has been changed then, or the message says what was not reverted.
    """
    missing = awaited(needed(document), wait)
    reduced, left_out = without(document, missing)
    host = Host()
    try:
        target = HostDocument(reduced, frr_is_here=False)
        stages = transaction.run(lambda: host.stages(target), DISRUPTIONS[-1], False, LOCK_TIMEOUT)
    finally:
        host.close()
    return Restored(transaction.operations_of(stages), tuple(sorted(missing)), tuple(left_out))


def awaited(names: FrozenSet[str], wait: float) -> FrozenSet[str]:
    """Waits for interfaces; those that have not come."""
    deadline = time.monotonic() + wait
    while True:
        missing = names - {name for _number, name in socket.if_nameindex()}
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(POLL)


def needed(document: Document) -> FrozenSet[str]:
    """The interfaces that a document speaks of and does not make."""
    made = {link.name for link in document.present["link"].values() if link.kind != "interface"}
    named = {name for group in GROUPS for each in document.present[group].values() for name in _interfaces(each)}
    return frozenset(named - made)


def without(document: Document, missing: Iterable[str]) -> Tuple[Document, List[str]]:
    """A document without what needs interfaces that are missing, and what that is, in words."""
    gone: Set[str] = set(missing)
    left_out: Dict[Tuple[str, Any], Any] = {}
    while True:  # what stands on a link that is left out is left out as well
        found = {
            (group, key): each
            for group in GROUPS
            for key, each in document.present[group].items()
            if (group, key) not in left_out and gone & _interfaces(each)
        }
        if not found:
            break
        left_out.update(found)
        gone |= {each.name for (group, _key), each in found.items() if group == "link"}
    present = {
        group: {key: each for key, each in document.present[group].items() if (group, key) not in left_out} for group in GROUPS
    }
    return dataclasses.replace(document, present=present), ["%s %s" % (each.kind, each.name) for each in left_out.values()]


def _interfaces(made: Any) -> Set[str]:
    """The interfaces without which an object cannot be."""
    names = {getattr(made, attribute, None) for attribute in ("dev", "master", "lower")}
    if made.kind == "interface":
        names.add(made.name)
    names.update(hop.dev for hop in getattr(made, "nexthops", None) or ())
    return {name for name in names if name}
