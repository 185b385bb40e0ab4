# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules of the data plane share, besides options."""

from __future__ import annotations


class ModuleDocFragment:
    """Requirements and notes of data plane modules."""

    DOCUMENTATION = r"""
options: {}
requirements:
  - with O(netns), pyroute2 0.7.2 or newer on the managed host (package python3-pyroute2 on Debian, Ubuntu and Fedora)
notes:
  - What is not specified is left alone.
  - Links that this collection makes carry C([evpn.fabric]) at the end of their alias; rules and addresses carry the protocol
    number 213. Nothing that lacks the mark is ever removed unless a task names it.
  - A link that exists and fits is marked and kept; an address or rule that exists is kept as it is.
  - FRR before 10 can overlook an address that comes at once with its interface. Where it runs, a task that made addresses ends
    when FRR knows them; those it has overlooked are announced to it again. Not in another network namespace.
"""
