# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel: dumps become model objects, steps become messages. Private to this collection.

All messages are written and read here, because the encoders and decoders of pyroute2 were measured at 20 to 37 times
``bridge -batch``. What pyroute2 still does is to enter network namespaces (``rare.py``, its only importer).
"""
