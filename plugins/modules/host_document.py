#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_document
short_description: Brings a host to the document that the playbook site has derived
version_added: 0.2.0
description:
  - The task of the playbook C(evpn.fabric.site). It runs M(evpn.fabric.fabric_host) with the document of the host, and with
    what the variables of the run say, such as C(fabric_max_disruption), C(fabric_confirm_timeout) and C(frr_keep).
  - It has no options, because each would be a template, which takes longer than the rest of the task on the controller.
  - In a playbook of your own use M(evpn.fabric.fabric_host).
  - A check skips a host on which FRR is not installed.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
seealso:
  - module: evpn.fabric.fabric_host
"""

EXAMPLES = r"""
- name: Bring the host to its document, as the playbook site does
  evpn.fabric.host_document:
  become: true
"""

RETURN = r"""
operations:
  description:
    - What was done, or in check mode what would be done, one entry an object.
    - Empty if all is as it should be.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
      sample: vxlan
    name:
      description: Name of the object.
      type: str
      sample: vxlan10100
    action:
      description: One of C(create), C(change), C(recreate), C(delete).
      type: str
      sample: change
    disruption:
      description: One of C(hitless), C(session), C(link), C(daemon).
      type: str
      sample: hitless
    reason:
      description: Why, in words.
      type: str
      sample: mtu 1500 -> 1450
    before:
      description: The object before; for a change only what differs.
      type: dict
      sample:
        name: vxlan10100
        mtu: 1500
    after:
      description: The object afterwards; for a change only what differs.
      type: dict
      sample:
        name: vxlan10100
        mtu: 1450
"""
