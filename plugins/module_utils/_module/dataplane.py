# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module dataplane. Private to this collection."""

from __future__ import annotations

from typing import Any

from .options.common import COMMON
from .options.dataplane import DATAPLANE
from .run import run_kernel

OPTIONS = {**DATAPLANE, **COMMON}


def run(module: Any) -> None:
    """Brings the kernel to the options and ends the module."""
    run_kernel(module, module.params)
