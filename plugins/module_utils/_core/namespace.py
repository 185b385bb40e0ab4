# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that stand for the network namespace of this process. Private to this collection."""

from __future__ import annotations

import os
import socket

from .errors import FabricError

DIRECTORY = "/run/evpn-fabric"
#: Says, while it is there, that the host is in maintenance.
MAINTENANCE = "%s/maintenance.conf" % DIRECTORY
#: The option of sockets that distinguishes a network namespace from all others since the machine has started
#: (include/uapi/asm-generic/socket.h; Linux 5.14).
SO_NETNS_COOKIE = 71


def path(ending: str) -> str:
    """The path of a file for this namespace; makes the directory. Raises :class:`FabricError`."""
    try:
        os.makedirs(DIRECTORY, mode=0o700, exist_ok=True)
    except OSError as error:
        raise FabricError("%s cannot be made: %s" % (DIRECTORY, error.strerror)) from error
    return os.path.join(DIRECTORY, "netns-%d.%s" % (os.stat("/proc/thread-self/ns/net").st_ino, ending))


def cookie() -> int:
    """What distinguishes this namespace from one that had the same number before; 0 where the kernel does not say."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            return int.from_bytes(asked.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8), "little")
        except OSError:
            return 0
