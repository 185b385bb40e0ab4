# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change does to traffic: the words for it. Private to this collection."""

from __future__ import annotations

#: Mildest first: nothing; a routing session or neighbour is reset, or forwarding state goes; a link goes down or is made
#: anew; FRR restarts.
DISRUPTIONS = ("hitless", "session", "link", "daemon")
HITLESS, SESSION, LINK, DAEMON = DISRUPTIONS

#: It cannot change on what is there, which is made anew: the kernel does not do it on a live device, or others do not notice.
FIXED = "fixed"
