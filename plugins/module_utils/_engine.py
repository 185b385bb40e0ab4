# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine that a host keeps, and modules that run from it. Private to this collection.

Ansible sends the sources of a module with each task, and Python compiles all of them each time. The engine is the same files,
compiled, in one archive. It is used where it has every file that was sent, with the same checksum; otherwise it is ignored.
"""

from __future__ import annotations

import os
import stat
import sys
import zipfile
from typing import Dict, Optional, Tuple

DIRECTORY = "/var/lib/evpn-fabric"
#: A link to the engine that is kept. Each engine has a name of its own: a process that runs from one may import from it later,
#: and must not find another one there.
ENGINE = "%s/engine.pyz" % DIRECTORY
#: The package in the engine that stands for module_utils.
PACKAGE = "evpn_fabric"

#: The CRC-32 and the size of each file, by its path below a directory.
Contents = Dict[str, Tuple[int, int]]


def prefer_kept() -> None:
    """Has all imports that follow come from the kept engine, if it is what Ansible has sent. Says nothing if it is not."""
    package = sys.modules[__package__]
    sent = getattr(package.__loader__, "archive", None)
    try:
        kept = _trusted()
        if sent and kept and contents(sent, inside(package.__path__[0], sent)).items() <= contents(kept, PACKAGE).items():
            package.__path__.insert(0, "%s/%s" % (kept, PACKAGE))
    except (OSError, zipfile.BadZipFile):
        return  # A process that is not root cannot read it.


def inside(path: str, archive: str) -> str:
    """The path of a directory in an archive, from its path with that of the archive before it."""
    return os.path.relpath(path, archive)


def contents(archive: str, directory: str) -> Contents:
    """The Python sources below a directory of an archive, as its index lists them."""
    with zipfile.ZipFile(archive) as opened:
        return {
            entry.filename[len(directory) + 1 :]: (entry.CRC, entry.file_size)
            for entry in opened.infolist()
            if entry.filename.startswith(directory + "/") and entry.filename.endswith(".py")
        }


def _trusted() -> Optional[str]:
    """The path of the kept engine; None if somebody other than root could have put it there. Raises :class:`OSError`."""
    path = os.path.realpath(ENGINE)
    for each in (os.path.dirname(path), path):
        status = os.stat(each)
        if status.st_uid != 0 or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return None
    return path
