# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces on which this host does not answer ARP and ND. Private to this collection.

ARP has a sysctl for that, arp_ignore. IPv6 has nothing like it, and an address that is taken away takes its routes along. So
neighbor advertisements are dropped on their way out, by one rule of nftables for a set of interfaces, in a table that nobody
else uses. The table is there as long as there is such an interface.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess

from ..._core.errors import KernelError
from ..model import sysctl
from ..model.bridge import Bridge
from ..model.document import Document
from ..model.kind import State
from ..model.silence import ARP_SILENT, KIND, Silence
from ..model.sysctl import Sysctl
from . import sysctls
from .codec import Codec, Host

PROGRAM = "nft"
TABLE = "evpn_gateway"
_ARP = "net/ipv4/conf/%s/arp_ignore"
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
_NO_TABLE = "add table ip6 %(table)s\ndelete table ip6 %(table)s\n" % {"table": TABLE}


def is_installed():
    """Whether this host has nft."""
    return shutil.which(PROGRAM) is not None


def can_name(name):
    """Whether an interface's name can be written in the language of nft."""
    return bool(_NAME.match(name))


def read(bridges, settings):
    """Each bridge, and whatever else is silent, by name: a :class:`..model.silence.Silence`.

    ``bridges`` maps names to whether they are the collection's. The arp_ignore of one that is among ``settings``, sysctls by
    path, is not looked at: it is not up to gateways. Raises :class:`KernelError`.
    """
    silent = _silent() if is_installed() else set()
    found = {}
    for name in (*bridges, *sorted(silent - bridges.keys())):
        path = _ARP % name
        value = None if path in settings else sysctls.content(path)
        arp_ignore = None if value is None else int(value)
        owned = name in silent or bool(bridges[name] and arp_ignore == ARP_SILENT)
        found[name] = Silence(name, arp_ignore, name in silent, owned)
    return found


def carry_out(steps, done):
    """Has interfaces fall silent or answer, and adds the steps to those that are ``done``. Raises :class:`KernelError`.

    The set tells that it was a gateway who did it, also if this is cut short: names come first, and go last.
    """
    added = [step.after.name for step in steps if step.after.nd and not step.before.nd]
    removed = [step.before.name for step in steps if step.before.nd and not step.after.nd]
    try:
        if added:
            _change(added, ())
        for step in steps:
            if step.after.arp_ignore != step.before.arp_ignore:
                sysctls.write(Sysctl(_ARP % step.after.name, str(step.after.arp_ignore)))
        if removed:
            _change((), removed)
    except KernelError as error:
        raise KernelError(str(error), error.errno, steps) from error
    done += steps


def _silent():
    """The names in the set; none if the rule is not there. Raises :class:`KernelError`."""
    result = _run(["-j", "list", "table", "ip6", TABLE])
    listed = [] if result.returncode else json.loads(result.stdout)["nftables"]
    if not any("rule" in entry for entry in listed):
        return set()
    return {name for entry in listed for name in entry.get("set", {}).get("elem", ())}


def _change(added, removed):
    """Puts names into the set or takes some out; the table comes with the first and goes with the last."""
    lines = _RULE
    if not added and _silent() <= set(removed):
        lines, removed = _NO_TABLE, ()
    for verb, names in (("add", added), ("delete", removed)):
        if names:
            lines += "%s element ip6 %s silent { %s }\n" % (verb, TABLE, ", ".join('"%s"' % name for name in sorted(names)))
    result = _run(["-f", "-"], lines)
    if result.returncode:
        raise KernelError("nft: %s" % result.stderr.strip())


def _run(arguments, text=""):
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
        raise KernelError("nft did not answer within %d s. See what else changes nftables on this host" % TIMEOUT) from None


def _read(host: Host, document: Document, _everything: bool) -> State:
    bridges = {name: bool(link.owned) for name, link in host.links.items() if isinstance(link, Bridge)}
    return {KIND.group: read(bridges, document.present[sysctl.KIND.group])}


CODEC = Codec(KIND.group, _read, carry_out=carry_out)
