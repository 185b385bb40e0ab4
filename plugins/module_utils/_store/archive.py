# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: the sources that this process runs from, and what Python compiles of them, as one archive that Python runs.
Private to this collection.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import marshal
import os
import sys
import zipfile
import zlib
from typing import Dict

from .. import _engine

#: What Python runs when it is given the archive: a task of Ansible's, or a command of the host's.
MAIN = """\
import sys

if sys.argv[1:] == ["task"]:
    from %(package)s._module.task import main
else:
    from %(commands)s import main

sys.exit(main())
"""
#: Flags of compiled code that is taken as it is, without a look at its source (PEP 552).
UNCHECKED = (1).to_bytes(4, "little")


def contents() -> _engine.Contents:
    """The sources that Ansible has sent, or those of the directory that this process runs from. Raises :class:`OSError`."""
    archive, directory = _place()
    if archive:
        found = _engine.contents(archive, directory)
    else:
        found = {name: (zlib.crc32(source), len(source)) for name, source in sources().items()}
    # Ansible makes this one up; the engine has it, too.
    found["__init__.py"] = (0, 0)
    return found


def is_kept() -> bool:
    """Whether the engine that the host keeps has every source that this process runs from: then both are of one release."""
    try:
        kept = _engine.contents(os.path.realpath(_engine.ENGINE), _engine.PACKAGE)
    except (OSError, zipfile.BadZipFile):
        return False
    return contents().items() <= kept.items()


def digest(found: _engine.Contents) -> str:
    """The digest of an engine, in hexadecimal digits."""
    listed = "".join("%s %08x %d\n" % (name, *found[name]) for name in sorted(found))
    return hashlib.sha256(listed.encode()).hexdigest()


def sources() -> Dict[str, bytes]:
    """The sources by their paths below module_utils. Raises :class:`OSError`."""
    archive, directory = _place()
    found = {}
    if archive:
        with zipfile.ZipFile(archive) as opened:
            for name in _engine.contents(archive, directory):
                found[name] = opened.read("%s/%s" % (directory, name))
    else:
        for parent, _directories, files in os.walk(directory):
            for name in files:
                if name.endswith(".py"):
                    path = os.path.join(parent, name)
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, directory)] = file.read()
    found["__init__.py"] = b""
    return found


def pack(found: Dict[str, bytes], commands: str, path: str) -> bytes:
    """The archive of sources, each with its compiled form. ``path`` is where it will be, ``commands`` the module that it runs,
    relative to module_utils.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        names = {"package": _engine.PACKAGE, "commands": "%s.%s" % (_engine.PACKAGE, commands)}
        archive.writestr("__main__.py", MAIN % names)
        for name, source in sorted(found.items()):
            inside = "%s/%s" % (_engine.PACKAGE, name)
            code = compile(source, "%s/%s" % (path, inside), "exec", dont_inherit=True)
            archive.writestr(inside, source)
            # Without a check, because Python would compare times that an archive has in local time.
            head = importlib.util.MAGIC_NUMBER + UNCHECKED + importlib.util.source_hash(source)
            archive.writestr(inside + "c", head + marshal.dumps(code))
    return packed.getvalue()


def _place() -> "tuple[str, str]":
    """The archive with the sources and their directory in it; no archive, and the directory, where they are files."""
    package = sys.modules[__package__.rpartition(".")[0]]
    archive = getattr(package.__loader__, "archive", "")
    # The kept engine, if this process runs from it, stands before.
    path = package.__path__[-1]
    return archive, _engine.inside(path, archive) if archive else path
