#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: drift_info
short_description: How a host differs from its confirmed document
version_added: 0.2.0
description:
  - Compares the host, on all planes, with the document that it keeps, which M(evpn.fabric.fabric_host) has confirmed last. It
    changes nothing.
  - It plans what M(evpn.fabric.fabric_host) with C(state=confirmed) would do, and looks for what others have put into VRFs and
    bridges of the fabric. What the kernel, routing daemons, Docker and libvirt make by themselves never counts.
  - What a document does not say of links that this collection made is compared with what a new link has, unless they were there
    before. The MAC address of such a link is not, nor is an MTU that the document does not say.
  - A host that keeps no document, or whose planes cannot all be read, says why in RV(problems), and the module does not fail.
  - It also returns all that M(evpn.fabric.host_info) does.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes.info
options:
  gateway:
    description: 'Where the host is a gateway, the options of M(evpn.fabric.gateway_failover) that say
      which gateway owns what: what it serves is compared, too.'
    type: dict
    version_added: 0.2.0
  lock_timeout:
    description: Seconds to wait for another run in the same network namespace before the task fails.
    type: int
    default: 60
seealso:
  - module: evpn.fabric.fabric_host
  - module: evpn.fabric.host_info
"""

EXAMPLES = r"""
- name: See what has been changed by hand
  evpn.fabric.drift_info:
  become: true
  register: result

- name: Show it
  ansible.builtin.debug:
    msg: "{{ result.findings | map(attribute='reason') }}"
"""

RETURN = r"""
confirmed:
  description: The document that the host keeps; none where there is none, or it is damaged.
  returned: success
  type: dict
  contains:
    at:
      description: When it was confirmed, in UTC.
      type: str
      sample: "2026-11-20T14:02:51Z"
    digest:
      description: Its SHA-256.
      type: str
    parts:
      description: The SHA-256 of each part, C(frr) and the sections of the data plane such as C(kernel.vxlans).
      type: dict
findings:
  description: What differs; see L(drift.md,https://github.com/evpn/fabric/blob/main/docs/drift.md).
  returned: success
  type: list
  elements: dict
  sample:
    - plane: kernel
      kind: vxlan
      name: vxlan10100
      whose: changed
      reason: mtu 1400 -> 1450
      action: change
      disruption: hitless
      repairable: true
problems:
  description: Why not all can be told, each with the remedy.
  returned: success
  type: list
  elements: str
owned:
  description: What this gateway serves, and C(holds) and C(sessions), as M(evpn.fabric.gateway_failover) returns them.
  returned: with O(gateway), where that can be told
  type: str
  sample: 10000-10003,10007
msg:
  description: Why it cannot be told; one of RV(problems), too.
  returned: with O(gateway), where it cannot be told
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.drift import OPTIONS, run


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
