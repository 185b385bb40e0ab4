# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user sees of a plan. Private to this collection."""

from __future__ import annotations

from .._plan.operation import strongest

SIGNS = {"create": "+", "delete": "-", "change": "~", "recreate": "!"}


def operations_diff(operations, plane):
    """Operations as a diff for people: a line each, with what it disturbs and why."""
    if not operations:
        return {"prepared": ""}
    lines = [
        "%s: %d operation%s, strongest disruption: %s"
        % (plane, len(operations), "s" if len(operations) > 1 else "", strongest(operations))
    ]
    for operation in operations:
        shown = operation.to_output()
        lines.append(
            "%s %s %s [%s] %s"
            % (SIGNS[operation.action], operation.kind, operation.name, operation.disruption, operation.reason)
        )
        if operation.action in ("create", "recreate") and shown["after"]:
            lines.append(
                "      "
                + " ".join(
                    "%s=%s" % (option, value)
                    for option, value in shown["after"].items()
                    if option not in ("name", "owned", "held")
                )
            )
    return {"prepared": "\n".join(lines) + "\n"}
