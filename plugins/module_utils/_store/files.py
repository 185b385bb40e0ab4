# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files in which a host keeps something: read whole, and replaced in one step. Private to this collection."""

from __future__ import annotations

import contextlib
import glob
import os
import time
from typing import Iterator, List, NamedTuple, Optional

from .. import _engine
from .._core.errors import FabricError

#: How the name of a file ends that is not complete yet.
_UNFINISHED = ".unfinished"


class Entry(NamedTuple):
    """A file or a link as it was: neither is None where there was none."""

    content: Optional[bytes] = None
    mode: int = 0
    target: Optional[str] = None


def content(path: str) -> Optional[bytes]:
    """What is in a file, None where there is none. Raises :class:`OSError`, as all functions here do."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def now() -> str:
    """The time in UTC as ISO 8601 has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def free(path: str) -> int:
    """The bytes that are free where a directory is, or will be."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize


def entry(path: str) -> Entry:
    """What is at a path."""
    if os.path.islink(path):
        return Entry(target=os.readlink(path))
    found = content(path)
    return Entry() if found is None else Entry(found, os.stat(path).st_mode & 0o777)


def revert(path: str, was: Entry) -> None:
    """Has a path be as it was."""
    if entry(path) != was:  # what could not be changed needs no reverting
        put(path, was)


def put(path: str, what: Entry) -> None:
    """Has a path be so, in one step, and also after a loss of power."""
    parent, name = os.path.split(path)
    # One name for each path: what a run that was killed has left, which can hold passwords, goes with the next.
    unfinished_path = os.path.join(parent, ".%s%s" % (name, _UNFINISHED))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(unfinished_path)
    if what == Entry():
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
            _sync(parent)
        return
    os.makedirs(parent, mode=0o700 if parent == _engine.DIRECTORY else 0o755, exist_ok=True)
    try:
        if what.target is not None:
            os.symlink(what.target, unfinished_path)
        else:
            with open(os.open(unfinished_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, what.mode), "wb") as file:
                os.fchmod(file.fileno(), what.mode)
                file.write(what.content or b"")
                file.flush()
                os.fsync(file.fileno())
        os.replace(unfinished_path, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished_path)
        raise
    _sync(parent)


def unfinished(directory: str) -> List[str]:
    """The paths of files that runs which were killed have left in a directory."""
    return glob.glob(os.path.join(directory, ".*" + _UNFINISHED))


def _sync(directory: str) -> None:
    """Has what a directory lists outlast a loss of power: a file's own fsync(2) does not."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def errors_in_words() -> Iterator[None]:
    """Turns :class:`OSError` into :class:`FabricError`, with the path."""
    try:
        yield
    except OSError as error:
        raise FabricError("%s: %s" % (error.filename or _engine.DIRECTORY, error.strerror)) from error
