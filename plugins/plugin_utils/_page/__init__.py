# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fabric as one web page: pure functions from what is desired and what was seen to HTML. Private to this collection.

``observation`` keeps of a host's look what is shown, ``content`` merges all hosts' with the inventory, the report of drift and
the last runs into tables and a drawing (``table``, ``ownership``, ``drawing``), ``page`` writes them as HTML.
``runs`` is what the control host remembers of each run.
"""
