# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of `drift_info`. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key
from .common import TRANSACTION

DRIFT_INFO = {
    "gateway": Key(
        "dict",
        "Where the host is a gateway, the options of M(evpn.fabric.gateway_failover) that say which gateway owns what: what it "
        "serves is compared, too.",
        version_added="0.2.0",
    ),
    "lock_timeout": TRANSACTION["lock_timeout"],
}
