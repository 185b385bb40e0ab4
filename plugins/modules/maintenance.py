#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance
short_description: Has the fabric send its traffic around a host, and back
version_added: 0.2.0
description:
  - Where FRR runs BGP, it marks all its routes for graceful shutdown (RFC 8326), so that neighbors prefer any other way. Where
    it runs OSPF, its links get the highest metric (RFC 6987). Sessions and routes stay, so no packet is lost.
  - This is runtime state. FRR's startup file does not have it, M(evpn.fabric.frr_config) and M(evpn.fabric.fabric_host) leave
    it alone, and a host that has been restarted is in no maintenance. Where systemd starts FRR, a restart of FRR alone keeps
    it.
  - The host ends it by itself at its time, by a transient timer of systemd, elsewhere by a process that waits.
  - A gateway goes on owning its VNIs. The playbook C(evpn.fabric.maintenance) drains it as well, and does not take the last
    spine.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes
options:
  state:
    description: V(on) has others send their traffic around this host, V(off) has it carry traffic again.
    type: str
    required: true
    choices: ["on", "off"]
  expiry:
    description:
      - How long it lasts at most, such as V(90m), V(2h) or V(1d), from V(60s) to V(7d). The host itself
        ends it then.
      - Where this is not given, a maintenance that has begun stays as long as it is.
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
  - module: evpn.fabric.host_info
  - module: evpn.fabric.gateway_failover
"""

EXAMPLES = r"""
- name: Have others carry the traffic of this spine, for an hour at most
  evpn.fabric.maintenance:
    state: "on"
    expiry: 1h

- name: Have it carry traffic again
  evpn.fabric.maintenance:
    state: "off"
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
maintenance:
  description: The maintenance that this host is in, with C(since) and C(until) in UTC; none if it is in none.
  returned: success
  type: dict
  sample: {since: "2026-11-27T10:00:00Z", until: "2026-11-27T12:00:00Z"}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.maintenance import OPTIONS, run


def main():
    run(AnsibleModule(argument_spec=argument_spec(OPTIONS), supports_check_mode=True))


if __name__ == "__main__":
    main()
