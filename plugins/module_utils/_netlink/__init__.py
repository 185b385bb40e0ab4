# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel: dumps become model objects, steps become messages. Private to this collection.

What every run reads and what comes by the thousand has an encoder and decoder of its own here, because those of pyroute2
were measured at 20 to 37 times ``bridge -batch``; the rest is pyroute2's (``rare.py``, its only importer).
"""
