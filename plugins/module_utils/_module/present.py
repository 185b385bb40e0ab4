# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's data plane is at present, as a document. Private to this collection."""

from __future__ import annotations

import gc
import os

from .._core.errors import FabricError
from .._kernel.model.description import described, marked
from .._kernel.model.document import SECTIONS
from .._kernel.netlink.kernel import Kernel
from .._kernel.netlink.pyroute2_bridge import enter_namespace
from .arguments import DATAPLANE

#: Section -> its options.
OPTIONS = {section: DATAPLANE[section]["options"] for section in SECTIONS}


def run(module, kernel=Kernel):
    """Reports the data plane and ends the module. ``kernel`` makes the kernel to look at."""
    # Nothing here makes circles of objects, and looking for them among a hundred thousand takes longer than the work.
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


def look(kernel, sections):
    """A document of what is there, the names of what is ours, and what the document leaves out, of these sections.

    ``kernel`` is anything with the method ``read_by_hand`` of :class:`.._kernel.netlink.kernel.Kernel`.
    """
    state, unsaid = kernel.read_by_hand({SECTIONS[section].group for section in sections})
    document, left_out = described(state, sections, OPTIONS)
    return document, marked(state, sections, OPTIONS), [each.to_output() for each in (*left_out, *unsaid)]


def _enter(name):
    if os.geteuid() != 0:
        raise FabricError("entering a network namespace needs root: add become: true to the play or task")
    enter_namespace(name)
