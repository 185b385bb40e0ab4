#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ip_rules
short_description: Routing policy rules
version_added: 0.1.0
description:
  - Adds and removes routing policy rules, all of them in one plan. Rules are added before any is removed, so that the
    host's own connections go on.
  - A plan that would leave no rule for the tables local or main is refused, because it cuts the host off.
  - The rules that Linux makes itself (0 V(local), 1000 l3mdev, 32766 V(main), 32767 V(default)) are the kernel's, also where
    this module has added them, and are not purged.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
  - evpn.fabric.dataplane
options:
  rules:
    description: Rules. All that selects and acts identifies a rule.
    type: list
    elements: dict
    required: true
    suboptions:
      priority:
        description: Rules of lower numbers come first. From 0 to 4294967295.
        type: int
        required: true
      family:
        description: Address family.
        type: str
        choices: [ipv4, ipv6]
        default: ipv4
      action:
        description: What happens to a packet that the rule selects.
        type: str
        choices: [lookup, blackhole, unreachable, prohibit]
        default: lookup
      table:
        description: Routing table to look up, a number or V(main), V(local) or V(default). For the action
          V(lookup).
        type: str
      l3mdev:
        description: Whether the rule is for packets of VRFs, and the table that of their VRF.
        type: bool
        default: false
      iif:
        description: Interface the packet came in by.
        type: str
      oif:
        description: Interface the packet is to leave by.
        type: str
      from:
        description: Network of the source.
        type: str
      to:
        description: Network of the destination.
        type: str
      fwmark:
        description: Mark of the packet, with an optional mask.
        type: str
      not:
        description: Whether the rule is for packets that the rest of it does not select.
        type: bool
      tos:
        description: Type of service of the packet. From 0 to 255.
        type: int
      ipproto:
        description: Protocol of the packet, a number or a name such as V(tcp).
        type: str
      sport:
        description: Source port of the packet, or a range of them, as V(1000-2000).
        type: str
      dport:
        description: Destination port of the packet, or a range of them.
        type: str
      uidrange:
        description: User that the packet comes from, or a range of them.
        type: str
      suppress_prefixlength:
        description: Routes count only if their prefix is longer than this. From 0 to 128.
        type: int
      state:
        description: Whether it exists.
        type: str
        choices: [present, absent]
        default: present
  purge:
    description: Whether rules of this collection that are not listed are removed.
    type: bool
    default: false
  netns:
    description:
      - Name of the network namespace to work in, as C(ip netns) lists it. This needs root and pyroute2
        0.7.2 or newer.
      - The host's own where this is not given.
    type: str
  max_disruption:
    description:
      - The task fails, before anything is touched, if it would have to do something more disruptive than
        this.
      - V(hitless) allows only what no packet notices; V(session) allows to reset routing sessions, to
        withdraw routes and to take forwarding state away; V(link) allows to take a link down or to make
        it anew; V(daemon) allows to restart FRR.
    type: str
    choices: [hitless, session, link, daemon]
    default: daemon
  lock_timeout:
    description: Seconds to wait for another run in the same network namespace before the task fails.
    type: int
    default: 60
seealso:
  - module: evpn.fabric.dataplane
"""

EXAMPLES = r"""
- name: Keep packets of a VRF from falling through to other tables
  evpn.fabric.ip_rules:
    rules:
      - {priority: 1001, family: ipv4, l3mdev: true, action: unreachable}
      - {priority: 1001, family: ipv6, l3mdev: true, action: unreachable}
      - {priority: 2000, family: ipv4, table: local}
      - {priority: 2000, family: ipv6, table: local}
      - {priority: 0, family: ipv4, table: local, state: absent}
      - {priority: 0, family: ipv6, table: local, state: absent}
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec, listed
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.common import COMMON, purge
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.entries import RULE
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run_kernel

OPTIONS = {
    "rules": listed(RULE, "Rules. All that selects and acts identifies a rule.", required=True),
    **purge("Whether rules of this collection that are not listed are removed."),
    **COMMON,
}


def main():
    module = AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True)
    run_kernel(module, {"rules": module.params["rules"], "purge": module.params["purge"]})


if __name__ == "__main__":
    main()
