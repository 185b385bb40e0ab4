# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FRR's daemons file says (/etc/frr/daemons; tools/frrcommon.sh of FRR reads it). Pure. Private to this collection."""

from __future__ import annotations

import contextlib
import re
import shlex
from typing import FrozenSet, Iterable, List

#: Where it is.
PATH = "/etc/frr/daemons"
#: Daemons that run whatever the daemons file says, in the order in which they start.
ALWAYS = ("mgmtd", "zebra", "staticd")


def setting(text: str, name: str) -> List[str]:
    """The words of a shell variable in the daemons file."""
    found = re.findall(r"^%s=(.*)$" % name, text, re.MULTILINE)
    with contextlib.suppress(ValueError):  # quotes that do not match
        return [word for part in shlex.split(found[-1], comments=True) for word in shlex.split(part)] if found else []
    return []


def enabled(text: str) -> FrozenSet[str]:
    """The daemons that a daemons file enables (daemon_list in tools/frrcommon.sh of FRR)."""
    names = set(re.findall(r"^([a-z0-9]+)=", text, re.MULTILINE))
    return frozenset(name for name in names if setting(text, name)[:1] not in ([], [""], ["no"], ["0"]))


def with_daemons(text: str, daemons: Iterable[str]) -> str:
    """A daemons file that enables ``daemons`` too; what else it says stays."""
    for daemon in daemons:
        line = "%s=yes" % daemon
        text, found = re.subn(r"^%s=.*$" % re.escape(daemon), line, text, flags=re.MULTILINE)
        if not found:
            text = text.rstrip("\n") + "\n" + line + "\n"
    return text
