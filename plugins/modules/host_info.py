#!/usr/bin/python
# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: What a host is and has, as far as a fabric needs to know
version_added: 0.1.0
description:
  - Reports versions of the kernel and of FRR, and what is missing.
author:
  - evpn.fabric contributors (@evpn)
extends_documentation_fragment:
  - evpn.fabric.attributes.info
"""

EXAMPLES = r"""
- name: See what the host is and has
  evpn.fabric.host_info:
  register: result

- name: Say which FRR it runs
  ansible.builtin.debug:
    var: result.frr_version
"""

RETURN = r"""
distribution:
  description:
    - C(id), C(version) and C(name) of the distribution, from /etc/os-release; C(like) has the ids of those that it comes from.
  returned: success
  type: dict
  sample: {id: ubuntu, version: "24.04", name: Ubuntu 24.04 LTS, like: [debian]}
kernel:
  description: Release of the running kernel.
  returned: success
  type: str
  sample: 6.1.0-40-amd64
frr_version:
  description: Version of FRR; none where it is not installed.
  returned: success
  type: str
  sample: 8.4.4
pyroute2:
  description: Whether the Python library pyroute2 is installed.
  returned: success
  type: bool
missing_kernel_modules:
  description: Kernel modules of a fabric's devices that are neither loaded nor built in.
  returned: success
  type: list
  elements: str
  sample: [vrf]
modules_load:
  description: Content of the file that loads them at boot, empty where there is none.
  returned: success
  type: str
default_route_interfaces:
  description:
    - Interfaces by which the host's own default routes of the main table leave, those with the lowest metric of each family.
    - Routes of routing daemons do not count, nor those from router advertisements.
  returned: success
  type: list
  elements: str
  sample: [eth0]
advertised_default_interfaces:
  description: Interfaces whose IPv6 default route comes from router advertisements. Forwarding would drop it.
  returned: success
  type: list
  elements: str
  sample: [eth0]
network_managers:
  description:
    - What else manages networks here and takes files that tell it what to leave alone, by name (C(systemd-networkd),
      C(NetworkManager)). Each has C(active), whether it runs, and C(files), the SHA-256 of each such file of this collection,
      empty where there is none.
  returned: success
  type: dict
  sample: {systemd-networkd: {active: true, files: {/etc/systemd/network/00-evpn-fabric.network: ""}}}
configured_interfaces:
  description:
    - Interfaces that something else configures, each with C(interface), C(manager), and C(problem). The problem is empty where
      the interface can be taken out of the manager's hands and nothing is lost.
  returned: success
  type: list
  elements: dict
  sample: [{interface: eth3, manager: systemd-networkd, problem: ""}]
confirmed:
  description:
    - The document that all planes of the host confirmed last, with the time C(at) in UTC and its C(revision)
      (O(evpn.fabric.fabric_host#module:revision)); none if the host keeps none.
    - Only root can see it. For other users it is none.
  returned: success
  type: dict
  sample: {at: "2026-11-27T10:00:00Z", revision: 9f86d081884c7d65}
  version_added: 0.2.0
maintenance:
  description:
    - The maintenance that the host is in, with C(since) and C(until) in UTC, as M(evpn.fabric.maintenance) returns it; none if
      it is in none.
    - Only root can see it. For other users it is none.
  returned: success
  type: dict
  sample: {since: "2026-11-27T10:00:00Z", until: "2026-11-27T12:00:00Z"}
  version_added: 0.2.0
checkpoint:
  description:
    - What waits to be confirmed by the module M(evpn.fabric.checkpoint), with its C(id) and the C(seconds) that are left for
      that; none if nothing does.
  returned: success, if the task runs as root
  type: dict
  sample: {id: 5f0c1a2b, seconds: 42}
reverted:
  description:
    - What the host has reverted since the last run of M(evpn.fabric.fabric_host), with its C(id), C(at) (UTC), C(why), the
      C(operations) that it went back from, and a C(failure), empty if all could be reverted; none if there is nothing.
  returned: success, if the task runs as root
  type: dict
  sample:
    id: 5f0c1a2b
    at: "2026-11-27T09:30:00Z"
    why: it was not confirmed within 60 s
    operations: [change vxlan vxlan10100]
    failure: ""
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils import _engine

_engine.prefer_kept()

from ansible_collections.evpn.fabric.plugins.module_utils._module.host import run


def main():
    run(AnsibleModule(argument_spec={}, supports_check_mode=True))


if __name__ == "__main__":
    main()
