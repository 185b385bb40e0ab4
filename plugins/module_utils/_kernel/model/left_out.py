# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has and a document cannot say. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple


class LeftOut(NamedTuple):
    """Something that a host has and its document does not say: an object as a whole, for a ``reason``, or its ``attribute``."""

    kind: str
    name: str
    attribute: str = ""
    value: Any = None
    reason: str = ""

    def to_output(self) -> Dict[str, Any]:
        shown = {"kind": self.kind, "name": self.name}
        return {**shown, **({"attribute": self.attribute, "value": self.value} if self.attribute else {"reason": self.reason})}
