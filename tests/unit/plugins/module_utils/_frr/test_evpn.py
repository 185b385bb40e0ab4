"""FRR's answers, in the shapes of 8.4 and of 10.3, give the same entries."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import evpn

VERSIONS = ("8.4", "10.3")


def peer(state: str, received: int, **more: Any) -> dict[str, Any]:
    return {"remoteAs": 65002, "localAs": 65001, "version": 4, "pfxRcd": received, "pfxSnt": 2, "state": state, **more}


def family(version: str, **peers: dict[str, Any]) -> dict[str, Any]:
    """One address family of "show bgp summary json"; 10.3 tells of the other's software."""
    more = {"softwareVersion": "n/a"} if version == "10.3" else {}
    return {"routerId": "10.0.0.1", "as": 65001, "peers": {name: {**more, **told} for name, told in peers.items()},
            "totalPeers": len(peers)}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_sessions_are_those_of_all_families_that_we_know(version: str) -> None:
    shown = {
        "ipv4Unicast": family(version, eth1=peer("Established", 3, desc="spine1", idType="interface"), eth2=peer("Active", 0)),
        "ipv4Vpn": family(version, eth1=peer("Established", 1)),
        "l2VpnEvpn": family(version, eth1=peer("Established", 9, desc="spine1", idType="interface")),
    }
    assert evpn.sessions(shown) == [
        {"neighbor": "eth1", "family": "ipv4_unicast", "state": "established", "description": "spine1", "received": 3},
        {"neighbor": "eth2", "family": "ipv4_unicast", "state": "active", "description": "", "received": 0},
        {"neighbor": "eth1", "family": "l2vpn_evpn", "state": "established", "description": "spine1", "received": 9},
    ]


def test_a_family_without_neighbors_has_no_sessions() -> None:
    assert evpn.sessions({"ipv6Unicast": {"routerId": "10.0.0.1", "as": 65001, "totalPeers": 0}}) == []
    assert evpn.sessions({"ipv6Unicast": {"routerId": "10.0.0.1", "peers": {}}}) == []
    assert evpn.sessions({}) == []


@pytest.mark.parametrize("more", [{}, {"type": "dynamic"}], ids=VERSIONS)
def test_bfd_sessions(more: dict[str, Any]) -> None:
    shown = [
        {"multihop": False, "peer": "fe80::1", "local": "fe80::2", "vrf": "default", "interface": "eth1", "status": "up",
         "receive-interval": 300, "transmit-interval": 200, "detect-multiplier": 5, "remote-detect-multiplier": 3, **more},
        {"multihop": True, "peer": "10.0.0.2", "local": "10.0.0.1", "vrf": "default", "status": "down", "receive-interval": 300,
         "transmit-interval": 300, "detect-multiplier": 3, **more},
    ]  # fmt: skip
    assert evpn.bfd_sessions(shown) == [
        {"peer": "fe80::1", "interface": "eth1", "state": "up", "transmit_interval": 200, "receive_interval": 300,
         "detect_multiplier": 5},
        {"peer": "10.0.0.2", "interface": "", "state": "down", "transmit_interval": 300, "receive_interval": 300,
         "detect_multiplier": 3},
    ]  # fmt: skip


def adjacency(version: str, state: str, interface: str) -> dict[str, Any]:
    """One entry of "show ip ospf neighbor json"; 8.4 still has the older spellings beside the newer ones."""
    older = {"priority": 1, "state": state, "address": "10.1.0.2"} if version == "8.4" else {}
    return {**older, "nbrState": state, "nbrPriority": 1, "converged": state.split("/")[0], "role": "DROther",
            "ifaceAddress": "10.1.0.2", "ifaceName": interface}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_adjacencies_are_told_by_the_interface(version: str) -> None:
    shown = {"neighbors": {
        "10.0.0.8": [adjacency(version, "Full/-", "eth1:10.1.0.1"), adjacency(version, "Full/DR", "eth2:10.2.0.1")],
        "10.0.0.9": [adjacency(version, "ExStart/Backup", "eth3:10.3.0.1")],
    }}  # fmt: skip
    assert evpn.ospf_neighbors(shown) == [
        {"router_id": "10.0.0.8", "interface": "eth1", "state": "full"},
        {"router_id": "10.0.0.8", "interface": "eth2", "state": "full"},
        {"router_id": "10.0.0.9", "interface": "eth3", "state": "exstart"},
    ]


def test_ospf_that_is_not_configured_has_no_neighbors() -> None:
    assert evpn.ospf_neighbors({}) == []


VNIS: dict[str, list[dict[str, Any]]] = {
    "8.4": [
        {"vni": 5001, "type": "L3", "localVtepIp": "10.0.0.1", "vxlanIntf": "vx5001", "sviIntf": "br5001", "state": "Up",
         "vrf": "red", "sysMac": "02:00:00:00:00:0a", "routerMac": "02:00:00:00:00:0a", "vniFilter": "none", "l2Vnis": [10]},
        {"vni": 10, "type": "L2", "vrf": "red", "vxlanInterface": "vx10", "ifindex": 5, "sviInterface": "br10", "sviIfindex": 4,
         "vtepIp": "10.0.0.1", "mcastGroup": "0.0.0.0", "advertiseGatewayMacip": "No", "numMacs": 2, "numArpNd": 0,
         "numRemoteVteps": ["10.0.0.3", "10.0.0.2"]},
    ],
    "10.3": [
        {"vni": 5001, "type": "L3", "tenantVrf": "red", "localVtepIp": "10.0.0.1", "vxlanIntf": "vx5001", "sviIntf": "br5001",
         "state": "Up", "sysMac": "02:00:00:00:00:0a", "routerMac": "02:00:00:00:00:0a", "vniFilter": "none", "l2Vnis": [10]},
        {"vni": 10, "type": "L2", "tenantVrf": "red", "vxlanInterface": "vx10", "vxlanIfindex": 5, "sviInterface": "br10",
         "sviIfindex": 4, "vtepIp": "10.0.0.1", "mcastGroup": "0.0.0.0", "advertiseGatewayMacip": "No", "numMacs": 2,
         "numArpNd": 0, "numRemoteVteps": 2,
         "remoteVteps": [{"ip": "10.0.0.3", "flood": "HER"}, {"ip": "10.0.0.2", "flood": "HER"}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_vnis_of_both_layers_come_in_order(version: str) -> None:
    assert evpn.vnis(VNIS[version]) == [
        {"vni": 10, "type": "l2", "vrf": "red", "vxlan": "vx10", "svi": "br10", "vtep": "10.0.0.1", "state": "up",
         "router_mac": "", "remote_vteps": ["10.0.0.2", "10.0.0.3"]},
        {"vni": 5001, "type": "l3", "vrf": "red", "vxlan": "vx5001", "svi": "br5001", "vtep": "10.0.0.1", "state": "up",
         "router_mac": "02:00:00:00:00:0a", "remote_vteps": []},
    ]  # fmt: skip


@pytest.mark.parametrize("number", [0, "n/a"])
def test_a_vni_without_remote_vteps_has_none(number: Any) -> None:
    shown = [{"vni": 10, "type": "L2", "tenantVrf": "default", "vxlanInterface": "vx10", "vtepIp": "10.0.0.1",
              "numRemoteVteps": number}]  # fmt: skip
    assert [vni["remote_vteps"] for vni in evpn.vnis(shown)] == [[]]


@pytest.mark.parametrize("shown", [[], {}])
def test_no_vnis_at_all(shown: Any) -> None:
    assert evpn.vnis(shown) == []


def test_an_l3vni_whose_vrf_is_not_there_is_down() -> None:
    shown = [{"vni": 50, "type": "L3", "tenantVrf": "Unknown", "localVtepIp": "10.0.0.1", "vxlanIntf": "vx50",
              "sviIntf": "br50", "state": "Down", "l2Vnis": []}]  # fmt: skip
    assert [(vni["vrf"], vni["state"]) for vni in evpn.vnis(shown)] == [("Unknown", "down")]


COUNTERS: dict[str, Any] = {"localSequence": 0, "remoteSequence": 0, "detectionCount": 0}


def test_macs_are_told_by_where_they_are() -> None:
    shown = {
        "20": {"numMacs": 0, "macs": {}},
        "10": {"numMacs": 2, "macs": {
            "02:00:00:00:00:01": {"type": "local", "intf": "eth3", **COUNTERS, "isDuplicate": False},
            "02:00:00:00:00:02": {"type": "remote", "remoteVtep": "10.0.0.2", **COUNTERS, "isDuplicate": True},
        }},
    }  # fmt: skip
    assert evpn.macs(shown) == [
        {"vni": 10, "mac": "02:00:00:00:00:01", "type": "local", "interface": "eth3", "vtep": "", "duplicate": False},
        {"vni": 10, "mac": "02:00:00:00:00:02", "type": "remote", "interface": "", "vtep": "10.0.0.2", "duplicate": True},
    ]
    assert evpn.macs({}) == []


def test_host_addresses_stand_beside_a_counter() -> None:
    shown = {"10": {
        "numArpNd": 2,
        "10.1.0.9": {"type": "local", "state": "active", "mac": "02:00:00:00:00:01", **COUNTERS, "isDuplicate": False},
        "2001:db8::9": {"type": "remote", "state": "active", "mac": "02:00:00:00:00:02", "remoteVtep": "10.0.0.2", **COUNTERS,
                        "isDuplicate": True},
    }, "20": {"numArpNd": 0}}  # fmt: skip
    assert evpn.neighbors(shown) == [
        {"vni": 10, "ip": "10.1.0.9", "mac": "02:00:00:00:00:01", "type": "local", "vtep": "", "duplicate": False},
        {"vni": 10, "ip": "2001:db8::9", "mac": "02:00:00:00:00:02", "type": "remote", "vtep": "10.0.0.2", "duplicate": True},
    ]
    assert evpn.neighbors({}) == []


def path(kind: int, nexthop: str, communities: str, **more: Any) -> dict[str, Any]:
    """One path of a route; a host's own routes come from no peer."""
    own = nexthop == "10.0.0.1"
    return {"valid": True, "bestpath": True, "routeType": kind, "ethTag": 0, "weight": 32768 if own else 0,
            "peerId": "(unspec)" if own else "eth1", "path": "" if own else "65002", "origin": "IGP",
            "extendedCommunity": {"string": communities},
            "nexthops": [{"ip": nexthop, "hostname": "leaf", "afi": "ipv4", "used": True}], **more}  # fmt: skip


def table(rd: str, **routes: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """The routes of one route distinguisher, by their prefixes."""
    return {rd: {"rd": rd, **{key: {"prefix": key, "prefixLen": 352, "paths": paths} for key, paths in routes.items()}}}


def test_routes_of_each_type() -> None:
    shown = {
        **table("10.0.0.1:2", **{
            "[2]:[0]:[48]:[02:00:00:00:00:01]": [
                [path(2, "10.0.0.1", "ET:8 RT:65001:10", mac="02:00:00:00:00:01", macLen=48)]],
            "[2]:[0]:[48]:[02:00:00:00:00:01]:[32]:[10.1.0.9]": [
                [path(2, "10.0.0.1", "ET:8 RT:65001:5001 RT:65001:10 Rmac:02:00:00:00:00:0a", mac="02:00:00:00:00:01",
                      macLen=48, ip="10.1.0.9", ipLen=32)]],
            "[3]:[0]:[32]:[10.0.0.1]": [[path(3, "10.0.0.1", "ET:8 RT:65001:10", ip="10.0.0.1", ipLen=32)]],
        }),
        **table("10.0.0.2:3", **{
            "[5]:[0]:[24]:[10.1.0.0]": [
                [path(5, "10.0.0.2", "RT:65002:5001 ET:8 Rmac:02:00:00:00:00:0b", ip="10.1.0.0", ipLen=24, metric=0)]],
            "[5]:[0]:[64]:[2001:db8:1::]": [
                [path(5, "10.0.0.2", "RT:65002:5001 ET:8 Rmac:02:00:00:00:00:0b", ip="2001:db8:1::", ipLen=64, metric=0)]],
        }),
        "numPrefix": 5,
        "numPaths": 5,
    }  # fmt: skip
    own = {"rd": "10.0.0.1:2", "vtep": "10.0.0.1", "local": True, "prefix": ""}
    other = {"rd": "10.0.0.2:3", "vtep": "10.0.0.2", "local": False, "type": 5, "mac": "", "ip": "",
             "route_targets": ["65002:5001"]}  # fmt: skip
    assert evpn.routes(shown) == [
        {**own, "type": 2, "mac": "02:00:00:00:00:01", "ip": "", "route_targets": ["65001:10"]},
        {**own, "type": 2, "mac": "02:00:00:00:00:01", "ip": "10.1.0.9", "route_targets": ["65001:10", "65001:5001"]},
        {**own, "type": 3, "mac": "", "ip": "10.0.0.1", "route_targets": ["65001:10"]},
        {**other, "prefix": "10.1.0.0/24"},
        {**other, "prefix": "2001:db8:1::/64"},
    ]


def best_of(*paths: list[dict[str, Any]]) -> list[str]:
    """The next hop of each route that is found in a table with one route of these paths."""
    key = "[3]:[0]:[32]:[10.0.0.9]"
    return [
        route["vtep"] for route in evpn.routes({**table("10.0.0.9:2", **{key: list(paths)}), "numPrefix": 1, "numPaths": 2})
    ]


def test_of_several_paths_the_best_counts() -> None:
    other, best = path(3, "10.0.0.2", "RT:1:1"), path(3, "10.0.0.3", "RT:1:1")
    del other["bestpath"]
    assert best_of([{**other, "multipath": True}], [best]) == ["10.0.0.3"]
    assert best_of([other, best]) == ["10.0.0.3"], "FRR has put paths into one list, too"


def test_a_route_without_a_valid_best_path_is_none() -> None:
    other, invalid = path(3, "10.0.0.2", "RT:1:1"), path(3, "10.0.0.3", "RT:1:1", valid=False)
    del other["bestpath"]
    assert best_of([other]) == best_of([invalid]) == best_of() == []


def test_route_targets_are_told_from_other_communities() -> None:
    shown = table("10.0.0.2:2", **{"[3]:[0]:[32]:[10.0.0.2]": [
        [path(3, "10.0.0.2", "RT:65002:10 RT:10.0.0.2:7 RT:4200000001:9 ET:8 ES-Import-Rt:00:00:00:00:00:01 MM:1, sticky MAC")]
    ]})  # fmt: skip
    assert evpn.routes(shown)[0]["route_targets"] == ["10.0.0.2:7", "4200000001:9", "65002:10"]


def test_a_prefix_learned_in_a_vrf_and_announced_from_here_is_local() -> None:
    announced = path(5, "10.0.0.1", "ET:8 RT:65001:5001", ip="10.8.0.0", ipLen=24, weight=0, path="65100")
    shown = table("10.0.0.1:3", **{"[5]:[0]:[24]:[10.8.0.0]": [[announced]]})
    assert [route["local"] for route in evpn.routes(shown)] == [True]


@pytest.mark.parametrize("more", [{}, {"siteOfOrigin": ""}], ids=VERSIONS)
def test_import_targets_stand_among_counters(more: dict[str, str]) -> None:
    shown = {
        "advertiseGatewayMacip": "Disabled", "advertiseAllVnis": "Enabled", "flooding": "Head-end replication", "numVnis": 2,
        "numL2Vnis": 1, "numL3Vnis": 1,
        "10": {"vni": 10, "type": "L2", "inKernel": "True", "rd": "10.0.0.1:2", "importRTs": ["65001:10", "1:1"],
               "exportRTs": ["65001:10"], **more},
        "5001": {"vni": 5001, "type": "L3", "inKernel": "True", "rd": "10.0.0.1:3", "importRTs": ["65001:5001"],
                 "exportRTs": ["65001:5001"], **more},
    }  # fmt: skip
    assert evpn.import_targets(shown) == {10: ["65001:10", "1:1"], 5001: ["65001:5001"]}


def test_next_hops_of_ipv6_routes_are_the_ipv4_vteps_that_they_stand_for() -> None:
    shown = {"50001": {"numNextHops": 2, "10.255.0.12": {"nexthopIp": "10.255.0.12", "routerMac": "02:45:0a:ff:00:0c"},
                       "::ffff:10.255.0.13": {"nexthopIp": "::ffff:10.255.0.13", "routerMac": "02:45:0a:ff:00:0d"}},
             "50002": {"numNextHops": 0}}  # fmt: skip
    assert evpn.next_hops(shown) == [
        {"vni": 50001, "vtep": "10.255.0.12", "mac": "02:45:0a:ff:00:0c"},
        {"vni": 50001, "vtep": "10.255.0.13", "mac": "02:45:0a:ff:00:0d"},
    ]
