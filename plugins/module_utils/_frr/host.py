# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FRR's files on a host, and its service. Private to this collection."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import re
import subprocess
import tempfile
import time

from .._errors import FrrError

DAEMONS_FILE = "/etc/frr/daemons"
STARTUP_FILE = "/etc/frr/frr.conf"
#: Seconds within which FRR has to be back after a restart.
RESTART_LIMIT = 120


def startup_file(pathspace):
    """The startup configuration of an instance."""
    return "/etc/frr/%s/frr.conf" % pathspace if pathspace else STARTUP_FILE


def read(path):
    """The content of a file, None where there is none."""
    try:
        with open(path) as file:
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


def _owner():
    return pwd.getpwnam("frr").pw_uid, grp.getgrnam("frr").gr_gid


def _write(path, text, mode):
    try:
        descriptor, unfinished = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".evpn-fabric-")
        try:
            with os.fdopen(descriptor, "w") as file:
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


def enabled_daemons(text):
    """The daemons that a daemons file enables."""
    return set(re.findall(r"^(\w+)=yes\s*$", text, re.MULTILINE))


def with_daemons(text, daemons):
    """A daemons file that enables ``daemons`` too; what else it says stays."""
    for daemon in daemons:
        line = "%s=yes" % daemon
        text, found = re.subn(r"^%s=\w*\s*$" % re.escape(daemon), line, text, count=1, flags=re.MULTILINE)
        if not found:
            text = text.rstrip("\n") + "\n" + line + "\n"
    return text


def write_daemons(text):
    """Writes the daemons file in one step."""
    _write(DAEMONS_FILE, text, 0o640)


def restart(vtysh, daemons):
    """Restarts FRR and waits until all ``daemons`` answer. Raises :class:`FrrError`."""
    result = subprocess.run(
        ["systemctl", "restart", "frr.service"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        check=False,
    )
    if result.returncode:
        raise FrrError("systemctl restart frr: %s; see journalctl -u frr" % result.stdout.strip())
    deadline = time.monotonic() + RESTART_LIMIT
    missing = set(daemons)
    while missing and time.monotonic() < deadline:
        missing = set(daemons) - vtysh.running().daemons
        if missing:
            time.sleep(0.2)
    if missing:
        raise FrrError(
            "%s did not come up within %d s after the restart; see journalctl -u frr"
            % (", ".join(sorted(missing)), RESTART_LIMIT)
        )
