"""The data plane engine on this kernel, seen by ip(8) and bridge(8)."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, KernelError, ValidationError

from tests.engine import bring, names, plan
from tests.namespaces import addresses, ip, link, show

pytestmark = pytest.mark.usefixtures("network")

VTEP: dict[str, Any] = {
    "bridges": [
        {"name": "br1", "mac": "02:00:5e:00:01:01", "mtu": 1450, "stp": False, "description": "web"},
        {"name": "br2", "ipv6_link_local": False},
    ],
    "vxlans": [
        {"name": "vx1", "vni": 1, "local": "10.0.0.1", "bridge": "br1", "mtu": 1450, "learning": False, "neigh_suppress": True,
         "ipv6_link_local": False},
        {"name": "vx2", "vni": 2, "local": "2001:db8::1", "bridge": "br2", "learning": False, "ttl": 9},
    ],
    "veths": [{"name": "va", "peer": "vb", "bridge": "br1", "isolated": True}, {"name": "vb", "peer": "va", "mtu": 1400}],
    "addresses": [
        {"dev": "lo", "address": "10.0.0.1/32"},
        {"dev": "br1", "address": "10.1.0.1/24"},
        {"dev": "br1", "address": "2001:db8:1::1/64", "nodad": True},
    ],
    "rules": [{"priority": 1001, "family": "ipv4", "l3mdev": True, "action": "unreachable"},
              {"priority": 3000, "family": "ipv6", "table": "77", "from": "2001:db8::/32", "iif": "br1",
               "fwmark": "0x10/0xff"}],
    "sysctls": {"net.ipv4.ip_forward": 1, "net/ipv6/conf/br1/accept_dad": 0},
    "purge": True,
}  # fmt: skip


def test_a_whole_document_is_there_afterwards_and_found_unchanged() -> None:
    bring(**VTEP)
    br1, vx1, vx2, vb = link("br1"), link("vx1"), link("vx2"), link("vb")
    assert br1 and vx1 and vx2 and vb
    assert br1["address"] == "02:00:5e:00:01:01"
    assert br1["mtu"] == 1450
    assert br1["ifalias"] == "web [evpn.fabric]"
    assert "UP" in br1["flags"]
    details = vx1["linkinfo"]["info_data"]
    assert (details["id"], details["local"], details["port"], details["learning"]) == (1, "10.0.0.1", 4789, False)
    assert vx1["master"] == "br1"
    assert vx1["inet6_addr_gen_mode"] == "none"
    assert vx1["linkinfo"]["info_slave_data"]["neigh_suppress"] is True
    assert vx1["linkinfo"]["info_slave_data"]["learning"] is False
    assert vx2["linkinfo"]["info_data"]["local6"] == "2001:db8::1"
    assert vx2["linkinfo"]["info_data"]["ttl"] == 9
    assert (vb["link"], vb["mtu"]) == ("va", 1400)
    assert addresses("br1") == ["10.1.0.1/24", "2001:db8:1::1/64"]
    assert addresses("lo", "inet") == ["10.0.0.1/32"]
    rules = [(rule["priority"], rule.get("action"), rule.get("protocol")) for rule in show("ip", "rule", "show")]
    assert (1001, "unreachable", "213") in rules
    six = next(rule for rule in show("ip", "-6", "rule", "show") if rule["priority"] == 3000)
    assert (six["src"], six["srclen"], six["iif"], six["fwmark"], six["table"]) == ("2001:db8::", 32, "br1", "0x10", "77")
    with open("/proc/sys/net/ipv6/conf/br1/accept_dad") as file:
        assert file.read() == "0\n"
    assert bring(**VTEP) == []


def test_check_mode_names_the_operations_that_the_real_run_makes() -> None:
    bring(bridges=[{"name": "br1"}], vxlans=[{"name": "vx1", "vni": 9}])
    predicted = plan(**VTEP)
    assert predicted
    assert bring(**VTEP) == predicted


def test_only_what_is_ours_is_purged() -> None:
    ip("link add mine type bridge", "link add other type bridge", "link set mine alias 'x [evpn.fabric]'",
       "address add 10.9.0.1/24 dev other", "rule add priority 500 table 99")  # fmt: skip
    made = bring(bridges=[], addresses=[], rules=[], purge=True)
    assert names(made) == [("delete", "bridge", "mine")]
    assert link("mine") is None
    assert link("other")
    assert addresses("other") == ["10.9.0.1/24"]


def test_a_device_that_fits_is_adopted_and_keeps_its_number() -> None:
    ip("link add br1 type bridge", "link set br1 up", "address add 10.1.0.1/24 dev br1")
    before = link("br1")
    assert before
    made = bring(bridges=[{"name": "br1"}], addresses=[{"dev": "br1", "address": "10.1.0.1/24"}])
    assert names(made) == [("change", "bridge", "br1")]
    after = link("br1")
    assert after
    assert (after["ifindex"], after["ifalias"]) == (before["ifindex"], "[evpn.fabric]")


def test_a_change_of_vni_keeps_bridge_and_port_options() -> None:
    bring(**VTEP)
    changed = {**VTEP, "vxlans": [{**VTEP["vxlans"][0], "vni": 11}, VTEP["vxlans"][1]]}
    made = bring(**changed)
    assert ("recreate", "vxlan", "vx1") in names(made)
    vx1 = link("vx1")
    assert vx1
    assert vx1["linkinfo"]["info_data"]["id"] == 11
    assert vx1["master"] == "br1"
    assert vx1["linkinfo"]["info_slave_data"]["neigh_suppress"] is True
    assert "UP" in vx1["flags"]


def test_what_the_kernel_refuses_is_taken_back_with_its_own_words() -> None:
    ip("link add foreign type vxlan id 2 dstport 4789 local 2001:db8::1")
    with pytest.raises(KernelError) as refused:
        bring(**VTEP)
    assert "A VXLAN device with the specified VNI already exists" in str(refused.value)
    assert "was reverted" in str(refused.value)
    assert {entry["ifname"] for entry in show("ip", "link", "show")} == {"lo", "foreign"}
    assert addresses("lo", "inet") == []


def test_a_name_that_is_taken_by_another_kind_is_refused() -> None:
    ip("link add br1 type veth peer name other")
    with pytest.raises(ValidationError, match="bridge br1: the name is taken by a veth device"):
        bring(bridges=[{"name": "br1"}])


def test_a_stronger_plan_than_allowed_touches_nothing() -> None:
    bring(**VTEP)
    changed = {**VTEP, "vxlans": [{**VTEP["vxlans"][0], "vni": 11}], "bridges": [{"name": "br1", "mtu": 1300}, {"name": "br2"}]}
    with pytest.raises(FabricError, match="nothing was changed: max_disruption is session"):
        bring(max_disruption="session", **changed)
    br1 = link("br1")
    assert br1
    assert br1["mtu"] == 1450


def test_ports_are_let_go_when_they_are_no_longer_listed() -> None:
    ip("link add eth3 type veth peer name host3", "link set eth3 alias 'to web1'")
    bring(bridges=[{"name": "br1"}], interfaces=[{"name": "eth3", "bridge": "br1", "up": True}], purge=True)
    held = link("eth3")
    assert held
    assert (held["master"], held["ifalias"]) == ("br1", "to web1 [evpn.fabric port]")
    bring(bridges=[{"name": "br1"}], interfaces=[], purge=True)
    free = link("eth3")
    assert free
    assert ("master" in free, free["ifalias"]) == (False, "to web1")


def test_a_bridge_that_goes_down_keeps_its_ipv6_addresses() -> None:
    wanted: dict[str, Any] = {
        "bridges": [{"name": "br1"}],
        "addresses": [{"dev": "br1", "address": "2001:db8:1::1/64", "nodad": True}],
    }
    bring(**wanted)
    down = {**wanted, "bridges": [{"name": "br1", "up": False}]}
    bring(**down)
    assert addresses("br1", "inet6") == ["2001:db8:1::1/64"]
    assert bring(**down) == []


def test_the_local_table_can_move_and_lookups_go_on() -> None:
    moved = [{"priority": 2000, "family": family, "table": "local"} for family in ("ipv4", "ipv6")]
    gone = [{"priority": 0, "family": family, "table": "local", "state": "absent"} for family in ("ipv4", "ipv6")]
    made = bring(rules=moved + gone, purge=True)
    assert [action for action, _kind, _name in names(made)] == ["create", "create", "delete", "delete"]
    assert subprocess.run(["ping", "-c", "1", "-W", "1", "127.0.0.1"], capture_output=True, check=False).returncode == 0
    with pytest.raises(ValidationError, match="cuts the host off"):
        bring(rules=[], purge=True)


def protocols(family: str, priority: int) -> list[str]:
    """Whose rules of a priority are, as ip(8) names them."""
    shown = show("ip", family, "rule", "show")
    return [rule.get("protocol", "") for rule in shown if rule["priority"] == priority]


def test_a_rule_that_the_kernel_makes_itself_is_the_kernels_whoever_adds_it() -> None:
    l3mdev = [{"priority": 1000, "family": family, "l3mdev": True} for family in ("ipv4", "ipv6")]
    bring(rules=l3mdev, purge=True)
    assert [protocols(family, 1000) for family in ("-4", "-6")] == [["kernel"], ["kernel"]]
    assert bring(rules=l3mdev, purge=True) == []
    main = [{"priority": 32766, "family": "ipv4", "table": "main"}]
    bring(rules=main, purge=True)
    assert [protocols(family, 1000) for family in ("-4", "-6")] == [["kernel"], ["kernel"]], "what is not ours is not purged"
    ip("rule flush", "rule add priority 0 table local", "rule add priority 32766 table main protocol kernel")
    bring(rules=l3mdev)
    assert protocols("-4", 1000) == ["kernel"], "what somebody has flushed is there again"


@pytest.mark.parametrize("first", ["static", "213"])
def test_of_two_equal_rules_ours_alone_is_purged(first: str) -> None:
    for protocol in (first, {"static": "213", "213": "static"}[first]):
        ip(f"rule add priority 500 table 99 protocol {protocol}")
    made = bring(rules=[], purge=True)
    assert [(action, name) for action, _kind, name in names(made)] == [("delete", "500: from all lookup 99 (ipv4)")]
    assert protocols("-4", 500) == ["static"]


@pytest.mark.parametrize("mtu", [1450, 1500, 9000])
def test_a_bridge_keeps_its_mtu_whatever_its_ports_have(mtu: int) -> None:
    subprocess.run(["ip", "link", "add", "eth3", "mtu", "1400", "type", "veth", "peer", "name", "host3"], check=True)
    wanted: dict[str, Any] = {"bridges": [{"name": "br1", "mtu": mtu}], "interfaces": [{"name": "eth3", "bridge": "br1"}]}
    bring(**wanted)
    assert (link("br1") or {})["mtu"] == mtu
    assert bring(**wanted) == []


def test_a_bridge_keeps_the_mtu_that_it_has_from_its_ports() -> None:
    ip("link add br1 type bridge", "link add eth3 mtu 1400 type veth peer name host3", "link set eth3 master br1")
    wanted: dict[str, Any] = {"bridges": [{"name": "br1", "mtu": 1400}], "interfaces": [{"name": "eth3", "bridge": ""}]}
    bring(**wanted)
    assert (link("br1") or {})["mtu"] == 1400
    assert bring(**wanted) == []


def link_locals(name: str) -> list[str]:
    """The link-local addresses of a link."""
    shown = [made for entry in show("ip", "-6", "address", "show", "dev", name) for made in entry.get("addr_info", ())]
    return [made["local"] for made in shown if made["scope"] == "link"]


def test_the_link_local_address_of_a_bridge_that_is_up_follows_its_mac_address_and_what_is_asked_for() -> None:
    bridge = {"name": "br1", "mac": "02:00:5e:00:01:01", "up": True, "ipv6_link_local": False}
    bring(bridges=[bridge])
    assert link_locals("br1") == []
    for mac, address in (("02:00:5e:00:01:01", "fe80::5eff:fe00:101"), ("02:00:5e:00:01:02", "fe80::5eff:fe00:102")):
        bring(bridges=[{**bridge, "mac": mac, "ipv6_link_local": True}])
        assert link_locals("br1") == [address]
    ip(f"address del {address}/64 dev br1")
    bring(bridges=[bridge])
    assert link_locals("br1") == []
    assert [route for route in show("ip", "-6", "route", "show", "dev", "br1") if route["dst"] == "fe80::/64"] == []


def test_a_vxlan_device_changes_the_family_of_its_source_by_being_made_anew() -> None:
    vxlan = {"name": "vx1", "vni": 1, "local": "10.0.0.1", "mtu": 1400}
    bring(vxlans=[vxlan])
    made = bring(vxlans=[{**vxlan, "local": "2001:db8::1"}])
    assert names(made) == [("recreate", "vxlan", "vx1")]
    changed = link("vx1")
    assert changed and changed["linkinfo"]["info_data"]["local6"] == "2001:db8::1"
