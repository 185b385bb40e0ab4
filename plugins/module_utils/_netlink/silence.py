# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces on which this host does not answer for its IPv6 addresses: a set of nftables. Private to this collection.

IPv6 has nothing like arp_ignore, and an address that is taken away takes its routes along. So neighbor advertisements are
dropped on their way out, by one rule for a set of interfaces, in a table that nobody else uses.
"""

from __future__ import annotations

import json
import re
import subprocess

from .._errors import KernelError

PROGRAM = "nft"
TABLE = "evpn_gateway"
_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")
#: Seconds after which nft is given up.
TIMEOUT = 60
_RULE = """\
add table ip6 %(table)s
add set ip6 %(table)s silent { type ifname; }
add chain ip6 %(table)s answers { type filter hook output priority filter; policy accept; }
flush chain ip6 %(table)s answers
add rule ip6 %(table)s answers icmpv6 type nd-neighbor-advert oifname @silent drop
""" % {"table": TABLE}


def silent():
    """The names of the interfaces: a set, or None if the table is not there or lacks its rule. Raises :class:`KernelError`."""
    result = _run(["-j", "list", "table", "ip6", TABLE])
    if result.returncode:
        return None
    listed = json.loads(result.stdout)["nftables"]
    if not any("rule" in entry for entry in listed):
        return None
    return {name for entry in listed for name in entry.get("set", {}).get("elem", ())}


def can_name(name):
    """Whether an interface's name can be written in the language of nft."""
    return bool(_NAME.match(name))


def change(added, removed):
    """Puts interfaces into the set and takes others out, in one step; makes the rule where it is missing.

    Raises :class:`KernelError`.
    """
    lines = _RULE
    for verb, names in (("add", added), ("delete", removed)):
        if names:
            lines += "%s element ip6 %s silent { %s }\n" % (verb, TABLE, ", ".join('"%s"' % name for name in sorted(names)))
    result = _run(["-f", "-"], lines)
    if result.returncode:
        raise KernelError("nft: %s" % result.stderr.strip())


def _run(arguments, text=None):
    try:
        return subprocess.run(
            [PROGRAM, *arguments],
            input=text if text is not None else "",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise KernelError(
            "nft is not installed on this host, which keeps standby gateways from answering for their IPv6 addresses. "
            "Install the package nftables"
        ) from None
    except subprocess.TimeoutExpired:
        raise KernelError("nft did not answer within %d s. See what else changes nftables on this host" % TIMEOUT) from None
