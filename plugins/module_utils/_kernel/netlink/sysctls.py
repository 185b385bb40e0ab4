# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sysctls: the files below /proc/sys, in the network namespace of this process. Private to this collection."""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, Optional, Sequence

from ..._core.errors import KernelError
from ..model.document import Document
from ..model.kind import State
from ..model.step import Step
from ..model.sysctl import KIND, Sysctl
from .codec import Codec, Host

ROOT = "/proc/sys"


def read(desired: Iterable[Sysctl]) -> Dict[str, Sysctl]:
    """The sysctls at the paths of ``desired``; one of an interface that is not there yet has its default value."""
    found = {}
    for sysctl in desired:
        default_path = sysctl.default_path
        default = content(default_path) if default_path else None
        if default is None and default_path:
            # Only the machine's own network namespace has net/*/neigh/default; in others lo has what new interfaces start with.
            default = content(default_path.replace("/neigh/default/", "/neigh/lo/"))
        value = content(sysctl.path)
        if value is None:
            value = default
        if value is not None:
            found[sysctl.path] = Sysctl(sysctl.path, value, default, sysctl.found)
    return found


def write(sysctl: Sysctl) -> None:
    """Sets one sysctl. Raises :class:`KernelError`."""
    try:
        with open(os.path.join(ROOT, sysctl.path), "w") as file:
            file.write(sysctl.value)
    except OSError as error:
        raise KernelError("sysctl %s = %s: %s" % (sysctl.path, sysctl.value, error.strerror), error.errno) from error


def content(path: str) -> Optional[str]:
    """What is in the file at a path, relative to /proc/sys; None if there is no such file."""
    try:
        with open(os.path.join(ROOT, path)) as file:
            return file.read().strip().replace("\t", " ")
    except OSError:
        return None


def _read(host: Host, document: Document) -> State:
    """The sysctls of a document, and those that purging gives back."""
    listed = document.present[KIND.group]
    purges = document.purge and KIND.name in document.scope
    remembered = [each for each in host.remembered_sysctls() if each.path not in listed] if purges else []
    return {KIND.group: read([*remembered, *listed.values()])}


def _carry_out(steps: Sequence[Step], done: List[Step]) -> None:
    for step in steps:
        write(step.after)
        done.append(step)


CODEC = Codec(KIND.group, _read, carry_out=_carry_out)
