# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FRR's files on a host. Private to this collection."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import re
import shlex
import tempfile

from .._core.errors import FrrError

DAEMONS_FILE = "/etc/frr/daemons"
STARTUP_FILE = "/etc/frr/frr.conf"
RUNTIME = "/run/frr"
#: Where distributions have the daemons.
PROGRAMS = ("/usr/lib/frr", "/usr/libexec/frr")
#: The profile of defaults that daemons are compiled for, and that Debian's and FRR's own scripts start them with.
DEFAULT_PROFILE = "traditional"
#: Daemons that run whatever the daemons file says, in the order in which they start.
ALWAYS = ("mgmtd", "zebra", "staticd")


def startup_file(pathspace):
    """The startup configuration of an instance."""
    return "/etc/frr/%s/frr.conf" % pathspace if pathspace else STARTUP_FILE


def directory(parent, pathspace):
    """Where an instance has its files below :data:`RUNTIME` or /etc/frr."""
    return os.path.join(parent, pathspace) if pathspace else parent


def programs():
    """The directory of the daemons. Raises :class:`FrrError` where FRR is not installed."""
    for path in PROGRAMS:
        if os.path.exists(os.path.join(path, "zebra")):
            return path
    raise FrrError("FRR is not installed on this host: none of %s has its daemons" % " and ".join(PROGRAMS))


def start_commands(daemons, pathspace):
    """How this host starts daemons: name -> arguments, in the order in which they start.

    Those that run were started so; of others, the daemons file has the options (tools/frrcommon.sh of FRR).
    """
    order = [name for name in ALWAYS if name in daemons] + sorted(set(daemons) - {*ALWAYS, "watchfrr"})
    return {name: _arguments_of_running(name, pathspace) or _arguments_of_file(name, pathspace) for name in order}


def _arguments_of_running(name, pathspace):
    """The arguments of a daemon that runs; None where that cannot be seen."""
    with contextlib.suppress(OSError, ValueError):
        with open(os.path.join(directory(RUNTIME, pathspace), "%s.pid" % name)) as file:
            number = int(file.read())
        with open("/proc/%d/cmdline" % number, "rb") as file:
            words = os.fsdecode(file.read()).split("\0")[:-1]
        if words and os.path.basename(words[0]) == name:
            return words if {"-d", "--daemon"} & set(words) else [*words, "-d"]
    return None


def _arguments_of_file(name, pathspace):
    text = read(DAEMONS_FILE) or ""
    words = [os.path.join(programs(), name), "-d"] + (["-N", pathspace] if pathspace else [])
    profile = _setting(text, "frr_profile")
    words += ["-F", *profile] if profile else []
    return words + _setting(text, "frr_global_options") + _setting(text, "%s_options" % name)


def _setting(text, name):
    """The words of a shell variable in the daemons file."""
    found = re.findall(r"^%s=(.*)$" % name, text, re.MULTILINE)
    with contextlib.suppress(ValueError):  # quotes that do not match
        return [word for part in shlex.split(found[-1], comments=True) for word in shlex.split(part)] if found else []
    return []


def read(path):
    """The content of a file, None where there is none; bytes that are no UTF-8 are kept as Python's surrogates."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FrrError("%s: %s" % (path, error.strerror)) from error


def write_startup(path, text):
    """Writes a startup file in one step, mode 0640, owned by frr."""
    _write(path, text, 0o640)


def has_right_mode(path):
    """Whether a startup file is 0640 and frr's own."""
    with contextlib.suppress(OSError, KeyError):
        status = os.stat(path)
        return (status.st_mode & 0o777, status.st_uid, status.st_gid) == (0o640, *_owner())
    return False


def give_to_frr(path):
    """Makes FRR's user the owner of a file or directory. Raises :class:`FrrError`."""
    try:
        os.chown(path, *_owner())
    except KeyError as error:
        raise FrrError("the user or group frr does not exist on this host: install FRR from its package") from error


def _owner():
    return pwd.getpwnam("frr").pw_uid, grp.getgrnam("frr").gr_gid


def _write(path, text, mode):
    try:
        descriptor, unfinished = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".evpn-fabric-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
                os.fchmod(descriptor, mode)
                os.fchown(descriptor, *_owner())
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            os.rename(unfinished, path)
        except BaseException:
            os.unlink(unfinished)
            raise
    except KeyError as error:
        raise FrrError("the user or group frr does not exist on this host: install FRR from its package") from error
    except OSError as error:
        raise FrrError("%s: %s" % (path, error.strerror)) from error


def started_by_file():
    """The daemons that FRR starts on this host: a set."""
    directory_of_all = programs()
    named = {*ALWAYS, *enabled_daemons(read(DAEMONS_FILE) or "")}
    return {name for name in named if os.path.exists(os.path.join(directory_of_all, name))}


def enabled_daemons(text):
    """The daemons that a daemons file enables (daemon_list in tools/frrcommon.sh of FRR): a set."""
    names = set(re.findall(r"^([a-z0-9]+)=", text, re.MULTILINE))
    return {name for name in names if _setting(text, name)[:1] not in ([], [""], ["no"], ["0"])}


def with_daemons(text, daemons):
    """A daemons file that enables ``daemons`` too; what else it says stays."""
    for daemon in daemons:
        line = "%s=yes" % daemon
        text, found = re.subn(r"^%s=.*$" % re.escape(daemon), line, text, flags=re.MULTILINE)
        if not found:
            text = text.rstrip("\n") + "\n" + line + "\n"
    return text


def write_daemons(text):
    """Writes the daemons file in one step."""
    _write(DAEMONS_FILE, text, 0o640)
