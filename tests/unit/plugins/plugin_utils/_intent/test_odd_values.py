"""Every key of an inventory with values that nobody expects: refused in words by the key's own path, or documents that work."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import configuration
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import Built, build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests.engine import document as dataplane_document
from tests.fabrics import GATEWAYS, fabric

Place = tuple[Any, ...]

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 8.0, float("nan"), 10**30, [], [None], [True], [[]], {}, {"a": 1}, {1: 2}, {None: None},
    datetime.date(2026, 1, 1), b"bytes", set(), "", "8", " 8", "08", "٣", "²", "+8", "0x10", "1e3", "8.0", "1_000", "true",
    "x" * 300, "😀" * 60, "a\nb", "a\u202eb", "\ud800", "\x00", "10.0.0.1", "10.0.0.1/24", "10.0.0.1/0", "010.0.0.1", "0.0.0.1",
    "255.255.255.255/32", "240.0.0.0/31", "127.0.0.0/26", "169.254.0.0/31", "224.0.0.1", "::1", "::ffff:10.0.0.0/127",
    "::10.0.0.1", "fe80::1%eth0", "2001:db8::1%eth0/64", "2001:db8::1/64", "100::1", "65000:01", "٣:1", "10.0.0.1:5",
    "lo", "eth1", "br10100", "vxlan50001", "fabric", "all", "exit", ["a", "a"], ["10.0.0.1/24", "10.0.0.1/24"],
)  # fmt: skip


def inventory() -> tuple[dict[str, list[str]], dict[str, Any], dict[str, dict[str, Any]]]:
    """A fabric in which every key is set: its groups, what all hosts share, and what each has by itself."""
    gateways = {"placement": "bounded", "standbys": 1, "pins": [{"buckets": "1-3", "gateway": "gw1"}],
                "accept": ["0.0.0.0/0", "::/0"],
                "failback": "auto", "failback_delay": 0, "quorum": 1, "fencing": ["off", "{gateway}"]}  # fmt: skip
    targets = {"import": ["65000:1", "65000:2"], "export": ["65000:1"]}
    web, _app, _db, own = copy.deepcopy(GATEWAYS["fabric_networks"])
    own.update(rd=2000, description="own", mtu=1400, vteps=["leaf1", "leaf2"],
               route_targets={"import": ["65000:10103"], "export": ["65000:10103"]})  # fmt: skip
    groups, hostvars = fabric(
        **{
            **GATEWAYS,
            "numbered": "ipv4",
            "fabric_underlay": {"protocol": "ebgp", "unnumbered": False, "mtu": 1500, "area": "0.0.0.0", "password": "s3cret",
                                "bfd": {"transmit_interval": 100, "receive_interval": 100, "detect_multiplier": 3}},
            "fabric_overlay": {"protocol": "ebgp"},
            "fabric_gateways": {**GATEWAYS["fabric_gateways"], **gateways},
            "fabric_anycast_mac": "02:00:5e:00:01:01",
            "fabric_vrfs": [{"name": "tenant0", "l3vni": 50001, "table": 5, "rd": 1001, "vteps": ["leaf1"],
                             "route_targets": targets}],
            "fabric_networks": [web, own],
        }
    )  # fmt: skip
    shared = {key: hostvars["leaf1"][key] for key in hostvars["leaf1"] if key not in ("fabric_asn", "fabric_loopback")}
    shared["fabric_links"] = [link for link in shared["fabric_links"] if "spine2" not in link["ends"][0]]
    groups = {name: [host for host in hosts if host != "spine2"] for name, hosts in groups.items()}
    hosts = {name: {key: value for key, value in hostvars[name].items() if key not in shared} for name in groups["fabric"]}
    hosts["leaf1"]["fabric_vtep"] = "10.255.9.9"
    hosts["leaf1"]["fabric_ports"] = [{"interface": "eth7", "untagged": "web", "tagged": ["own"]}]
    hosts["gw1"].update(fabric_gateway_state="active", fabric_gateway_weight=2)
    hosts["gw1"]["fabric_north"][0].update(password="s3cret", bfd=True)
    return groups, shared, hosts


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Where there is something, from the top down."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in below:
        yield (*above, key)
        yield from places(each, (*above, key))


def built(place: Place | None = None, odd: Any = None) -> Built:
    groups, shared, hosts = inventory()
    if place:
        into: Any = {"shared": shared, **hosts}
        for key in place[:-1]:
            into = into[key]
        into[place[-1]] = odd
    made = build(groups, {name: {**shared, **own} for name, own in hosts.items()})
    return made._replace(documents=dict(made.documents), expectations=dict(made.expectations))


def every_place() -> list[Place]:
    _groups, shared, hosts = inventory()
    found = [("shared", *place) for place in places(shared) if place[:2] not in {("fabric_links", n) for n in range(1, 9)}]
    return found + [(name, *place) for name in ("leaf1", "gw1") for place in places(hosts[name])]


def test_the_inventory_that_is_spoiled_here_is_without_problems() -> None:
    assert built().problems == []


@pytest.mark.parametrize("place", every_place(), ids=lambda place: ".".join(map(str, place)))
def test_an_odd_value_is_refused_by_its_path_or_works(place: Place) -> None:
    variable = next(key for key in place if str(key).startswith("fabric_"))
    for odd in ODD:
        made = built(place, odd)
        for problem in made.problems:
            assert str(problem).encode(errors="backslashreplace").decode().isprintable(), (
                "it would break the lines of a terminal"
            )
        # What is not there may be missed by another variable.
        assert odd is None or not made.problems or variable in "".join(map(str, made.problems)), odd
        for found in made.documents.values():
            dataplane_document(**found["kernel"], rules=found["system"]["rules"])
            assert configuration.parse(frr_text(found["frr"]))
