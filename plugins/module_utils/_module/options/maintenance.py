# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the module `maintenance`. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key

MAINTENANCE = {
    "state": Key(
        "str",
        "V(on) has others send their traffic around this host, V(off) has it carry traffic again.",
        required=True,
        choices=("on", "off"),
    ),
    "expiry": Key(
        "str",
        (
            "How long it lasts at most, such as V(90m), V(2h) or V(1d), from V(60s) to V(7d). The host itself ends it then.",
            "Where this is not given, a maintenance that has begun stays as long as it is.",
        ),
        otherwise="two hours",
    ),
}
