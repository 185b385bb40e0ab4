"""Two values for each attribute of each kind of link: what changes in place is changed two at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._core.disruption import FIXED
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model import attribute as forms
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.attribute import Attribute
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.bridge import Bridge
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.dummy import Dummy
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import Interface
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.macvlan import Macvlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.port import Port
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.veth import Veth
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vlan import Vlan
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vrf import Vrf
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.vxlan import Vxlan
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import DATAPLANE

Entry = dict[str, Any]


class Kind(NamedTuple):
    """A kind of link: the option that lists it, its model, and what a link of it needs to say in any case."""

    section: str
    model: Any
    needs: Entry

    @property
    def name(self) -> str:
        """Its name in the output of tests."""
        return " ".join([self.section, *(option for option in ("remote", "bridge") if option in self.needs)])


class Variation(NamedTuple):
    """Two values of one option."""

    option: str
    first: Any
    second: Any


#: What tests make first: an interface below others, a bridge with and one without VLANs, another port.
HOST = (
    "link add eth0 mtu 9000 type veth peer name far0",
    "link set eth0 up",
    "link add eth1 type veth peer name far1",
    "link add br1 address 02:00:00:00:91:01 type bridge",
    "link add br2 address 02:00:00:00:91:02 type bridge",
    "link set eth1 master br1",
)
KINDS = (
    Kind("bridges", Bridge, {"mac": "02:00:00:00:90:01"}),
    Kind("vxlans", Vxlan, {"vni": 1, "local": "10.0.0.1", "dstport": 4789}),
    Kind("vxlans", Vxlan, {"vni": 1, "local": "10.0.0.1", "remote": "10.0.0.9", "dev": "eth0", "dstport": 4789}),
    Kind("vxlans", Vxlan, {"vni": 1, "local": "2001:db8::1", "dstport": 4789, "bridge": "br1"}),
    Kind("veths", Veth, {"peer": "x2", "bridge": "br1"}),
    Kind("macvlans", Macvlan, {"link": "eth0", "mode": "bridge"}),
    Kind("interfaces", Interface, {}),
    Kind("vlans", Vlan, {"link": "eth0", "vlan": 7}),
    Kind("vrfs", Vrf, {"table": 7}),
    Kind("dummies", Dummy, {}),
)
#: What all links have. Below 1280 bytes the kernel has no IPv6 on a link.
COMMON = (
    Variation("description", "", "a word"),
    Variation("mtu", 1500, 1400),
    Variation("mtu", 1400, 1000),
    Variation("mac", "02:00:00:00:90:01", "02:00:00:00:90:02"),
    Variation("ipv6_link_local", False, True),
    Variation("up", False, True),
)
#: Values of options where not any number is one.
VALUES: dict[tuple[str, str], tuple[Any, Any]] = {
    ("bridge", "forward_delay"): (1500, 0),
    ("bridge", "hello_time"): (200, 100),
    ("bridge", "max_age"): (2000, 600),
    ("bridge", "ageing_time"): (30000, 6000),
    ("bridge", "vlan_default_pvid"): (1, 0),
    ("bridge", "group_fwd_mask"): (0, 8),
    ("bridge", "mcast_hash_max"): (4096, 512),
    ("bridge", "mcast_igmp_version"): (2, 3),
    ("bridge", "mcast_mld_version"): (1, 2),
    **{
        ("bridge", f"mcast_{name}_interval"): (first, 2 * first)
        for name, first in (
            ("last_member", 100),
            ("membership", 26000),
            ("querier", 25500),
            ("query", 12500),
            ("query_response", 1000),
            ("startup_query", 3000),
        )
    },
    ("port", "cost"): (2, 100),
    ("port", "backup_port"): ("", "eth1"),
    ("port", "group_fwd_mask"): (0, 8),
    ("vxlan", "local"): ("10.0.0.1", "10.0.0.2"),
}


def variations(kind: Kind) -> list[Variation]:
    """Two values for everything that changes on a live link of a kind, and on its port of a bridge."""
    rows = [(kind.model.kind, row) for row in kind.model.attributes.values()]
    if "bridge" in kind.needs:
        rows += [("port", row) for row in Port.attributes.values()]
        masters = [Variation("bridge", "br1", "br2")]
    else:
        masters = [Variation("bridge", "", "br1")] if kind.model.kind not in ("bridge", "vrf") else []
    found = [
        _of_row(of, row, kind) for of, row in rows if row.sayable and row.change != FIXED and row.form != forms.NOT_WRITTEN
    ]
    if kind.model is Vxlan and ":" not in kind.needs["local"]:
        found = [each for each in found if each.option != "flowlabel"]  # only IPv6 has flow labels
    options = DATAPLANE[kind.section]["options"]
    return [each for each in (*COMMON, *masters, *found) if each.option in options]


def _of_row(of: str, row: Attribute, kind: Kind) -> Variation:
    if of == "vxlan" and row.name == "local" and ":" in kind.needs["local"]:
        return Variation("local", "2001:db8::1", "2001:db8::2")
    if (of, row.called) in VALUES:
        return Variation(row.called, *VALUES[of, row.called])
    if row.form in forms.SWITCHES:
        return Variation(row.called, row.default, not row.default)
    if row.words:
        first, second, *_others = row.words
        return Variation(row.called, first, second)
    if row.form in (forms.INGRESS, forms.EGRESS):
        return Variation(row.called, "", "0:1 5:2")
    number = int(row.default or 0)
    return Variation(row.called, number, number + 1 if number < row.largest else number - 1)


def pairs(kind: Kind) -> Iterator[tuple[Entry, Entry]]:
    """Two links of a kind that say all there is to say, and differ in two options, in each way that four values can."""
    every = variations(kind)
    usual = {**kind.needs, **{option: first for option, first, _second in reversed(every)}}
    for one, other in itertools.combinations(every, 2):
        if one.option != other.option:
            for there, back in ((other.first, other.second), (other.second, other.first)):
                yield (
                    {**usual, one.option: one.first, other.option: there},
                    {**usual, one.option: one.second, other.option: back},
                )
