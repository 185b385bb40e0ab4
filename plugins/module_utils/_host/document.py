# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's document: the stages of the transaction that brings the host to it. Private to this collection.

What a run does not need is not imported: most runs have nothing to do, and importing takes longer than looking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional

from .._kernel.confirmed import ConfirmedPlane
from .._kernel.model.document import Document
from .._kernel.plane import KernelPlane
from .kernel import KernelDocument, KernelHost
from .transaction import Stage, operations_of

if TYPE_CHECKING:
    from .._frr.planning import Desired
    from .._store.planning import Desired as Kept


class HostDocument(NamedTuple):
    """The desired state of a host, by plane. A plane that is None is left alone.

    ``pathspace`` names the FRR instance that is meant, None the host's own. ``frr_is_here`` says whether the host's own FRR is
    in the network namespace that the kernel's part is about. ``kept`` is what the host keeps for its next boot.
    ``confirmed``: it is what the host has been brought to before, and is brought back to.
    ``confirm_timeout`` is how many seconds the host waits to be confirmed before it goes back by itself; with 0 it never does.
    """

    kernel: Optional[Document] = None
    frr: Optional[Desired] = None
    pathspace: Optional[str] = None
    frr_is_here: bool = True
    kept: Optional[Kept] = None
    confirmed: bool = False
    confirm_timeout: int = 0


class Host:
    """The planes of the host that this process runs on."""

    def __init__(self) -> None:
        self._data_plane = KernelHost()

    def stages(self, document: HostDocument) -> List[Stage]:
        """Reads the planes that a document speaks of and plans each: the kernel first, because FRR's lines are about
        interfaces.

        Raises :class:`FabricError` for what this host cannot be brought to.
        """
        stages: List[Stage] = []
        noticed: List[Stage] = []
        captured: Dict[str, Any] = {}
        if document.kernel is not None:
            plane_of_kernel = ConfirmedPlane if document.confirmed else KernelPlane
            desired = KernelDocument(document.kernel, document.frr_is_here)
            kernel: Any
            kernel, *noticed = self._data_plane.stages(desired, plane_of_kernel)
            stages.append(kernel)
            if kernel.plan.operations and document.confirm_timeout:
                captured["kernel"] = kernel.plane.capture(kernel.plan)
        planned = operations_of(stages)
        if document.frr is not None:
            from .._frr.plane import FrrPlane
            from .._frr.vtysh import Vtysh
            from .surroundings import KernelSurroundings

            # An instance with a pathspace may be in another network namespace.
            surroundings = None if document.pathspace else KernelSurroundings(self._data_plane.kernel.channel, planned)
            frr = FrrPlane(Vtysh(document.pathspace) if document.pathspace else self._data_plane.own_frr(), surroundings)
            frr_plan = frr.plan(document.frr, frr.read(document.frr))
            stages.append(Stage(frr, frr_plan))
            if frr_plan.operations and document.confirm_timeout:
                captured["frr"] = frr.capture(frr_plan)
        stages += noticed
        if document.kept is None and not captured:
            return stages
        from .._store import plane
        from .._store.planning import DOCUMENT, ENGINE, SERVICE
        from . import command

        store, kept = plane.StorePlane(command.NAME), document.kept or plane.desired(None)
        store_plan = store.plan(kept, store.read(kept))
        if not captured:
            return [*stages, Stage(store, store_plan)]  # last: what is kept has been confirmed by all planes
        from . import checkpoint

        captured["store"] = store.capture(store_plan)
        taken = checkpoint.plan(captured, operations_of(stages), document.confirm_timeout)
        first: Any = checkpoint.CheckpointPlane(self._data_plane.kernel)
        last: Any = checkpoint.Renewal()
        return [
            # The engine and its unit are what goes back, now or at boot.
            Stage(store, store_plan.of(ENGINE, SERVICE)),
            Stage(first, taken, is_checkpoint=True),
            *stages,
            *([Stage(plane.StorePlane(command.NAME), store_plan.of(DOCUMENT))] if document.kept else []),
            Stage(last, taken),
        ]

    def close(self) -> None:
        """Closes the netlink socket."""
        self._data_plane.close()
