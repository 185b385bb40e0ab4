# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps: what the operations of the kernel's plane consist of. Private to this collection."""

from __future__ import annotations

from typing import Any, NamedTuple


class Step(NamedTuple):
    """One change to one object: ``None`` stands for "not there".

    ``rank`` orders steps within a phase. A silent step is what the kernel does by itself as a consequence of another;
    it matters when the plan is reverted.
    """

    phase: int
    rank: int
    before: Any
    after: Any
    silent: bool = False

    def inverse(self) -> Step:
        """The step that reverts this one."""
        return self._replace(before=self.after, after=self.before, silent=False)
