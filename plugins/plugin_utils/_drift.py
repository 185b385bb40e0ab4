# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts have told of drift against what the inventory says. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import DATAPLANE
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.frr import FRR
from ansible_collections.evpn.fabric.plugins.module_utils._module.sections import digests

#: Whether the inventory derives the confirmed document.
UNCHANGED, CHANGED, UNKNOWN = "unchanged", "changed", "unknown"
#: The part of a document that is FRR's.
FRR_PART = "frr"

#: The digests of the parts of the document that the inventory derives for a host, by its name; None where that is not known.
Derive = Callable[[str], Mapping[str, str] | None]


def parts(kernel: Mapping[str, Any], frr: Mapping[str, Any]) -> dict[str, str]:
    """The digests of the parts of a document as `fabric_host` would confirm it, from the options that it would be given."""
    content = {}
    for name, spec, given in (("kernel", DATAPLANE, kernel), ("frr", argument_spec(FRR), frr)):
        content[name] = ArgumentSpecValidator(spec).validate(given).validated_parameters
    return digests(content)


def report(
    at: str,
    looks: Mapping[str, Mapping[str, Any] | None],
    derive: Derive,
    unseen: Collection[str] = (),
    gateways: Gateways | None = None,
) -> dict[str, Any]:
    """The report of one run: ``looks`` are the results of `drift_info` by host, None for one without.

    ``unseen`` are hosts that could not be looked at and whose release decides what FRR's configuration of their neighbors says.
    """
    hosts = {name: _entry(at, name, look, derive) for name, look in looks.items()}
    for entry in hosts.values() if unseen else ():
        if entry["inventory_changes"] == [FRR_PART]:
            entry.update(inventory=UNKNOWN, inventory_changes=[])
    notes = gateways.settle(hosts) if gateways else []
    return {"at": at, "notes": notes, "hosts": hosts}


class Gateways:
    """What gateways serve, against what they are to: ``decision`` as the filter `gateway_decision` returns it.

    ``again`` has the results of gateways that have been asked once more, by name: their first look compared them with the
    inventory, and a gateway that is drained by a playbook alone, or dead, is to serve something else.
    """

    def __init__(self, decision: Mapping[str, Any], names: Iterable[str], again: Mapping[str, Mapping[str, Any]]):
        self.decision, self.names, self.again = decision, list(names), again

    def settle(self, hosts: Mapping[str, dict[str, Any]]) -> list[str]:
        """Has the entries of gateways tell what differs from the decision; the notes."""
        decided = not self.decision["problems"]
        moves = self.decision["moves"] if decided else ()
        notes = [*self.decision["notes"], *(f"{move}: evpn.fabric.gateways does that" for move in moves)]
        states = {gateway["name"]: gateway["state"] for gateway in self.decision["gateways"]}
        for name in self.names:
            if name not in hosts:
                continue
            entry = hosts[name]
            if entry["gateway"]:
                entry["gateway"]["state"] = states[name]
            if name in self.again:
                entry["findings"] = [*_but_ownership(entry), *filter(_is_ownership, self.again[name].get("findings", ()))]
            if not decided:
                entry["findings"] = _but_ownership(entry)
        for problem in self.decision["problems"]:
            name = problem.partition(":")[0]
            if name in hosts and hosts[name]["reachable"] and not _has_drifted(hosts[name]):
                hosts[name]["problem"] = "\n".join(filter(None, (hosts[name]["problem"], problem)))
            else:
                notes.append(problem)
        return notes


def _is_ownership(finding: Mapping[str, Any]) -> bool:
    return finding["whose"] == "ownership"


def _has_drifted(entry: Mapping[str, Any]) -> bool:
    """Whether the host itself differs, which may be why it cannot be told what the gateway serves, and is to be repaired."""
    return any(each["whose"] not in ("ownership", "foreign") for each in entry["findings"])


def _but_ownership(entry: Mapping[str, Any]) -> list[Any]:
    return [each for each in entry["findings"] if not _is_ownership(each)]


def _entry(at: str, name: str, look: Mapping[str, Any] | None, derive: Derive) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "at": at,
        "reachable": True,
        "problem": None,
        "confirmed": None,
        "inventory": UNKNOWN,
        "inventory_changes": [],
        "gateway": None,
        "findings": [],
    }
    if look is None or "findings" not in look:
        unreachable = bool((look or {}).get("unreachable"))
        words = str((look or {}).get("msg") or "the task ended without a word")
        problem = f"it cannot be reached by Ansible: {words}" if unreachable else words
        return {**entry, "reachable": not unreachable, "problem": problem}
    confirmed, derived = look["confirmed"], derive(name)
    entry["findings"] = list(look["findings"])
    entry["problem"] = "\n".join(look["problems"]) or None
    if "owned" in look:
        entry["gateway"] = {"owned": look["owned"], "holds": look["holds"], "state": None}
    if confirmed:
        entry["confirmed"] = {key: confirmed[key] for key in ("at", "digest")}
    if confirmed and derived is not None:
        before = confirmed["parts"]
        changes = sorted(key for key in {*before, *derived} if before.get(key) != derived.get(key))
        entry.update(inventory=CHANGED if changes else UNCHANGED, inventory_changes=changes)
    return entry
