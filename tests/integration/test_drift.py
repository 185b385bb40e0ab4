"""What somebody changes on a host by hand is found, and repaired where it is ours; what the host does by itself is no drift."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateways import until
from tests.systemd_host import SystemdHost

UP1 = "ip link add up1 type veth peer name up1-far; ip link set up1-far up"
ANYCAST = "00:00:5e:00:01:01"
KERNEL: dict[str, Any] = {
    "bridges": [{"name": "br10100", "mtu": 1450, "mac": ANYCAST, "stp": False}],
    "vxlans": [{"name": "vxlan10100", "vni": 10100, "local": "192.0.2.11", "bridge": "br10100", "learning": False}],
    "interfaces": [{"name": "up1", "mtu": 1600, "up": True}],
    "addresses": [
        {"dev": "lo", "address": "192.0.2.11/32"},
        {"dev": "up1", "address": "192.0.2.1/31"},
        {"dev": "br10100", "address": "198.51.100.1/24"},
    ],
    "rules": [
        {"priority": 1000, "l3mdev": True},
        {"priority": 2000, "table": "local"},
        {"priority": 0, "table": "local", "state": "absent"},
    ],
    "sysctls": {"net.ipv4.ip_forward": 1, "net/ipv4/conf/br10100/arp_accept": 1},
    "purge": True,
}
FRR = {
    "config": """frr defaults traditional
service integrated-vtysh-config
router bgp 65001
 neighbor 192.0.2.0 remote-as 65002
 neighbor 192.0.2.0 password hidden-from-all
 address-family l2vpn evpn
  neighbor 192.0.2.0 activate
  advertise-all-vni
 exit-address-family
""",
    "daemons": ["bgpd"],
}
DOCUMENT: dict[str, Any] = {"kernel": KERNEL, "frr": FRR, "persist": True}
#: What Docker, libvirt, an administrator and FRR's neighbors have beside the fabric, and in its bridges by right.
BESIDE = """
ip link add docker0 type bridge; ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up
ip link add veth1 type veth peer name veth1-far; ip link set veth1 master docker0; ip link set veth1 up
ip netns add container
ip link add tap1 type veth peer name eth0 netns container; ip link set tap1 master br10100; ip link set tap1 up
ip route add 10.8.0.0/16 via 172.17.0.2 dev docker0
ip rule add priority 5210 fwmark 0x80000/0xff0000 lookup 52
bridge fdb add 00:00:00:00:00:00 dev vxlan10100 dst 192.0.2.12
"""
#: Edits: what is done by hand, and what is found then, as whose, kind and name.
EDITS = {
    "ip link del vxlan10100": [("gone", "vxlan", "vxlan10100")],
    "ip link set br10100 mtu 1300": [("changed", "bridge", "br10100")],
    "ip link set br10100 address 02:00:00:00:00:99": [("changed", "bridge", "br10100")],
    "ip link set br10100 down": [("changed", "bridge", "br10100")],
    "ip link set vxlan10100 nomaster": [("changed", "vxlan", "vxlan10100")],
    "ip link set vxlan10100 down": [("changed", "vxlan", "vxlan10100")],
    "ip link set vxlan10100 type vxlan local 192.0.2.99": [("changed", "vxlan", "vxlan10100")],
    "ip link set vxlan10100 type vxlan learning": [("changed", "vxlan", "vxlan10100")],
    "ip link set vxlan10100 type vxlan ttl 64 ageing 77": [("changed", "vxlan", "vxlan10100")],
    "ip link set br10100 type bridge mcast_snooping 0": [("changed", "bridge", "br10100")],
    "bridge link set dev vxlan10100 hairpin on": [("changed", "port", "vxlan10100")],
    "bridge link set dev vxlan10100 learning on": [("changed", "port", "vxlan10100")],
    "ip link set up1 mtu 1400": [("changed", "veth", "up1")],
    "ip link set up1 down": [("changed", "veth", "up1")],
    "ip address del 192.0.2.11/32 dev lo": [("gone", "address", "192.0.2.11/32 on lo")],
    "ip address flush dev br10100": [("gone", "address", "198.51.100.1/24 on br10100")],
    "ip rule del priority 2000": [("gone", "rule", "2000: from all lookup 255 (ipv4)")],
    "ip rule del priority 1000": [("gone", "rule", "1000: from all l3mdev (ipv4)")],
    "ip rule add priority 0 lookup local": [("changed", "rule", "0: from all lookup 255 (ipv4)")],
    "sysctl -w net.ipv4.ip_forward=0": [("changed", "sysctl", "net/ipv4/ip_forward")],
    "sysctl -w net.ipv4.conf.br10100.arp_accept=0": [("changed", "sysctl", "net/ipv4/conf/br10100/arp_accept")],
    "vtysh -c 'configure terminal' -c 'router bgp 65001' -c 'no neighbor 192.0.2.0 password'": [
        ("changed", "frr", "router bgp 65001")
    ],
    "vtysh -c 'configure terminal' -c 'bgp graceful-shutdown'": [("changed", "frr", "bgp graceful-shutdown")],
    "vtysh -c 'configure terminal' -c 'ip route 10.9.0.0/16 blackhole'": [("changed", "frr", "ip route 10.9.0.0/16 blackhole")],
    "echo '! by hand' >> /etc/frr/frr.conf": [("changed", "frr startup file", "/etc/frr/frr.conf")],
    "chmod 644 /etc/frr/frr.conf": [("changed", "frr startup file", "/etc/frr/frr.conf")],
    "rm /etc/frr/frr.conf": [("gone", "frr startup file", "/etc/frr/frr.conf")],
    "sed -i s/^bgpd=yes/bgpd=no/ /etc/frr/daemons": [("changed", "frr daemons", "/etc/frr/daemons")],
    "systemctl stop frr": [("service", "frr service", "frr.service")],
    "systemctl disable frr": [("service", "frr service", "frr.service")],
    "systemctl disable --now frr": [("service", "frr service", "frr.service")],
    "systemctl disable evpn-fabric-restore": [("kept", "service", "evpn-fabric-restore.service")],
    "sed -i s/^Before=.*// /etc/systemd/system/evpn-fabric-restore.service": [
        ("kept", "service", "evpn-fabric-restore.service")
    ],
    "rm /var/lib/evpn-fabric/engine.pyz": [("kept", "engine", "/var/lib/evpn-fabric/engine.pyz")],
}
#: What is somebody else's: how it comes, what is found, how it goes.
FOREIGN = {
    "ip address add 203.0.113.1/24 dev br10100": (
        ("address", "203.0.113.1/24 on br10100"),
        "ip address del 203.0.113.1/24 dev br10100",
    ),
    "bridge fdb add 02:00:00:00:00:01 dev vxlan10100 dst 192.0.2.12 static": (
        ("fdb", "02:00:00:00:00:01 on vxlan10100 dst 192.0.2.12"),
        "bridge fdb del 02:00:00:00:00:01 dev vxlan10100 dst 192.0.2.12",
    ),
    "bridge fdb add 02:00:00:00:00:02 dev vxlan10100 master static": (
        ("fdb", "02:00:00:00:00:02 on vxlan10100"),
        "bridge fdb del 02:00:00:00:00:02 dev vxlan10100 master",
    ),
    "ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:03 dev br10100 nud permanent": (
        ("neighbor", "198.51.100.9 on br10100"),
        "ip neigh del 198.51.100.9 dev br10100",
    ),
    "ip rule add priority 500 iif br10100 lookup 77": (
        ("rule", "500: from all iif br10100 lookup 77 (ipv4)"),
        "ip rule del priority 500",
    ),
    "ip link add by-hand type veth peer name by-hand-far; ip link set by-hand master br10100": (
        ("veth", "by-hand"),
        "ip link del by-hand",
    ),
}


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making containers needs root")


@pytest.fixture(scope="module", name="host")
def _host() -> Iterator[SystemdHost]:
    with SystemdHost("debian12") as running:
        running.shell(UP1)
        confirm(running)
        yield running


def confirm(host: SystemdHost) -> None:
    """Brings the host to its document, which it then keeps."""
    made = host.module("fabric_host", DOCUMENT)
    assert "msg" not in made, made["msg"]


def look(host: SystemdHost) -> dict[str, Any]:
    found = host.module("drift_info", {})
    assert "msg" not in found, found["msg"]
    assert "hidden-from-all" not in json.dumps(found), "a password has left the host"
    return found


def drift(host: SystemdHost) -> list[tuple[str, str, str]]:
    """What differs, as whose, kind and name."""
    found = look(host)
    assert not found["problems"], found["problems"]
    return [(each["whose"], each["kind"], each["name"]) for each in found["findings"]]


@pytest.mark.parametrize("image", ["debian12", "debian13", "debian14"])
def test_a_host_that_nobody_has_touched_has_no_drift_whatever_else_is_on_it(image: str) -> None:
    with SystemdHost(image) as host:
        host.shell(UP1)
        confirm(host)
        assert [drift(host) for _run in range(3)] == [[]] * 3
        host.shell(BESIDE)
        assert [drift(host) for _run in range(3)] == [[]] * 3


def test_what_is_confirmed_is_told_and_so_is_what_host_info_tells(host: SystemdHost) -> None:
    found, kept = look(host), json.loads(host.shell("cat /var/lib/evpn-fabric/document.json"))
    assert (found["confirmed"]["at"], found["confirmed"]["digest"]) == (kept["at"], kept["digest"])
    assert {"frr", "kernel.bridges", "kernel.rules"} <= found["confirmed"]["parts"].keys()
    told = host.module("host_info", {})
    assert told["confirmed"].items() <= found["confirmed"].items()
    assert {key: found[key] for key in told if key not in ("changed", "invocation", "confirmed")} == {
        key: value for key, value in told.items() if key not in ("changed", "invocation", "confirmed")
    }


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_by_hand_is_found_and_repaired(host: SystemdHost, edit: str) -> None:
    host.shell(edit)
    found = look(host)
    assert not found["problems"], found["problems"]
    differing = [(each["whose"], each["kind"], each["name"]) for each in found["findings"]]
    assert set(EDITS[edit]) <= set(differing), found["findings"]
    assert all(each["repairable"] and each["disruption"] for each in found["findings"]), found["findings"]
    repaired = host.module("fabric_host", {"state": "confirmed"})
    assert "msg" not in repaired, repaired["msg"]
    named = {(each["kind"], each["name"]) for each in repaired["operations"]}
    assert {(kind, name) for _whose, kind, name in differing} <= named, "what was found is what is repaired"
    assert drift(host) == []


def test_entries_that_the_document_lists_are_found_and_repaired_as_well(host: SystemdHost) -> None:
    mac = "02:00:00:00:00:77"
    entries = {
        "fdb": [{"dev": "vxlan10100", "mac": mac, "dst": "192.0.2.77"}],
        "neighbors": [{"dev": "br10100", "ip": "198.51.100.77", "mac": mac}],
        "routes": [{"dst": "203.0.113.0/24", "via": "198.51.100.77"}],
    }
    made = host.module("fabric_host", {**DOCUMENT, "kernel": {**KERNEL, **entries}})
    assert "msg" not in made, made["msg"]
    for edits, whose in (
        (("bridge fdb del %s dev vxlan10100", "ip neigh del 198.51.100.77 dev br10100", "ip route del 203.0.113.0/24"), "gone"),
        (
            (
                "bridge fdb replace %s dev vxlan10100 dst 192.0.2.78 static",
                "ip neigh replace 198.51.100.77 lladdr 02:00:00:00:00:78 dev br10100 nud permanent",
                "ip route replace 203.0.113.0/24 via 198.51.100.78",
            ),
            "changed",
        ),
    ):
        host.shell("; ".join(edits) % mac)
        found = drift(host)
        assert [(each, kind) for each, kind, _name in found] == [(whose, kind) for kind in ("fdb", "route", "neighbor")], found
        assert len(host.module("fabric_host", {"state": "confirmed"})["operations"]) == 3
        assert drift(host) == []
    none: dict[str, Any] = {section: [] for section in entries}
    host.module("fabric_host", {**DOCUMENT, "kernel": {**KERNEL, **none}})
    confirm(host)


@pytest.mark.parametrize("edit", FOREIGN)
def test_what_somebody_else_puts_into_a_bridge_is_found_and_left_to_people(host: SystemdHost, edit: str) -> None:
    found, undo = FOREIGN[edit]
    host.shell(edit)
    try:
        assert drift(host) == [("foreign", *found)]
        assert host.module("fabric_host", {"state": "confirmed"})["changed"] is False
        assert [each["repairable"] for each in look(host)["findings"]] == [False]
    finally:
        host.shell(undo)
    assert drift(host) == []


def test_a_daemon_that_dies_is_told_of_although_it_comes_back_by_itself(host: SystemdHost) -> None:
    host.shell("kill -KILL $(cat /run/frr/bgpd.pid)")
    assert drift(host) == [("service", "frr daemon", "bgpd")]
    until(lambda: "bgpd" in host.shell("vtysh -c 'show daemons'", check=False))
    assert drift(host) == []


def test_a_link_that_was_there_before_us_may_have_been_made_otherwise(host: SystemdHost) -> None:
    host.shell("ip link add br10200 type bridge mcast_snooping 0")
    document = {**DOCUMENT, "kernel": {**KERNEL, "bridges": [*KERNEL["bridges"], {"name": "br10200"}]}}
    assert "adopted" in host.module("fabric_host", document)["operations"][0]["reason"]
    assert drift(host) == []
    host.shell("ip link set br10200 alias ''")
    assert drift(host) == [("changed", "bridge", "br10200")]
    confirm(host)


def test_a_link_whose_mark_somebody_took_away_is_ours_as_before(host: SystemdHost) -> None:
    host.shell("ip link set br10100 alias 'by hand'")
    assert drift(host) == [("changed", "bridge", "br10100")]
    host.module("fabric_host", {"state": "confirmed"})
    host.shell("ip link set br10100 type bridge mcast_snooping 0")
    assert drift(host) == [("changed", "bridge", "br10100")]
    host.module("fabric_host", {"state": "confirmed"})
    assert "mcast_snooping 1" in host.shell("ip -d link show br10100")


def test_a_gateway_whose_host_has_drifted_is_repaired_although_it_cannot_be_told_what_it_serves(host: SystemdHost) -> None:
    options = {"gateways": [{"name": "gw1"}], "self": "gw1", "vnis": ["10100"], "mode": "exclusive"}
    for edit, differs, why in (
        ("ip link del vxlan10100", ("gone", "vxlan", "vxlan10100"), "no VXLAN device on this host has it"),
        ("systemctl stop frr", ("service", "frr service", "frr.service"), "bgpd is not running"),
    ):
        host.shell(edit)
        found = host.module("drift_info", {"gateway": options})
        assert differs in [(each["whose"], each["kind"], each["name"]) for each in found["findings"]]
        assert not found["problems"] and why in str(found["warnings"]), found
        host.module("fabric_host", {"state": "confirmed"})
        assert drift(host) == []


def test_an_interface_that_is_gone_does_not_keep_the_rest_from_being_told(host: SystemdHost) -> None:
    host.shell("ip link del up1; ip link del vxlan10100")
    try:
        assert drift(host) == [("gone", "interface", "up1"), ("gone", "vxlan", "vxlan10100")]
    finally:
        host.shell(UP1)
        confirm(host)


def test_a_data_plane_that_cannot_be_planned_is_a_problem_and_frr_is_told_of_all_the_same(host: SystemdHost) -> None:
    host.shell("ip link del vxlan10100; ip link add vxlan10100 type veth peer name x; systemctl disable frr")
    try:
        found = look(host)
        assert "the name is taken by a veth device" in found["problems"][0]
        assert [(each["whose"], each["kind"], each["repairable"]) for each in found["findings"]] == [
            ("changed", "vxlan", False),
            ("service", "frr service", True),
        ]
    finally:
        host.shell("ip link del vxlan10100")
        confirm(host)


def test_a_host_without_a_document_says_what_to_run(host: SystemdHost) -> None:
    host.shell("mv /var/lib/evpn-fabric/document.json /root")
    try:
        found = look(host)
        assert found["confirmed"] is None and not found["findings"]
        assert "run evpn.fabric.site" in found["problems"][0]
        refused = host.module("fabric_host", {"state": "confirmed"})
        assert refused["msg"] == found["problems"][0]
    finally:
        host.shell("mv /root/document.json /var/lib/evpn-fabric")


def test_a_damaged_document_is_a_problem_with_its_remedy(host: SystemdHost) -> None:
    host.shell("sed -i s/br10100/br10200/ /var/lib/evpn-fabric/document.json")
    found = look(host)
    assert "document.json is damaged" in found["problems"][0] and "Run evpn.fabric.site" in found["problems"][0]
    assert found["confirmed"] is None and not found["findings"]
    confirm(host)


def test_an_frr_that_does_not_answer_is_a_problem_and_the_kernel_is_told_of_all_the_same(host: SystemdHost) -> None:
    host.shell("systemctl mask --runtime frr; ip link set br10100 mtu 1300")
    try:
        found = look(host)
        assert "frr.service is masked" in found["problems"][0]
        assert [(each["kind"], each["name"]) for each in found["findings"]] == [("bridge", "br10100")]
    finally:
        host.shell("systemctl unmask --runtime frr")
        confirm(host)


def test_a_document_beside_that_of_the_host_is_refused(host: SystemdHost) -> None:
    refused = host.module("fabric_host", {"state": "confirmed", "frr": FRR, "persist": True})["msg"]
    assert "frr: is given together with state: confirmed" in refused and "persist: is given" in refused


def test_while_a_change_waits_to_be_confirmed_nothing_is_called_drift(host: SystemdHost) -> None:
    host.shell("ip link set br10100 mtu 1300")
    made = host.module("fabric_host", {"state": "confirmed", "confirm_timeout": 600})
    assert "msg" not in made and made["checkpoint"], made
    found = look(host)
    assert "has not confirmed that yet" in found["problems"][0] and not found["findings"]
    confirmed = host.module("checkpoint", {"state": "confirmed"})
    assert "msg" not in confirmed, confirmed
    assert drift(host) == []
