# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's document: the stages of the transaction that brings the host to it. Private to this collection.

What a run does not need is not imported: most runs have nothing to do, and importing takes longer than looking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Tuple

from .._core.operation import Operation
from .._core.plane import Stopped
from .._kernel.confirmed import ConfirmedPlane
from .._kernel.model.document import Document
from .._kernel.netlink.kernel import Kernel
from .._kernel.plane import KernelPlane
from .transaction import Stage, operations_of

if TYPE_CHECKING:
    from .._frr.planning import Desired
    from .._store.planning import Desired as Kept


class HostDocument(NamedTuple):
    """The desired state of a host, by plane. A plane that is None is left alone.

    ``pathspace`` names the FRR instance that is meant, None the host's own. ``frr_is_here`` says whether the host's own FRR is
    in the network namespace that the kernel's part is about. ``kept`` is what the host keeps for its next boot.
    ``confirmed``: it is what the host has been brought to before, and is brought back to.
    """

    kernel: Optional[Document] = None
    frr: Optional[Desired] = None
    pathspace: Optional[str] = None
    frr_is_here: bool = True
    kept: Optional[Kept] = None
    confirmed: bool = False


class Host:
    """The planes of the host that this process runs on."""

    def __init__(self, kernel: Optional[Kernel] = None):
        self._kernel = kernel or Kernel()

    def stages(self, document: HostDocument) -> List[Stage]:
        """Reads the planes that a document speaks of and plans each: the kernel first, because FRR's lines are about
        interfaces.

        Raises :class:`FabricError` for what this host cannot be brought to.
        """
        stages, added = [], False
        if document.kernel is not None:
            others = (NoticedAddresses(self._kernel).follow,) if document.frr_is_here else ()
            kernel = (ConfirmedPlane if document.confirmed else KernelPlane)(self._kernel, *others)
            plan = kernel.plan(document.kernel, kernel.read(document.kernel))
            stages.append(Stage(kernel, plan))
            added = bool(plan.addresses)
        planned = operations_of(stages)
        if document.frr is not None:
            from .._frr.plane import FrrPlane
            from .._frr.vtysh import Vtysh
            from .surroundings import KernelSurroundings

            # An instance with a pathspace may be in another network namespace.
            surroundings = None if document.pathspace else KernelSurroundings(self._kernel.channel, planned)
            frr = FrrPlane(Vtysh(document.pathspace), surroundings)
            stages.append(Stage(frr, frr.plan(document.frr, frr.read(document.frr))))
        if added and document.frr_is_here:
            stages.append(Stage(NoticedAddresses(self._kernel), Noticed()))
        if document.kept is not None:  # last: what is kept has been confirmed by all planes
            from .._store.plane import StorePlane
            from . import command

            store = StorePlane(command.NAME)
            stages.append(Stage(store, store.plan(document.kept, store.read(document.kept))))
        return stages

    def close(self) -> None:
        """Closes the netlink socket."""
        self._kernel.close()


class Noticed(NamedTuple):
    """That FRR has to notice addresses. Nothing is changed for that, so there is no operation."""

    operations: Tuple[Operation, ...] = ()


class NoticedAddresses:
    """The end of a transaction that adds addresses, or of reverting one that removed some: FRR before 10 can overlook them, and
    is made to look at them again."""

    name = "what FRR knows of addresses"

    def __init__(self, kernel: Kernel):
        self._kernel = kernel

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
        from .._frr.vtysh import Vtysh
        from .surroundings import KernelSurroundings

        overlooked.follow(Vtysh(), KernelSurroundings(self._kernel.channel), stopped)

    def revert(self, plan: Noticed) -> None:
        """Nothing has been changed."""
