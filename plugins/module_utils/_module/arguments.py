# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument spec of a data plane document, for those that check one by themselves. Private to this collection."""

from __future__ import annotations

from .._core.schema import argument_spec
from .options import dataplane

DATAPLANE = argument_spec(dataplane.DATAPLANE)
