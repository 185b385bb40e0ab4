# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on what belongs to links: rules, sysctls, port options, addresses. Private to this collection.

Each function takes the document, the actual state, the state that is left once removed links are gone, and the link
operations by name; it returns operations.
"""

from __future__ import annotations

from .._model.port import Port
from .compare import differences, disruption, in_words, merged
from .operation import ABSENT, CREATED, DISRUPTIONS, HITLESS, PHASE, PURGED, SESSION, Operation, Step

#: A port's options when a link has just joined a bridge (br_add_if in net/bridge/br_if.c).
FRESH_PORT = {"learning": True, "neigh_suppress": False, "isolated": False, "hairpin": False, "guard": False}


def rules(desired, actual, left, changed):
    """Rules are added and removed, never changed: all of a rule identifies it. One that exists is taken as it is."""
    made = [
        Operation("create", None, rule, HITLESS, CREATED, (Step(PHASE["add rule"], 0, None, rule),))
        for key, rule in desired.wanted["rule"].items()
        if key not in actual["rule"]
    ]
    for key, rule in actual["rule"].items():
        reason = removal(desired, "rule", key, rule)
        if reason:
            made.append(Operation("delete", rule, None, HITLESS, reason, (Step(PHASE["remove rule"], 0, rule, None),)))
    return made


def sysctls(desired, actual, left, changed):
    """Sysctls change; a new interface starts with the default."""
    made = []
    for path, wanted in desired.wanted["sysctl"].items():
        present = left["sysctl"][path]
        if present.value != wanted.value:
            after = merged(wanted, present)
            made.append(
                Operation(
                    "change",
                    present,
                    after,
                    HITLESS,
                    in_words(differences(wanted, present)),
                    (Step(PHASE["sysctl"], 0, present, after),),
                )
            )
    return made


def ports(desired, actual, left, changed):
    """Port options; a link that joins a bridge starts with fresh ones."""
    made = []
    for dev in [dev for dev in actual["port"] if dev not in desired.wanted["port"]] + list(desired.wanted["port"]):
        before, wanted = actual["port"].get(dev), desired.wanted["port"].get(dev)
        fresh = left["port"].get(dev)
        if fresh is None or _joins(changed.get(dev)):
            fresh = Port(dev, **FRESH_PORT)
        elif wanted is None:
            continue
        if wanted is None:
            if not _comes_back(changed.get(dev), before) or fresh == before:
                continue
            wanted, reason = before, "put back on %s" % dev
        else:
            reason = in_words(differences(wanted, fresh))
        found = differences(wanted, fresh)
        if found:
            after = merged(wanted, fresh)
            made.append(
                Operation(
                    "change" if before else "create",
                    before,
                    after,
                    HITLESS,
                    reason,
                    (Step(PHASE["port"], 0, fresh, after),),
                )
            )
    return made


def with_losses(operation, actual, left):
    """A link's operation with what the link loses by it: nobody is told, but taking the operation back brings it back."""
    before, after, name = operation.before, operation.after, operation.object.name
    if before is None:
        return operation
    lost = []
    port = actual["port"].get(name)
    if port and (name not in left["port"] or after is None or before.master != after.master or _joins(operation)):
        lost.append(port)
    if name not in left["link"]:
        lost += [sysctl for sysctl in actual["sysctl"].values() if sysctl.dev == name]
    steps = tuple(Step(PHASE["lose"], 0, what, None, silent=True) for what in lost)
    return operation._replace(steps=(*operation.steps, *steps))


def _joins(operation):
    """Whether a link's operation makes it a new port of a bridge."""
    return operation is not None and (
        operation.before is None
        or operation.action == "recreate"
        or operation.before.master != operation.after.master
        or any(step.phase == PHASE["release port"] for step in operation.steps)
    )


def _comes_back(operation, before):
    """Whether a port that the document does not mention returns to where it was."""
    return operation is not None and operation.after is not None and operation.after.master == operation.before.master


def addresses(desired, actual, left, changed):
    """Addresses are added, removed, and put back on links that lose them."""
    made = []
    for key, wanted in desired.wanted["address"].items():
        before, present = actual["address"].get(key), left["address"].get(key)
        if present is None:
            made.append(_address_added(before, merged(wanted, before) if before else wanted))
        else:
            found = differences(wanted, present)
            if found:
                after = merged(wanted, present)
                worst = max((disruption(present, name, value) for name, _present, value in found), key=DISRUPTIONS.index)
                made.append(
                    Operation("change", present, after, worst, in_words(found), (Step(PHASE["address"], 0, present, after),))
                )
    for key, before in actual["address"].items():
        if key in desired.wanted["address"]:
            continue
        reason = removal(desired, "address", key, before)
        lost = key not in left["address"]
        owner = changed.get(before.dev)
        if reason or (owner is not None and owner.after is None):
            step = Step(PHASE["remove address"], 0, before, None, silent=lost)
            made.append(Operation("delete", before, None, SESSION, reason or "goes with %s" % before.dev, (step,)))
        elif lost:
            made.append(_address_added(before, before))
    return made


def _address_added(before, after):
    """An address that is new, or that is put back on a link that loses it."""
    step = Step(PHASE["address"], 0, None, after)
    if before is None:
        return Operation("create", None, after, HITLESS, CREATED, (step,))
    gone = Step(PHASE["remove address"], 0, before, None, silent=True)
    return Operation(
        "recreate",
        before,
        after,
        SESSION,
        "put back: the kernel drops it with the change to %s" % after.dev,
        (gone, step),
    )


def removal(desired, group, key, present):
    """Why an object goes, or None if it stays."""
    if key in desired.absent[group]:
        return ABSENT
    if desired.purge and present.kind in desired.scope and present.owned and key not in desired.wanted[group]:
        return PURGED
    return None
