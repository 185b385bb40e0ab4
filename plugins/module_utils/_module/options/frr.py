# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of FRR's configuration. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key

FRR = {
    "config": Key(
        "str",
        (
            "The configuration, as a file that FRR starts from has it.",
            "Passwords in it appear neither in results nor in diffs nor in process lists.",
        ),
        required=True,
        secret=True,
    ),
    "daemons": Key(
        "list",
        (
            "Daemons that must run, such as V(bgpd), V(ospfd), V(bfdd). Others stay as they are.",
            "Enabling one restarts FRR, an operation of the disruption V(daemon).",
        ),
        elements="str",
    ),
    "save": Key(
        "bool",
        "Whether the file that FRR starts from gets the configuration too, mode 0640, owned by frr, in one step.",
        default=True,
    ),
    "keep": Key(
        "list",
        (
            (
                "Beginnings of top-level lines of the running configuration that stay, with all that is below them, such "
                "as V(password), V(line vty) or V(ip nht). The startup file gets them, too."
            ),
            "All other lines that C(config) does not have are taken away.",
        ),
        elements="str",
    ),
}
