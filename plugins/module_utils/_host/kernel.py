# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane of a host: the stages of the transaction that brings the kernel to a document. Private to this collection.

Modules that speak of the kernel alone are sent with this, and with nothing of the other planes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, NamedTuple, Optional, Tuple, Type

from .._core.operation import Operation
from .._core.plane import Stopped
from .._kernel.model.document import Document
from .._kernel.netlink.kernel import Kernel
from .._kernel.plane import KernelPlane
from .transaction import Stage

if TYPE_CHECKING:
    from .._frr.vtysh import Vtysh


class KernelDocument(NamedTuple):
    """The desired state of a kernel. ``frr_is_here`` says whether the host's own FRR is in the same network namespace."""

    kernel: Document
    frr_is_here: bool = True


class KernelHost:
    """The kernel of the host that this process runs on, and its FRR, as far as that has to notice addresses."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self._vtysh: Optional[Vtysh] = None

    def own_frr(self) -> Vtysh:
        """The host's own FRR: one for all planes, because it remembers that FRR has not answered."""
        from .._frr.vtysh import Vtysh

        self._vtysh = self._vtysh or Vtysh()
        return self._vtysh

    def stages(self, document: KernelDocument, plane: Type[KernelPlane] = KernelPlane) -> List[Stage]:
        """Reads and plans: the stage of the kernel, and, where that adds addresses, the one in which FRR notices them.

        Raises :class:`FabricError` for what this kernel cannot be brought to.
        """
        noticed = [NoticedAddresses(self.kernel, self.own_frr)] if document.frr_is_here else []
        kernel = plane(self.kernel, *(each.follow for each in noticed))
        plan = kernel.plan(document.kernel, kernel.read(document.kernel))
        return [Stage(kernel, plan), *(Stage(each, Noticed()) for each in noticed if plan.addresses)]

    def close(self) -> None:
        """Closes the netlink socket."""
        self.kernel.close()


class Noticed(NamedTuple):
    """That FRR has to notice addresses. Nothing is changed for that, so there is no operation."""

    operations: Tuple[Operation, ...] = ()


class NoticedAddresses:
    """The end of a transaction that adds addresses, or of reverting one that removed some: FRR before 10 can overlook them, and
    is made to look at them again."""

    name = "what FRR knows of addresses"

    def __init__(self, kernel: Kernel, vtysh: Callable[[], Vtysh]):
        self._kernel, self._vtysh = kernel, vtysh

    def read(self, desired: Any) -> None:
        """Nothing is read before the addresses are there."""

    def plan(self, desired: Any, actual: None) -> Noticed:
        """It is the same at all times."""
        return Noticed()

    def apply(self, plan: Noticed, stopped: Stopped) -> None:
        """Waits as :meth:`follow` does."""
        self.follow(stopped)

    def follow(self, stopped: Stopped = lambda: None) -> None:
        """Waits until FRR, if it runs here, knows the addresses. Raises :class:`VerificationError` if it does not."""
        from .._frr import overlooked
        from .surroundings import KernelSurroundings

        overlooked.follow(self._vtysh(), KernelSurroundings(self._kernel.channel), stopped)

    def revert(self, plan: Noticed) -> None:
        """Nothing has been changed."""
