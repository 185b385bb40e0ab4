# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module says of its behaviour."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode, and predicts there the operations of a real run.
    support: full
  diff_mode:
    description: Shows the operations, each with what it disturbs and why.
    support: full
  platform:
    description: Linux with FRR and Python 3.9 or newer.
    platforms: linux
    support: full
  action_group:
    description: Use C(group/evpn.fabric.all) in C(module_defaults) to set defaults for all modules of this collection.
    membership:
      - evpn.fabric.all
    support: full
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode; changes nothing in any case.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: N/A
  platform:
    description: Linux with FRR and Python 3.9 or newer.
    platforms: linux
    support: full
  action_group:
    description: Use C(group/evpn.fabric.all) in C(module_defaults) to set defaults for all modules of this collection.
    membership:
      - evpn.fabric.all
    support: full
"""
