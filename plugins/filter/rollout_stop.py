# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `rollout_stop`."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import some

#: Of a host that its own change may have cut off.
CUT_OFF = (
    "its connection ended while it was changed; unless fabric_confirm_timeout is 0 it goes back by itself: docs/recovery.md"
)
#: What batches cannot do.
REMEDY = (
    "Mend it and run evpn.fabric.site again. What both ends of a link must have at the same time, such as a password, an OSPF "
    "area or an MTU, goes to all hosts at once: -e fabric_rollout=fabric"
)


def rollout_stop(
    hostvars: Mapping[str, Mapping[str, Any]], batch: Iterable[str], going_on: Collection[str], batches: list[list[str]]
) -> list[str]:
    """Why a rollout stops at a batch, and what has become of each host: lines for people; none where it goes on.

    ``going_on`` are hosts that have not failed, without those that had nothing to confirm.
    """
    lines, kept = [], []
    for host in batch:
        found = hostvars[host]
        brought, reverted = found.get("__host_brought", {}), found.get("__host_reverted", {})
        worse = found.get("__host_worse", ())
        if brought.get("unreachable"):
            lines.append(f"{host}: {CUT_OFF}")
            continue
        has_left = "changed" in brought and not brought.get("failed") and "checkpoint" not in brought
        if host not in going_on and not has_left:
            lines.append(f"{host}: failed or cannot be reached, see above")
            continue
        lines += [
            f"{host}: {check['name']}: {check['subject']}: desired {check['desired']}; actual {check['actual']}"
            for check in worse
        ]
        if reverted.get("changed"):
            lines.append(f"{host}: reverted to what it was before this run")
        elif reverted.get("unreachable") and "checkpoint" in brought:
            seconds = brought["checkpoint"]["seconds"]
            lines.append(f"{host}: goes back by itself to what it was, at most {seconds} s after it was changed")
        elif brought.get("changed"):
            kept.append(f"{host} ({reverted['msg']})" if reverted.get("msg") else host)
    if not lines:
        return []
    if kept:
        lines.append(f"not reverted: {some(kept)}. Take the change out of the inventory and run evpn.fabric.site again")
    behind = list(itertools.chain(*batches[batches.index(list(batch)) + 1 :]))
    lines.append(f"not touched: {some(behind)}" if behind else "all other hosts had been changed before")
    return [*lines, REMEDY]


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        """The filters of this file by name."""
        return {"rollout_stop": rollout_stop}
