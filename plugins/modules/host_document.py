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
  - The task of the playbook C(evpn.fabric.site). It runs M(evpn.fabric.fabric_host) with the document of the host, and with what
    the variables of the run say, such as C(fabric_max_disruption), C(fabric_confirm_timeout) and C(frr_keep).
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
  description: What M(evpn.fabric.fabric_host) returns, this and all else.
  returned: success
  type: list
  elements: dict
"""
