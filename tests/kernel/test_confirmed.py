"""What differs from a confirmed document on a kernel with VRFs and VLANs, also of what the document does not say."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.confirmed import ConfirmedPlane
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import foreign as netlink
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.foreign import foreign

from tests.engine import bring, document
from tests.namespaces import ip

pytestmark = pytest.mark.usefixtures("network")

#: Links of every kind, of which the document says as little as it may.
FABRIC: dict[str, Any] = {
    "vrfs": [{"name": "red", "table": 5001}],
    "bridges": [{"name": "br1", "vrf": "red"}, {"name": "br2"}, {"name": "br3", "vlan_filtering": True}],
    "vxlans": [
        {"name": "vx1", "vni": 1, "bridge": "br1", "learning": False, "neigh_suppress": True},
        {"name": "vx2", "vni": 2, "local": "2001:db8::1", "bridge": "br2"},
        {"name": "vx3", "external": True, "vnifilter": True, "bridge": "br3", "dstport": 4790},
    ],
    "veths": [{"name": "eth3", "peer": "host3", "bridge": "br2"}],
    "vlans": [{"name": "eth3.100", "link": "eth3", "vlan": 100, "bridge": "br1"}],
    "dummies": [{"name": "dm1"}],
    "macvlans": [{"name": "mv1", "link": "dm1"}],
    "addresses": [{"dev": "br1", "address": "10.1.0.1/24"}, {"dev": "br1", "address": "2001:db8:1::1/64", "nodad": True}],
    "rules": [{"priority": 1000, "l3mdev": True}],
    "purge": True,
}


def differing() -> list[str]:
    """What differs, and what is somebody else's."""
    kernel = Kernel()
    plane, desired = ConfirmedPlane(kernel), document(**FABRIC)
    actual = plane.read(desired)
    found = ["%s: %s" % (each.name, each.reason) for each in plane.plan(desired, actual).operations]
    found += ["%s: %s" % (each.object.name, each.where) for each in foreign(desired, netlink.read(kernel, actual.state))]
    kernel.close()
    return found


def test_links_that_have_just_been_made_are_as_new_ones_are_and_nothing_on_them_is_anybody_elses() -> None:
    bring(**FABRIC)
    assert differing() == []


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        ("link set vx1 type vxlan ttl 64", "vx1: ttl 64 -> 0"),
        ("link set br2 master red", "br2: vrf red -> none"),
        ("link set red txqueuelen 7", "red: txqlen 7 -> 1000"),
        ("link set eth3.100 type vlan loose_binding on", "eth3.100: loose_binding on -> off"),
        ("rule del priority 1000", "1000: from all l3mdev (ipv4): in the document, not on the host"),
        ("route add 10.9.0.0/16 dev br1 vrf red", "10.9.0.0/16 table 5001: in vrf red"),
        ("route add unreachable 10.9.0.0/16 vrf red", "10.9.0.0/16 table 5001: in vrf red"),
        ("address add 10.3.0.1/24 dev br1", "10.3.0.1/24 on br1: on br1"),
    ],
)
def test_an_edit_by_hand_is_found(edit: str, found: str) -> None:
    bring(**FABRIC)
    ip(edit)
    assert differing() == [found]


def test_what_the_kernel_and_daemons_put_into_a_vrf_is_no_drift() -> None:
    bring(**FABRIC)
    ip(
        "route add 10.8.0.0/16 dev br1 vrf red proto bgp",
        "neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev br1 nud permanent extern_learn",
    )
    entry = ["bridge", "fdb", "add", "02:00:00:00:00:09", "dev", "vx1", "dst", "192.0.2.9", "self", "extern_learn"]
    subprocess.run(entry, check=True)
    assert differing() == []
