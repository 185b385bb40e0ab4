# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's plane of a host that is brought back to its confirmed document. Private to this collection."""

from __future__ import annotations

from .model.document import Document, State
from .plan.unsaid import with_unsaid
from .plane import Actual, KernelPlane


class ConfirmedPlane(KernelPlane):
    """Plans for what a document does not say of our links, too: it was confirmed with the rest."""

    def _compared(self, desired: Document, state: State) -> Actual:
        return super()._compared(with_unsaid(desired, state), state)
