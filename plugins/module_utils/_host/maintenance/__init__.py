# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance of a host: others send their traffic around it until that is taken back, or until a time that the host itself
keeps. Private to this collection.

All of it is below /run: a host that has been restarted is in no maintenance.
"""
