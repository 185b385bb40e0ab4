# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of nftables that suppresses neighbor advertisements on some interfaces. Private to this collection.

ARP has a sysctl for that, arp_ignore. IPv6 has nothing like it, and an address that is taken away takes its routes along. So
neighbor advertisements are dropped on their way out, by one rule for a set of interfaces, in a table that nobody else uses. The
table is there as long as there is such an interface.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Collection, List, Set

from .._core.errors import KernelError

PROGRAM = "nft"
TABLE = "evpn_gateway"
#: Seconds after which an nft that does not end is ended.
TIMEOUT = 60
_RULE = """\
add table ip6 %(table)s
add set ip6 %(table)s silent { type ifname; }
add chain ip6 %(table)s answers { type filter hook output priority filter; policy accept; }
flush chain ip6 %(table)s answers
add rule ip6 %(table)s answers icmpv6 type nd-neighbor-advert oifname @silent drop
""" % {"table": TABLE}
_NO_TABLE = "add table ip6 %(table)s\ndelete table ip6 %(table)s\n" % {"table": TABLE}


def is_installed() -> bool:
    """Whether this host has nft."""
    return shutil.which(PROGRAM) is not None


def suppressed() -> Set[str]:
    """The names of the interfaces in the set; none if the rule is not there. Raises :class:`KernelError`."""
    if not is_installed():
        return set()
    result = _run(["-j", "list", "table", "ip6", TABLE])
    listed = [] if result.returncode else json.loads(result.stdout)["nftables"]
    if not any("rule" in entry for entry in listed):
        return set()
    return {name for entry in listed for name in entry.get("set", {}).get("elem", ())}


def change(added: Collection[str], removed: Collection[str]) -> None:
    """Puts names into the set and takes some out; the table comes with the first and goes with the last.

    Raises :class:`KernelError` if nft is not installed, refuses or does not end.
    """
    lines = _RULE
    if not added and suppressed() <= set(removed):
        lines, removed = _NO_TABLE, ()
    for verb, names in (("add", added), ("delete", removed)):
        if names:
            lines += "%s element ip6 %s silent { %s }\n" % (verb, TABLE, ", ".join('"%s"' % name for name in sorted(names)))
    result = _run(["-f", "-"], lines)
    if result.returncode:
        raise KernelError("nft: %s" % result.stderr.strip())


def _run(arguments: List[str], text: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [PROGRAM, *arguments],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise KernelError("nft is not installed on this host. Install the package nftables") from None
    except subprocess.TimeoutExpired:
        raise KernelError("nft did not end within %d s. See what else changes nftables on this host" % TIMEOUT) from None
