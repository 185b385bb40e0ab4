# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user sees of a plan. Private to this collection."""

from __future__ import annotations

import os
from typing import Iterator, Sequence

from .._core.operation import Operation, strongest

SIGNS = {"create": "+", "delete": "-", "change": "~", "recreate": "!"}


def operations_diff(operations: Sequence[Operation], plane: str) -> str:
    """Operations of a plane as a diff for people: a line each, with what it disturbs and why; empty where there are none."""
    if not operations:
        return ""
    count = "1 operation" if len(operations) == 1 else "%d operations" % len(operations)
    lines = ["%s of %s: %s, strongest disruption: %s" % (plane, os.uname().nodename, count, strongest(operations))]
    for operation in operations:
        sign = SIGNS[operation.action]
        lines.append("%s %s %s [%s] %s" % (sign, operation.kind, operation.name, operation.disruption, operation.reason))
        lines += ["      " + line for line in _details(operation)]
    return "\n".join(lines) + "\n"


def _details(operation: Operation) -> Iterator[str]:
    """What a line has no room for: the lines of an FRR context, the attributes of a new object."""
    if operation.kind == "frr":
        for sign, part in (("-", operation.before), ("+", operation.after)):
            yield from (sign + line for line in (part.lines if part else ()))
    elif operation.action in ("create", "recreate"):
        shown = operation.after.to_output()
        yield " ".join("%s=%s" % (option, value) for option, value in shown.items() if option not in ("name", "owned", "held"))
