#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: frr_config
short_description: FRR's whole configuration
version_added: 0.1.0
description:
  - Brings FRR's running configuration, and the file it starts from, to a configuration that is given as a whole.
  - Only the difference to what runs is applied, in a few batches for each daemon.
  - Configurations need not be written as C(show running-config) prints them. Lines that this collection does not write itself
    are read by a scratch FRR first, daemons of the same release in namespaces of their own. It shows how FRR prints them, and
    whether FRR gets to them from what runs. So the task finds what FRR refuses before it changes anything, in check mode, too.
  - If FRR rejects a line all the same, if C(vtysh) does not end in time, or if a signal asks the task to end, FRR is reverted
    to what it was before and the task fails with FRR's own words. The message lists what could not be reverted.
  - FRR before 10 can overlook an address that the kernel adds right after its interface, and does not advertise the subnet
    then. The task has the kernel announce such addresses again, by setting each once more as it is. Not with O(pathspace).
  - FRR is started if it does not run, and set to start at boot (frr.service of systemd).
  - FRR is restarted only where there is no other way, and the plan says so. O(daemons) names one that is not enabled yet; a
    daemon that is needed and enabled does not run; O(config) is for other defaults than FRR runs with; or a scratch FRR did
    not get to O(config) while it ran. Where systemd does not run FRR, the task then fails before it changes anything.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
options:
  config:
    description:
      - The configuration, as a file that FRR starts from has it.
      - Passwords in it appear neither in results nor in diffs nor in process lists.
    type: str
    required: true
  daemons:
    description:
      - Daemons that must run, such as V(bgpd), V(ospfd), V(bfdd). Others stay as they are.
      - Enabling one restarts FRR, an operation of the disruption V(daemon).
    type: list
    elements: str
  save:
    description: Whether the file that FRR starts from gets the configuration too, mode 0640, owned by
      frr, in one step.
    type: bool
    default: true
  keep:
    description:
      - Beginnings of top-level lines of the running configuration that stay, with all that is below them,
        such as V(password), V(line vty) or V(ip nht). The startup file gets them, too.
      - All other lines that C(config) does not have are taken away.
    type: list
    elements: str
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
  pathspace:
    description: Name of the FRR instance, as in C(vtysh -N). The host's own where this is not given.
    type: str
notes:
  - Lines about C(hostname), C(service integrated-vtysh-config) and C(ip forwarding) are not compared. They belong to vtysh or
    to the kernel. C(frr version) says with which release's defaults a configuration is read, as at a start of FRR.
  - FRR that runs with the defaults of another profile than O(config) names (C(frr defaults), C(frr_profile) in
    /etc/frr/daemons) restarts with O(config).
  - Where the host allows no namespaces, as some containers do, O(config) has to be written as C(show running-config) prints it.
  - What M(evpn.fabric.gateway_failover) keeps is left alone. Lists whose names begin with C(evpn-gateway-), if O(config)
    does not name them, and OSPF costs of ranks on passive interfaces that O(config) gives the cost 65535.
  - Tested with FRR 8.4, 10.3 and 10.7.
seealso:
  - module: evpn.fabric.evpn_info
"""

EXAMPLES = r"""
- name: Bring FRR to the rendered configuration
  evpn.fabric.frr_config:
    config: "{{ lookup('ansible.builtin.template', 'frr.conf.j2') }}"
    daemons: [bgpd, bfdd]

- name: Only if no session is reset
  evpn.fabric.frr_config:
    config: "{{ lookup('ansible.builtin.file', 'leaf1.conf') }}"
    max_disruption: hitless
"""

RETURN = r"""
operations:
  description:
    - What was done, or in check mode what would be done, one entry for each top-level context, file and
      overlooked address.
    - Empty if all is as it should be.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: C(frr), C(frr service), C(frr daemons), C(frr startup file), C(frr unfinished file)
        or C(frr address).
      type: str
      sample: frr
    name:
      description: The top-level context or line, the file, or the address and its interface.
      type: str
      sample: router bgp 65011
    action:
      description: One of C(create), C(change), C(recreate), C(delete).
      type: str
      sample: change
    disruption:
      description: One of C(hitless), C(session), C(link), C(daemon).
      type: str
      sample: session
    reason:
      description: Why, in words.
      type: str
      sample: differs; neighbor fabric password ********
    before:
      description: The object before; for a change only what differs.
      type: dict
      sample:
        name: router bgp 65011
        lines: []
    after:
      description: The object afterwards; for a change only what differs.
      type: dict
      sample:
        name: router bgp 65011
        lines:
          - " neighbor fabric password ********"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.frr import OPTIONS, run


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
