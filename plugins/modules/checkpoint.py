#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: checkpoint
short_description: Confirms or reverts what a host has been changed to
version_added: 0.2.0
description:
  - With O(evpn.fabric.fabric_host#module:confirm_timeout) a host takes a checkpoint before it is changed, and goes back to it
    by itself unless this module confirms in time what was done.
  - Confirm over a fresh connection (M(ansible.builtin.meta) with C(reset_connection)), which shows that the host can still be
    reached.
  - The module M(evpn.fabric.host_info) tells whether a checkpoint is armed.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
options:
  state:
    description:
      - 'V(confirmed) keeps what was changed since the checkpoint: the host does not go back by itself
        any more.'
      - V(reverted) brings the kernel, FRR and the confirmed document back at once.
      - If no checkpoint is armed, neither does anything.
    type: str
    required: true
    choices: [confirmed, reverted]
    version_added: 0.2.0
  id:
    description: The checkpoint that is meant, as RV(evpn.fabric.fabric_host#module:checkpoint) has it.
      With O(state=confirmed) the task fails and says why if that one is neither armed nor the last that
      was confirmed. If another one is armed, it stays so. Without it, the one that is armed.
    type: str
    version_added: 0.2.0
  wait:
    description: With O(state=confirmed), how many seconds to wait at most until all BGP sessions are
      established again that were so when the checkpoint was taken, and whose neighbors FRR is still to
      have. If one does not come back, or none is established, the task fails, and the host goes back
      by itself. With V(0) nobody looks at sessions.
    type: int
    default: 30
    version_added: 0.2.0
seealso:
  - module: evpn.fabric.fabric_host
  - module: evpn.fabric.host_info
"""

EXAMPLES = r"""
- name: Bring a host to its document
  evpn.fabric.fabric_host:
    kernel: "{{ my_kernel }}"
    confirm_timeout: 60
  register: result

- name: Connect anew
  ansible.builtin.meta: reset_connection

- name: Confirm
  evpn.fabric.checkpoint:
    state: confirmed
    id: "{{ result.checkpoint.id }}"
  when: result.checkpoint is defined

- name: Go back at once
  evpn.fabric.checkpoint:
    state: reverted
"""

RETURN = r"""
checkpoint:
  description: The checkpoint that was armed, with the C(seconds) that were left to confirm it.
  returned: if there was one
  type: dict
  sample: {id: 5f0c1a2b, seconds: 51}
reverted:
  description: The operations that the host goes back from, in words; in check mode those that it would go back from.
  returned: with O(state=reverted)
  type: list
  elements: str
  sample: [change vxlan vxlan10100]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.checkpoint import OPTIONS, run


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
