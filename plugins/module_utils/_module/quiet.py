# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules whose options are not for the host's log. Private to this collection."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


class QuietModule(AnsibleModule):
    """A module that has passwords within an option of several.

    Ansible writes the options of a module to the host's log, and leaves out those that are marked ``no_log``; it does not look
    for them within others (AnsibleModule._log_invocation). Results are masked as usual.
    """

    def _log_invocation(self) -> None:
        self.log("Invoked; the options are not logged, because they can hold passwords")
