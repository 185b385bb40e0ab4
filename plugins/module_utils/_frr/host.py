# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FRR's files on a host. Private to this collection."""

from __future__ import annotations

import contextlib
import glob
import grp
import os
import pwd
import stat
import tempfile
from typing import Dict, FrozenSet, Iterable, List, Optional, Tuple

from .._core.errors import FrrError
from . import daemons_file
from .daemons_file import ALWAYS, setting
from .objects import PRIVATE, File

STARTUP_FILE = "/etc/frr/frr.conf"
RUNTIME = "/run/frr"
#: How the name of a file begins that is not complete yet.
_UNFINISHED = ".evpn-fabric-"
#: Where distributions have the daemons.
PROGRAMS = ("/usr/lib/frr", "/usr/libexec/frr")


def startup_file(pathspace: Optional[str]) -> str:
    """The startup configuration of an instance."""
    return "/etc/frr/%s/frr.conf" % pathspace if pathspace else STARTUP_FILE


def directory(parent: str, pathspace: Optional[str]) -> str:
    """Where an instance has its files below :data:`RUNTIME` or /etc/frr."""
    return os.path.join(parent, pathspace) if pathspace else parent


def programs() -> str:
    """The directory of the daemons. Raises :class:`FrrError` where FRR is not installed."""
    for path in PROGRAMS:
        if os.path.exists(os.path.join(path, "zebra")):
            return path
    raise FrrError("FRR is not installed on this host: none of %s has its daemons" % " and ".join(PROGRAMS))


def start_commands(daemons: Iterable[str], pathspace: Optional[str]) -> Dict[str, List[str]]:
    """How this host starts daemons: name -> arguments, in the order in which they start.

    Those that run were started so; of others, the daemons file has the options (tools/frrcommon.sh of FRR).
    """
    order = [name for name in ALWAYS if name in daemons] + sorted(set(daemons) - {*ALWAYS, "watchfrr"})
    return {name: _arguments_of_running(name, pathspace) or _arguments_of_file(name, pathspace) for name in order}


def _arguments_of_running(name: str, pathspace: Optional[str]) -> Optional[List[str]]:
    """The arguments of a daemon that runs; None where that cannot be seen."""
    with contextlib.suppress(OSError, ValueError):
        with open(os.path.join(directory(RUNTIME, pathspace), "%s.pid" % name)) as file:
            number = int(file.read())
        with open("/proc/%d/cmdline" % number, "rb") as file:
            words = os.fsdecode(file.read()).split("\0")[:-1]
        if words and os.path.basename(words[0]) == name:
            return words if {"-d", "--daemon"} & set(words) else [*words, "-d"]
    return None


def _arguments_of_file(name: str, pathspace: Optional[str]) -> List[str]:
    found = read(daemons_file.PATH)
    text = found.text if found else ""
    words = [os.path.join(programs(), name), "-d"] + (["-N", pathspace] if pathspace else [])
    profile = setting(text, "frr_profile")
    words += ["-F", *profile] if profile else []
    return words + setting(text, "frr_global_options") + setting(text, "%s_options" % name)


def installed() -> FrozenSet[str]:
    """The names of the daemons that have a program on this host: a set, empty where FRR is not in a directory that is known."""
    with contextlib.suppress(FrrError, OSError):
        return frozenset(os.listdir(programs()))
    return frozenset()


def read(path: str) -> Optional[File]:
    """A file as a :class:`~.objects.File`, None where there is none; bytes that are no UTF-8 are kept as Python's surrogates.

    Raises :class:`FrrError`.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            status = os.fstat(file.fileno())
            return File(file.read(), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FrrError("%s: %s" % (path, error.strerror)) from error


def owner() -> Optional[Tuple[int, int]]:
    """The numbers of FRR's user and group, None on a host that does not have them."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("frr").pw_uid, grp.getgrnam("frr").gr_gid
    return None


def _owner() -> Tuple[int, int]:
    found = owner()
    if found is None:
        raise FrrError("the user or group frr does not exist on this host: install FRR from its package")
    return found


def give_to_frr(path: str) -> None:
    """Makes FRR's user the owner of a file or directory. Raises :class:`FrrError`."""
    os.chown(path, *_owner())


def write(path: str, text: str) -> None:
    """Writes a file of FRR in one step: mode 0640, owned by frr. Raises :class:`FrrError`."""
    _put(path, File(text, PRIVATE, *_owner()))


def revert(path: str, previous: Optional[File]) -> None:
    """Makes a file what it was when it was read, or removes one that was not there (None). Raises :class:`FrrError`."""
    if read(path) != previous:
        _put(path, previous)


def unfinished(paths: Iterable[str]) -> Tuple[str, ...]:
    """What a run that was killed while it wrote one of these files has left beside it: paths, sorted."""
    places = {glob.escape(os.path.dirname(path)) for path in paths}
    return tuple(sorted(found for place in places for found in glob.glob(os.path.join(place, _UNFINISHED + "*"))))


def remove(path: str) -> None:
    """Removes a file. Raises :class:`FrrError`."""
    _put(path, None)


def _put(path: str, file: Optional[File]) -> None:
    try:
        if file is None:
            os.unlink(path)
            return
        descriptor, incomplete = tempfile.mkstemp(dir=os.path.dirname(path), prefix=_UNFINISHED)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as opened:
                os.fchmod(descriptor, file.mode)
                os.fchown(descriptor, file.uid, file.gid)
                opened.write(file.text)
                opened.flush()
                os.fsync(descriptor)
            os.rename(incomplete, path)
        except BaseException:
            os.unlink(incomplete)
            raise
    except OSError as error:
        raise FrrError("%s: %s" % (path, error.strerror)) from error
