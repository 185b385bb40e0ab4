# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an inventory to one document a plane and host: pure functions on the controller. Private to this collection.

``inventory`` reads variables into a :class:`.fabric.Fabric`, ``consistency`` checks it across hosts, ``dataplane`` and ``frr``
derive each host's documents. Problems are collected, never raised one by one.
"""
