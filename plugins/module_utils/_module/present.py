# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module dataplane_info: a host's actual data plane, as a document. Private to this collection."""

from __future__ import annotations

import gc
import os
from typing import Any, Callable, Collection, Dict, List, Tuple

from .._core.errors import FabricError
from .._core.schema import Key
from .._kernel.model.description import described, marked
from .._kernel.model.document import SECTIONS
from .._kernel.netlink.kernel import Kernel
from .._kernel.netlink.pyroute2_bridge import enter_namespace
from .arguments import DATAPLANE
from .options.common import NETNS

OPTIONS = {
    "gather": Key(
        "list", "Sections of the document to report.", elements="str", choices=tuple(SECTIONS), default=tuple(SECTIONS)
    ),
    **NETNS,
}
#: Section -> its options in an argument spec.
SECTION_OPTIONS = {section: DATAPLANE[section]["options"] for section in SECTIONS}


def run(module: Any, kernel: Callable[[], Kernel] = Kernel) -> None:
    """Reports the data plane and ends the module. ``kernel`` makes the kernel to look at."""
    # Nothing here makes reference cycles, and the collector would search a hundred thousand objects for them.
    gc.disable()
    try:
        if module.params["netns"]:
            _enter(module.params["netns"])
        opened = kernel()
        dataplane, owned, not_adopted = look(opened, module.params["gather"])
        opened.close()
    except FabricError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, dataplane=dataplane, owned=owned, not_adopted=not_adopted)


def look(kernel: Kernel, sections: Collection[str]) -> Tuple[Dict[str, Any], Dict[str, Any], List[Dict[str, Any]]]:
    """A document of the actual objects of these sections, the names of those that are ours, and what it leaves out."""
    state, unsaid = kernel.read_by_hand({SECTIONS[section].group for section in sections})
    document, left_out = described(state, sections, SECTION_OPTIONS)
    return document, marked(state, sections, SECTION_OPTIONS), [each.to_output() for each in (*left_out, *unsaid)]


def _enter(name: str) -> None:
    if os.geteuid() != 0:
        raise FabricError("entering a network namespace needs root: add become: true to the play or task")
    enter_namespace(name)
