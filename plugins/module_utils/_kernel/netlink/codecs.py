# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all codecs. Private to this collection."""

from __future__ import annotations

from typing import Dict

from ..model.kinds import KINDS
from . import addresses, fdb, links, memberships, nd_suppression, neighbors, routes, rules, sysctls
from .codec import Codec

#: The codecs by group, in the order in which a host is read: all else refers to links.
CODECS: Dict[str, Codec] = {
    codec.group: codec
    for codec in (
        links.LINKS,
        links.PORTS,
        memberships.VLANS,
        memberships.VNIS,
        fdb.CODEC,
        addresses.CODEC,
        routes.CODEC,
        neighbors.CODEC,
        rules.CODEC,
        nd_suppression.CODEC,
        sysctls.CODEC,
    )
}
#: The class of an object -> its codec.
CODEC_OF: Dict[type, Codec] = {kind.model: CODECS[kind.group] for kind in KINDS.values()}
