#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fabric_host
short_description: A host's document, on all planes in one transaction
version_added: 0.2.0
description:
  - Brings the kernel's network configuration and FRR to what a document says, or changes nothing.
  - Everything is read and planned first. O(max_disruption) judges the operations of all planes together, before any is touched.
  - The kernel is changed first, then FRR. If either refuses something, if C(vtysh) does not come back, or if the task is ended
    by a signal, both go back to what they were, and the task fails with the cause. What could not be reverted is listed.
  - A plane that the document does not speak of is left alone. With O(kernel) alone this module is M(evpn.fabric.dataplane),
    with O(frr) alone M(evpn.fabric.frr_config).
  - With O(confirm_timeout) the host goes back by itself later, too, unless somebody confirms what was done.
  - The playbook C(evpn.fabric.site) derives the document of each host from the inventory.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
options:
  version:
    description: The version of the document. A release refuses documents that it would read wrongly.
    type: int
    choices: [1]
    default: 1
    version_added: 0.2.0
  kernel:
    description: Links, addresses, forwarding entries, routes, neighbors, rules and sysctls; any options
      of the module M(evpn.fabric.dataplane) from O(evpn.fabric.dataplane#module:vrfs) to O(evpn.fabric.dataplane#module:purge).
    type: dict
    version_added: 0.2.0
  frr:
    description: FRR's whole configuration, as the module M(evpn.fabric.frr_config) takes it.
    type: dict
    version_added: 0.2.0
    suboptions:
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
        description: Whether the file that FRR starts from gets the configuration too, mode 0640, owned
          by frr, in one step.
        type: bool
        default: true
      keep:
        description:
          - Beginnings of top-level lines of the running configuration that stay, with all that is below
            them, such as V(password), V(line vty) or V(ip nht). The startup file gets them, too.
          - All other lines that C(config) does not have are taken away.
        type: list
        elements: str
  persist:
    description:
      - 'Whether the host keeps this document, and what of this collection it needs to come back to it
        by itself after a reboot: the data plane is restored before FRR starts.'
      - All of it is in C(/var/lib/evpn-fabric), which only root can enter, and the unit C(evpn-fabric-restore.service).
        Where systemd does not run there is no unit, and a warning says so.
      - V(false) leaves what is kept as it is.
    type: bool
    default: false
  revision:
    description: What tells this document from others, such as a digest of what it was derived from. It
      is kept with the document, and M(evpn.fabric.host_info) returns it.
    type: str
    version_added: 0.2.0
  state:
    description:
      - V(absent) removes what O(persist) has the host keep. The O(kernel) and O(frr) that are given are
        brought about in either case.
      - V(confirmed) brings the host back to the document that it keeps, with which M(evpn.fabric.drift_info)
        compares it. What that does not say of links that this collection made returns to what a new one
        has.
    type: str
    choices: [present, absent, confirmed]
    default: present
  confirm_timeout:
    description:
      - With a number of seconds, from 10 to 3600, what this task changes has to be confirmed within that
        time by M(evpn.fabric.checkpoint). Otherwise the host goes back on all planes by itself, whatever
        has become of its connection, and the next task with this module says so in a warning.
      - A checkpoint is taken only if there is something to do to the kernel or FRR; the result has RV(checkpoint)
        then. The host keeps the engine and its unit for that, as with O(persist).
      - While a checkpoint waits to be confirmed, tasks with this module are refused on the host.
      - V(0) takes none.
    type: int
    default: 0
    version_added: 0.2.0
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
  - module: evpn.fabric.checkpoint
  - module: evpn.fabric.dataplane
  - module: evpn.fabric.frr_config
  - module: evpn.fabric.drift_info
"""

EXAMPLES = r"""
- name: Bring a leaf to its document
  evpn.fabric.fabric_host:
    kernel:
      bridges:
        - {name: br10100, mtu: 1450}
      vxlans:
        - {name: vxlan10100, vni: 10100, local: 192.0.2.11, bridge: br10100, learning: false}
      purge: true
    frr:
      config: "{{ lookup('ansible.builtin.template', 'frr.conf.j2') }}"
      daemons: [bgpd, bfdd]

- name: Undo what somebody has changed by hand since then
  evpn.fabric.fabric_host:
    state: confirmed

- name: The same at noon, when no session may be reset
  evpn.fabric.fabric_host:
    kernel: "{{ my_kernel }}"
    frr:
      config: "{{ my_frr_text }}"
    max_disruption: hitless

- name: The same over the network that it changes
  evpn.fabric.fabric_host:
    kernel: "{{ my_kernel }}"
    frr:
      config: "{{ my_frr_text }}"
    confirm_timeout: 60
  register: result

- name: Connect anew
  ansible.builtin.meta: reset_connection

- name: Confirm what was changed, if this arrives
  evpn.fabric.checkpoint:
    state: confirmed
    id: "{{ result.checkpoint.id | default(omit) }}"
"""

RETURN = r"""
operations:
  description:
    - What was done, or in check mode what would be done, one entry an object, the kernel's before FRR's.
    - Empty if all is as it should be.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object; C(frr) for a context of FRR's configuration.
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
checkpoint:
  description: The checkpoint that waits to be confirmed, with the C(seconds) that are left for that.
  returned: if there is one
  type: dict
  sample: {id: 5f0c1a2b, seconds: 60}
"""

from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.fabric_host import OPTIONS, run
from ansible_collections.evpn.fabric.plugins.module_utils._module.quiet import QuietModule
from ansible_collections.evpn.fabric.plugins.module_utils._module.task import has_all  # noqa: F401  # pylint: disable=unused-import


def main():
    spec = argument_spec(OPTIONS)
    run(QuietModule(argument_spec=spec, required_if=[("state", "present", ("kernel", "frr"), True)], supports_check_mode=True))


if __name__ == "__main__":
    main()
