# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's plane of a host that is brought back to its confirmed document. Private to this collection."""

from __future__ import annotations

from dataclasses import replace

from .model.document import Document, State
from .model.kind import LINK
from .model.link import Interface
from .plan.unsaid import with_unsaid
from .plane import Actual, KernelPlane


class ConfirmedPlane(KernelPlane):
    """Plans for what a document does not say of our links, too: it was confirmed with the rest."""

    def _compared(self, desired: Document, state: State) -> Actual:
        for name, link in desired.present[LINK].items():
            actual = state[LINK].get(name)
            if actual is None or actual.kind != link.kind or actual.kind == Interface.kind:
                continue
            if not actual.owned and actual.adopted is None:
                # It was ours when this was confirmed. Somebody has taken its mark away since: a repair does not adopt it.
                state[LINK][name] = replace(actual, adopted=False)
        return super()._compared(with_unsaid(desired, state), state)
