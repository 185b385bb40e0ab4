"""What of a document can be restored while interfaces are missing."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.module_utils._host import restore
from ansible_collections.evpn.fabric.plugins.module_utils._host.restore import awaited, needed, without
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import DATAPLANE

PARAMS = {
    "bridges": [{"name": "br1"}],
    "vxlans": [{"name": "vx1", "vni": 1, "bridge": "br1"}],
    "vlans": [{"name": "eth7.5", "link": "eth7", "vlan": 5, "bridge": "br1"}],
    "interfaces": [{"name": "eth1"}],
    "addresses": [
        {"dev": "lo", "address": "192.0.2.1/32"},
        {"dev": "eth1", "address": "192.0.2.3/31"},
        {"dev": "eth7.5", "address": "192.0.2.5/31"},
    ],
    "routes": [{"dst": "198.51.100.0/24", "via": "192.0.2.2", "dev": "eth1"}],
    "sysctls": {"net/ipv4/conf/eth1/rp_filter": 0, "net.ipv4.ip_forward": 1},
}


def document(**params: Any) -> Document:
    checked = ArgumentSpecValidator(DATAPLANE).validate(params or PARAMS)
    assert not checked.error_messages, checked.error_messages
    return Document.from_params(checked.validated_parameters)


def test_interfaces_that_the_document_does_not_make_are_needed() -> None:
    assert needed(document()) == {"eth1", "eth7", "lo"}


def test_all_is_there_where_no_interface_is_missing() -> None:
    assert without(document(), ()) == (document(), [])


def test_what_stands_on_a_missing_interface_is_left_out_and_the_rest_is_not() -> None:
    reduced, left_out = without(document(), ["eth7"])
    assert sorted(left_out) == ["address 192.0.2.5/31 on eth7.5", "vlan eth7.5"]
    assert set(reduced.present["link"]) == {"br1", "vx1", "eth1"}


def test_an_interface_that_is_missing_takes_its_addresses_routes_and_sysctls_along() -> None:
    reduced, _left_out = without(document(), ["eth1"])
    assert set(reduced.present["address"]) == {("lo", "192.0.2.1/32"), ("eth7.5", "192.0.2.5/31")}
    assert not reduced.present["route"]
    assert set(reduced.present["sysctl"]) == {"net/ipv4/ip_forward"}


@pytest.mark.parametrize(
    ("params", "left_out"),
    [
        ({"interfaces": [{"name": "eth7"}]}, "interface eth7"),
        ({"vxlans": [{"name": "vx1", "vni": 1, "bridge": "eth7"}]}, "vxlan vx1"),
    ],
    ids=["the interface itself", "a port of it"],
)
def test_an_interface_is_needed_by_whatever_names_it(params: dict[str, Any], left_out: str) -> None:
    assert needed(document(**params)) == {"eth7"}
    reduced, found = without(document(**params), ["eth7"])
    assert any(each.startswith(left_out) for each in found)
    assert not any(reduced.present.values())


def test_a_route_of_several_next_hops_needs_the_interfaces_of_all() -> None:
    hops = [{"via": "192.0.2.2", "dev": "br1"}, {"via": "192.0.2.4", "dev": "eth7"}]
    made = document(bridges=[{"name": "br1"}], routes=[{"dst": "198.51.100.0/24", "nexthops": hops}])
    assert needed(made) == {"eth7"}
    reduced, _left_out = without(made, ["eth7"])
    assert not reduced.present["route"] and set(reduced.present["link"]) == {"br1"}


def test_an_interface_that_comes_in_time_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [[(1, "lo")], [(1, "lo")], [(1, "lo"), (2, "eth7")]]
    monkeypatch.setattr(restore, "POLL", 0)
    monkeypatch.setattr(socket, "if_nameindex", lambda: seen.pop(0))
    assert awaited(frozenset({"lo", "eth7"}), 60) == set()
    seen = [[(1, "lo")], [(1, "lo")]]
    assert awaited(frozenset({"lo", "eth7"}), 0) == {"eth7"}
